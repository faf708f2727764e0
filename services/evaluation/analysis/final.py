"""A final in pairs: the draw of its comparisons, and the order that follows from them (Bradley-Terry, `pairs`).

The draw is a circulant design over a random order of the ideas: every idea is compared equally often, no pair comes
again before all others have come, and all ideas hang together.
"""

import hashlib
from decimal import Decimal
from statistics import NormalDist

from pydantic import BaseModel

from services.evaluation.analysis import ALGORITHM
from services.evaluation.analysis.pairs import Strengths, strengths, strongly_connected
from services.evaluation.analysis.ratings import generator
from services.evaluation.domain.final_commands import RecordDraw, RecordOrder
from services.evaluation.finals import DrawQuestion, OrderQuestion
from shared.contracts.evaluation_finals import DrawnPair, FinalIdea
from shared.contracts.evaluation_results import Figure
from shared.runtime.computations import versions

PLACES = 3
"""Strengths are rounded to so many places, and ideas that are equal then share their place."""

FEWEST = 2
"""Ideas that can be compared at all."""


def drawn(question: DrawQuestion) -> RecordDraw:
    """The pairs, dealt out evenly; or the obstacle. The same question gives the same."""
    obstacle = None
    if question.organiser_near:
        obstacle = "organiser_in_conflict"
    elif len(question.finalists) < FEWEST:
        obstacle = "too_few_ideas"
    elif len(question.judges) < question.judges_min:
        obstacle = "too_few_judges"
    return RecordDraw(
        ask_id=question.ask_id,
        seed=question.seed,
        versions=versions("numpy"),
        algorithm=ALGORITHM,
        input=_hash(question),
        finalists=() if obstacle else question.finalists,
        pairs=() if obstacle else _pairs(question),
        left_out=question.left_out,
        obstacle=obstacle,
        withheld_from=question.withheld_from,
        withheld_units=question.withheld_units,
    )


def _pairs(question: DrawQuestion) -> tuple[DrawnPair, ...]:
    random = generator(question.seed, 0)
    names = sorted(one.idea_id for one in question.finalists)
    around = random.permutation(len(names))
    circles = len(names) // 2
    turns = [1 + turn % circles for turn in range(question.comparisons // 2)]
    # One turn compares each idea with the one so many places on, and so twice.
    chosen = [(around[place], around[(place + turn) % len(names)]) for turn in turns for place in range(len(names))]
    judges = random.permutation(len(question.judges))
    pairs: list[DrawnPair] = []
    for number, place in enumerate(random.permutation(len(chosen)), start=1):
        left, right = chosen[int(place)] if random.random() < 1 / 2 else chosen[int(place)][::-1]
        judge = question.judges[int(judges[number % len(judges)])]
        pairs.append(DrawnPair(number=number, judge_id=judge, left=names[int(left)], right=names[int(right)]))
    return tuple(pairs)


def ordered(question: OrderQuestion) -> RecordOrder:
    """The order with its intervals, best first; or why there is none."""
    names = question.ideas
    place = {idea: n for n, idea in enumerate(names)}
    wins = [(place[better], place[other]) for better, other in question.compared]
    prior = None if question.prior_variance is None else float(question.prior_variance)
    abstained = None
    if not wins:
        abstained = "nothing_compared"
    elif prior is None and not strongly_connected(len(names), wins):
        abstained = "not_connected"
    found = None if abstained else strengths(len(names), wins, prior)
    return RecordOrder(
        ask_id=question.ask_id,
        seed=question.seed,
        versions=versions("choix", "numpy", "scipy"),
        algorithm=ALGORITHM,
        input=_hash(question),
        ranking=_ranking(question, found, wins) if found else (),
        abstained=abstained,
        separation=None if found is None or found.separation is None else _rounded(found.separation),
    )


def _ranking(question: OrderQuestion, found: Strengths, wins: list[tuple[int, int]]) -> tuple[FinalIdea, ...]:
    wide = NormalDist().inv_cdf(0.5 + float(question.level) / 200)
    values = [_rounded(float(one)) for one in found.strengths]
    errors = found.errors
    best_first = sorted(range(len(values)), key=lambda n: (-values[n], question.ideas[n]))
    return tuple(
        FinalIdea(
            idea_id=question.ideas[n],
            rank=1 + sum(other > values[n] for other in values),
            strength=Figure(
                value=values[n],
                low=_rounded(float(found.strengths[n] - wide * errors[n])),
                high=_rounded(float(found.strengths[n] + wide * errors[n])),
            ),
            won=sum(winner == n for winner, _ in wins),
            compared=sum(n in pair for pair in wins),
        )
        for n in best_first
    )


def _hash(question: BaseModel) -> str:
    return hashlib.sha256(question.model_dump_json().encode()).hexdigest()


def _rounded(value: float) -> Decimal:
    """Rounded, and never a negative zero."""
    return round(Decimal(value), PLACES) + Decimal(0)
