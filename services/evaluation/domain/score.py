"""What scores add up to: exact, rounded once and half up, absent raters left out (absent is not zero)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from shared.contracts.evaluation import CriterionScore
from shared.contracts.types import CriterionMean
from shared.rules.evaluation import Criterion, Stage

MEAN_PLACES = 12
"""Means that do not end are cut here; the weighted sum is made of the exact ones."""

Sheet = tuple[CriterionScore, ...]
"""One rater's scores."""


@dataclass(frozen=True)
class Result:
    """The legal score of a stage, None where some criterion was scored by fewer raters than the pack asks for."""

    score: Decimal | None
    means: tuple[CriterionMean, ...]


def result_of(stage: Stage, sheets: Iterable[Sheet]) -> Result:
    """The raw weighted sum and the means: each criterion gives its weight times its mean over the scale's maximum."""
    points = _by_criterion(stage, sheets)
    exact = {criterion.code: _mean(points[criterion.code]) for criterion in stage.criteria if points[criterion.code]}
    means = tuple(
        CriterionMean(criterion=code, mean=_plain(rounded(mean, MEAN_PLACES)), raters=len(points[code]))
        for code, mean in exact.items()
    )
    enough = all(len(points[criterion.code]) >= stage.raters_min_for(criterion) for criterion in stage.criteria)
    if not enough:
        return Result(None, means)
    total = sum((_part(criterion, exact[criterion.code]) for criterion in stage.criteria), Fraction(0))
    return Result(rounded(total, stage.sum_places.value), means)


def rounded(value: Fraction, places: int) -> Decimal:
    """A number that is not negative, rounded half up to `places` places."""
    return Decimal((value * 10**places + Fraction(1, 2)).__floor__()).scaleb(-places)


def _plain(value: Decimal) -> Decimal:
    """Without zeros at the end, and never with an exponent."""
    whole = value.to_integral_value()
    return whole if whole == value else value.normalize()


def _part(criterion: Criterion, mean: Fraction) -> Fraction:
    return Fraction(criterion.weight.value) * mean / Fraction(criterion.scale.value.max)


def _mean(points: list[Decimal]) -> Fraction:
    return sum(map(Fraction, points), Fraction(0)) / len(points)


def _by_criterion(stage: Stage, sheets: Iterable[Sheet]) -> dict[str, list[Decimal]]:
    points: dict[str, list[Decimal]] = {criterion.code: [] for criterion in stage.criteria}
    for sheet in sheets:
        for score in sheet:
            points[score.criterion].append(score.points)
    return points
