"""The arithmetic of benefits and grades: whole won, per cent rounded down, points to two places. Pure, exact."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal

from shared.contracts.ideas_outcomes import Amount, DimensionGrade
from shared.rules.outcomes import WHOLE, OutcomeRules

HUNDREDTH = Decimal("0.01")


def net(gains: Iterable[Amount], costs: Iterable[Amount]) -> int:
    """Gains less costs, in won."""
    return sum(one.won for one in gains) - sum(one.won for one in costs)


def attained(actual_won: int, planned_won: int) -> int | None:
    """The actual net benefit in per cent of the planned one, rounded down; None where nothing was planned."""
    return actual_won * 100 // planned_won if planned_won > 0 else None


def measured_points(per_cent: int) -> Decimal:
    """What was attained as points of a dimension: more than the forecast is no more than all of it."""
    return Decimal(min(max(per_cent, 0), 100))


def dimension_grades(rules: OutcomeRules, points: Mapping[str, Decimal]) -> tuple[DimensionGrade, ...]:
    """Each dimension of the pack with its points and their grade. KeyError where points are missing."""
    return tuple(
        DimensionGrade(dimension=one.code, points=points[one.code], grade=rules.grade_of(points[one.code]).code)
        for one in rules.dimensions
    )


def total(rules: OutcomeRules, points: Mapping[str, Decimal]) -> Decimal:
    """The weighted mean of all dimensions, rounded half up to two places once. KeyError where points are missing."""
    weighted = sum((one.weight.value * points[one.code] for one in rules.dimensions), Decimal(0))
    return (weighted / WHOLE).quantize(HUNDREDTH, ROUND_HALF_UP)
