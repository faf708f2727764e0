"""Days: tables of worked examples, and properties against a simulation that walks day by day."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.rules.calendar import Calendar, Pause, Table, paused_days
from shared.rules.loader import calendar
from shared.rules.rule import Disclosure, Term

KR = calendar("kr-2026-11")
DAY = timedelta(days=1)


def day(text: str) -> date:
    return date.fromisoformat(text)


def term(text: str) -> Term:
    return Term.model_validate(text)


dates = st.dates(date(2019, 1, 1), date(2028, 6, 30))
lengths = st.integers(1, 120)


@st.composite
def pauses(draw: st.DrawFn, start: date) -> list[Pause]:
    drawn = draw(st.lists(st.tuples(st.integers(-20, 150), st.integers(0, 40)), max_size=5))
    return [Pause(start + begin * DAY, start + (begin + length) * DAY) for begin, length in drawn]


@st.composite
def cases(draw: st.DrawFn) -> tuple[date, int, list[Pause]]:
    start = draw(dates)
    return start, draw(lengths), draw(pauses(start))


@pytest.mark.parametrize(
    ("start", "days", "end", "why"),
    [
        ("2026-11-02", 1, "2026-11-03", "the first day is not counted"),
        ("2026-11-02", 4, "2026-11-06", "a Friday stays"),
        ("2026-11-02", 5, "2026-11-09", "a Saturday moves to Monday"),
        ("2026-11-02", 6, "2026-11-09", "a Sunday moves to Monday"),
        ("2026-12-24", 1, "2026-12-28", "Christmas on a Friday, then the weekend"),
        ("2025-10-02", 1, "2025-10-10", "the long Chuseok of 2025, with Hangul Day after the substitute"),
        ("2027-02-05", 1, "2027-02-10", "Seollal with a substitute"),
        ("2023-09-27", 1, "2023-10-04", "Chuseok and a day decreed between"),
        ("2026-06-02", 1, "2026-06-04", "local elections"),
        ("2026-07-16", 1, "2026-07-20", "Constitution Day, a holiday again since 2026, and the weekend"),
        ("2024-07-16", 1, "2024-07-17", "Constitution Day was no holiday in 2024"),
        ("2023-09-01", 30, "2023-10-04", "thirty days from the first day of the decree"),
        ("2024-02-28", 1, "2024-02-29", "a leap day counts"),
    ],
)
def test_days_are_counted_as_the_law_counts_them(start: str, days: int, end: str, why: str) -> None:
    assert KR.after(day(start), days) == day(end), why


@pytest.mark.parametrize(
    ("start", "length", "end", "why"),
    [
        ("2026-11-02", "3 weeks", "2026-11-23", "weeks are seven days"),
        (
            "2026-01-31",
            "1 month",
            "2026-03-03",
            "no 31 February: its last day, a Saturday, then 1 March and its substitute",
        ),
        ("2024-01-31", "1 month", "2024-02-29", "the last day of a leap February"),
        ("2026-11-30", "1 month", "2026-12-30", "the same number of the month"),
        ("2025-12-31", "2 months", "2026-03-03", "across the year's end"),
        ("2024-02-29", "2 years", "2026-03-03", "no leap day: 28 February, then as above"),
        ("2024-03-04", "2 years", "2026-03-04", "the same day of the year"),
        ("2023-11-23", "3 years", "2026-11-23", "three years"),
        ("2025-06-15", "12 months", "2026-06-15", "twelve months are a year"),
    ],
)
def test_weeks_months_and_years_are_calendar_units(start: str, length: str, end: str, why: str) -> None:
    assert KR.due(day(start), term(length)) == day(end), why


@given(dates, st.integers(1, 40))
def test_the_named_units_are_the_terms(start: date, amount: int) -> None:
    assert KR.weeks_after(start, amount) == KR.due(start, term(f"{amount} weeks"))
    assert KR.months_after(start, amount) == KR.due(start, term(f"{amount} months"))
    assert KR.years_after(start, amount) == KR.due(start, term(f"{amount} years"))
    assert KR.years_after(start, amount) == KR.months_after(start, amount * 12)


@pytest.mark.parametrize(
    ("requested", "resumed", "days"),
    [
        ("2026-03-05", "2026-03-20", 14),
        ("2026-03-05", "2026-03-05", 0),
        ("2026-03-05", "2026-03-06", 0),
        ("2026-03-05", "2026-03-07", 1),
    ],
)
def test_a_pause_counts_the_days_between_request_and_resumption(requested: str, resumed: str, days: int) -> None:
    assert paused_days(day(requested), day(resumed)) == days


def test_a_pause_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="before it was asked for"):
        Pause(day("2026-03-05"), day("2026-03-04"))


def test_a_supplement_moves_the_decision_by_the_days_it_took() -> None:
    received, asked, supplied = day("2026-03-03"), day("2026-03-05"), day("2026-03-20")
    assert KR.after(received, 30) == day("2026-04-02")
    assert KR.after_with_pauses(received, 30, [Pause(asked, supplied)]) == day("2026-04-16")
    assert KR.due(received, term("1 month"), [Pause(asked, supplied)]) == day("2026-04-17")


def test_a_day_in_two_pauses_stands_still_once() -> None:
    start = day("2026-03-03")
    one = Pause(day("2026-03-05"), day("2026-03-20"))
    inside = Pause(day("2026-03-06"), day("2026-03-18"))
    assert KR.after_with_pauses(start, 30, [one, inside, one]) == KR.after_with_pauses(start, 30, [one])


def test_a_pause_asked_on_the_weekend_after_the_last_day_still_holds_the_term() -> None:
    # The term ends on Saturday 7 and would move to Monday 9; it does not run out while its clock stands still.
    assert KR.after_with_pauses(day("2026-11-02"), 5, [Pause(day("2026-11-07"), day("2026-11-11"))]) == day(
        "2026-11-11"
    )


def test_a_pause_after_the_end_changes_nothing() -> None:
    late = Pause(day("2026-11-20"), day("2026-12-20"))
    assert KR.after_with_pauses(day("2026-11-02"), 4, [late]) == day("2026-11-06")


@pytest.mark.parametrize("days", [0, -1])
def test_a_term_has_at_least_one_day(days: int) -> None:
    with pytest.raises(ValueError, match="at least one day"):
        KR.after(day("2026-11-02"), days)


@given(dates, dates, lengths, lengths)
def test_after_is_monotone(start: date, other: date, days: int, more: int) -> None:
    (early, late), (short, long) = sorted((start, other)), sorted((days, more))
    assert KR.after(early, short) <= KR.after(late, long)


@given(dates, lengths)
def test_after_ends_on_the_first_working_day_from_the_last_day_on(start: date, days: int) -> None:
    end, last = KR.after(start, days), start + days * DAY
    assert end >= last
    assert KR.is_working_day(end)
    assert not any(KR.is_working_day(last + n * DAY) for n in range((end - last).days))


@given(cases())
def test_pauses_give_the_date_that_walking_day_by_day_gives(case: tuple[date, int, list[Pause]]) -> None:
    start, days, stops = case
    today, counted = start, 0
    while True:
        today += DAY
        if any(stop.requested < today < stop.resumed for stop in stops):
            continue
        counted += 1
        if counted >= days and KR.is_working_day(today):
            break
    assert KR.after_with_pauses(start, days, stops) == today


@given(cases())
def test_the_order_of_pauses_does_not_matter(case: tuple[date, int, list[Pause]]) -> None:
    start, days, stops = case
    assert KR.after_with_pauses(start, days, stops) == KR.after_with_pauses(start, days, stops[::-1])


def test_a_day_ends_at_midnight_in_seoul() -> None:
    assert KR.end_of(day("2026-11-06")) == datetime(2026, 11, 6, 15, 0, tzinfo=UTC)
    assert KR.end_of(day("2026-11-06")).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("instant", "date_there"),
    [
        (datetime(2026, 11, 6, 14, 59, 59, tzinfo=UTC), "2026-11-06"),
        (datetime(2026, 11, 6, 15, 0, tzinfo=UTC), "2026-11-07"),
        (datetime(2026, 11, 6, 23, 0, tzinfo=timezone(timedelta(hours=9))), "2026-11-06"),
    ],
)
def test_the_date_in_seoul(instant: datetime, date_there: str) -> None:
    assert KR.seoul_date(instant) == day(date_there)


def test_an_instant_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        KR.seoul_date(datetime(2026, 11, 6))


@given(dates)
def test_the_end_of_a_day_is_the_first_instant_of_the_next(on: date) -> None:
    assert KR.seoul_date(KR.end_of(on)) == on + DAY
    assert KR.seoul_date(KR.end_of(on) - timedelta(microseconds=1)) == on


def test_results_show_at_the_close_or_when_a_term_after_it_is_over() -> None:
    closed = datetime(2026, 11, 5, 16, 0, tzinfo=UTC)  # Friday 6 November, one at night in Seoul
    assert KR.disclosed_at(closed, Disclosure(when="close")) == closed
    after = KR.disclosed_at(closed, Disclosure(when="close", after=term("1 day")))
    assert after == KR.end_of(day("2026-11-09"))


def test_what_closes_at_midnight_closes_with_the_day_that_ends() -> None:
    disclosure = Disclosure(when="close", after=term("1 day"))
    assert KR.disclosed_at(KR.end_of(day("2026-11-03")), disclosure) == KR.end_of(day("2026-11-04"))


def test_overrides_change_the_days_and_the_name() -> None:
    decreed, cancelled = day("2026-11-06"), day("2026-12-25")
    changed = KR.with_overrides({decreed}, {cancelled})
    assert changed.name == "kr-2026-11+20261106-20261225"
    assert changed.after(day("2026-11-05"), 1) == day("2026-11-09")
    assert changed.after(day("2026-12-24"), 1) == cancelled
    assert KR.after(day("2026-11-05"), 1) == decreed, "the table itself stays"


def test_a_calendar_with_overrides_is_found_by_its_name() -> None:
    changed = KR.with_overrides({day("2026-11-06"), day("2026-11-05")}, {day("2026-12-25")})
    assert calendar(changed.name) == changed


def test_overrides_can_be_taken_back() -> None:
    added = KR.with_overrides({day("2026-11-06")})
    assert not added.with_overrides(removed={day("2026-11-06")}).holidays & {day("2026-11-06")}
    with pytest.raises(ValueError, match="both added and removed"):
        KR.with_overrides({day("2026-11-06")}, {day("2026-11-06")})


@given(st.sets(dates, max_size=4), st.sets(dates, max_size=4), st.sets(dates, max_size=4))
def test_equal_names_mean_equal_days(first: set[date], second: set[date], third: set[date]) -> None:
    changed = KR.with_overrides(first, second - first)
    for again in (changed.with_overrides(third), changed.with_overrides(removed=third)):
        assert calendar(again.name) == again


@pytest.mark.parametrize("name", ["", "KR", "kr-2026-11+2026110", "kr-2026-11+20261399"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        Calendar.split(name)


def test_the_table_knows_its_years() -> None:
    assert KR.covers(day("2019-01-01"))
    assert KR.covers(day("2028-12-31"))
    assert not KR.covers(day("2018-12-31"))
    assert not KR.covers(day("2029-01-01"))


@pytest.mark.parametrize("year", range(2019, 2029))
def test_every_year_has_its_fixed_holidays(year: int) -> None:
    fixed = [(1, 1), (3, 1), (5, 5), (6, 6), (8, 15), (10, 3), (10, 9), (12, 25)]
    fixed += [(5, 1), (7, 17)] if year >= 2026 else []
    assert {date(year, month, on) for month, on in fixed} <= KR.holidays
    assert 15 <= sum(found.year == year for found in KR.holidays) <= 25


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"rest_days": [7]}, "weekdays"),
        ({"rest_days": []}, "at least 1"),
        ({"holidays": {"2030-01-01": "1월 1일"}}, "outside 2026 to 2026"),
    ],
)
def test_a_table_must_make_sense(change: dict[str, object], complaint: str) -> None:
    table: dict[str, object] = {
        "id": "kr",
        "source": "관보",
        "first": 2026,
        "last": 2026,
        "rest_days": [5, 6],
        "holidays": {},
    }
    with pytest.raises(ValueError, match=complaint):
        Table.model_validate_json(json.dumps(table | change))
