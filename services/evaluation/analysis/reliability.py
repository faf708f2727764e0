"""How far raters agree: ICC(1), ICC(k) and Krippendorff's alpha, each with an interval from resampling the ideas.

ICC(1) is the one-way intraclass correlation of a single rating, ICC(k) that of the mean of k (Shrout and Fleiss 1979).
With unequal numbers of ratings, k is the number that the analysis of variance uses for the usual one. Alpha is that for
interval data with missing values (Krippendorff 2011); an idea with one rating says nothing about agreement and is left
out of it. All three are computed from four sums per idea, so that a thousand resamples are one matrix product.
"""

from dataclasses import dataclass

import numpy as np

from services.evaluation.analysis.ratings import Floats, Table, sums

BATCH = 200
"""Resamples that are computed at once: memory for 200 times the number of ideas."""


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval, which is None where too few resamples had a value."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Reliability:
    """Figures of agreement over one set; each is None where the ratings don't determine it. `k` is that of ICC(k)."""

    icc1: Estimate | None
    icck: Estimate | None
    k: float | None
    alpha: Estimate | None
    ideas: int
    raters: int
    ratings: int


def reliability(table: Table, *, level: float, resamples: int, random: np.random.Generator) -> Reliability:
    """The figures with intervals of `level` (0.95) from `resamples` resamples of the ideas."""
    per_idea = _per_idea(table)
    found = _figures(per_idea, np.ones((1, len(table.ideas))))
    drawn = np.vstack([_figures(per_idea, times) for times in _resampled(len(table.ideas), resamples, random)])
    icc1, icck, alpha = (_estimate(float(found[0, n]), drawn[:, n], level) for n in range(3))
    k = float(found[0, 3])
    return Reliability(
        icc1=icc1,
        icck=icck,
        k=k if np.isfinite(k) else None,
        alpha=alpha,
        ideas=len(table.ideas),
        raters=len(table.raters),
        ratings=len(table.points),
    )


def _per_idea(table: Table) -> Floats:
    """Per idea: number of ratings, sum, sum of squares; around the general mean, which changes no figure."""
    around = table.points - table.points.mean()
    length = len(table.ideas)
    return np.column_stack(
        [table.per_idea, sums(table.idea, around, length), sums(table.idea, around**2, length)],
    )


def _resampled(ideas: int, resamples: int, random: np.random.Generator) -> "list[Floats]":
    """How often each idea is in each resample, in batches."""
    chances = np.full(ideas, 1.0 / ideas)
    batches = [min(BATCH, resamples - done) for done in range(0, resamples, BATCH)]
    return [random.multinomial(ideas, chances, size=size).astype(np.float64) for size in batches]


def _figures(per_idea: Floats, times: Floats) -> Floats:
    """ICC(1), ICC(k), alpha and k of each row of `times`, which says how often each idea counts. NaN where none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        icc1, icck, k = _intraclass(per_idea, times)
        figures = np.column_stack([icc1, icck, _alpha(per_idea, times), k])
    figures[~np.isfinite(figures)] = np.nan
    return figures


def _intraclass(per_idea: Floats, times: Floats) -> tuple[Floats, Floats, Floats]:
    number, total, squares = per_idea.T
    ideas, ratings, all_total = times.sum(axis=1), times @ number, times @ total
    between = times @ (total**2 / number) - all_total**2 / ratings
    within = times @ np.maximum(squares - total**2 / number, 0.0)
    k = (ratings - (times @ number**2) / ratings) / (ideas - 1)
    between_square = between / (ideas - 1)
    within_square = within / np.where(ratings > ideas, ratings - ideas, np.nan)
    apart = between_square - within_square
    return apart / (between_square + (k - 1) * within_square), apart / between_square, k


def _alpha(per_idea: Floats, times: Floats) -> Floats:
    paired = per_idea[:, 0] > 1
    number, total, squares = per_idea[paired].T
    counted = times[:, paired]
    values, all_total, all_squares = counted @ number, counted @ total, counted @ squares
    observed = counted @ (2 * np.maximum(number * squares - total**2, 0.0) / (number - 1)) / values
    expected = 2 * (values * all_squares - all_total**2) / (values * (values - 1))
    return 1 - observed / np.where(expected > 0, expected, np.nan)


def _estimate(value: float, drawn: Floats, level: float) -> Estimate | None:
    if not np.isfinite(value):
        return None
    usable = drawn[np.isfinite(drawn)]
    if len(usable) * 2 < len(drawn) or not len(usable):
        return Estimate(value, None, None)
    low, high = np.quantile(usable, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(value, float(low), float(high))
