"""What is known of the assignment of a stage's raters, and who may see it."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from services.evaluation.domain.evaluation_state import JUDGES, ORGANISERS
from services.evaluation.domain.obstacle_words import said
from services.evaluation.domain.task import Pair, Rater, Task, Wanted, counted
from shared.contracts.evaluation_assignments import AskedIdea, AskedRater, IdeaRaters, ObstacleFound
from shared.contracts.evaluation_results import Library
from shared.contracts.types import Id, PersonId
from shared.engine.asking import Asking
from shared.engine.message import Actor

ASSIGNMENT = "assignment"
"""Name of the computation."""

VIEW = {"id", "round_id", "stage", "phase", "raters", "linked", "given", "moved", "cost", "seed", "versions"}
"""What organisers see."""


class Phase(StrEnum):
    """How far it has come."""

    NEW = "new"
    ASKED = "asked"
    MADE = "made"
    IMPOSSIBLE = "impossible"


class Assignment(Asking):
    """Who rates what at one stage of a round: what was asked last, and the assignment that holds (`given`)."""

    phase: Phase = Phase.NEW
    round_id: str = ""
    stage: str = ""
    raters: tuple[AskedRater, ...] = ()
    ideas: tuple[AskedIdea, ...] = ()
    linked: bool = True
    withheld_from: tuple[PersonId, ...] = ()
    withheld_units: tuple[Id, ...] = ()
    given: tuple[IdeaRaters, ...] = ()
    moved: int = 0
    cost: int = 0
    obstacles: tuple[ObstacleFound, ...] = ()
    seed: int | None = None
    versions: tuple[Library, ...] = ()

    def task(self, fixed: Iterable[Pair], found: Iterable[Pair], seed: int) -> Task:
        """What is asked, for the solver; `found` are further pairs in conflict.

        Whoever knows neither the own nor a named department's matter costs one. Of the pairs that had been scored those
        stay that are allowed; where that is more than a limit, the limit gives.
        """
        known_conflicts = {(idea.idea_id, person) for idea in self.ideas for person in idea.conflicts}
        conflicts = frozenset(known_conflicts | set(found))
        ideas, raters = {idea.idea_id for idea in self.ideas}, {rater.person_id for rater in self.raters}
        known = {(r.person_id, matter) for r in self.raters for matter in (r.department, *r.knows)}
        wanted = {idea.idea_id: idea.raters for idea in self.ideas}
        kept: list[Pair] = []
        for pair in sorted(set(fixed) - conflicts):
            if pair[0] in ideas and pair[1] in raters and wanted[pair[0]] > 0:
                wanted[pair[0]] -= 1
                kept.append(pair)
        scored = counted(rater for _, rater in kept)
        return Task(
            ideas=tuple(Wanted(one.idea_id, one.department, one.raters, one.outsiders) for one in self.ideas),
            raters=tuple(
                Rater(one.person_id, one.department, max(one.limit, scored.get(one.person_id, 0)))
                for one in self.raters
            ),
            conflicts=conflicts,
            costs={
                (idea.idea_id, rater): 1
                for idea in self.ideas
                for rater in raters
                if (rater, idea.department) not in known
            },
            linked=self.linked,
            fixed=frozenset(kept),
            before=pairs_of(self.given),
            seed=seed,
        )

    def withholds(self, actor: Actor) -> bool:
        """Whether `actor` is in conflict with one of the ideas, as a person or as one who judges from too near."""
        return actor.id in self.withheld_from or (actor.role in JUDGES and actor.department in self.withheld_units)

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """To the auditor all; to organisers what was asked and found, unless they are in conflict with an idea."""
        if actor.role == "auditor":
            return self.model_dump(mode="json")
        if self.phase is Phase.NEW or actor.role not in ORGANISERS or self.withholds(actor):
            return {}
        view = self.model_dump(mode="json", include=VIEW)
        view["obstacles"] = [one.model_dump(mode="json") | said(one) for one in self.obstacles]
        return view


def pairs_of(given: Iterable[IdeaRaters]) -> frozenset[Pair]:
    """The single pairs."""
    return frozenset((one.idea_id, rater) for one in given for rater in one.raters)


def by_idea(pairs: Iterable[Pair]) -> tuple[IdeaRaters, ...]:
    """The pairs idea by idea, in the order of ids."""
    raters: dict[Id, list[PersonId]] = {}
    for idea_id, rater in sorted(pairs):
        raters.setdefault(idea_id, []).append(rater)
    return tuple(IdeaRaters(idea_id=idea_id, raters=tuple(some)) for idea_id, some in raters.items())
