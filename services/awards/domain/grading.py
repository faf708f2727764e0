"""From ballots to scores, ranks and the grades that the bands propose.

Pure, and exact: means are fractions until the one rounding that the pack names. Bands only propose; who confirms, and
what equal nominees get, is decided by named persons.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from shared.rules.awards import AwardsRules, AwardTie, Category, Grade


@dataclass(frozen=True, slots=True)
class Candidate:
    """A nominee at the close. `score` is None where it could not be scored, `evaluation` where there was none."""

    idea_id: str
    score: Decimal | None
    evaluation: Decimal | None
    received_on: date


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a nominee came. Equal nominees share a rank, the next one skips ahead; those without a score come last."""

    idea_id: str
    score: Decimal | None
    rank: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """Grades by idea, and the ideas whose grades nobody can propose before equal ones are put in order."""

    grades: Mapping[str, str]
    tied: frozenset[str]


def award_score(rules: AwardsRules, ballots: Iterable[tuple[str, Decimal]]) -> Decimal | None:
    """The award score of one nominee from its ballots (voice, points).

    Each voice counts with its share, whatever the number of its ballots. A voice that gave none is absent, and absent
    is not zero: the shares of the others then make up the whole. None without any ballot.
    """
    given = list(ballots)
    reached, heard = Fraction(0), Fraction(0)
    for voice in rules.voices:
        points = [Fraction(p) for code, p in given if code == voice.code]
        if points:
            share = Fraction(voice.share.value)
            reached += share * sum(points) / len(points) / Fraction(rules.panel.ballot_scale.value.max)
            heard += share
    if not heard:
        return None
    return _rounded(reached / heard * Fraction(rules.score_scale.value), rules.score_places.value)


def place(rules: AwardsRules, candidates: Iterable[Candidate]) -> tuple[Placed, ...]:
    """All nominees, best first; equal scores are put in order by the pack's rules for ties as far as those reach."""
    ordered = sorted(candidates, key=lambda one: (*_order(rules, one), one.idea_id))
    placed: list[Placed] = []
    for _, equals in groupby(ordered, key=lambda one: _order(rules, one)):
        rank = len(placed) + 1
        placed.extend(Placed(one.idea_id, one.score, rank) for one in equals)
    return tuple(placed)


def propose(rules: AwardsRules, category: Category, placed: Sequence[Placed], order: Sequence[str] = ()) -> Proposal:
    """The grade that each nominee's band proposes, as long as the grade's number is not used up; then the next one.

    Where that would treat equals differently they are `tied`, unless `order` (best first) puts them in order.
    """
    scored = [one for one in placed if one.score is not None]
    floor = _floor(rules, category, scored)
    left = {grade.code: grade.count.value for grade in category.grades}
    grades: dict[str, str] = {}
    tied: set[str] = set()
    for _, group in groupby(scored, key=lambda one: one.rank):
        equals = sorted(group, key=lambda one: order.index(one.idea_id) if one.idea_id in order else len(order))
        given = {one.idea_id: _best_left(category.grades, one.score or Decimal(0), floor, left) for one in equals}
        if len(set(given.values())) > 1 and not set(given) <= set(order):
            tied |= given.keys()
        else:
            grades |= {idea_id: code for idea_id, code in given.items() if code}
    return Proposal(grades, frozenset(tied))


def _order(rules: AwardsRules, one: Candidate) -> tuple[Decimal | date, ...]:
    return (Decimal(one.score is None), -(one.score or Decimal(0)), *_tie_keys(rules, one))


def _tie_keys(rules: AwardsRules, one: Candidate) -> Iterator[Decimal | date]:
    for tie in rules.ties.value:
        match tie:
            case AwardTie.HIGHER_EVALUATION:
                yield -(one.evaluation or Decimal(0))
            case AwardTie.EARLIER_RECEIPT:
                yield one.received_on
            case AwardTie.CHAIR_DECIDES:
                return


def _floor(rules: AwardsRules, category: Category, scored: Sequence[Placed]) -> Decimal:
    """The score that the lowest grade asks for; where the pack allows no empty category, the best one reaches it."""
    lowest = category.grades[-1].band_min.value
    if rules.no_winner_allowed.value or not scored:
        return lowest
    return min(lowest, max(one.score or Decimal(0) for one in scored))


def _best_left(grades: Sequence[Grade], score: Decimal, floor: Decimal, left: dict[str, int | None]) -> str:
    for grade in grades:
        band = floor if grade is grades[-1] else grade.band_min.value
        count = left[grade.code]
        if score >= band and count != 0:
            left[grade.code] = None if count is None else count - 1
            return grade.code
    return ""


def _rounded(value: Fraction, places: int) -> Decimal:
    """Rounded half up, for values from zero on."""
    scale = 10**places
    return Decimal((value * scale * 2 + 1) // 2).scaleb(-places)
