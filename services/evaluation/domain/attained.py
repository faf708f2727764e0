"""Forecast against measured: what raters expected of ideas, and what panels found once they had been carried out.

Pure. Both are legal scores (raw weighted sums), brought to per cent of their stage's best possible sum, so that two
stages with scales of their own can be compared.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from services.evaluation.domain.score import rounded
from shared.rules.evaluation import Stage

PLACES = 2


@dataclass(frozen=True)
class Graded:
    """An implemented idea whose forecast and outcome are both disclosed, with its department in charge."""

    idea_id: str
    department: str
    forecast: Decimal
    measured: Decimal


@dataclass(frozen=True)
class Attained:
    """Of a department, or of all together (""): means in per cent; `gap` is measured less forecast.

    `reached` says of how many ideas the outcome was at least what was expected. `order` is how far the order of the
    forecasts was that of the outcomes (Kendall's tau-b, -1 to 1); None with fewer than two different ones of either.
    """

    department: str
    ideas: int
    forecast: Decimal
    measured: Decimal
    gap: Decimal
    reached: int
    order: Decimal | None


def share(stage: Stage, score: Decimal) -> Decimal:
    """A score in per cent of the best possible sum."""
    return score * 100 / stage.sum_scale.value


def attained(graded: Iterable[Graded]) -> tuple[Attained, ...]:
    """All together first, then each department by its id. Nothing where nothing was graded."""
    known = sorted(graded, key=lambda one: one.idea_id)
    if not known:
        return ()
    departments = sorted({one.department for one in known})
    return (_of("", known), *(_of(name, [one for one in known if one.department == name]) for name in departments))


def _of(department: str, known: list[Graded]) -> Attained:
    forecast, measured = _mean(one.forecast for one in known), _mean(one.measured for one in known)
    return Attained(
        department=department,
        ideas=len(known),
        forecast=rounded(forecast, PLACES),
        measured=rounded(measured, PLACES),
        gap=_signed(measured - forecast),
        reached=sum(one.measured >= one.forecast for one in known),
        order=_tau(known),
    )


def _mean(values: Iterable[Decimal]) -> Fraction:
    exact = [Fraction(value) for value in values]
    return sum(exact, Fraction(0)) / len(exact)


def _signed(value: Fraction) -> Decimal:
    """Rounded half away from zero, and never a negative zero."""
    size = rounded(abs(value), PLACES)
    return -size if value < 0 and size else size


def _tau(known: list[Graded]) -> Decimal | None:
    """Kendall's tau-b over all pairs of ideas."""
    agree = apart_forecast = apart_measured = 0
    for place, one in enumerate(known):
        for other in known[:place]:
            expected = _sign(one.forecast - other.forecast)
            found = _sign(one.measured - other.measured)
            agree += expected * found
            apart_forecast += abs(expected)
            apart_measured += abs(found)
    if not apart_forecast or not apart_measured:
        return None
    root = Decimal(apart_forecast * apart_measured).sqrt()
    return _signed(Fraction(Decimal(agree) / root))


def _sign(value: Decimal) -> int:
    return (value > 0) - (value < 0)
