"""One legal clock: when it is due, and why that moved.

Pure. Invariant: whatever stops and prolongs it in whatever order, it is due on the day to which somebody comes who
walks from day to day, counts those on which it ran, and steps over days of rest at the end
(tests/property/test_clock.py). The first day is not counted, a stop lasts from the day after the request to the day
before resumption (행정기본법 제6조, 민법 제155조부터 제161조까지).

Where it says by which event something came about, it counts the events of its idea from one, as their versions do.
"""

from collections.abc import Iterator
from datetime import date
from typing import Literal

from shared.contracts.types import Line, Value
from shared.engine.message import Instant
from shared.rules.calendar import DAY, Calendar, Pause
from shared.rules.loader import calendar
from shared.rules.rule import Term


class Stop(Value):
    """Why and how long a clock stood still: from `stopped_on` (`stopped_by`, an event) until `resumed_on`."""

    why: Line
    stopped_on: date
    stopped_by: int
    resumed_on: date | None = None
    resumed_by: int | None = None


class Extension(Value):
    """A term by which a clock runs longer."""

    term: Line
    extended_by: int


class Move(Value):
    """One reason for which a clock is due later than its bare term: by `days`, to the day `to`.

    `why` is what it was stopped for ("supplement.1"), "extension" or "rest_day".
    """

    why: Line
    days: int
    to: date
    events: tuple[int, ...] = ()


class Clock(Value):
    """A clock, from its start to its end. `due` is None while it stands still; `ended` says how it ended.

    It was `met` by what it was for, it `ran_out`, or it was `dropped` with what it was for.
    """

    started_on: date
    term: Line
    calendar: Line
    started_by: int
    due: Instant | None = None
    stops: tuple[Stop, ...] = ()
    extensions: tuple[Extension, ...] = ()
    ended: Literal["", "met", "ran_out", "dropped"] = ""
    ended_by: int | None = None

    @property
    def running(self) -> bool:
        """Whether it has not ended; it may stand still."""
        return not self.ended

    def stopped(self, why: str, on: date, by: int) -> "Clock":
        """The clock after something was asked for on this day. An ended clock is not stopped any more."""
        if not self.running:
            return self
        return _told(self, stops=(*self.stops, Stop(why=why, stopped_on=on, stopped_by=by)))

    def resumed(self, why: str, on: date, by: int) -> "Clock":
        """The clock after what it was stopped for has come. Where it was not stopped for that, nothing changes."""
        stops = tuple(
            stop.model_copy(update={"resumed_on": on, "resumed_by": by})
            if stop.why == why and stop.resumed_on is None
            else stop
            for stop in self.stops
        )
        return _told(self, stops=stops)

    def extended(self, term: Term, by: int) -> "Clock":
        """The clock with a further term behind its own."""
        return _told(self, extensions=(*self.extensions, Extension(term=str(term), extended_by=by)))

    def at_end(self, how: Literal["met", "ran_out", "dropped"], by: int) -> "Clock":
        """The clock after it ended; how it ended first counts."""
        return self.model_copy(update={"ended": how, "ended_by": by}) if self.running else self


def started(on: date, term: Term, calendar_name: str, by: int = 0) -> Clock:
    """A clock whose first day is the one after `on`."""
    return _told(Clock(started_on=on, term=str(term), calendar=calendar_name, started_by=by))


def last_day(clock: Clock) -> date | None:
    """The last day in time. None while the clock stands still, for then nobody knows it yet."""
    known, pauses = calendar(clock.calendar), _pauses(clock)
    last = known.after_with_pauses(clock.started_on, _length(clock, known), pauses)
    waiting = [stop.stopped_on for stop in clock.stops if stop.resumed_on is None]
    return None if waiting and min(waiting) < last else last


def explained(clock: Clock) -> Iterator[Move]:
    """Why it is due when it is due: every extension, stop and day of rest, in the order in which they are counted.

    Together with the bare term the days add up to the last day. Of stops that overlap, the later to begin explains what
    it adds. A clock that stands still is explained as far as it is known.
    """
    known = calendar(clock.calendar)
    length = known.length(clock.started_on, Term.model_validate(clock.term))
    end = clock.started_on + length * DAY
    for extension in clock.extensions:
        more = known.length(end, Term.model_validate(extension.term))
        end, length = end + more * DAY, length + more
        yield Move(why="extension", days=more, to=end, events=(extension.extended_by,))
    ended = sorted((stop for stop in clock.stops if stop.resumed_on is not None), key=lambda stop: stop.stopped_on)
    for count, stop in enumerate(ended, start=1):
        moved = known.counted(clock.started_on, length, [_pause(each) for each in ended[:count]])
        if moved > end:
            events = (stop.stopped_by, stop.resumed_by or stop.stopped_by)
            yield Move(why=stop.why, days=(moved - end).days, to=moved, events=events)
            end = moved
    last = known.after_with_pauses(clock.started_on, length, [_pause(stop) for stop in ended])
    while end < last:
        end += DAY
        yield Move(why="rest_day", days=1, to=end)


def _told(clock: Clock, **changes: object) -> Clock:
    """The clock with changes, and with the moment at which its last day is over."""
    changed = clock.model_copy(update=changes)
    last = last_day(changed)
    return changed.model_copy(update={"due": None if last is None else Calendar.end_of(last)})


def _length(clock: Clock, known: Calendar) -> int:
    length = known.length(clock.started_on, Term.model_validate(clock.term))
    for extension in clock.extensions:
        length += known.length(clock.started_on + length * DAY, Term.model_validate(extension.term))
    return length


def _pauses(clock: Clock) -> list[Pause]:
    return [_pause(stop) for stop in clock.stops if stop.resumed_on is not None]


def _pause(stop: Stop) -> Pause:
    assert stop.resumed_on is not None
    return Pause(stop.stopped_on, stop.resumed_on)
