"""What a pack says of what comes after a decision: carrying out, measuring, grading, advice before, practices."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.rules.rule import Code, Exact, Frozen, Role, Rule, Sourced, Term, Text, unique

WHOLE = Decimal(100)


class ForecastLock(StrEnum):
    """When a forecast of benefits is locked: as it is made, when the work begins, or when it is complete."""

    MADE = "made"
    STARTED = "started"
    COMPLETED = "completed"


class PracticeCourse(StrEnum):
    """What follows once the facts of a running practice are confirmed: case and nomination, or an evaluation."""

    DIRECT = "direct"
    EVALUATION = "evaluation"


class GradeBand(Sourced):
    """A grade of outcomes and the points from which it is given (수·우·미·양·가)."""

    code: Code
    label: Text
    from_points: Rule[Annotated[Exact, Field(ge=0, le=WHOLE)]]


class Dimension(Sourced):
    """A dimension that outcomes are graded on, from 0 to 100 points.

    The points of one that is `measured` are the benefits attained of the forecast, in per cent.
    """

    code: Code
    label: Text
    weight: Rule[Annotated[Exact, Field(gt=0, le=WHOLE)]]
    measured: bool = False


class PracticeRules(Frozen):
    """Practices that run already: whether their facts are checked, how long they must have run, what follows."""

    facts_checked: Rule[bool]
    running_for: Rule[Term | None]
    course: Rule[PracticeCourse]


class OutcomeRules(Frozen):
    """Rules of implementation and outcomes. Grades stand from the best down, and the last one begins at 0 points.

    `measured_for` runs from the first effect. With `milestones_before_completion` nothing is complete while a milestone
    is open. `failure_cases` says whether an honest failure may become a case, `failure_points` whether it earns points.
    `consultation_within` is the term for an opinion; where it is null no prior consultation is offered.
    """

    milestones_before_completion: Rule[bool]
    forecast_locks: Rule[ForecastLock]
    measured_for: Rule[Term]
    grades: tuple[GradeBand, ...] = Field(min_length=1)
    dimensions: tuple[Dimension, ...] = Field(min_length=1)
    failure_cases: Rule[bool]
    failure_points: Rule[bool]
    consultation_within: Rule[Term | None]
    consultation_asked_by: Rule[tuple[Role, ...]]
    practice: PracticeRules

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        unique("grades of outcomes", [grade.code for grade in self.grades])
        unique("dimensions of outcomes", [dimension.code for dimension in self.dimensions])
        edges = [grade.from_points.value for grade in self.grades]
        if any(upper <= lower for upper, lower in pairwise(edges)) or edges[-1] != 0:
            raise ValueError("grades of outcomes run from the best down to one that begins at 0 points")
        if sum(dimension.weight.value for dimension in self.dimensions) != WHOLE:
            raise ValueError("the weights of the dimensions of outcomes total 100")
        if sum(dimension.measured for dimension in self.dimensions) > 1:
            raise ValueError("one dimension of outcomes at most is measured")
        return self

    def dimension(self, code: str) -> Dimension | None:
        """The dimension with this code, or None."""
        return next((one for one in self.dimensions if one.code == code), None)

    def grade_of(self, points: Decimal) -> GradeBand:
        """The grade of points between 0 and 100: the best band that begins at or below them."""
        return next(grade for grade in self.grades if grade.from_points.value <= points)
