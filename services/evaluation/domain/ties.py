"""How equal scores are put in order: as far as the pack's rules for ties reach, one after the other. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from shared.contracts.types import CriterionMean
from shared.rules.evaluation import EvaluationTie, Stage

UNSCORED = Decimal(-1)
"""Below every mean: a criterion that nobody scored breaks no tie in anybody's favour."""


def tie_key(stage: Stage, means: Iterable[CriterionMean], received_on: date | None) -> tuple[Decimal, ...]:
    """What is higher comes first. Equal keys stay equal: they share their place."""
    by_criterion = {mean.criterion: mean.mean for mean in means}
    return tuple(part for tie in stage.ties.value for part in _parts(tie, stage, by_criterion, received_on))


def _parts(tie: EvaluationTie, stage: Stage, means: dict[str, Decimal], received_on: date | None) -> Iterator[Decimal]:
    match tie:
        case EvaluationTie.CRITERIA_IN_ORDER:
            yield from (means.get(criterion.code, UNSCORED) for criterion in stage.criteria)
        case EvaluationTie.EARLIER_RECEIPT:
            yield -Decimal((received_on or date.max).toordinal())
