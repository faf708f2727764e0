"""Every assignment that is returned keeps every hard constraint, and none that keeps them is better."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from services.evaluation.assignment.solve import Assigned, assign
from services.evaluation.domain.task import Pair, Rater, Task, Wanted, faults

DEPARTMENTS = st.sampled_from(["d-1", "d-2"])


@st.composite
def tasks(draw: st.DrawFn, ideas: int = 4, raters: int = 4) -> Task:
    """Small tasks of every kind, many of them impossible."""
    people = tuple(
        Rater(f"r-{n}", draw(DEPARTMENTS), draw(st.integers(0, 4))) for n in range(draw(st.integers(1, raters)))
    )
    wanted: list[Wanted] = []
    for n in range(draw(st.integers(1, ideas))):
        number = draw(st.integers(1, 3))
        wanted.append(Wanted(f"i-{n}", draw(DEPARTMENTS), number, draw(st.integers(0, min(1, number)))))
    every = [(idea.idea_id, rater.person_id) for idea in wanted for rater in people]
    conflicts = frozenset(pair for pair in every if draw(st.integers(0, 5)) == 0)
    allowed = [pair for pair in every if pair not in conflicts]
    fixed = frozenset(draw(st.sets(st.sampled_from(allowed), max_size=1))) if allowed else frozenset[Pair]()
    scored = {rater for _, rater in fixed}
    return Task(
        tuple(wanted),
        tuple(replace(one, limit=max(one.limit, one.person_id in scored)) for one in people),
        conflicts,
        {pair: draw(st.integers(0, 3)) for pair in every},
        linked=draw(st.booleans()),
        fixed=fixed,
        before=frozenset(draw(st.sets(st.sampled_from(every)))),
        seed=draw(st.integers(0, 9)),
    )


def everything(task: Task) -> Iterator[frozenset[Pair]]:
    """All assignments that keep the hard constraints, found by trying."""
    people = [rater.person_id for rater in task.raters]
    choices = [[[(i.idea_id, r) for r in some] for some in combinations(people, i.raters)] for i in task.ideas]
    for chosen in product(*choices):
        pairs = frozenset(pair for some in chosen for pair in some)
        if not list(faults(task, pairs)):
            yield pairs


def worth(task: Task, pairs: frozenset[Pair]) -> tuple[int, int]:
    """How many pairs are new, and what all cost."""
    return len(pairs - task.before) if task.before else 0, sum(task.costs.get(pair, 0) for pair in pairs)


@settings(max_examples=200, deadline=None)
@given(tasks())
def test_it_is_as_good_as_the_best_that_trying_all_of_them_finds(task: Task) -> None:
    best = min((worth(task, pairs) for pairs in everything(task)), default=None)
    found = assign(task)
    if isinstance(found, Assigned):
        assert list(faults(task, found.pairs)) == []
        assert (found.moved, found.cost) == best == worth(task, frozenset(found.pairs))
        assert assign(replace(task, ideas=task.ideas[::-1], raters=task.raters[::-1])) == found
    else:
        assert best is None and found.obstacles


@settings(max_examples=200, deadline=None)
@given(tasks(ideas=5, raters=5))
def test_relaxing_what_is_named_is_enough_and_less_is_not(task: Task) -> None:
    found = assign(task)
    if isinstance(found, Assigned):
        return
    for obstacle in found.obstacles:
        helped = obstacle.code == "linkage_of_conflicts" or (obstacle.code == "linkage" and obstacle.raise_limits_by)
        assert obstacle.possible < obstacle.asked or helped
    first = found.obstacles[0]
    if first.code in ("loads", "loads_of_outsiders"):
        assert first.raise_limits_by > 0
        unlinked = replace(task, linked=False)
        assert isinstance(assign(raised(unlinked, first.raise_limits_by)), Assigned)
        assert not isinstance(assign(raised(unlinked, first.raise_limits_by - 1)), Assigned)
    if first.code == "linkage" and first.asked == first.possible:
        assert isinstance(assign(raised(task, first.raise_limits_by)), Assigned)
        assert not isinstance(assign(raised(task, first.raise_limits_by - 1)), Assigned)
    if first.code == "linkage" and first.ideas:
        more = tuple(replace(i, raters=i.raters + (i.idea_id in first.ideas)) for i in task.ideas)
        if first.asked - first.possible == len(first.ideas):
            assert isinstance(assign(raised(replace(task, ideas=more), first.raise_limits_by)), Assigned)


def raised(task: Task, by: int) -> Task:
    return replace(task, raters=tuple(replace(rater, limit=max(0, rater.limit + by)) for rater in task.raters))
