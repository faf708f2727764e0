"""What is known of one outcome: what was expected, what it brought, and its grade."""

from datetime import date

from shared.contracts.ideas_outcomes import Amount, DimensionGrade
from shared.contracts.types import Code, PersonId, Score, SealedLine, SealedProse, Value
from shared.engine.aggregate import State


class Forecast(Value):
    """What was expected of the first year. One that was superseded stays."""

    number: int
    gains: tuple[Amount, ...]
    costs: tuple[Amount, ...]
    net_won: int
    basis: SealedProse
    made_on: date
    supersedes: int | None = None
    reason: SealedProse


class Benefits(Value):
    """What a time brought and cost. A record that another one corrects counts no more."""

    number: int
    begins: date
    ends: date
    gains: tuple[Amount, ...]
    costs: tuple[Amount, ...]
    net_won: int
    evidence: SealedLine
    effect: SealedProse
    corrected_by: int | None = None


class OutcomeGrade(Value):
    """The grade, what was proposed, and what it rests on."""

    grade: Code
    proposed: Code
    points: Score
    dimensions: tuple[DimensionGrade, ...]
    attained: int | None
    planned_won: int
    first_planned_won: int
    actual_won: int
    reason: SealedProse
    graded_on: date
    graded_by: PersonId


class Outcome(State):
    """An outcome (성과), measured for a time from the first effect. All sums are in won."""

    forecasts: tuple[Forecast, ...] = ()
    effect_on: date | None = None
    measured_until: date | None = None
    records: tuple[Benefits, ...] = ()
    measured: bool = False
    grade: OutcomeGrade | None = None

    @property
    def forecast(self) -> Forecast | None:
        """The forecast that stands."""
        return self.forecasts[-1] if self.forecasts else None

    @property
    def standing(self) -> tuple[Benefits, ...]:
        """The records that count."""
        return tuple(one for one in self.records if one.corrected_by is None)

    @property
    def actual_won(self) -> int:
        """What the idea has brought so far, net of costs."""
        return sum(one.net_won for one in self.standing)
