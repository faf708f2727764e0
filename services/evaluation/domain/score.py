"""What scores add up to: exact, rounded once and half up, absent raters left out (absent is not zero)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from shared.contracts.evaluation import CriterionScore
from shared.contracts.types import CriterionMean
from shared.rules.evaluation import Criterion, Stage, TrimOf

MEAN_PLACES = 12
"""Means that do not end are cut here; the weighted sum is made of the exact ones."""

T = TypeVar("T")

Sheet = tuple[CriterionScore, ...]
"""One rater's scores."""


@dataclass(frozen=True)
class Result:
    """The legal score of a stage, None where some criterion was scored by fewer raters than the pack asks for."""

    score: Decimal | None
    means: tuple[CriterionMean, ...]


def result_of(stage: Stage, sheets: Iterable[Sheet]) -> Result:
    """The raw weighted sum and the means: each criterion gives its weight times its mean over the scale's maximum.

    The pack says how many raters must have scored, and which scores are then left out of the means (절사평균).
    """
    given = list(sheets)
    points = _by_criterion(stage, given)
    kept = _kept(stage, given, points)
    exact = {code: _mean(some) for code, some in kept.items() if some}
    means = tuple(
        CriterionMean(
            criterion=code,
            mean=_plain(rounded(mean, MEAN_PLACES)),
            raters=len(points[code]),
            left_out=len(points[code]) - len(kept[code]) or None,
        )
        for code, mean in exact.items()
    )
    enough = all(len(points[criterion.code]) >= stage.raters_min_for(criterion) for criterion in stage.criteria)
    if not enough:
        return Result(None, means)
    total = sum((_part(criterion, exact[criterion.code]) for criterion in stage.criteria), Fraction(0))
    return Result(rounded(total, stage.sum_places.value), means)


def _kept(stage: Stage, sheets: Sequence[Sheet], points: Mapping[str, list[Decimal]]) -> dict[str, list[Decimal]]:
    """The points that are not left out. Where a criterion would lose all of its points it keeps them."""
    trim = stage.trim.value
    if trim.of is TrimOf.CRITERION:
        return {code: _trimmed(sorted(some), trim.at_each_end(len(some))) for code, some in points.items()}
    in_order = sorted(sheets, key=lambda sheet: (_total(stage, sheet), sorted((s.criterion, s.points) for s in sheet)))
    inner = _by_criterion(stage, _trimmed(in_order, trim.at_each_end(len(in_order))))
    return {code: inner[code] or some for code, some in points.items()}


def _trimmed(in_order: list[T], at_each_end: int) -> list[T]:
    return in_order[at_each_end : len(in_order) - at_each_end]


def _total(stage: Stage, sheet: Sheet) -> Fraction:
    """What a sheet gives of all that it could, over the criteria it scores."""
    criteria = {criterion.code: criterion for criterion in stage.criteria}
    possible = sum((Fraction(criteria[score.criterion].weight.value) for score in sheet), Fraction(0))
    reached = sum((_part(criteria[score.criterion], Fraction(score.points)) for score in sheet), Fraction(0))
    return reached / possible if possible else Fraction(0)


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
