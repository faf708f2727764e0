"""Who rates what: what an assignment is held against, what is found, and what stands in the way."""

import time
from collections import Counter
from dataclasses import replace

import pytest

from services.evaluation.assignment.solve import Assigned, Impossible, assign, drawn
from services.evaluation.domain.task import Obstacle, Pair, Rater, Task, Wanted, faults, parts_of


def ideas(*ids: str, raters: int = 2, outsiders: int = 0, department: str = "d-1") -> tuple[Wanted, ...]:
    return tuple(Wanted(id, department, raters, outsiders) for id in ids)


def raters(*ids: str, limit: int = 9, department: str = "d-1") -> tuple[Rater, ...]:
    return tuple(Rater(id, department, limit) for id in ids)


def found(task: Task) -> Assigned:
    outcome = assign(task)
    assert isinstance(outcome, Assigned), outcome
    assert list(faults(task, outcome.pairs)) == []
    return outcome


def obstacles(task: Task) -> tuple[Obstacle, ...]:
    outcome = assign(task)
    assert isinstance(outcome, Impossible), outcome
    return outcome.obstacles


# --- what an assignment is held against

SMALL = Task(
    ideas=(*ideas("i-1", outsiders=1), *ideas("i-2", "i-3", department="d-2")),
    raters=(*raters("r-1", "r-2", limit=2), *raters("r-3", department="d-2", limit=3)),
    conflicts=frozenset({("i-2", "r-1")}),
)
WHOLE: frozenset[Pair] = frozenset(
    {("i-1", "r-1"), ("i-1", "r-3"), ("i-2", "r-2"), ("i-2", "r-3"), ("i-3", "r-1"), ("i-3", "r-2")}
)


@pytest.mark.parametrize(
    ("without", "instead", "fault"),
    [
        ((), (), None),
        ((), (("i-9", "r-1"),), ("unknown_pair", "i-9")),
        ((), (("i-1", "r-9"),), ("unknown_pair", "i-1")),
        ((("i-2", "r-2"),), (("i-2", "r-1"),), ("conflict", "i-2")),
        ((("i-3", "r-1"),), (), ("number_of_raters", "i-3")),
        ((), (("i-3", "r-3"),), ("number_of_raters", "i-3")),
        ((("i-1", "r-3"),), (("i-1", "r-2"),), ("no_outsider", "i-1")),
        ((("i-1", "r-3"),), (("i-1", "r-2"),), ("load_limit", "r-2")),
    ],
)
def test_each_hard_constraint_is_held(
    without: tuple[Pair, ...], instead: tuple[Pair, ...], fault: tuple[str, str] | None
) -> None:
    named = list(faults(SMALL, (WHOLE - set(without)) | set(instead)))
    assert fault in named if fault else not named


def test_a_pair_named_twice_does_not_stand_for_two() -> None:
    twice = [*(pair for pair in sorted(WHOLE) if pair != ("i-3", "r-2")), ("i-3", "r-1")]
    assert ("named_twice", "i-3") in list(faults(SMALL, twice))


def test_ideas_and_raters_must_hang_together() -> None:
    task = Task(ideas("i-1", "i-2"), raters("r-1", "r-2", "r-3", "r-4"))
    apart = [("i-1", "r-1"), ("i-1", "r-2"), ("i-2", "r-3"), ("i-2", "r-4")]
    assert list(faults(task, apart)) == [("not_linked", "i-1")] and len(parts_of(apart)) == 2
    assert list(faults(replace(task, linked=False), apart)) == []


def test_a_fixed_pair_stays() -> None:
    kept = replace(SMALL, fixed=frozenset({("i-1", "r-2")}))
    assert list(faults(kept, WHOLE)) == [("fixed_pair_moved", "i-1")]


@pytest.mark.parametrize(
    "change",
    [
        {"ideas": ideas("i-1", "i-1")},
        {"raters": raters("r-1", "r-1")},
        {"ideas": ideas("i-1", raters=0)},
        {"ideas": ideas("i-1", raters=1, outsiders=2)},
        {"raters": raters("r-1", limit=-1)},
        {"costs": {("i-1", "r-1"): -1}},
        {"fixed": frozenset({("i-2", "r-1")})},
        {"fixed": frozenset({("i-1", "r-1")}), "raters": raters("r-1", limit=0)},
        {"fixed": frozenset({("i-1", "r-9")})},
        {"fixed": frozenset({("i-1", "r-1"), ("i-1", "r-2"), ("i-1", "r-3")})},
    ],
)
def test_a_task_that_contradicts_itself_is_none(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        replace(SMALL, **change)  # pyright: ignore[reportArgumentType]


# --- what is found


def test_who_knows_the_matter_is_preferred_as_far_as_conflicts_and_limits_allow() -> None:
    near = {(id, rater): 5 * (rater == "r-3") for id in ("i-1", "i-2") for rater in ("r-1", "r-2", "r-3")}
    task = Task(ideas("i-1", "i-2"), raters("r-1", "r-2", "r-3"), costs=near)
    assert {rater for _, rater in found(task).pairs} == {"r-1", "r-2"} and found(task).cost == 0
    recused = found(replace(task, conflicts=frozenset({("i-1", "r-1")})))
    assert ("i-1", "r-3") in recused.pairs and recused.cost == 5


def test_cheap_groups_are_linked_at_the_least_cost() -> None:
    homes = {("i-1", "r-1"), ("i-1", "r-2"), ("i-2", "r-1"), ("i-2", "r-2"), ("i-3", "r-3"), ("i-3", "r-4")}
    four = ("r-1", "r-2", "r-3", "r-4")
    costs = {(idea, rater): 0 if (idea, rater) in homes else 7 for idea in ("i-1", "i-2", "i-3") for rater in four}
    task = Task(ideas("i-1", "i-2", "i-3"), raters(*four), costs=costs)
    assert found(replace(task, linked=False)).cost == 0
    assert found(task).cost == 7


def test_the_draw_depends_on_seed_and_pair_alone_and_decides_among_equals() -> None:
    assert drawn(7, ("i-1", "r-1")) == drawn(7, ("i-1", "r-1")) != drawn(8, ("i-1", "r-1"))
    task = Task(ideas(*(f"i-{n}" for n in range(12))), raters("r-1", "r-2", "r-3", "r-4", limit=6), seed=1)
    shuffled = replace(task, ideas=task.ideas[::-1], raters=task.raters[::-1])
    assert found(task) == found(task) == found(shuffled)
    assert len({found(replace(task, seed=seed)).pairs for seed in range(5)}) > 1


def test_a_draw_that_would_fall_apart_is_linked() -> None:
    tasks = [Task(ideas("i-1", "i-2"), raters("r-1", "r-2", "r-3", "r-4"), seed=seed) for seed in range(20)]
    apart = [task for task in tasks if len(parts_of(found(replace(task, linked=False)).pairs)) > 1]
    assert apart and all(len(parts_of(found(task).pairs)) == 1 for task in apart)


# --- reassignment


def test_after_a_recusal_one_pair_is_replaced_and_scored_pairs_stay() -> None:
    task = Task(ideas(*(f"i-{n}" for n in range(10))), raters("r-1", "r-2", "r-3", "r-4", limit=7))
    first = found(task)
    recused, scored = first.pairs[0], frozenset(first.pairs[5:9])
    again = replace(task, conflicts=frozenset({recused}), before=frozenset(first.pairs), fixed=scored, seed=99)
    second = found(again)
    assert second.moved == 1 and set(first.pairs) - set(second.pairs) == {recused} and scored <= set(second.pairs)


def test_the_ideas_of_an_absent_rater_go_to_the_others_and_nothing_else_moves() -> None:
    task = Task(ideas(*(f"i-{n}" for n in range(10))), raters("r-1", "r-2", "r-3", "r-4", limit=8))
    first = found(task)
    gone = {pair for pair in first.pairs if pair[1] == "r-2"}
    left = tuple(rater for rater in task.raters if rater.person_id != "r-2")
    second = found(replace(task, raters=left, before=frozenset(first.pairs)))
    assert second.moved == len(gone) and set(first.pairs) - set(second.pairs) == gone


# --- what stands in the way


def test_an_idea_without_enough_raters_is_named_with_both_numbers() -> None:
    task = Task(ideas("i-1", "i-2"), raters("r-1", "r-2"), frozenset({("i-2", "r-1")}))
    assert obstacles(task) == (Obstacle("raters_without_conflict", ("i-2",), asked=2, possible=1),)


def test_an_idea_without_a_rater_from_outside_is_named() -> None:
    everybody = (*raters("r-1", "r-2"), *raters("r-3", department="d-9"))
    task = Task(ideas("i-1", "i-2", outsiders=1), everybody, frozenset({("i-2", "r-3")}))
    assert obstacles(task) == (Obstacle("raters_from_outside", ("i-2",), asked=1, possible=0),)


def test_a_fixed_rater_from_inside_can_take_the_place_of_an_outsider() -> None:
    everybody = (*raters("r-1"), *raters("r-2", department="d-9"))
    task = Task(ideas("i-1", raters=1, outsiders=1), everybody)
    assert found(task).pairs == (("i-1", "r-2"),)
    kept = replace(task, fixed=frozenset({("i-1", "r-1")}))
    assert obstacles(kept) == (Obstacle("raters_from_outside", ("i-1",), asked=1, possible=0),)


def test_limits_that_are_too_low_say_by_how_much() -> None:
    task = Task(ideas("i-1", "i-2", "i-3"), raters("r-1", "r-2", "r-3", limit=1))
    assert obstacles(task) == (Obstacle("loads", (), asked=6, possible=3, raise_limits_by=1),)
    assert found(replace(task, raters=raters("r-1", "r-2", "r-3", limit=2)))


def test_conflicts_can_make_limits_too_low_that_look_large_enough() -> None:
    conflicts = frozenset({("i-1", "r-3"), ("i-2", "r-3")})
    task = Task(ideas("i-1", "i-2", "i-3"), raters("r-1", "r-2", "r-3", limit=2), conflicts)
    assert found(replace(task, conflicts=frozenset()))
    assert obstacles(task) == (Obstacle("loads", (), asked=6, possible=5, raise_limits_by=1),)
    assert found(replace(task, raters=raters("r-1", "r-2", "r-3", limit=3)))


def test_too_few_outsiders_say_how_many_ideas_would_go_without() -> None:
    everybody = (*raters("r-1", "r-2", limit=9), *raters("r-3", department="d-9", limit=2))
    (only,) = obstacles(Task(ideas("i-1", "i-2", "i-3", "i-4", outsiders=1), everybody))
    assert (only.code, only.asked, only.possible, only.raise_limits_by) == ("loads_of_outsiders", 4, 2, 2)
    assert len(only.ideas) == 2


def test_conflicts_that_leave_two_parts_are_no_matter_of_numbers() -> None:
    conflicts = frozenset({("i-1", "r-3"), ("i-1", "r-4"), ("i-2", "r-1"), ("i-2", "r-2")})
    task = Task(ideas("i-1", "i-2"), raters("r-1", "r-2", "r-3", "r-4"), conflicts)
    assert obstacles(task) == (Obstacle("linkage_of_conflicts", ("i-1",), asked=1, possible=2),)
    assert found(replace(task, linked=False))


def test_one_rater_for_each_idea_links_nothing_and_says_how_many_ratings_would() -> None:
    task = Task(ideas("i-1", "i-2", "i-3", "i-4", raters=1), raters("r-1", "r-2", limit=2))
    assert obstacles(task) == (Obstacle("linkage", (), asked=5, possible=4),)


def test_limits_alone_can_keep_things_apart() -> None:
    # With r-3 on i-1 alone the two ideas could only share r-1 or r-2, who may have one each.
    conflicts = frozenset({("i-2", "r-3")})
    people = (*raters("r-1", "r-2", limit=1), *raters("r-3", limit=3))
    task = Task((Wanted("i-1", "d-1", 2), Wanted("i-2", "d-1", 1)), people, conflicts)
    assert found(replace(task, linked=False))
    apart = replace(task, ideas=(Wanted("i-1", "d-1", 1), Wanted("i-2", "d-1", 1)), raters=people)
    assert obstacles(apart) == (Obstacle("linkage", (), asked=2, possible=2, raise_limits_by=1),)
    assert found(replace(apart, raters=(*raters("r-1", "r-2", limit=2), *raters("r-3", limit=4))))


def test_ratings_that_could_link_but_for_conflicts_say_which_idea_needs_one_more() -> None:
    # i-1 and i-2 can only have r-1, i-3 and i-4 only r-2; i-5 could have either, and is to have one.
    conflicts = frozenset({("i-1", "r-2"), ("i-2", "r-2"), ("i-3", "r-1"), ("i-4", "r-1")})
    task = Task(ideas("i-1", "i-2", "i-3", "i-4", "i-5", raters=1), raters("r-1", "r-2", limit=9), conflicts)
    assert obstacles(task) == (Obstacle("linkage", ("i-5",), asked=6, possible=5),)
    more = replace(task, ideas=(*task.ideas[:4], Wanted("i-5", "d-1", 2)))
    assert found(more)


# --- size


def contest(limit: int = 47, seed: int = 7) -> Task:
    """701 ideas of 25 departments, two raters each, 30 raters; one pair in fifty is a conflict."""
    wanted = tuple(Wanted(f"i-{n:04}", f"d-{n * 7 % 25}", 2, 1) for n in range(701))
    people = tuple(Rater(f"r-{n:02}", f"d-{n % 25}", limit) for n in range(30))
    every = [(idea.idea_id, rater.person_id) for idea in wanted for rater in people]
    conflicts = frozenset(pair for pair in every if drawn(1, pair) % 50 == 0)
    return Task(wanted, people, conflicts, {pair: drawn(2, pair) % 4 for pair in every}, seed=seed)


def test_one_rater_each_for_701_ideas_is_refused_at_once() -> None:
    task = contest()
    single = replace(task, ideas=tuple(replace(idea, raters=1) for idea in task.ideas))
    assert obstacles(single) == (Obstacle("linkage", (), asked=715, possible=701),)


def test_701_ideas_and_30_raters_take_seconds() -> None:
    begun = time.perf_counter()
    outcome = found(contest())
    seconds = time.perf_counter() - begun
    loads = Counter(rater for _, rater in outcome.pairs)
    print(f"701 × 30: {seconds:.2f} s, cost {outcome.cost}, loads {min(loads.values())} to {max(loads.values())}")
    assert len(outcome.pairs) == 1402 and seconds < 20
    assert obstacles(contest(limit=45)) == (Obstacle("loads", (), asked=1402, possible=1350, raise_limits_by=2),)
