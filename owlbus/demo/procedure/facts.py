"""What is told of the procedure. `log` reads it from the log, `checks` holds it against the APIs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Move:
    """One reason for which a clock is due later, by so many days, to the day `to`."""

    why: str
    days: int
    to: str


@dataclass(frozen=True, slots=True)
class Pause:
    """A decision's clock that stood still from the day after `stopped_on` to the day before `resumed_on`.

    It would have been due on `before` and is due on `after`, both the last day in time.
    """

    idea_id: str
    title: str
    reason: str
    stopped_on: str
    resumed_on: str
    before: str
    after: str
    events: tuple[str, ...]
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A planned date of implementation that was changed."""

    idea_id: str
    title: str
    from_date: str
    to_date: str
    reason: str


@dataclass(frozen=True, slots=True)
class Merge:
    """An idea that goes on within another one.

    `similarity` in per cent, as it was found at the receipt; `shares` are those agreed on after the merge, the lead
    author first; `voters` is how many people's votes count on both ideas together, each once, of `votes` votes cast.
    """

    idea_id: str
    title: str
    other_id: str
    other_title: str
    similarity: str
    consents: tuple[str, ...]
    shares: tuple[tuple[str, str], ...]
    settled_by: str
    votes: int
    voters: int


@dataclass(frozen=True, slots=True)
class Withheld:
    """What somebody in conflict asked for (`what` is a word of `words.ASKED`), and how it was refused."""

    what: str
    path: str
    status: int
    code: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """A person who has no part in evaluating an idea. `found` says that the system found it, and nobody declared it."""

    person_id: str
    department: str
    round_id: str
    pack: str
    stage: str
    idea_id: str
    title: str
    ground: str
    found: bool
    withheld: tuple[Withheld, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why no score was calibrated; `found` is over the `allowed` limit, where there is one."""

    code: str
    allowed: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """One idea's legal score, and the calibrated one with its interval, where there is one. Ranks count from one."""

    idea_id: str
    title: str
    legal: str
    legal_rank: int
    calibrated: str = ""
    low: str = ""
    high: str = ""
    calibrated_rank: int = 0


@dataclass(frozen=True, slots=True)
class ScoreSet:
    """The figures of a set at one stage: a round, or all ideas of a pack outside rounds. `level` in per cent."""

    round_id: str
    pack: str
    stage: str
    level: str
    abstained: tuple[Reason, ...]
    ideas: tuple[Scored, ...]

    @property
    def alone(self) -> bool:
        """Whether these are the ideas outside rounds."""
        return self.round_id == self.pack


@dataclass(frozen=True, slots=True)
class Look:
    """A second look at a decision: a re-examination, or a claim after later implementation.

    The author could ask until `until`. `panel` are members and non-officials among them, votes for and against; `alike`
    is what the watch had found to read like the idea, and how much, in per cent.
    """

    kind: Literal["reexamination", "claim"]
    number: int
    idea_id: str
    title: str
    asked_by: str
    asked_on: str
    until: str
    reason: str
    panel: tuple[int, int, int, int] | None
    outcome: str
    answer: str
    decided_on: str
    alike: tuple[str, str] | None = None


@dataclass
class Procedure:
    """All of it."""

    pauses: tuple[Pause, ...] = ()
    changes: tuple[Change, ...] = ()
    merges: tuple[Merge, ...] = ()
    looks: tuple[Look, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    sets: tuple[ScoreSet, ...] = ()

    @property
    def told(self) -> bool:
        """Whether there is something to tell."""
        return any((self.pauses, self.changes, self.merges, self.looks, self.conflicts, self.sets))


def ranks(scores: Iterable[tuple[str, float]]) -> dict[str, int]:
    """The place of each by its score, the highest first; equal scores share the place."""
    known = list(scores)
    return {name: 1 + sum(other > score for _, other in known) for name, score in known}
