"""The `evaluation` section of a pack: stages, criteria, raters, and what their scores add up to."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.rules.calibration import Calibration
from shared.rules.finals import PairwiseFinal
from shared.rules.rule import Code, Count, Disclosure, Exact, Frozen, Rule, Scale, Sourced, Term, Text, unique

WHOLE = Decimal(100)
"""Per cent in a whole."""

HALF = Decimal(50)
"""Per cent. Leaving out half at each end would leave nothing."""

NotNegative = Annotated[int, Field(ge=0)]


class EvaluationTie(StrEnum):
    """How two equal sums are put in order: by criterion means in the order of the criteria, or by receipt.

    Applied in the order in which the pack names them; what is equal then shares its place.
    """

    CRITERIA_IN_ORDER = "criteria_in_order"
    EARLIER_RECEIPT = "earlier_receipt"


class TrimOf(StrEnum):
    """What is put in order before the ends are left out: the scores of each criterion, or the sheets by their total."""

    CRITERION = "criterion"
    TOTAL = "total"


class Trim(Frozen):
    """What is left out of a mean: `number` scores at each end, or `share` per cent of them (rounded down), or `none`.

    Only where `from_raters` or more have scored. Equal ones at an end: as many as the rule says go, no more. Something
    is always left.
    """

    number: Count | None = None
    share: Exact | None = None
    of: TrimOf = TrimOf.CRITERION
    from_raters: Count = 1

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, value: object) -> object:
        return {} if value == "none" else value

    @model_validator(mode="after")
    def _leaves_something(self) -> Self:
        if self.number is not None and self.share is not None:
            raise ValueError("a trim leaves out a number or a share, not both")
        if self.share is not None and not 0 < self.share < HALF:
            raise ValueError(f"a share at each end lies between 0 and {HALF} per cent, not at {self.share}")
        if self.number is not None and self.from_raters <= 2 * self.number:
            raise ValueError(f"from {self.from_raters} raters on, leaving out {self.number} at each end leaves nothing")
        return self

    def at_each_end(self, scored: int) -> int:
        """How many of so many scores are left out at each end."""
        if scored < self.from_raters:
            return 0
        return self.number or int(scored * (self.share or 0) / 100)


class AssignmentRules(Frozen):
    """How raters are assigned in a round: how many of an idea's raters come from outside its department at least, and
    whether ideas and raters must hang together over common ratings."""

    outsiders_min: Rule[NotNegative]
    linked: Rule[bool]


class Criterion(Sourced):
    """One criterion. It contributes `weight` times the mean score divided by the scale's maximum.

    `raters_min` replaces the stage's number of raters for this criterion alone.
    """

    code: Code
    label: Text
    weight: Rule[Exact]
    scale: Rule[Scale]
    reason_required: Rule[bool]
    raters_min: Rule[Count] | None = None


class Stage(Sourced):
    """One pass of raters over an idea. The weights of its criteria add up to `sum_scale`, the best possible sum.

    `raters_target` raters are asked; without `raters_min` of them there is no result. `closes_within` runs from the
    opening. Sums are rounded half up to `sum_places` places. `confidence_required`: a sheet says how sure its rater is.
    """

    code: Code
    label: Text
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    raters_min: Rule[Count]
    raters_target: Rule[Count]
    closes_within: Rule[Term]
    disclosure_at: Rule[Disclosure]
    ties: Rule[tuple[EvaluationTie, ...]]
    trim: Rule[Trim]
    confidence_required: Rule[bool]
    assignment: AssignmentRules
    sum_scale: Rule[Exact]
    sum_places: Rule[int]
    calibration: Calibration

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        unique(f"criteria of stage {self.code}", [criterion.code for criterion in self.criteria])
        if any(criterion.weight.value <= 0 for criterion in self.criteria):
            raise ValueError(f"stage {self.code}: a weight must be above zero")
        total = sum(criterion.weight.value for criterion in self.criteria)
        if total != self.sum_scale.value:
            raise ValueError(f"stage {self.code}: weights add up to {total}, not to {self.sum_scale.value}")
        most = max(self.raters_min_for(criterion) for criterion in self.criteria)
        if most > self.raters_target.value:
            raise ValueError(f"stage {self.code}: needs {most} raters but asks only {self.raters_target.value}")
        if self.assignment.outsiders_min.value > self.raters_target.value:
            raise ValueError(f"stage {self.code}: more raters from outside than raters")
        if not 0 <= self.sum_places.value <= 6:
            raise ValueError(f"stage {self.code}: sums are rounded to 0 to 6 places, not {self.sum_places.value}")
        return self

    def criterion(self, code: str) -> Criterion | None:
        """The criterion with this code, or None."""
        return next((criterion for criterion in self.criteria if criterion.code == code), None)

    def raters_min_for(self, criterion: Criterion) -> int:
        """How many raters must have scored `criterion` for a result to stand."""
        return (criterion.raters_min or self.raters_min).value


class RoundStage(Sourced):
    """A stage of a round: the `best` of the stage before come into it; null: all of them."""

    stage: Code
    best: Rule[Count | None]


class RoundRules(Frozen):
    """What a round goes through, stage by stage. The first one is that which `ideas` asks for."""

    stages: tuple[RoundStage, ...] = Field(min_length=1)

    def first(self) -> str:
        """The stage a round begins with."""
        return self.stages[0].stage

    def after(self, stage: str) -> RoundStage | None:
        """The stage that follows on this one, or None."""
        codes = [one.stage for one in self.stages]
        place = codes.index(stage) + 1
        return self.stages[place] if place < len(codes) else None


class Relation(StrEnum):
    """Conflicts of interest that the system finds by itself, besides authorship, which always is one.

    A team is what the directory says a person works in, a department what stands above it there.
    """

    SAME_TEAM = "same_team"
    SAME_DEPARTMENT = "same_department"
    PAST_COAUTHOR = "past_coauthor"


class DeclaredGround(Sourced):
    """A conflict of interest that only the person knows of, and declares in the statement."""

    code: Code
    text: Text


class ConflictRules(Frozen):
    """Who may not evaluate what (제척, 기피, 회피).

    With `statement_required` nobody scores in a round who has not signed its statement (이해관계 서약). A challenge is
    upheld by more than `challenge_share` per cent of those who vote on it; the challenged do not.
    """

    relations: Rule[tuple[Relation, ...]]
    statement_required: Rule[bool]
    declared: tuple[DeclaredGround, ...] = ()
    challenge_share: Rule[Exact]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        unique("declared grounds", [ground.code for ground in self.declared])
        if not 0 <= self.challenge_share.value < WHOLE:
            raise ValueError(f"no challenge is upheld by more than {self.challenge_share.value} per cent")
        return self

    def ground(self, code: str) -> DeclaredGround | None:
        """The declared ground with this code, or None."""
        return next((ground for ground in self.declared if ground.code == code), None)


class OutcomeRules(Sourced):
    """How what came of implemented ideas is graded (창의성과 평가): at the `stage` named, by a panel.

    It is held against the score of the stage `forecast`, at which raters said what they expected of the idea.
    """

    stage: Code
    forecast: Code


class EvaluationRules(Frozen):
    """Rules of the `evaluation` service: the stages that `ideas.evaluation_stages` may name, and those of a round.

    A round may end with a `final` in pairs; without one it ends with its last stage. Without `outcome` nobody grades
    what came of implemented ideas.
    """

    stages: tuple[Stage, ...] = Field(min_length=1)
    round: RoundRules
    conflicts: ConflictRules
    final: PairwiseFinal | None = None
    outcome: OutcomeRules | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        unique("stages", [stage.code for stage in self.stages])
        unique("stages of a round", [one.stage for one in self.round.stages])
        lost = [one.stage for one in self.round.stages if self.stage(one.stage) is None]
        if lost:
            raise ValueError(f"a round goes through stages that are not defined: {', '.join(lost)}")
        asked = (self.outcome.stage, self.outcome.forecast) if self.outcome else ()
        if any(self.stage(code) is None for code in asked) or len(set(asked)) < len(asked):
            raise ValueError("outcome names two stages that are defined")
        if self.final and self.stage(self.final.code):
            raise ValueError(f"{self.final.code} is a stage and a final")
        if self.round.stages[0].best.value is not None:
            raise ValueError("nothing stands before the first stage of a round: all come into it")
        return self

    def stage(self, code: str) -> Stage | None:
        """The stage with this code, or None."""
        return next((stage for stage in self.stages if stage.code == code), None)
