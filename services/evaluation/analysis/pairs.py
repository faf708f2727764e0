"""Paired comparisons: Bradley-Terry strengths of ideas of which two at a time were compared.

Strengths are differences on the logit scale, centred at zero; the model is fitted by `choix`. Without a prior the
maximum exists only where every idea has won against, through others, every other one (Ford 1957); a prior of given
strength settles it otherwise. The scale separation reliability is the part of the observed variance of the strengths
that is not error (Bramley 2015).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import choix
import numpy as np
from scipy.sparse import csgraph, csr_matrix

from services.evaluation.analysis.ratings import Floats


@dataclass(frozen=True)
class Strengths:
    """Strengths of ideas, in the order given, their covariance, and how well the scale separates them."""

    strengths: Floats
    covariance: Floats
    separation: float | None

    @property
    def errors(self) -> Floats:
        """Standard error of each strength."""
        return np.sqrt(np.diag(self.covariance))


def strongly_connected(ideas: int, wins: Sequence[tuple[int, int]]) -> bool:
    """Whether from every idea a chain of wins leads to every other one."""
    links = csr_matrix((np.ones(len(wins)), tuple(np.array(wins, dtype=np.intp).reshape(-1, 2).T)), (ideas, ideas))
    components, _ = cast(Any, csgraph).connected_components(links, directed=True, connection="strong")
    return int(components) == 1


def strengths(ideas: int, wins: Sequence[tuple[int, int]], prior_variance: float | None) -> Strengths:
    """Fit strengths to `wins`, pairs of places (winner, loser).

    `prior_variance` is that of a normal prior on each strength. ValueError where there is none and the wins connect
    the ideas too weakly.
    """
    if prior_variance is None and not strongly_connected(ideas, wins):
        raise ValueError("without a prior every idea must have won against every other one, through others")
    penalty = 0.0 if prior_variance is None else 1.0 / (2.0 * prior_variance)
    ordered = sorted(wins)
    found = np.asarray(choix.opt_pairwise(ideas, ordered, alpha=penalty, tol=1e-10), dtype=np.float64)
    found = found - found.mean()
    covariance = _covariance(found, ordered, penalty)
    return Strengths(found, covariance, _separation(found, np.diag(covariance)))


def _covariance(found: Floats, wins: Sequence[tuple[int, int]], penalty: float) -> Floats:
    """Of the centred strengths: the inverse of the information, on the space in which they add up to zero."""
    information = 2.0 * penalty * np.eye(len(found))
    winner, loser = np.array(wins, dtype=np.intp).reshape(-1, 2).T
    chance = 1.0 / (1.0 + np.exp(found[loser] - found[winner]))
    weight = chance * (1.0 - chance)
    for one, other, sign in ((winner, winner, 1), (loser, loser, 1), (winner, loser, -1), (loser, winner, -1)):
        np.add.at(information, (one, other), sign * weight)
    centred = np.eye(len(found)) - 1.0 / len(found)
    return np.asarray(np.linalg.pinv(centred @ information @ centred, hermitian=True), dtype=np.float64)


def _separation(found: Floats, squared_errors: Floats) -> float | None:
    spread = float(found.var(ddof=1)) if len(found) > 1 else 0.0
    return (spread - float(squared_errors.mean())) / spread if spread > 0 else None
