"""What may be asked of a stage's assignment, and the command that brings it."""

from typing import Annotated

from pydantic import Field

from shared.contracts.evaluation_assignments import IdeaRaters, ObstacleFound
from shared.contracts.types import Id, PersonId, Value
from shared.engine.asking import Finding
from shared.engine.message import Command


class OfferedRater(Value):
    """A rater: of which department, where the statement does not say it, and whose matters that person knows besides.

    Takes `limit` ideas at most; without one, an even share of all ratings among those who may rate.
    """

    person_id: PersonId
    department: Id | None = None
    limit: Annotated[int, Field(ge=0, le=5_000)] | None = None
    knows: Annotated[tuple[Id, ...], Field(max_length=50)] = ()


class Conflict(Value):
    """This person may not rate this idea. Authors may not anyway."""

    idea_id: Id
    person_id: PersonId


class AskAssignment(Command, creates=True):
    """Have raters assigned to all ideas of the stage that are being scored. Asked again, as few as possible change."""

    raters: Annotated[tuple[OfferedRater, ...], Field(min_length=1, max_length=200)]
    conflicts: Annotated[tuple[Conflict, ...], Field(max_length=5_000)] = ()


class RecordAssignment(Finding):
    """What the solver found: raters for each idea, or obstacles.

    `fixed` are pairs that had been scored already, `conflicts` those that the evaluations knew to be in conflict;
    `withheld_from` and `withheld_units` say who else is, of those who might look at it.
    """

    given: tuple[IdeaRaters, ...] = ()
    fixed: tuple[IdeaRaters, ...] = ()
    conflicts: tuple[IdeaRaters, ...] = ()
    withheld_from: tuple[PersonId, ...] = ()
    withheld_units: tuple[Id, ...] = ()
    moved: int = 0
    cost: int = 0
    obstacles: tuple[ObstacleFound, ...] = ()
