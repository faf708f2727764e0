"""Days as the law counts them: the first is not counted, the last moves off a day of rest, a pause stands still.

Pure: a calendar is its holiday table, and the table's version is part of its name. Days are days in Seoul, which
has kept UTC+9 without summer time since 1988; instants are UTC.
행정기본법 제6조, 민법 제155조부터 제161조까지.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from shared.rules.rule import Disclosure, Frozen, Term, Words

SEOUL: Final = timezone(timedelta(hours=9), "Asia/Seoul")
DAY: Final = timedelta(days=1)
_NAME: Final = re.compile(r"(?P<base>[a-z][a-z0-9-]*?)(?P<overrides>([+-]\d{8})*)")


class Table(Frozen):
    """A holiday table as written in a file: every public holiday from the year `first` to the year `last`.

    `rest_days` are the weekdays on which no term ends, 0 for Monday to 6 for Sunday.
    """

    id: Words
    source: Words
    first: int
    last: int
    rest_days: Annotated[tuple[int, ...], Field(min_length=1, max_length=6)]
    holidays: dict[date, Words]

    @model_validator(mode="after")
    def _stays_within_its_years(self) -> Self:
        if not set(self.rest_days) <= set(range(7)):
            raise ValueError("rest_days are weekdays from 0 (Monday) to 6 (Sunday)")
        outside = [day for day in self.holidays if not self.first <= day.year <= self.last]
        if outside:
            raise ValueError(f"holidays outside {self.first} to {self.last}: {', '.join(map(str, outside))}")
        return self


@dataclass(frozen=True, slots=True)
class Pause:
    """A stop of the clock: asked on `requested`, ended on `resumed`. Stands still strictly between the two days."""

    requested: date
    resumed: date

    def __post_init__(self) -> None:
        if self.resumed < self.requested:
            raise ValueError(f"a pause can't end on {self.resumed}, before it was asked for on {self.requested}")


def paused_days(requested: date, resumed: date) -> int:
    """Days for which a pause stops the clock: from the day after the request to the day before resumption."""
    return max(0, (Pause(requested, resumed).resumed - requested).days - 1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working days of one holiday table. Two calendars with the same name give the same days.

    Outside the years of its table only the weekly days of rest are known (`covers` tells).
    """

    name: str
    first: date
    last: date
    rest_days: frozenset[int]
    holidays: frozenset[date]

    @classmethod
    def of(cls, table: Table) -> Self:
        """The calendar of a table, without overrides."""
        return cls(
            name=table.id,
            first=date(table.first, 1, 1),
            last=date(table.last, 12, 31),
            rest_days=frozenset(table.rest_days),
            holidays=frozenset(table.holidays),
        )

    @staticmethod
    def split(name: str) -> tuple[str, frozenset[date], frozenset[date]]:
        """A name as the table's name, the days added to it and the days removed from it."""
        found = _NAME.fullmatch(name)
        if found is None:
            raise ValueError(f"not the name of a calendar: {name!r}")
        marks = re.findall(r"[+-]\d{8}", found["overrides"])
        days = {sign: frozenset(date.fromisoformat(m[1:]) for m in marks if m[0] == sign) for sign in "+-"}
        return found["base"], days["+"], days["-"]

    def with_overrides(self, added: Iterable[date] = (), removed: Iterable[date] = ()) -> Self:
        """The calendar with holidays decreed or cancelled after its table was made; its name says which."""
        base, added_before, removed_before = self.split(self.name)
        more, fewer = frozenset(added), frozenset(removed)
        if more & fewer:
            raise ValueError("a day can't be both added and removed")
        plus, minus = (added_before - fewer) | more, (removed_before - more) | fewer
        marks = [*(f"+{day:%Y%m%d}" for day in sorted(plus)), *(f"-{day:%Y%m%d}" for day in sorted(minus))]
        return replace(self, name=base + "".join(marks), holidays=(self.holidays | more) - fewer)

    def covers(self, day: date) -> bool:
        """Whether the table knows the public holidays around this day."""
        return self.first <= day <= self.last

    def is_working_day(self, day: date) -> bool:
        """Whether a term may end on this day: neither a weekly day of rest nor a public holiday."""
        return day.weekday() not in self.rest_days and day not in self.holidays

    @staticmethod
    def length(start: date, term: Term) -> int:
        """Days that a term has which begins on `start`; for months and years the end of the month rule applies."""
        match term.unit:
            case "days":
                return term.amount
            case "weeks":
                return term.amount * 7
            case "months":
                return (_add_months(start, term.amount) - start).days
            case "years":
                return (_add_months(start, term.amount * 12) - start).days

    def due(self, start: date, term: Term, pauses: Sequence[Pause] = ()) -> date:
        """The last day of a term that begins on `start`."""
        return self.after_with_pauses(start, self.length(start, term), pauses)

    def after(self, start: date, days: int) -> date:
        """The last day of `days` days; `start` is not counted, an end on a day of rest moves on (민법 제157, 161조)."""
        return self.after_with_pauses(start, days, ())

    def weeks_after(self, start: date, weeks: int) -> date:
        """The last day of `weeks` weeks after `start`."""
        return self.due(start, Term(amount=weeks, unit="weeks"))

    def months_after(self, start: date, months: int) -> date:
        """The last day of `months` calendar months; without such a day, the month's last day (민법 제160조제3항)."""
        return self.due(start, Term(amount=months, unit="months"))

    def years_after(self, start: date, years: int) -> date:
        """The last day of `years` calendar years after `start` (민법 제160조)."""
        return self.due(start, Term(amount=years, unit="years"))

    def after_with_pauses(self, start: date, days: int, pauses: Sequence[Pause]) -> date:
        """As `after`, with the clock standing still in `pauses`; a day in two pauses stands still once.

        A term never ends on a day of rest nor on a day on which its clock stands still. A pause that begins after the
        end changes nothing.
        """
        end = self.counted(start, days, pauses)
        rest = frozenset(day for pause in pauses for day in _still(pause))
        while end in rest or not self.is_working_day(end):
            end += DAY
        return end

    @staticmethod
    def counted(start: date, days: int, pauses: Sequence[Pause]) -> date:
        """The day on which `days` days have been counted that the clock was running, day of rest or not.

        Raises ValueError for less than one day.
        """
        if days < 1:
            raise ValueError(f"a term has at least one day, not {days}")
        end = start + days * DAY
        for day in sorted({day for pause in pauses for day in _still(pause) if day > start}):
            if day <= end:
                end += DAY
        return end

    def disclosed_at(self, closed: datetime, disclosure: Disclosure) -> datetime:
        """The instant, in UTC, from which a result may be seen whose scoring or voting closed at `closed`.

        What closes at midnight closes with the day that ends: the new day is counted as a whole (민법 제157조 단서).
        """
        if disclosure.after is None:
            return closed.astimezone(UTC)
        return self.end_of(self.due(self.seoul_date(closed - timedelta(microseconds=1)), disclosure.after))

    @staticmethod
    def end_of(day: date) -> datetime:
        """The instant, in UTC, at which `day` is over in Seoul; what happens before it is in time."""
        return datetime.combine(day + DAY, time(), SEOUL).astimezone(UTC)

    @staticmethod
    def seoul_date(instant: datetime) -> date:
        """The date in Seoul at an instant, which must carry its time zone."""
        if instant.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        return instant.astimezone(SEOUL).date()


def _still(pause: Pause) -> Iterable[date]:
    return (pause.requested + n * DAY for n in range(1, (pause.resumed - pause.requested).days))


def _add_months(start: date, months: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
