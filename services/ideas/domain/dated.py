"""Entries of a directory that hold from a day, and until one (발령일): which one counts, and when that changes.

Pure. Entries are added, never changed: of those that cover a day the one that was entered last counts, so that a
correction is an entry, too. What holds on a day is the same whether one asks that day or walks there from deadline to
deadline (tests/property/test_dated.py).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from shared.contracts.types import Day
from shared.engine.aggregate import require
from shared.engine.message import Command
from shared.rules.calendar import Calendar

TURN = "turn"
"""Name of the deadline at which another entry counts."""

MOST = 500
"""As many entries one state keeps."""


class DatedCommand(Command):
    """What says something from a day on, and until the end of another; from now on where no day is named."""

    valid_from: Day | None = None
    valid_until: Day | None = None


class Dated(BaseModel):
    """An entry with the days on which it counts, both included; `last` is None where no end is known."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    first: date
    last: date | None = None

    def covers(self, day: date) -> bool:
        """Whether it is about this day."""
        return self.first <= day and (self.last is None or day <= self.last)


D = TypeVar("D", bound=Dated)

ALWAYS = date.min
"""The first day of what was said without a day, before anything was said for days."""


def on(entries: Sequence[D], day: date) -> D | None:
    """The entry that counts on a day."""
    return next((one for one in reversed(entries) if one.covers(day)), None)


def turn_after(entries: Sequence[Dated], day: date) -> date | None:
    """The first day after `day` on which another entry counts, or none."""
    begins = {one.first for one in entries} | {one.last + timedelta(days=1) for one in entries if one.last}
    now = on(entries, day)
    return next((other for other in sorted(begins) if other > day and on(entries, other) is not now), None)


def due_after(entries: Sequence[Dated], day: date) -> datetime | None:
    """The moment at which that day begins in Seoul."""
    turn = turn_after(entries, day)
    return None if turn is None else Calendar.end_of(turn - timedelta(days=1))


def adds(entries: Sequence[D], entry: D) -> bool:
    """Whether an entry says anything new: not where it is the last that was said of any of its days. Raises Refused."""
    require(entry.last is None or entry.first <= entry.last, "date_too_early", field="valid_until", first=entry.first)
    touching = [one for one in entries if _overlap(one, entry)]
    is_new = not touching or touching[-1] != entry
    require(not is_new or len(entries) < MOST, "too_many_entries", limit=MOST)
    return is_new


def _overlap(one: Dated, other: Dated) -> bool:
    return (one.last is None or other.first <= one.last) and (other.last is None or one.first <= other.last)
