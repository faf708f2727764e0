"""When a calibrated score is given, and with which reasons it abstains: thresholds are the pack's."""

from collections.abc import Iterable
from decimal import Decimal

import pytest

from services.evaluation.domain.gate import Rated, abstentions
from shared.rules.calibration import AssignmentKind, Calibration
from tests.unit.evaluation.support import NATIONAL, SEOUL, rules

RANDOM, LINKED, NAMED = AssignmentKind.RANDOM, AssignmentKind.LINKED, AssignmentKind.NAMED


def calibration(pack_id: str = SEOUL) -> Calibration:
    return rules(pack_id).calibration


def ring(ideas: int = 20, raters: int = 8, each: int = 3, first: int = 0) -> list[Rated]:
    """Every idea by `each` raters, who follow one another."""
    return [
        Rated(f"i-{first + idea}", f"r-{first + (idea + n) % raters}") for idea in range(ideas) for n in range(each)
    ]


def reasons(rated: Iterable[Rated], kind: AssignmentKind = RANDOM, pack_id: str = SEOUL) -> list[str]:
    return [one.reason for one in abstentions(calibration(pack_id), list(rated), kind)]


@pytest.mark.parametrize("kind", [RANDOM, LINKED])
def test_a_linked_set_with_enough_ratings_is_calibrated(kind: AssignmentKind) -> None:
    assert reasons(ring(), kind) == []


def test_raters_whom_somebody_named_are_no_fair_assignment_unless_all_rate_all() -> None:
    assert reasons(ring(), NAMED) == ["assignment_not_fair"]
    assert reasons(ring(raters=3), NAMED) == []


def test_two_groups_that_never_meet_are_not_compared() -> None:
    found = abstentions(calibration(), [*ring(), *ring(first=100)], RANDOM)
    assert [(one.reason, one.allowed, one.found) for one in found] == [("not_connected", Decimal(1), Decimal(2))]
    bridge = [Rated("i-0", "r-100"), Rated("i-1", "r-101")]
    assert reasons([*ring(), *ring(first=100), *bridge]) == []


def test_too_few_ratings_are_told_with_their_share() -> None:
    single = [one for one in ring() if one.idea != "i-0" or one.rater == "r-0"]
    assert reasons(single) == [], "one of twenty is below the ten per cent that may be"
    thin = [one for one in ring() if int(one.idea[2:]) > 3 or one.rater == f"r-{int(one.idea[2:]) % 8}"]
    found = abstentions(calibration(), thin, RANDOM)
    assert [(one.reason, one.found) for one in found] == [("too_few_per_idea", Decimal("20.0"))]
    assert reasons(ring(ideas=8, raters=8, each=3)) == ["too_few_per_rater"]


def test_ideas_rated_by_their_own_department_alone() -> None:
    own = [Rated(one.idea, one.rater, own_department=one.idea == "i-3") for one in ring()]
    found = abstentions(calibration(), own, RANDOM)
    assert [(one.reason, one.allowed, one.found) for one in found] == [
        ("own_department_only", Decimal(0), Decimal("5.0"))
    ]
    mixed = [Rated(one.idea, one.rater, own_department=one.rater == "r-3") for one in ring()]
    assert reasons(mixed) == []


def test_nothing_rated_is_one_reason() -> None:
    assert reasons([]) == ["nothing_rated"]


def test_two_packs_decide_differently_on_the_same_ratings() -> None:
    own = [Rated(one.idea, one.rater, own_department=int(one.idea[2:]) % 4 == 0) for one in ring(ideas=8)]
    assert reasons(own, RANDOM, SEOUL) == ["too_few_per_rater", "own_department_only"]
    assert reasons(own, RANDOM, NATIONAL) == []


def test_every_reason_is_told_at_once() -> None:
    rated = [Rated(f"i-{n}", f"r-{n}", own_department=True) for n in range(3)]
    assert reasons(rated, NAMED) == [
        *("assignment_not_fair", "not_connected", "too_few_per_idea", "too_few_per_rater", "own_department_only"),
    ]
