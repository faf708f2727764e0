"""An evaluation from opening to disclosure."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from services.evaluation.domain.commands import AssignRaters, CloseEvaluation, GivenScore, ScoreIdea
from services.evaluation.domain.evaluation_state import CLOSE, DISCLOSURE, Phase
from shared.contracts.evaluation import (
    EvaluationCancelled,
    EvaluationClosed,
    EvaluationOpened,
    IdeaEvaluated,
    RatersAssigned,
    ScoreRecorded,
)
from shared.contracts.evaluation_conflicts import AuthorNamed
from shared.engine.message import Actor, DeadlineReached
from tests.support.given import NOON, Outcome
from tests.unit.evaluation.support import (
    AUTHOR,
    CHAIR,
    NATIONAL,
    OPEN_CALL,
    RECEIVER,
    SEOUL,
    SYSTEM,
    after,
    given,
    rater,
    requested,
    rules,
    scores,
    withdrawn,
)

CLOSES = {
    SEOUL: datetime(2025, 3, 17, 15, tzinfo=UTC),
    NATIONAL: datetime(2025, 3, 24, 15, tzinfo=UTC),
    OPEN_CALL: datetime(2025, 4, 2, 15, tzinfo=UTC),
}
"""14 days, 20 days (23 March is a Sunday) and 30 days after 3 March 2025, at the end of the day in Seoul."""

DISCLOSED = datetime(2025, 3, 4, 15, tzinfo=UTC)
"""One day after a close on 3 March, as the national pack has it."""


def recorded_refusal(outcome: Outcome, code: str) -> bool:
    refused = outcome.refused(code).refusal
    return refused is not None and refused.recorded


# --- opening and assignment


@pytest.mark.parametrize("pack_id", CLOSES)
def test_an_idea_that_arrives_is_opened_until_the_packs_deadline(pack_id: str) -> None:
    opened = given(pack_id).when(requested(pack_id), actor=SYSTEM).event(EvaluationOpened)
    assert opened.due == CLOSES[pack_id] and opened.raters_needed == rules(pack_id).raters_target.value
    assert given(pack_id, opened).state.deadlines == {CLOSE: CLOSES[pack_id]}
    given(pack_id, opened).when(requested(pack_id), actor=SYSTEM).emits()


def test_raters_are_assigned_and_reassigned() -> None:
    first, second = AssignRaters(raters=("r-1", "r-2")), AssignRaters(raters=("r-3", "r-4"))
    events = after(SEOUL, (first, CHAIR), (second, RECEIVER))
    assert [type(e) for e in events] == [EvaluationOpened, AuthorNamed, RatersAssigned, RatersAssigned]
    assert given(SEOUL, *events).state.raters == ("r-3", "r-4")


@pytest.mark.parametrize(
    ("raters", "code"),
    [
        (("r-1", "p-1"), "conflict_of_interest"),
        (("r-1", "r-1"), "rater_named_twice"),
        (("r-1",), "too_few_raters"),
    ],
)
def test_an_assignment_that_may_not_be_is_refused(raters: tuple[str, ...], code: str) -> None:
    given(SEOUL, *after(SEOUL)).when(AssignRaters(raters=raters)).refused(code)


def test_an_author_neither_assigns_nor_closes() -> None:
    author_as_chair = Actor("p-1", "chair")
    for message in (AssignRaters(raters=("r-1", "r-2")), CloseEvaluation()):
        outcome = given(SEOUL, *after(SEOUL)).when(message, actor=author_as_chair)
        assert recorded_refusal(outcome, "conflict_of_interest")


# --- scores


def test_a_score_is_journalled_and_a_second_one_replaces_the_first() -> None:
    events = after(SEOUL, (scores(SEOUL, "3"), rater(1)), (scores(SEOUL, "9", comment="다시 읽었다"), rater(1)))
    first, second = (e for e in events if isinstance(e, ScoreRecorded))
    assert (first.replaces, second.replaces) == (False, True)
    assert second.comment is not None and second.comment.key == "r-1"
    sheets = given(SEOUL, *events).state.sheets
    assert len(sheets) == 1 and sheets[0].scores[0].points == Decimal(9)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (scores(SEOUL, "11"), "points_off_scale"),
        (scores(SEOUL, "7.5"), "points_off_scale"),
        (scores(SEOUL, "7", reason=" "), "score_reason_required"),
        (ScoreIdea(scores=(GivenScore(criterion="creativity", points=Decimal(7), reason="…"),)), "criterion_missing"),
        (
            ScoreIdea(scores=(*scores(SEOUL).scores, GivenScore(criterion="beauty", points=Decimal(7)))),
            "unknown_criterion",
        ),
        (ScoreIdea(scores=(*scores(SEOUL).scores, scores(SEOUL).scores[0])), "criterion_named_twice"),
    ],
)
def test_a_score_that_does_not_fit_the_stage_is_refused(message: ScoreIdea, code: str) -> None:
    given(SEOUL, *after(SEOUL)).when(message, actor=rater(1)).refused(code)


def test_packs_differ_in_scale_and_needed_reasons() -> None:
    given(NATIONAL, *after(NATIONAL)).when(scores(NATIONAL, "20"), actor=rater(1)).emits(ScoreRecorded)
    bare = scores(NATIONAL, "20", reason="")
    given(NATIONAL, *after(NATIONAL)).when(bare, actor=rater(1)).refused("score_reason_required")
    outcome = given(OPEN_CALL, *after(OPEN_CALL)).when(scores(OPEN_CALL, "77", reason=""), actor=rater(1))
    outcome.emits(ScoreRecorded, EvaluationClosed, IdeaEvaluated)


@pytest.mark.parametrize("points", ["1e-999999999", "-1", "NaN", "0.0000001"])
def test_points_nobody_can_add_up_are_no_points(points: str) -> None:
    with pytest.raises(ValidationError):
        GivenScore(criterion="creativity", points=Decimal(points))


def test_authors_and_those_who_were_not_assigned_do_not_score() -> None:
    author_as_rater = Actor("p-1", "rater")
    assert recorded_refusal(
        given(SEOUL, *after(SEOUL)).when(scores(SEOUL), actor=author_as_rater), "conflict_of_interest"
    )
    assigned = after(SEOUL, (AssignRaters(raters=("r-1", "r-2")), CHAIR))
    assert recorded_refusal(given(SEOUL, *assigned).when(scores(SEOUL), actor=rater(3)), "not_assigned")


# --- closing


def closed_after(*numbers: int, points: str = "8") -> tuple[tuple[ScoreIdea, Actor], ...]:
    return tuple((scores(SEOUL, points), rater(number)) for number in numbers)


def test_it_closes_by_itself_when_the_packs_number_of_raters_has_scored() -> None:
    before = after(SEOUL, *closed_after(1, 2))
    outcome = given(SEOUL, *before).when(scores(SEOUL, "5"), actor=rater(3))
    outcome.emits(ScoreRecorded, EvaluationClosed, IdeaEvaluated)
    result = outcome.event(IdeaEvaluated)
    assert (str(result.score), result.raters, result.closed_by) == ("70.00", 3, "complete")
    assert given(SEOUL, *before, *outcome.events).state.deadlines == {}


def test_a_replaced_score_is_not_one_more_rater() -> None:
    before = after(SEOUL, *closed_after(1, 2))
    given(SEOUL, *before).when(scores(SEOUL, "5"), actor=rater(2)).emits(ScoreRecorded)


def test_with_assigned_raters_it_closes_when_all_of_them_have_scored() -> None:
    assign = (AssignRaters(raters=("r-1", "r-2")), CHAIR)
    before = after(SEOUL, assign, *closed_after(1))
    outcome = given(SEOUL, *before).when(scores(SEOUL), actor=rater(2))
    outcome.emits(ScoreRecorded, EvaluationClosed, IdeaEvaluated)


def test_after_a_reassignment_only_the_assigned_count() -> None:
    before = after(SEOUL, *closed_after(1, 2))
    others = AssignRaters(raters=("r-2", "r-3"))
    later = before + given(SEOUL, *before).when(others).emits(RatersAssigned).events
    outcome = given(SEOUL, *later).when(scores(SEOUL, "4"), actor=rater(3))
    assert str(outcome.event(IdeaEvaluated).score) == "60.00"
    both = AssignRaters(raters=("r-1", "r-2"))
    given(SEOUL, *before).when(both).emits(RatersAssigned, EvaluationClosed, IdeaEvaluated)


@pytest.mark.parametrize(
    ("raters", "outcome"), [((1, 2), "scored"), ((1,), "not_enough_raters"), ((), "not_enough_raters")]
)
def test_the_chair_closes_early_and_too_few_raters_give_no_score(raters: tuple[int, ...], outcome: str) -> None:
    closing = given(SEOUL, *after(SEOUL, *closed_after(*raters))).when(CloseEvaluation())
    result = closing.emits(EvaluationClosed, IdeaEvaluated).event(IdeaEvaluated)
    assert (result.outcome, result.closed_by, result.raters) == (outcome, "command", len(raters))
    assert (result.score is None) == (outcome == "not_enough_raters")


def test_the_deadline_closes_at_its_legal_time_however_late_it_is_noticed() -> None:
    fired = DeadlineReached(name=CLOSE, due=CLOSES[NATIONAL])
    late = datetime(2025, 4, 9, tzinfo=UTC)
    before = after(NATIONAL, *((scores(NATIONAL, "10"), rater(n)) for n in range(3)))
    outcome = given(NATIONAL, *before).when(fired, actor=SYSTEM, time=late).emits(EvaluationClosed)
    closed = outcome.event(EvaluationClosed)
    assert closed.closed_by == "deadline" and closed.disclosure_at == datetime(2025, 3, 25, 15, tzinfo=UTC)


def test_after_the_close_nothing_more_is_taken() -> None:
    events = after(SEOUL, (CloseEvaluation(), CHAIR))
    for message in (scores(SEOUL), AssignRaters(raters=("r-1", "r-2")), CloseEvaluation()):
        assert recorded_refusal(given(SEOUL, *events).when(message, actor=rater(1)), "evaluation_closed")


# --- disclosure


def test_a_pack_may_disclose_after_the_close() -> None:
    before = after(NATIONAL, *((scores(NATIONAL, "10"), rater(n)) for n in range(3)), (CloseEvaluation(), CHAIR))
    assert type(before[-1]) is EvaluationClosed and given(NATIONAL, *before).state.phase is Phase.CLOSED
    assert given(NATIONAL, *before).state.deadlines == {DISCLOSURE: DISCLOSED}
    fired = DeadlineReached(name=DISCLOSURE, due=DISCLOSED)
    outcome = given(NATIONAL, *before).when(fired, actor=SYSTEM).emits(IdeaEvaluated)
    assert str(outcome.event(IdeaEvaluated).score) == "50.00"
    assert given(NATIONAL, *before, *outcome.events).state.deadlines == {}


# --- withdrawal


@pytest.mark.parametrize("steps", [(), closed_after(1)])
def test_a_withdrawn_idea_is_no_longer_evaluated(steps: tuple[tuple[ScoreIdea, Actor], ...]) -> None:
    before = after(SEOUL, *steps)
    outcome = given(SEOUL, *before).when(withdrawn(SEOUL), actor=SYSTEM).emits(EvaluationCancelled)
    cancelled = given(SEOUL, *before, *outcome.events)
    assert cancelled.state.deadlines == {}
    cancelled.when(withdrawn(SEOUL), actor=SYSTEM).emits()
    cancelled.when(scores(SEOUL), actor=rater(1)).refused("evaluation_closed")


def test_a_withdrawal_that_comes_first_keeps_the_evaluation_from_opening() -> None:
    first = given(SEOUL).when(withdrawn(SEOUL), actor=SYSTEM).emits(EvaluationCancelled).events
    given(SEOUL, *first).when(requested(SEOUL), actor=SYSTEM).emits()


def test_a_withdrawal_between_close_and_disclosure_cancels_and_after_it_changes_nothing() -> None:
    closed = after(NATIONAL, (CloseEvaluation(), CHAIR))
    given(NATIONAL, *closed).when(withdrawn(NATIONAL), actor=SYSTEM).emits(EvaluationCancelled)
    disclosed = after(SEOUL, (CloseEvaluation(), CHAIR))
    given(SEOUL, *disclosed).when(withdrawn(SEOUL), actor=SYSTEM).emits()


def test_a_withdrawal_outside_evaluation_is_no_matter_here() -> None:
    outside = withdrawn(SEOUL).model_copy(update={"stage": ""})
    given(SEOUL).when(outside, actor=SYSTEM).emits()


def test_an_evaluation_that_never_opened_is_not_found() -> None:
    given(SEOUL).when(CloseEvaluation()).refused("not_found")
    assert CLOSES[SEOUL] > NOON and given(SEOUL).state.visible_to(AUTHOR) == {}
