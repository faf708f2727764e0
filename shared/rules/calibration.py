"""What a stage's pack says of the figures beside the legal score: when they may be computed, and how."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import model_validator

from shared.rules.rule import Count, Exact, Rule, Sourced


class RaterEffect(StrEnum):
    """What raters are to the model: a sample from all who could rate, or just these."""

    RANDOM = "random"
    FIXED = "fixed"


class AssignmentKind(StrEnum):
    """How raters came to their ideas: by lot, by an assignment that links all of them, or as somebody named them."""

    RANDOM = "random"
    LINKED = "linked"
    NAMED = "named"


class Calibration(Sourced):
    """When a stage's scores may be corrected for severity, and how sure the figures beside them are to be.

    Below `ratings_per_idea_min` or `ratings_per_rater_min` may lie `sparse_max` per cent of the ideas or raters.
    `own_department_max` is the per cent of ideas that may be rated from the department in charge alone. `level` is the
    confidence of intervals in per cent, `resamples` how many resamples and draws they are made of.
    """

    raters: Rule[RaterEffect]
    assignments: Rule[tuple[AssignmentKind, ...]]
    ratings_per_idea_min: Rule[Count]
    ratings_per_rater_min: Rule[Count]
    sparse_max: Rule[Exact]
    own_department_max: Rule[Exact]
    level: Rule[Exact]
    resamples: Rule[Count]

    @model_validator(mode="after")
    def _is_sane(self) -> Self:
        for name, share in (("sparse_max", self.sparse_max), ("own_department_max", self.own_department_max)):
            if not 0 <= share.value <= 100:
                raise ValueError(f"calibration.{name} is a percentage, not {share.value}")
        if not 50 <= self.level.value <= Decimal("99.9"):
            raise ValueError(f"calibration.level is a confidence from 50 to 99.9 per cent, not {self.level.value}")
        if not 100 <= self.resamples.value <= 20_000:
            raise ValueError(f"calibration.resamples are 100 to 20,000, not {self.resamples.value}")
        return self
