"""Simulated rounds on the code of real ones: two stages find more of the best than one pass of the same cost."""

from statistics import fmean

import pytest

from benchmarks.simulate import lines, page
from services.evaluation.analysis.simulation import Found, World, runs
from tests.unit.evaluation.support import NATIONAL, SEOUL

SMALL = World(ideas=300)


@pytest.fixture(scope="module")
def found() -> list[tuple[Found, ...]]:
    return list(runs(SEOUL, SMALL, seed=7, times=16))


def mean(found: list[tuple[Found, ...]], way: str, figure: str) -> float:
    return fmean(getattr(one, figure) for run in found for one in run if one.way == way)


def test_two_stages_find_more_than_one_pass_that_costs_as_much(found: list[tuple[Found, ...]]) -> None:
    for two, one, _ in found:
        assert abs(two.ratings - one.ratings) <= 0.5 * SMALL.ideas
    assert mean(found, "two_stages", "legal") > mean(found, "one_pass", "legal") + 0.05
    assert mean(found, "two_stages", "legal") > mean(found, "one_pass", "calibrated"), "nor does a correction catch up"


def test_with_raters_of_the_own_department_only_a_correction_makes_it_worse_and_the_gate_abstains(
    found: list[tuple[Found, ...]],
) -> None:
    assert mean(found, "own_department", "calibrated") < mean(found, "own_department", "legal")
    assert mean(found, "one_pass", "calibrated") >= mean(found, "one_pass", "legal")
    for two, one, own in found:
        assert (two.reasons, one.reasons) == ((), ())
        assert {"not_connected", "own_department_only", "assignment_not_fair"} <= set(own.reasons)


def test_single_sheets_agree_as_far_as_in_the_study(found: list[tuple[Found, ...]]) -> None:
    assert mean(found, "one_pass", "agreement") == pytest.approx(SMALL.agreement, abs=0.03)


def test_the_same_seed_gives_the_same() -> None:
    world = World(ideas=150)
    once, again, other = (list(runs(SEOUL, world, seed, 1)) for seed in (3, 3, 4))
    assert once == again != other


def test_a_pack_whose_round_has_one_stage_has_nothing_to_compare() -> None:
    with pytest.raises(ValueError, match="no second stage"):
        list(runs(NATIONAL, SMALL, 1, 1))


def test_the_drawing_shows_every_way_and_loads_nothing(found: list[tuple[Found, ...]]) -> None:
    drawn = page("300 ideas", lines(found))
    assert drawn.count("<rect") == 6 and "own_department_only" in drawn
    assert "<script" not in drawn and "http" not in drawn
