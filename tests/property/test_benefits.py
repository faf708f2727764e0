"""The arithmetic of benefits: nothing is lost in sums, every points have one grade, and corrections leave no trace."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.ideas.domain.benefits import attained, dimension_grades, measured_points, net, total
from services.ideas.domain.measurement import NoteFirstEffect, RecordBenefits
from shared.contracts.ideas_outcomes import Amount
from shared.engine.message import seal
from shared.rules.loader import pack, packs
from tests.support.given import Given
from tests.unit.ideas.outcomes import BEGUN, DAY, follow, forecast, given_outcome, record
from tests.unit.ideas.support import HEAD, SEOUL, noon

WON = st.integers(0, 10**15)
AMOUNTS = st.lists(WON, max_size=8)
POINTS = st.decimals(0, 100, places=2)
LAST = date(2026, 3, 3)


def amounts(won: list[int]) -> tuple[Amount, ...]:
    return tuple(Amount(what=seal("절감", "i-1"), won=one) for one in won)


@for_all(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS)
def test_the_net_of_parts_is_the_net_of_the_whole(a: list[int], b: list[int], c: list[int], d: list[int]) -> None:
    parts = net(amounts(a), amounts(b)) + net(amounts(c), amounts(d))
    assert parts == net(amounts(a + c), amounts(b + d)) == sum(a + c) - sum(b + d)


@for_all(st.integers(-(10**16), 10**16), st.integers(-(10**16), 10**16))
def test_what_is_attained_is_the_whole_per_cent_just_below_it(actual: int, planned: int) -> None:
    per_cent = attained(actual, planned)
    assert (per_cent is None) == (planned <= 0)
    if per_cent is not None:
        assert per_cent <= Fraction(actual * 100, planned) < per_cent + 1
        assert 0 <= measured_points(per_cent) <= 100


@pytest.mark.parametrize("pack_id", packs())
def test_points_have_one_grade_and_more_points_no_lesser_one(pack_id: str) -> None:
    rules = pack(pack_id).ideas.outcomes

    @for_all(st.lists(POINTS, min_size=8, max_size=8))
    def holds(points: list[Decimal]) -> None:
        codes = [one.code for one in rules.dimensions]
        order = [one.code for one in rules.grades]
        low = dict(zip(codes, map(min, points[:4], points[4:]), strict=False))
        high = dict(zip(codes, map(max, points[:4], points[4:]), strict=False))
        weighted = sum(Fraction(one.weight.value) * Fraction(low[one.code]) for one in rules.dimensions) / 100
        assert abs(Fraction(total(rules, low)) - weighted) <= Fraction(1, 200)
        assert min(low.values()) <= total(rules, low) <= max(low.values())
        assert total(rules, low) <= total(rules, high)
        lower, upper = (order.index(rules.grade_of(total(rules, one)).code) for one in (low, high))
        assert upper <= lower
        for graded in dimension_grades(rules, low):
            reached = [one.code for one in rules.grades if one.from_points.value <= graded.points]
            assert graded.grade == reached[0]

    holds()


def underway() -> Given:
    """An outcome that is being measured."""
    return follow(follow(given_outcome(SEOUL, *BEGUN), forecast(), HEAD), NoteFirstEffect(), HEAD)


@for_all(st.lists(st.tuples(WON, WON, st.booleans()), min_size=1, max_size=6))
def test_corrections_give_what_would_have_been_right_at_first(months: list[tuple[int, int, bool]]) -> None:
    right, mended = underway(), underway()
    for at, (gain, cost, wrong_first) in enumerate(months):
        begins = DAY + timedelta(days=40 * at)
        ends = begins + timedelta(days=39)
        true = record(begins, ends, gain, cost)
        right = follow(right, true, HEAD, LAST)
        if not wrong_first:
            mended = follow(mended, true, HEAD, LAST)
            continue
        mended = follow(mended, record(begins, ends, cost, gain), HEAD, LAST)
        number = mended.state.records[-1].number
        correction: RecordBenefits = true.model_copy(update={"corrects": number, "reason": "바로잡음"})
        mended = follow(mended, correction, HEAD, LAST)
    assert mended.state.actual_won == right.state.actual_won == sum(gain - cost for gain, cost, _ in months)
    assert [one.net_won for one in mended.state.standing] == [one.net_won for one in right.state.standing]


@for_all(st.lists(st.tuples(st.integers(0, 360), st.integers(0, 60)), min_size=2, max_size=8))
def test_no_day_counts_twice(spans: list[tuple[int, int]]) -> None:
    given = underway()
    for start, length in spans:
        begins = DAY + timedelta(days=start)
        ends = min(begins + timedelta(days=length), LAST)
        outcome = given.when(record(begins, ends, 1), time=noon(LAST))
        given = given(*given.past, *outcome.events, reads=given.reads)
    standing = given.state.standing
    days = [one.begins + timedelta(days=at) for one in standing for at in range((one.ends - one.begins).days + 1)]
    assert len(days) == len(set(days))
