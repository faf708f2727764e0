"""Who gave which idea how many points, as arrays in an order that does not depend on how they came in."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]


@dataclass(frozen=True)
class Rating:
    """One rater's points for one idea."""

    idea: str
    rater: str
    points: float


@dataclass(frozen=True)
class Table:
    """Ratings in the order of ideas and raters. `idea[n]` and `rater[n]` are places in `ideas` and `raters`."""

    ideas: tuple[str, ...]
    raters: tuple[str, ...]
    idea: Whole
    rater: Whole
    points: Floats

    @property
    def per_idea(self) -> Floats:
        """How many ratings each idea has."""
        return counts(self.idea, len(self.ideas))

    @property
    def per_rater(self) -> Floats:
        """How many ratings each rater gave."""
        return counts(self.rater, len(self.raters))

    @property
    def means(self) -> Floats:
        """The plain mean of each idea."""
        return sums(self.idea, self.points, len(self.ideas)) / self.per_idea


def table(ratings: Iterable[Rating]) -> Table:
    """Arrays of ratings. ValueError where a rater rated an idea twice or there is none."""
    ordered = sorted(ratings, key=lambda rating: (rating.idea, rating.rater))
    pairs = [(rating.idea, rating.rater) for rating in ordered]
    if not ordered or len(set(pairs)) != len(pairs):
        raise ValueError("every pair of idea and rater is to be rated once, and one at least")
    ideas = tuple(sorted({idea for idea, _ in pairs}))
    raters = tuple(sorted({rater for _, rater in pairs}))
    idea_place = {idea: place for place, idea in enumerate(ideas)}
    rater_place = {rater: place for place, rater in enumerate(raters)}
    return Table(
        ideas=ideas,
        raters=raters,
        idea=np.array([idea_place[idea] for idea, _ in pairs], dtype=np.intp),
        rater=np.array([rater_place[rater] for _, rater in pairs], dtype=np.intp),
        points=np.array([rating.points for rating in ordered], dtype=np.float64),
    )


def counts(places: Whole, length: int) -> Floats:
    """How often each of `length` places occurs."""
    return np.bincount(places, minlength=length).astype(np.float64)


def sums(places: Whole, values: Floats, length: int) -> Floats:
    """What the values at each of `length` places add up to."""
    return np.asarray(np.bincount(places, weights=values, minlength=length), dtype=np.float64)


def generator(seed: int, purpose: int) -> "np.random.Generator":
    """A stream of random numbers of its own for each purpose, so that one figure does not depend on another's draws."""
    entropy: Any = [seed, purpose]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))
