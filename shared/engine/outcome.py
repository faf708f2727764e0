"""What is to be written in one transaction for one partition.

Made by `plan` of inputs, and by `recover` of a log's own events.
"""

from collections import Counter
from dataclasses import dataclass, field

from shared.engine.emit import Entry, Stored
from shared.engine.inputs import Answer, CommandRecord, Held, StateRef
from shared.engine.partition import Partition

MAX_WRITES = 1_000
MAX_PLAN_BYTES = 4_000_000
PARKING = frozenset({"unfit", "bug"})
"""Kinds of what is set aside that make all that follows of the same key wait."""


@dataclass(slots=True)
class Plan:
    """The outcome for the first `consumed` inputs. `answers` pairs the index of a call with what it gets.

    `created` are those of `states` that did not exist before.
    """

    partition: Partition
    consumed: int = 0
    states: dict[StateRef, Stored] = field(default_factory=dict[StateRef, Stored])
    created: set[StateRef] = field(default_factory=set[StateRef])
    entries: list[Entry] = field(default_factory=list[Entry])
    commands: list[CommandRecord] = field(default_factory=list[CommandRecord])
    held: list[Held] = field(default_factory=list[Held])
    released: list[int] = field(default_factory=list[int])
    answers: list[tuple[int, Answer]] = field(default_factory=list[tuple[int, Answer]])
    counts: Counter[str] = field(default_factory=Counter[str])
    size: int = 0

    @property
    def writes(self) -> int:
        """Documents this plan writes."""
        return len(self.states) + len(self.commands) + len(self.held) + len(self.released) + 2
