"""A seed is a plan."""

from tests.chaos.faults import ALL, BY_NAME, Killed, Moved
from tests.chaos.plan import KILLS, make_plan
from tests.chaos.report import percentile


def test_the_same_seed_gives_the_same_plan_and_another_one_another() -> None:
    assert make_plan(7, 25) == make_plan(7, 25)
    assert make_plan(7, 25) != make_plan(8, 25)


def test_a_full_run_has_every_fault_alone_and_fifty_kills() -> None:
    plan = make_plan(1, 60)
    assert {step.faults[0] for step in plan if len(step.faults) == 1} == set(ALL)
    assert sum(fault in (Killed, Moved) for step in plan for fault in step.faults) == KILLS
    assert any(len(step.faults) > 1 for step in plan)


def test_a_short_run_has_every_wanted_fault_once() -> None:
    wanted = [BY_NAME["kill -9, same id"], BY_NAME["MongoDB killed"]]
    assert sorted(step.name for step in make_plan(1, 0, wanted)) == ["MongoDB killed", "kill -9, same id"]


def test_names_are_unique() -> None:
    assert len(BY_NAME) == len(ALL)


def test_a_percentile_is_a_value_that_was_seen() -> None:
    assert percentile([], 0.95) is None
    assert percentile([3.0, 1.0, 2.0], 0.95) == 3.0
    assert percentile([float(n) for n in range(1, 101)], 0.95) == 95.0
    assert percentile([float(n) for n in range(1, 11)], 0.5) == 5.0
