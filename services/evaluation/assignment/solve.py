"""The assignment of minimum cost, or why there is none.

In this order: as few pairs as possible that `before` did not have; then the least distance from the matter; then the
least sum of the draw, as far as linkage does not ask for other pairs. The draw of a pair depends on seed, idea and
rater alone, so that anybody can repeat it. The same seed and task give the same assignment.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.evaluation.assignment.model import SOLVER, Model
from services.evaluation.assignment.obstacles import obstacles, too_few_to_link
from services.evaluation.domain.task import Obstacle, Pair, Part, Task, parts_of


@dataclass(frozen=True, slots=True)
class Assigned:
    """An assignment that keeps every hard constraint, in the order of ids, with what it cost.

    `moved` pairs are new against an earlier assignment; `cost` is the distance from the matter over all pairs.
    """

    pairs: tuple[Pair, ...]
    moved: int
    cost: int
    seed: int
    solver: str


@dataclass(frozen=True, slots=True)
class Impossible:
    """No assignment keeps all hard constraints. The obstacles say which to relax and by how much; never empty."""

    obstacles: tuple[Obstacle, ...]
    seed: int
    solver: str


DRAW_BITS = 20
"""Size of the draw: large enough that two assignments hardly ever draw equal, small enough to be added up exactly."""


def assign(task: Task) -> Assigned | Impossible:
    """The best assignment, or the obstacles. Takes seconds for some hundred ideas and some ten raters."""
    exact, drawing = Model(task), Model(task)
    if exact.minimise({}, linked=False) is None or too_few_to_link(task):
        return Impossible(tuple(obstacles(task)), task.seed, SOLVER)
    moved = {pair: 1 for pair in exact.pairs if pair not in task.before} if task.before else {}
    for costs in (moved, task.costs):
        columns = exact.columns(costs)
        least = exact.minimise(columns, linked=task.linked)
        if least is None:
            return Impossible(tuple(obstacles(task)), task.seed, SOLVER)
        for model in (exact, drawing):
            model.hold(columns, round(least))
    chosen = _draw(task, drawing, exact.chosen)
    return Assigned(
        pairs=tuple(sorted(chosen)),
        moved=_sum(moved, chosen),
        cost=_sum(task.costs, chosen),
        seed=task.seed,
        solver=SOLVER,
    )


def _draw(task: Task, model: Model, linked: frozenset[Pair]) -> frozenset[Pair]:
    """The assignment with the least sum of the draw. Where it falls into parts, pairs that are known to join are kept.

    `linked` hangs together, so some of its pairs join any parts; each round keeps more of them, at most all.
    """
    draw = {pair: drawn(task.seed, pair) for pair in model.pairs}
    costs = model.columns(draw)
    while True:
        found = model.minimise(costs, linked=False)
        assert found is not None, "what is linked already is an assignment, too"
        parts = parts_of(model.chosen)
        if not task.linked or len(parts) <= 1:
            return model.chosen
        model.fix(_joining(parts, sorted(linked, key=lambda pair: (draw[pair], pair))))


def _joining(parts: Sequence[Part], pairs: Iterable[Pair]) -> Iterator[Pair]:
    """Of `pairs` the first ones that join parts not joined yet; raters of no part are parts of their own."""
    idea_in = {idea_id: str(number) for number, part in enumerate(parts) for idea_id in part.ideas}
    rater_in = {rater: str(number) for number, part in enumerate(parts) for rater in part.raters}
    joined_to: dict[str, str] = {}

    def last(place: str) -> str:
        while place in joined_to:
            place = joined_to[place]
        return place

    for idea_id, rater in pairs:
        here, there = last(idea_in[idea_id]), last(rater_in.get(rater, f"alone {rater}"))
        if here != there:
            joined_to[here] = there
            yield idea_id, rater


def drawn(seed: int, pair: Pair) -> int:
    """The draw of a pair: the first bits of the SHA-256 of seed, idea and rater, one a line."""
    digest = hashlib.sha256("\n".join((str(seed), *pair)).encode()).digest()
    return int.from_bytes(digest[:8]) >> (64 - DRAW_BITS)


def _sum(costs: Mapping[Pair, int], chosen: frozenset[Pair]) -> int:
    return sum(costs.get(pair, 0) for pair in chosen)
