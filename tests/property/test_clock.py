"""A clock and somebody who walks from day to day: they agree, whatever stops and prolongs it and in whatever order."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import given as for_all
from hypothesis import strategies as st

from services.ideas.domain.clock import Clock, explained, last_day, started
from shared.rules.calendar import Calendar
from shared.rules.loader import calendar
from shared.rules.rule import Term

CALENDAR = "kr-2026-11"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Wait:
    """Something was asked for on one day, and came on another or has not come yet."""

    why: str
    asked: date
    came: date | None

    def covers(self, day: date) -> bool:
        """Whether the clock stands still on this day."""
        return self.asked < day and (self.came is None or day < self.came)


def months_later(start: date, months: int) -> date:
    """The same day some months later, or that month's last day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def days_of(start: date, term: Term) -> int:
    """How many days the term has from there."""
    match term.unit:
        case "days":
            return term.amount
        case "weeks":
            return 7 * term.amount
        case _:
            return (months_later(start, term.amount * (12 if term.unit == "years" else 1)) - start).days


def walked(start: date, days: int, waits: list[Wait], known: Calendar) -> date | None:
    """The last day in time, found by walking; None where the walk comes to something that has not come yet."""
    day, counted = start, 0
    while True:
        day += DAY
        holding = [wait for wait in waits if wait.covers(day)]
        if any(wait.came is None for wait in holding):
            return None
        if holding:
            continue
        counted += 1
        if counted >= days and known.is_working_day(day):
            return day


terms = st.one_of(
    st.builds(Term, amount=st.integers(1, 40), unit=st.sampled_from(["days", "weeks"])),
    st.builds(Term, amount=st.integers(1, 6), unit=st.just("months")),
)
starts = st.dates(date(2024, 12, 1), date(2026, 6, 30))


@st.composite
def waits_from(draw: st.DrawFn, start: date) -> list[Wait]:
    """Waits that overlap, touch, begin before the clock or never end."""
    found: list[Wait] = []
    for number in range(draw(st.integers(0, 5))):
        asked = start + draw(st.integers(-5, 60)) * DAY
        length = draw(st.one_of(st.integers(0, 30), st.integers(0, 3), st.none()))
        found.append(Wait(f"opinion.{number}", asked, None if length is None else asked + length * DAY))
    return found


@st.composite
def lives(draw: st.DrawFn) -> tuple[date, Term, list[Wait], list[Term]]:
    start = draw(starts)
    return start, draw(terms), draw(waits_from(start)), draw(st.lists(terms, max_size=2))


def lived(start: date, term: Term, waits: list[Wait], extensions: list[Term], chance: Any) -> Clock:
    """The clock after all of it, each thing at any place in the order; only what came was asked for before."""
    clock = started(start, term, CALENDAR, 1)
    steps: list[tuple[str, Any]] = [*(("asked", wait) for wait in waits), *(("longer", more) for more in extensions)]
    chance.shuffle(steps)
    event = 1
    while steps:
        event += 1
        kind, what = steps.pop(0)
        if kind == "asked":
            clock = clock.stopped(what.why, what.asked, event)
            if what.came is not None:
                steps.insert(chance.randint(0, len(steps)), ("came", what))
        elif kind == "came":
            clock = clock.resumed(what.why, what.came, event)
        else:
            clock = clock.extended(what, event)
    return clock


def length_of(start: date, clock: Clock) -> int:
    """Days of the term with its extensions, each from where the one before it ends."""
    days = days_of(start, Term.model_validate(clock.term))
    for extension in clock.extensions:
        days += days_of(start + days * DAY, Term.model_validate(extension.term))
    return days


@for_all(lives(), st.randoms(use_true_random=False))
def test_any_interleaving_of_pauses_gives_the_date_that_a_walk_from_day_to_day_gives(
    life: tuple[date, Term, list[Wait], list[Term]], chance: Any
) -> None:
    start, term, waits, extensions = life
    known = calendar(CALENDAR)
    clock = lived(start, term, waits, extensions, chance)
    expected = walked(start, length_of(start, clock), waits, known)
    assert last_day(clock) == expected
    assert clock.due == (None if expected is None else Calendar.end_of(expected))


@for_all(lives(), st.randoms(use_true_random=False))
def test_what_explains_a_due_date_adds_up_to_it(life: tuple[date, Term, list[Wait], list[Term]], chance: Any) -> None:
    start, term, waits, extensions = life
    clock = lived(start, term, [wait for wait in waits if wait.came is not None], extensions, chance)
    end = counted = start + days_of(start, term) * DAY
    for move in explained(clock):
        end += move.days * DAY
        counted = counted if move.why == "rest_day" else end
        assert move.days > 0 and move.to == end
        assert (move.why == "rest_day") == (not move.events)
    assert end == last_day(clock)
    assert not any(wait.covers(counted) for wait in waits if wait.came is not None), "a stop explains its own days"


@for_all(lives(), st.randoms(use_true_random=False))
def test_a_clock_that_has_ended_is_moved_by_nothing(
    life: tuple[date, Term, list[Wait], list[Term]], chance: Any
) -> None:
    start, term, waits, _ = life
    over = started(start, term, CALENDAR, 1).at_end("ran_out", 2)
    for wait in waits:
        assert over.stopped(wait.why, wait.asked, 3) == over
