"""The assignment of minimum cost, or why there is none.

In this order: as few pairs as possible that `before` did not have; then the least distance from the matter; then the
least sum of the draw. The draw of a pair depends on seed, idea and rater alone, so anybody can repeat it, and the same
seed and task give the same assignment.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from services.evaluation.assignment.model import SOLVER, Model
from services.evaluation.assignment.obstacles import obstacles
from services.evaluation.domain.assignment import Obstacle, Pair, Task


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
    model = Model(task)
    moved = {pair: 1 for pair in model.pairs if pair not in task.before} if task.before else {}
    for costs in (moved, task.costs, {pair: drawn(task.seed, pair) for pair in model.pairs}):
        columns = model.columns(costs)
        least = model.minimise(columns, linked=task.linked)
        if least is None:
            return Impossible(tuple(obstacles(task)), task.seed, SOLVER)
        model.hold(columns, round(least))
    chosen = model.chosen
    return Assigned(
        pairs=tuple(sorted(chosen)),
        moved=_sum(moved, chosen),
        cost=_sum(task.costs, chosen),
        seed=task.seed,
        solver=SOLVER,
    )


def drawn(seed: int, pair: Pair) -> int:
    """The draw of a pair: the first bits of the SHA-256 of seed, idea and rater, one a line."""
    digest = hashlib.sha256("\n".join((str(seed), *pair)).encode()).digest()
    return int.from_bytes(digest[:8]) >> (64 - DRAW_BITS)


def _sum(costs: Mapping[Pair, int], chosen: frozenset[Pair]) -> int:
    return sum(costs.get(pair, 0) for pair in chosen)
