"""Why an assignment is impossible: which constraint to relax, and by how much.

Conflicts are never offered for relaxing. Asked in this order, and an answer is only given where the earlier questions
leave nothing to be said: are there raters without a conflict for each idea; do the load limits allow the ratings; can
it all hang together.
"""

import math
from collections.abc import Iterator
from itertools import accumulate

from services.evaluation.assignment.model import TOLERANCE, Model
from services.evaluation.domain.task import Obstacle, Task, Wanted, parts_of


def obstacles(task: Task) -> Iterator[Obstacle]:
    """What stands in the way of this task. At least one, where no assignment is possible."""
    found = [*_of_single_ideas(task)]
    if not found:
        found = [*_of_loads(task)]
    if not found:
        found = [*_of_linkage(task)]
    yield from found


def _of_single_ideas(task: Task) -> Iterator[Obstacle]:
    for idea in sorted(task.ideas, key=lambda idea: idea.idea_id):
        allowed, outside = _allowed(task, idea)
        if allowed < idea.raters:
            yield Obstacle("raters_without_conflict", (idea.idea_id,), asked=idea.raters, possible=allowed)
        if outside < idea.outsiders:
            yield Obstacle("raters_from_outside", (idea.idea_id,), asked=idea.outsiders, possible=outside)


def _allowed(task: Task, idea: Wanted) -> tuple[int, int]:
    """How many raters without a conflict an idea has, and how many from outside it can have.

    A fixed rater from inside takes a place that nobody from outside can have.
    """
    free = [r for r in task.raters if (idea.idea_id, r.person_id) not in task.conflicts]
    inside = [r for r in free if r.department == idea.department]
    kept = sum(1 for rater in inside if (idea.idea_id, rater.person_id) in task.fixed)
    return len(free), min(len(free) - len(inside), idea.raters - kept)


def _of_loads(task: Task) -> Iterator[Obstacle]:
    """The limits do not allow it: how far all must be raised, or how many ratings or outsiders must be given up."""
    raised = _raised(task)
    if not raised:
        return
    outsiders = Model(task)
    outsiders.free({column: math.inf for column in outsiders.waived.values()})
    waived = outsiders.minimise(dict.fromkeys(outsiders.waived.values(), 1.0), linked=False)
    if waived is not None:
        asked = sum(idea.outsiders for idea in task.ideas)
        without = _where(outsiders, outsiders.waived)
        possible = asked - round(waived)
        yield Obstacle("loads_of_outsiders", without, asked=asked, possible=possible, raise_limits_by=raised)
        return
    short = Model(task)
    short.free({column: math.inf for column in (*short.short.values(), *short.waived.values())})
    missing = short.minimise(dict.fromkeys(short.short.values(), 1.0), linked=False)
    assert missing is not None, "without raters there is always an assignment"
    yield Obstacle("loads", (), asked=task.ratings, possible=task.ratings - round(missing), raise_limits_by=raised)


def _raised(task: Task) -> int:
    """By how much all limits must be raised before the ratings find raters; 0 where they do already.

    The least real number rounded up is the least whole one: with it the matrix is totally unimodular again.
    """
    model = Model(task)
    model.free({model.raised: math.inf})
    least = model.bound({model.raised: 1.0})
    return math.ceil(least - TOLERANCE)


def _of_linkage(task: Task) -> Iterator[Obstacle]:
    """It does not hang together: because of conflicts, or because there are too few ratings for so many raters."""
    model = Model(task)
    parts = parts_of(model.pairs)
    if len(parts) > 1:
        smallest = min(parts, key=lambda part: (len(part.ideas), min(part.ideas)))
        yield Obstacle("linkage_of_conflicts", tuple(sorted(smallest.ideas)), asked=1, possible=len(parts))
        return
    if too_few_to_link(task):
        yield Obstacle("linkage", (), asked=_needed_to_link(task), possible=task.ratings)
        return
    model.free({column: math.inf for column in model.extra.values()} | {model.raised: math.inf})
    costs = dict.fromkeys(model.extra.values(), 1.0) | {model.raised: float(len(task.ideas) * len(task.raters))}
    least = model.minimise(costs, linked=True)
    assert least is not None, "where conflicts leave one part, enough ratings make one part"
    more, raised = _where(model, model.extra), round(model.value(model.raised))
    extra = round(sum(model.value(column) for column in model.extra.values()))
    yield Obstacle("linkage", more, asked=task.ratings + extra, possible=task.ratings, raise_limits_by=raised)


def too_few_to_link(task: Task) -> bool:
    """Whether counting alone shows that so few ratings can't link so many ideas; the limits must allow the ratings."""
    return task.linked and _needed_to_link(task) > task.ratings


def _needed_to_link(task: Task) -> int:
    """Ratings that a linked assignment has at least: one less than ideas and the fewest raters who could carry them."""
    limits = sorted((rater.limit for rater in task.raters), reverse=True)
    fewest = next((count for count, carried in enumerate(accumulate(limits), 1) if carried >= task.ratings), 1)
    return len(task.ideas) + fewest - 1


def _where(model: Model, columns: dict[str, int]) -> tuple[str, ...]:
    return tuple(idea_id for idea_id, column in columns.items() if round(model.value(column)))
