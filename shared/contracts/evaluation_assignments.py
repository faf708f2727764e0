"""What `evaluation` says of the assignment of raters in a round: asked for, computed elsewhere, given to the ideas."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.evaluation_results import Library
from shared.contracts.types import Code, Id, PersonId, Rule, Value
from shared.engine.message import Event

Number = Annotated[int, Field(ge=0)]


class AskedRater(Value):
    """A rater: of which department, for how many ideas at most, and whose matters that person `knows` besides."""

    person_id: PersonId
    department: Id
    limit: Number
    knows: tuple[Id, ...] = ()


class AskedIdea(Value):
    """An idea that is to have raters, so many of them from outside its department, and none of `conflicts`."""

    idea_id: Id
    department: Id
    raters: Number
    outsiders: Number
    conflicts: tuple[PersonId, ...] = ()


class IdeaRaters(Value):
    """The raters of one idea."""

    idea_id: Id
    raters: tuple[PersonId, ...]


class ObstacleFound(Value):
    """What stands in the way of an assignment: `asked` against what is `possible`, at the `ideas` named.

    Raising every load limit by `raise_limits_by` would be enough, where that can help.
    """

    code: Literal[
        "raters_without_conflict",
        "raters_from_outside",
        "loads",
        "loads_of_outsiders",
        "linkage",
        "linkage_of_conflicts",
    ]
    ideas: tuple[Id, ...] = ()
    asked: Number
    possible: Number
    raise_limits_by: Number = 0


class AssignmentAsked(Event, type="evaluation.AssignmentAsked", key="round_id", journal=True):
    """An organiser asked for the assignment of a stage's raters. Raters of an earlier one stay wherever they can.

    `linked`: ideas and raters must hang together. `withheld_from` are those in conflict with an idea,
    as far as the round knows.
    """

    round_id: Id
    stage: Code
    ask_id: Id
    raters: tuple[AskedRater, ...]
    ideas: tuple[AskedIdea, ...]
    linked: bool
    withheld_from: tuple[PersonId, ...]
    rule: Rule


class AssignmentMade(Event, type="evaluation.AssignmentMade", key="round_id", journal=True):
    """The raters of each idea, found by minimum cost and held against every hard constraint.

    `moved` of all pairs are new against the assignment before; `cost` is how many raters do not know the matter. With
    the `seed` and the same question the solver gives it again. `withheld_from` are those in conflict with one of the
    ideas, as far as the evaluations know, and `withheld_units` where those work who are too near as chairs.
    """

    round_id: Id
    stage: Code
    given: tuple[IdeaRaters, ...]
    moved: Number
    cost: Number
    seed: int
    versions: tuple[Library, ...]
    withheld_from: tuple[PersonId, ...]
    withheld_units: tuple[Id, ...]


class AssignmentImpossible(Event, type="evaluation.AssignmentImpossible", key="round_id", journal=True):
    """No assignment keeps all hard constraints; the obstacles say which to relax, and by how much."""

    round_id: Id
    stage: Code
    obstacles: tuple[ObstacleFound, ...]
    seed: int
    versions: tuple[Library, ...]
    withheld_from: tuple[PersonId, ...]
    withheld_units: tuple[Id, ...]
