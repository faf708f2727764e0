"""What a way of evaluating finds of the ideas that are truly best: invented ideas, raters and sheets, seeded.

The sheets are scored and ordered by the code that scores and orders real ones, under the rules of a pack. Nothing here
is said of anybody: it is how the office, a rater or an author can see what rounds of one, and of two stages, are worth.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt

import numpy as np

from services.evaluation.analysis.mixed import Fit, fit
from services.evaluation.analysis.ratings import Floats, Rating, Whole, generator, table
from services.evaluation.domain.gate import Rated, abstentions
from services.evaluation.domain.ranking import ranked
from services.evaluation.domain.results import rules_of
from services.evaluation.domain.round_state import Entry
from services.evaluation.domain.score import Sheet, result_of
from shared.contracts.evaluation import CriterionScore
from shared.rules.calibration import AssignmentKind
from shared.rules.evaluation import Stage
from shared.rules.loader import pack


@dataclass(frozen=True)
class World:
    """The invented town, with the variance of one sheet's sum as one.

    `agreement` is the part of it that lies in the ideas: .26 of a single rating (Mutz et al. 2012, domain 6).
    `severity` is the part that lies in the raters, `department` the part of the ideas' that lies between departments,
    `criterion` what each criterion varies by itself: these are assumed. Points are `centre` plus `width` times that.
    `each` idea has so many sheets in the first and in the second stage (domain 6); a pack may ask for one more, so that
    an absent rater does no harm.
    """

    ideas: int = 700
    raters: int = 30
    departments: int = 10
    winners: int = 15
    each: tuple[int, int] = (2, 7)
    agreement: float = 0.26
    severity: float = 0.25
    department: float = 0.3
    criterion: float = 0.1
    centre: float = 5.0
    width: float = 1.6


@dataclass(frozen=True)
class Found:
    """What one way found in one run: the share of the truly best, by the order of the scores and by calibrated ones.

    `ratings` is what it cost, `agreement` how far single sheets of its first stage agreed, `reasons` why the gate would
    have had the calibrated score of the last stage abstain.
    """

    way: str
    ratings: int
    legal: float
    calibrated: float
    agreement: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class _Town:
    world: World
    ideas: Floats
    idea_home: Whole
    raters: Floats
    rater_home: Whole

    @property
    def best(self) -> frozenset[int]:
        """The ideas that are truly best."""
        return frozenset(np.argsort(-self.ideas)[: self.world.winners].tolist())


@dataclass(frozen=True)
class _Pass:
    """One stage: who rated what, the sheets, and the scores by idea."""

    stage: Stage
    pairs: Sequence[tuple[int, int]]
    sums: Floats
    entries: Sequence[Entry]

    def fitted(self, raters: str) -> Fit:
        given = zip(self.pairs, self.sums, strict=True)
        sheets = (Rating(_name(idea), _name(rater), float(total)) for (idea, rater), total in given)
        return fit(table(sheets), "random" if raters == "random" else "fixed" if raters == "fixed" else "none")


def runs(pack_id: str, world: World, seed: int, times: int) -> Iterator[tuple[Found, ...]]:
    """All ways in as many invented towns. The pack must have a round of two stages, the second on the best k."""
    for run in range(times):
        yield ways(pack_id, world, generator(seed, run))


def ways(pack_id: str, world: World, random: np.random.Generator) -> tuple[Found, ...]:
    """Two stages; one pass that costs as much; and one pass in which only the own department rates.

    ValueError where the pack's round has one stage only.
    """
    rules = pack(pack_id).evaluation.round
    first, second = rules_of(pack_id, rules.first()), rules.after(rules.first())
    if second is None or second.best.value is None:
        raise ValueError(f"a round of {pack_id} has no second stage on the best")
    last, best = rules_of(pack_id, second.stage), second.best.value
    town = _town(world, random)
    ideas = range(world.ideas)
    wide = _rated(first, town, _drawn(town, ideas, world.each[0], random), random)
    going = [int(one.idea_id) for one in ranked(first, wide.entries, best, last=False) if one.goes_on]
    narrow = _rated(last, town, _drawn(town, going, world.each[1], random), random)
    cost = len(wide.pairs) + len(narrow.pairs)
    single = _rated(first, town, _drawn(town, ideas, round(cost / world.ideas), random), random)
    own = _rated(first, town, _own(town), random)
    return (
        _found("two_stages", town, narrow, cost, wide),
        _found("one_pass", town, single, len(single.pairs), single),
        _found("own_department", town, own, len(own.pairs), own),
    )


def _town(world: World, random: np.random.Generator) -> _Town:
    home = random.integers(world.departments, size=world.ideas)
    between = sqrt(world.department) * random.standard_normal(world.departments)[home]
    ideas = sqrt(world.agreement) * (between + sqrt(1 - world.department) * random.standard_normal(world.ideas))
    raters = sqrt(world.severity) * random.standard_normal(world.raters)
    return _Town(world, ideas, home.astype(np.intp), raters, np.arange(world.raters) % world.departments)


def _drawn(town: _Town, ideas: Sequence[int], each: int, random: np.random.Generator) -> list[tuple[int, int]]:
    """By lot, with even loads: all raters are dealt out again and again, nobody's idea to the own department alone."""
    order = random.permutation(np.array(ideas, dtype=np.intp))
    at_once = max(1, len(town.raters) // each)
    pairs: list[tuple[int, int]] = []
    for begin in range(0, len(order), at_once):
        some = order[begin : begin + at_once]
        while True:
            dealt = random.permutation(len(town.raters))[: len(some) * each].reshape(len(some), each)
            if (town.rater_home[dealt] != town.idea_home[some][:, None]).any(axis=1).all():
                break
        pairs += [(int(idea), int(rater)) for idea, row in zip(some, dealt, strict=True) for rater in row]
    return pairs


def _own(town: _Town) -> list[tuple[int, int]]:
    """Every rater rates all ideas of the own department, and no other."""
    near = {home: np.flatnonzero(town.rater_home == home).tolist() for home in range(town.world.departments)}
    return [(idea, rater) for idea, home in enumerate(town.idea_home.tolist()) for rater in near[home]]


def _rated(stage: Stage, town: _Town, pairs: Sequence[tuple[int, int]], random: np.random.Generator) -> _Pass:
    """The sheets: what the idea is worth, less the rater's severity, and the rest by chance; on the pack's scale."""
    world = town.world
    idea, rater = np.array(pairs, dtype=np.intp).T
    weights = np.array([float(one.weight.value / stage.sum_scale.value) for one in stage.criteria])
    rest = 1 - world.agreement - world.severity - world.criterion * float((weights**2).sum())
    sheet = town.ideas[idea] - town.raters[rater] + sqrt(rest) * random.standard_normal(len(pairs))
    each = sheet[:, None] + sqrt(world.criterion) * random.standard_normal((len(pairs), len(stage.criteria)))
    marks = _on_scale(stage, world, each)
    by_idea: dict[int, list[Sheet]] = {}
    for (one, _), row in zip(pairs, marks.tolist(), strict=True):
        by_idea.setdefault(one, []).append(_sheet(stage, row))
    entries = [_entry(stage, one, sheets) for one, sheets in sorted(by_idea.items())]
    ends = np.array([float(one.scale.value.max) for one in stage.criteria])
    return _Pass(stage, pairs, marks @ (weights / ends) * float(stage.sum_scale.value), entries)


def _on_scale(stage: Stage, world: World, each: Floats) -> Floats:
    scales = [one.scale.value for one in stage.criteria]
    low, high, step = (np.array([float(getattr(one, name)) for one in scales]) for name in ("min", "max", "step"))
    wished = (world.centre + world.width * each) / 10 * (high - low) + low
    return np.clip(low + np.round((wished - low) / step) * step, low, high)


def _sheet(stage: Stage, marks: Sequence[float]) -> Sheet:
    return tuple(
        CriterionScore.model_construct(criterion=one.code, points=Decimal(str(mark)), reason=None)
        for one, mark in zip(stage.criteria, marks, strict=True)
    )


def _entry(stage: Stage, idea: int, sheets: Sequence[Sheet]) -> Entry:
    result = result_of(stage, sheets)
    return Entry(idea_id=_name(idea), score=result.score, means=result.means)


def _found(way: str, town: _Town, last: _Pass, cost: int, first: _Pass) -> Found:
    winners = town.world.winners
    order = ranked(last.stage, last.entries, None, last=True)
    legal = {int(one.idea_id) for one in order[:winners]}
    corrected = last.fitted(last.stage.calibration.raters.value)
    names = sorted({_name(idea) for idea, _ in last.pairs})
    calibrated = {int(names[int(place)]) for place in np.argsort(-corrected.scores)[:winners].tolist()}
    alike = first.fitted("none")
    rated = [
        Rated(_name(idea), _name(rater), bool(town.idea_home[idea] == town.rater_home[rater]))
        for idea, rater in last.pairs
    ]
    drawn = AssignmentKind.NAMED if way == "own_department" else AssignmentKind.RANDOM
    return Found(
        way=way,
        ratings=cost,
        legal=len(legal & town.best) / winners,
        calibrated=len(calibrated & town.best) / winners,
        agreement=alike.idea_variance / (alike.idea_variance + alike.residual_variance),
        reasons=tuple(one.reason for one in abstentions(last.stage.calibration, rated, drawn)),
    )


def _name(number: int) -> str:
    """As long as all others, so that names are in the order of numbers."""
    return f"{number:06}"
