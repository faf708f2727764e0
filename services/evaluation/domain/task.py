"""Who rates what (심사위원 배정): what is asked of an assignment, and whether a given one keeps it.

Pure. An assignment is made elsewhere, by a solver in a process of its own; this module is what it is held against
before it is recorded, so that no bug of a solver and no edited result can assign a rater who may not rate.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Pair = tuple[str, str]
"""An idea and one of its raters: (idea_id, rater_id)."""

Fault = Literal[
    "unknown_pair",
    "named_twice",
    "conflict",
    "number_of_raters",
    "no_outsider",
    "load_limit",
    "fixed_pair_moved",
    "not_linked",
]
"""The hard constraints, by the name of the one that is broken."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An idea and how many raters it is to have, `outsiders` of them at least from outside its department."""

    idea_id: str
    department: str
    raters: int
    outsiders: int = 0


@dataclass(frozen=True, slots=True)
class Rater:
    """A rater and how many ideas may be given to that person at most (`limit`)."""

    person_id: str
    department: str
    limit: int


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked. Everything but `costs`, `before` and `seed` is hard.

    `conflicts` are pairs that may never be. `costs` says how far a rater is from an idea's matter (0, also where
    nothing is said: near); lower is better. `linked`: ideas and raters hang together, each reached from every other
    over common ratings, without which severity can't be told from quality. `fixed` pairs stay (they have been scored).
    `before` is an earlier assignment: as few pairs as possible are new. Of equally good assignments the draw of `seed`
    decides.

    Raises ValueError where it contradicts itself, whatever the raters.
    """

    ideas: tuple[Wanted, ...]
    raters: tuple[Rater, ...]
    conflicts: frozenset[Pair] = frozenset()
    costs: Mapping[Pair, int] = field(default_factory=dict[Pair, int])
    linked: bool = True
    fixed: frozenset[Pair] = frozenset()
    before: frozenset[Pair] = frozenset()
    seed: int = 0

    def __post_init__(self) -> None:
        ideas = {idea.idea_id: idea.raters for idea in self.ideas}
        raters = {rater.person_id for rater in self.raters}
        if len(ideas) < len(self.ideas) or len(raters) < len(self.raters):
            raise ValueError("an idea or a rater is named twice")
        if any(not 0 <= idea.outsiders <= idea.raters or idea.raters < 1 for idea in self.ideas):
            raise ValueError("an idea has one rater or more, and no more outsiders than raters")
        if any(rater.limit < 0 for rater in self.raters):
            raise ValueError("a load limit is not negative")
        if any(cost < 0 for cost in self.costs.values()):
            raise ValueError("a cost is not negative")
        if self.fixed & self.conflicts or any(i not in ideas or r not in raters for i, r in self.fixed):
            raise ValueError("a fixed pair must be allowed, its idea and its rater known")
        if any(count > ideas[idea_id] for idea_id, count in counted(i for i, _ in self.fixed).items()):
            raise ValueError("more raters of an idea are fixed than it is to have")
        done = counted(rater for _, rater in self.fixed)
        if any(done.get(rater.person_id, 0) > rater.limit for rater in self.raters):
            raise ValueError("a rater has more fixed pairs than the limit allows")

    @property
    def ratings(self) -> int:
        """How many pairs are asked for."""
        return sum(idea.raters for idea in self.ideas)


Relaxable = Literal[
    "raters_without_conflict", "raters_from_outside", "loads", "loads_of_outsiders", "linkage", "linkage_of_conflicts"
]
"""What can stand in the way of an assignment, and be relaxed; conflicts are never offered for it."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why there is no assignment: what was `asked`, what is `possible` with everything else as it stands.

    - `raters_without_conflict`, `raters_from_outside`: raters of the idea named;
    - `loads`: ratings within the load limits. Raising every limit by `raise_limits_by` is enough, and less is not;
    - `loads_of_outsiders`: outsiders within the load limits; the ideas named would go without. Or raise the limits;
    - `linkage`: ratings. With `asked` of them, one more for each idea named (and limits raised by `raise_limits_by`),
      everything hangs together. Where no ideas are named, at least so many are needed; where no more are asked, raising
      the limits is enough;
    - `linkage_of_conflicts`: parts. Nobody may rate the ideas named and any other; no number changes that.
    """

    code: Relaxable
    ideas: tuple[str, ...]
    asked: int
    possible: int
    raise_limits_by: int = 0


def counted(ids: Iterable[str]) -> dict[str, int]:
    """How often each id occurs."""
    counts: dict[str, int] = {}
    for one in ids:
        counts[one] = counts.get(one, 0) + 1
    return counts


def faults(task: Task, pairs: Collection[Pair]) -> Iterator[tuple[Fault, str]]:
    """Every hard constraint that `pairs` break, with the id of the idea or the rater; none where all are kept."""
    departments = {rater.person_id: rater.department for rater in task.raters}
    ideas = {idea.idea_id: idea for idea in task.ideas}
    chosen = set(pairs)
    strangers = sorted(pair for pair in chosen if pair[0] not in ideas or pair[1] not in departments)
    if strangers:
        yield "unknown_pair", strangers[0][0]
        return
    for idea_id, _ in sorted(chosen & task.conflicts):
        yield "conflict", idea_id
    loads, raters = counted(rater for _, rater in chosen), counted(idea_id for idea_id, _ in chosen)
    named = counted(idea_id for idea_id, _ in pairs)
    outsiders = counted(idea_id for idea_id, rater in chosen if departments[rater] != ideas[idea_id].department)
    for idea in task.ideas:
        if named.get(idea.idea_id, 0) > raters.get(idea.idea_id, 0):
            yield "named_twice", idea.idea_id
        if raters.get(idea.idea_id, 0) != idea.raters:
            yield "number_of_raters", idea.idea_id
        if outsiders.get(idea.idea_id, 0) < idea.outsiders:
            yield "no_outsider", idea.idea_id
    for rater in task.raters:
        if loads.get(rater.person_id, 0) > rater.limit:
            yield "load_limit", rater.person_id
    for idea_id, _ in sorted(task.fixed - chosen):
        yield "fixed_pair_moved", idea_id
    parts = parts_of(chosen)
    if task.linked and len(parts) > 1:
        yield "not_linked", min(min(part.ideas) for part in parts)


@dataclass(frozen=True, slots=True)
class Part:
    """Ideas and raters that hang together over common ratings, and with no others."""

    ideas: frozenset[str]
    raters: frozenset[str]


def parts_of(pairs: Collection[Pair]) -> list[Part]:
    """The parts of the graph that `pairs` make, the one with the smallest idea id first. One part: it is linked."""
    by_idea: dict[str, list[str]] = {}
    by_rater: dict[str, list[str]] = {}
    for idea_id, rater in pairs:
        by_idea.setdefault(idea_id, []).append(rater)
        by_rater.setdefault(rater, []).append(idea_id)
    parts: list[Part] = []
    seen: set[str] = set()
    for first in sorted(by_idea):
        if first in seen:
            continue
        ideas, raters, waiting = {first}, set[str](), [first]
        while waiting:
            for rater in by_idea[waiting.pop()]:
                if rater not in raters:
                    raters.add(rater)
                    found = [idea_id for idea_id in by_rater[rater] if idea_id not in ideas]
                    ideas.update(found)
                    waiting.extend(found)
        seen |= ideas
        parts.append(Part(frozenset(ideas), frozenset(raters)))
    return parts
