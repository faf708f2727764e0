"""Equal scores: the pack's rules for ties one after the other, and what is still equal shares its place."""

from datetime import date
from decimal import Decimal

from services.evaluation.domain.ranking import ranked
from services.evaluation.domain.round_state import Entry
from services.evaluation.domain.ties import tie_key
from shared.contracts.types import CriterionMean
from shared.rules.evaluation import EvaluationTie, Stage
from tests.unit.evaluation.support import OPEN_CALL, SEOUL, rules

MARCH, APRIL = date(2025, 3, 3), date(2025, 4, 1)


def entry(stage: Stage, idea: str, *means: str, received_on: date | None = None, score: str = "70.00") -> Entry:
    given = zip(stage.criteria, means, strict=False)
    return Entry(
        idea_id=idea,
        score=Decimal(score),
        means=tuple(CriterionMean(criterion=one.code, mean=Decimal(mean), raters=3) for one, mean in given),
        received_on=received_on,
    )


def places(stage: Stage, *entries: Entry) -> list[tuple[str, int | None]]:
    return [(one.idea_id, one.rank) for one in ranked(stage, entries, None, last=False)]


def ordered(stage: Stage, *ties: EvaluationTie) -> Stage:
    return stage.model_copy(update={"ties": stage.ties.model_copy(update={"value": ties})})


def test_two_packs_break_the_same_tie_differently() -> None:
    seoul, open_call = rules(SEOUL), rules(OPEN_CALL)
    higher, earlier = ("8", "6"), ("7", "7")
    assert places(
        seoul, entry(seoul, "i-1", *earlier, received_on=MARCH), entry(seoul, "i-2", *higher, received_on=APRIL)
    ) == [
        ("i-2", 1),
        ("i-1", 2),
    ], "the first criterion comes before the receipt"
    assert places(
        open_call, entry(open_call, "i-2", "7", received_on=APRIL), entry(open_call, "i-1", "7", received_on=MARCH)
    ) == [
        ("i-1", 1),
        ("i-2", 2),
    ]


def test_the_criteria_count_in_the_order_of_the_pack() -> None:
    stage = rules(SEOUL)
    assert places(stage, entry(stage, "i-1", "8", "5", "9"), entry(stage, "i-2", "8", "6", "1")) == [
        ("i-2", 1),
        ("i-1", 2),
    ]


def test_the_rules_count_in_the_order_of_the_pack() -> None:
    stage = ordered(rules(SEOUL), EvaluationTie.EARLIER_RECEIPT, EvaluationTie.CRITERIA_IN_ORDER)
    first, second = entry(stage, "i-1", "1", received_on=MARCH), entry(stage, "i-2", "9", received_on=APRIL)
    assert places(stage, second, first) == [("i-1", 1), ("i-2", 2)]


def test_what_no_rule_tells_apart_shares_its_place() -> None:
    stage = rules(SEOUL)
    same = [entry(stage, idea, "8", "8", received_on=MARCH) for idea in ("i-1", "i-2")]
    assert places(stage, *same, entry(stage, "i-3", score="60")) == [("i-1", 1), ("i-2", 1), ("i-3", 3)]


def test_who_was_received_nobody_knows_when_comes_after_those_who_were() -> None:
    stage = rules(OPEN_CALL)
    assert tie_key(stage, (), MARCH) > tie_key(stage, (), APRIL) > tie_key(stage, (), None)
    assert places(stage, entry(stage, "i-1"), entry(stage, "i-2", received_on=APRIL)) == [("i-2", 1), ("i-1", 2)]


def test_a_higher_score_needs_no_rule() -> None:
    stage = rules(SEOUL)
    assert places(stage, entry(stage, "i-1", "9", score="70"), entry(stage, "i-2", "1", score="70.01")) == [
        ("i-2", 1),
        ("i-1", 2),
    ]
