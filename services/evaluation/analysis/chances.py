"""How likely each idea is among the best k, given how uncertain the scores are."""

import numpy as np

from services.evaluation.analysis.mixed import Fit
from services.evaluation.analysis.ratings import Floats

BATCH = 500
"""Draws that are made at once."""


def in_top(fit: Fit, k: int, *, draws: int, random: np.random.Generator) -> Floats:
    """For each idea the share of `draws` in which it is among the best `k`. The shares add up to `k`.

    ValueError where `k` is not between one and the number of ideas.
    """
    ideas = len(fit.scores)
    if not 1 <= k <= ideas:
        raise ValueError(f"the best {k} of {ideas} are no set")
    times = np.zeros(ideas)
    for done in range(0, draws, BATCH):
        size = min(BATCH, draws - done)
        shared = random.standard_normal((size, fit.loading.shape[1])) @ fit.loading.T
        drawn = fit.scores + shared + random.standard_normal((size, ideas)) * np.sqrt(fit.own)
        best = np.argpartition(-drawn, k - 1, axis=1)[:, :k]
        times += np.bincount(best.ravel(), minlength=ideas)
    return times / draws
