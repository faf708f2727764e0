"""What clients were answered: every request once, under the id that its effects bear in the log."""

from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """What a client knows of its request."""

    OK = "ok"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `command` is the `causationid` of what it causes; `phase` the one it was answered in.

    `course` names requests that one client sent one after another, each after the answer to the one before.
    """

    command: str
    service: str
    what: str
    course: str
    phase: int
    outcome: Outcome
    code: str = ""
    seconds: float = 0.0


@dataclass(slots=True)
class Ledger:
    """Requests in the order of their answers. `waited` are courses that waited for something in vain."""

    phase: int = 0
    asked: list[Asked] = field(default_factory=list[Asked])
    waited: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    def count(self, outcome: Outcome) -> int:
        """How many were answered so."""
        return sum(one.outcome is outcome for one in self.asked)

    def accepted(self, phase: int) -> int:
        """How many were accepted in a phase."""
        return sum(one.outcome is Outcome.OK and one.phase == phase for one in self.asked)
