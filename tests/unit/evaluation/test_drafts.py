"""Drafts, confidence, and who is kept from knowing the authors: what a rater may leave open, and must not see."""

import json
from decimal import Decimal

import pytest

from services.evaluation.domain import EVALUATION
from services.evaluation.domain.commands import (
    AssignRaters,
    CloseEvaluation,
    GivenScore,
    SaveDraft,
    ScoreIdea,
    SubmitDraft,
)
from shared.contracts.evaluation import EvaluationClosed, EvaluationOpened, IdeaEvaluated, ScoreDrafted, ScoreRecorded
from shared.contracts.ideas import EvaluationRequested
from shared.engine.message import Actor
from shared.rules.loader import pack
from tests.support.given import Given
from tests.unit.evaluation.support import AUDITOR, CHAIR, RECEIVER, SEOUL, after, given, rater, requested, rules, scores

PART = SaveDraft(scores=(GivenScore(criterion="effect", points=Decimal(7)),), comment="더 읽어 봐야 한다")


EXPERT = "expert-review"


def expert_review() -> Given:
    """An evaluation at the first stage of a pack that asks for confidence."""
    fields = requested(SEOUL).model_dump() | {"pack": EXPERT, "stage": "ideation"}
    start = Given(EVALUATION, "i-1/ideation", actor=CHAIR)
    return start(*start.when(EvaluationRequested.model_validate(fields)).events)


def expert_scores(confidence: int | None) -> ScoreIdea:
    stage = pack(EXPERT).evaluation.stage("ideation")
    assert stage is not None
    given_scores = [{"criterion": one.code, "points": "7", "reason": "참신하다"} for one in stage.criteria]
    return ScoreIdea.model_validate_json(json.dumps({"scores": given_scores, "confidence": confidence}))


def full(points: str = "6") -> SaveDraft:
    return SaveDraft(scores=scores(SEOUL, points).scores, confidence=4)


def test_a_draft_may_be_incomplete_and_replaces_the_one_before() -> None:
    events = after(SEOUL, (PART, rater(1)), (full(), rater(1)))
    assert [type(event) for event in events[-2:]] == [ScoreDrafted, ScoreDrafted]
    state = given(SEOUL, *events).state
    assert len(state.drafts) == 1 and len(state.drafts[0].scores) == 4 and state.sheets == ()
    cleared = given(SEOUL, *events).when(SaveDraft(), actor=rater(1)).state
    assert cleared is not None and cleared.model_dump()["drafts"] == ()


@pytest.mark.parametrize(
    ("given_scores", "code"),
    [
        ((GivenScore(criterion="effect", points=Decimal(11)),), "points_off_scale"),
        ((GivenScore(criterion="beauty", points=Decimal(1)),), "unknown_criterion"),
        ((GivenScore(criterion="effect", points=Decimal(1)),) * 2, "criterion_named_twice"),
    ],
)
def test_what_a_draft_says_must_be_on_the_scale(given_scores: tuple[GivenScore, ...], code: str) -> None:
    given(SEOUL, *after(SEOUL)).when(SaveDraft(scores=given_scores), actor=rater(1)).refused(code)


def test_a_draft_is_not_counted_however_complete_it_is() -> None:
    drafts = tuple((full(), rater(number)) for number in range(3))
    before = after(SEOUL, (scores(SEOUL, "9"), rater(7)), *drafts)
    result = given(SEOUL, *before).when(CloseEvaluation()).event(IdeaEvaluated)
    assert (result.outcome, result.raters) == ("not_enough_raters", 1)


def test_a_draft_is_submitted_as_it_was_saved_and_then_counts() -> None:
    before = after(SEOUL, (scores(SEOUL, "6"), rater(1)), (scores(SEOUL, "6"), rater(2)), (full("6"), rater(3)))
    outcome = given(SEOUL, *before).when(SubmitDraft(), actor=rater(3))
    outcome.emits(ScoreRecorded, EvaluationClosed, IdeaEvaluated)
    recorded = outcome.event(ScoreRecorded)
    assert (recorded.rater_id, recorded.confidence, str(outcome.event(IdeaEvaluated).score)) == ("r-3", 4, "60.00")
    assert given(SEOUL, *before, *outcome.events).state.drafts == ()


def test_an_incomplete_draft_is_not_submitted_and_without_one_there_is_nothing_to_submit() -> None:
    drafted = given(SEOUL, *after(SEOUL, (PART, rater(1))))
    drafted.when(SubmitDraft(), actor=rater(1)).refused("criterion_missing")
    drafted.when(SubmitDraft(), actor=rater(2)).refused("no_draft")


def test_a_draft_beside_a_score_changes_nothing_before_it_is_submitted() -> None:
    before = after(SEOUL, (scores(SEOUL, "9"), rater(1)), (full("2"), rater(1)))
    state = given(SEOUL, *before).state
    assert state.sheets[0].scores[0].points == 9 and state.drafts[0].scores[0].points == 2
    again = given(SEOUL, *before).when(SubmitDraft(), actor=rater(1)).event(ScoreRecorded)
    assert again.replaces and again.scores[0].points == 2


def test_a_score_sent_as_a_whole_takes_the_draft_along() -> None:
    assert given(SEOUL, *after(SEOUL, (PART, rater(1)), (scores(SEOUL, "9"), rater(1)))).state.drafts == ()


@pytest.mark.parametrize("message", [PART, SubmitDraft()])
def test_authors_strangers_and_latecomers_draft_nothing(message: SaveDraft | SubmitDraft) -> None:
    assigned = given(SEOUL, *after(SEOUL, (AssignRaters(raters=("r-1", "r-2")), CHAIR)))
    assigned.when(message, actor=Actor("p-1", "rater")).refused("conflict_of_interest")
    assigned.when(message, actor=rater(3)).refused("not_assigned")
    closed = given(SEOUL, *after(SEOUL, (CloseEvaluation(), CHAIR)))
    closed.when(message, actor=rater(1)).refused("evaluation_closed")


def test_a_draft_shows_to_its_rater_and_the_auditor_alone() -> None:
    state = given(SEOUL, *after(SEOUL, (PART, rater(1)))).state
    assert state.visible_to(rater(1))["own_draft"]["scores"][0]["points"] == "7"
    assert len(state.visible_to(AUDITOR)["drafts"]) == 1
    fresh = given(SEOUL, *after(SEOUL)).state
    for actor in (rater(2), CHAIR, RECEIVER):
        assert state.visible_to(actor) == fresh.visible_to(actor) and not state.shows(ScoreDrafted, actor)


# --- confidence


def test_one_pack_asks_how_sure_a_rater_is_and_another_does_not() -> None:
    message = scores(SEOUL, "7")
    assert message.confidence is None and not rules(SEOUL).confidence_required.value
    given(SEOUL, *after(SEOUL)).when(message, actor=rater(1)).emits(ScoreRecorded)
    expert = expert_review()
    asked = expert.when(expert_scores(None), actor=rater(1))
    asked.refused("confidence_required")
    assert expert.when(expert_scores(4), actor=rater(1)).event(ScoreRecorded).confidence == 4


# --- blind


def test_who_scores_is_not_told_who_wrote_it_in_any_role() -> None:
    chair_who_rates = Actor("r-1", "chair")
    assigned = given(SEOUL, *after(SEOUL, (AssignRaters(raters=("r-1", "r-2")), CHAIR))).state
    scored = given(SEOUL, *after(SEOUL, (scores(SEOUL), rater(1)))).state
    drafted = given(SEOUL, *after(SEOUL, (PART, rater(1)))).state
    for state in (assigned, scored, drafted):
        assert "authors" not in state.visible_to(chair_who_rates) and state.visible_to(chair_who_rates)["title"]
        assert not state.shows(EvaluationOpened, chair_who_rates)
        assert "authors" in state.visible_to(CHAIR) and state.shows(EvaluationOpened, CHAIR)
