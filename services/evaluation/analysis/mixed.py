"""The crossed mixed model: points = general level + idea + rater + rest, ideas (and raters) drawn at random. REML.

The ideas, of which there are many, are eliminated from the mixed model equations, so that what is solved has as many
unknowns as there are raters: 700 ideas and 30 raters take milliseconds for each trial of the variances. The variances
are those that make the restricted likelihood greatest (profiled over the residual variance, in the parameters of Bates
et al. 2015, doi:10.18637/jss.v067.i01: standard deviations relative to the residual one, zero allowed).

Intervals are those of the best linear unbiased prediction with the variances taken as known; with few raters they are
somewhat too narrow, which `tests/unit/evaluation/test_analysis_mixed.py` measures.
"""

from dataclasses import dataclass
from itertools import product
from math import log, pi
from typing import Any, Literal, cast

import numpy as np
from scipy import optimize

from services.evaluation.analysis.ratings import Floats, Table, counts, sums

Effect = Literal["random", "fixed", "none"]
"""What raters are: a sample of raters (shrunk), just these (not shrunk), or all alike (no correction)."""

STARTS = (0.1, 1.0)
"""Where the search for the relative deviations begins, in every combination; the best end counts."""

EXACT = 1e-9
"""A residual variance below this part of the whole means that the raters agree to the point: nothing to estimate."""


class NoVariation(ValueError):
    """Ratings that do not vary leave nothing to estimate."""


@dataclass(frozen=True)
class Fit:
    """What the model says. Arrays are in the order of the table's ideas and raters.

    The ideas' errors have the covariance `diag(own) + loading @ loading.T`, which is never written out.
    """

    level: float
    level_error: float
    idea_variance: float
    rater_variance: float | None
    residual_variance: float
    criterion: float
    scores: Floats
    own: Floats
    loading: Floats
    severity: Floats
    severity_error: Floats
    misfit: Floats

    @property
    def errors(self) -> Floats:
        """Standard error of each idea's score."""
        return np.sqrt(self.own + (self.loading**2).sum(axis=1))


@dataclass(frozen=True)
class _Solution:
    """The equations solved at given relative deviations of ideas and raters."""

    idea_deviation: float
    diagonal: Floats
    scale: Floats
    inverse: Floats
    coefficients: Floats
    idea_effects: Floats
    residual_variance: float
    criterion: float


class _Equations:
    """Cross products of one table, from which every trial of the variances is solved."""

    def __init__(self, table: Table, raters: Effect) -> None:
        self.table = table
        self.raters = raters
        columns = np.zeros((len(table.points), len(table.raters)))
        columns[np.arange(len(table.points)), table.rater] = 1.0
        level = np.ones((len(table.points), 1))
        match raters:
            case "random":
                self.columns = np.hstack([level, columns])
            case "fixed":
                self.columns = columns
            case "none":
                self.columns = level
        self.free = self.columns.shape[1] if raters == "fixed" else 1
        self.centre = float(table.points.mean())
        self.points: Floats = table.points - self.centre
        self.per_idea = table.per_idea
        self.cross: Floats = self.columns.T @ self.columns
        self.by_idea = np.zeros((len(table.ideas), self.columns.shape[1]))
        np.add.at(self.by_idea, table.idea, self.columns)
        self.column_sums: Floats = self.columns.T @ self.points
        self.idea_sums = sums(table.idea, self.points, len(table.ideas))
        self.total = float(self.points @ self.points)

    def at(self, idea_deviation: float, rater_deviation: float) -> _Solution:
        """Solve for deviations relative to the residual one."""
        width = self.columns.shape[1]
        scale = np.ones(width)
        penalty = np.zeros(width)
        if self.raters == "random":
            scale[1:] = rater_deviation
            penalty[1:] = 1.0
        diagonal = 1.0 + idea_deviation**2 * self.per_idea
        shrunk = idea_deviation**2 / diagonal
        by_idea = self.by_idea * scale
        matrix = self.cross * np.outer(scale, scale) + np.diag(penalty) - by_idea.T @ (shrunk[:, None] * by_idea)
        right = self.column_sums * scale - by_idea.T @ (shrunk * self.idea_sums)
        inverse = np.asarray(np.linalg.inv(matrix), dtype=np.float64)
        coefficients = inverse @ right
        idea_effects = shrunk * (self.idea_sums - by_idea @ coefficients)
        rest = self.total - float(shrunk @ self.idea_sums**2) - float(right @ coefficients)
        degrees = len(self.points) - self.free
        variance = max(rest, EXACT * self.total / 10) / degrees
        determinant = float(np.log(diagonal).sum() + np.linalg.slogdet(matrix)[1])
        return _Solution(
            idea_deviation=idea_deviation,
            diagonal=diagonal,
            scale=scale,
            inverse=inverse,
            coefficients=coefficients,
            idea_effects=idea_effects,
            residual_variance=variance,
            criterion=determinant + degrees * (1.0 + log(2.0 * pi * variance)),
        )

    def best(self) -> _Solution:
        """The solution with the greatest restricted likelihood."""
        width = 2 if self.raters == "random" else 1

        def criterion(deviations: Floats) -> float:
            return self._of(deviations).criterion

        def search(start: Floats) -> Floats:
            options = {"xatol": 1e-7, "fatol": 1e-10, "maxiter": 2000}
            bounds = [(0.0, None)] * width
            found = cast(Any, optimize).minimize(criterion, start, method="Nelder-Mead", bounds=bounds, options=options)
            return cast("Floats", found.x)

        ends = [search(search(np.array(start))) for start in product(STARTS, repeat=width)]
        return min((self._of(end) for end in ends), key=lambda solution: solution.criterion)

    def _of(self, deviations: Floats) -> _Solution:
        return self.at(float(deviations[0]), float(deviations[1]) if len(deviations) > 1 else 0.0)


def fit(table: Table, raters: Effect) -> Fit:
    """Fit the model. NoVariation where all ratings are equal, or agree to the point, or are too few to tell."""
    equations = _Equations(table, raters)
    if len(table.points) <= max(equations.free, len(table.ideas)) or equations.total == 0.0:
        raise NoVariation("there are no more ratings than unknowns, or all are equal")
    solution = equations.best()
    if solution.residual_variance * len(table.points) <= EXACT * equations.total:
        raise NoVariation("the ratings of each idea are equal to the point")
    return _described(equations, solution)


def _described(equations: _Equations, solution: _Solution) -> Fit:
    table, variance, width = equations.table, solution.residual_variance, equations.columns.shape[1]
    shrunk = solution.idea_deviation**2 / solution.diagonal
    by_idea = equations.by_idea * solution.scale
    target = np.full(width, 1.0 / width) if equations.raters == "fixed" else np.eye(width)[0]
    root = np.linalg.cholesky(solution.inverse * variance)
    level = float(target @ solution.coefficients)
    severity, severity_error = _severity(equations, solution)
    return Fit(
        level=level + equations.centre,
        level_error=float(np.sqrt(target @ solution.inverse @ target * variance)),
        idea_variance=variance * solution.idea_deviation**2,
        rater_variance=variance * float(solution.scale[-1]) ** 2 if equations.raters == "random" else None,
        residual_variance=variance,
        criterion=solution.criterion,
        scores=level + equations.centre + solution.idea_effects,
        own=variance * shrunk,
        loading=(target - shrunk[:, None] * by_idea) @ root,
        severity=severity,
        severity_error=severity_error,
        misfit=_misfit(table, equations, solution),
    )


def _severity(equations: _Equations, solution: _Solution) -> tuple[Floats, Floats]:
    """How many points below the others a rater rates the same idea, and the standard error of that."""
    raters = len(equations.table.raters)
    if equations.raters == "none":
        return np.zeros(raters), np.zeros(raters)
    first = 1 if equations.raters == "random" else 0
    contrast = np.zeros((raters, equations.columns.shape[1]))
    contrast[:, first:] = np.diag(solution.scale[first:])
    if equations.raters == "fixed":
        contrast -= 1.0 / raters
    errors = np.sqrt(np.einsum("ij,jk,ik->i", contrast, solution.inverse, contrast) * solution.residual_variance)
    return -(contrast @ solution.coefficients), errors


def _misfit(table: Table, equations: _Equations, solution: _Solution) -> Floats:
    """Mean square of a rater's residuals over what the model expects of them: 1 on average, above 1 is erratic."""
    shrunk = solution.idea_deviation**2 / solution.diagonal
    columns = equations.columns * solution.scale
    by_idea = equations.by_idea * solution.scale
    rest = equations.points - columns @ solution.coefficients - solution.idea_effects[table.idea]
    apart = columns - (shrunk[:, None] * by_idea)[table.idea]
    leverage = shrunk[table.idea] + np.einsum("ij,jk,ik->i", apart, solution.inverse, apart)
    expected = sums(table.rater, solution.residual_variance * (1.0 - leverage), len(table.raters))
    found = sums(table.rater, rest**2, len(table.raters))
    usual = solution.residual_variance * counts(table.rater, len(table.raters))
    return np.divide(found, expected, out=np.ones_like(found), where=expected > EXACT * usual)
