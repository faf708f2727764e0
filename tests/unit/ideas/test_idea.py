"""From receipt to decision, and what comes to an idea afterwards."""

from datetime import UTC, date, datetime
from typing import Any, Literal

import pytest

from services.ideas.domain.clocks import DECISION, FOLLOW_UP
from services.ideas.domain.commands import AdoptIdea, CheckCompleteness, ReceiveIdea, RefuseIdea, WithdrawIdea
from services.ideas.domain.idea import NOTICES_KEPT
from services.ideas.domain.shares import DEADLINE as SHARES
from services.ideas.domain.values import Stage
from shared.contracts.awards import AwardGranted
from shared.contracts.ideas import (
    DecisionOverdue,
    DecisionRequested,
    EvaluationRequested,
    IdeaAdopted,
    IdeaAwarded,
    IdeaClosed,
    IdeaFoundComplete,
    IdeaReceived,
    IdeaRefused,
    IdeaSpread,
    IdeaWithdrawn,
    ImplementationAbandoned,
    ImplementationCompleted,
    ImplementationRescheduled,
    ImplementationStarted,
    NoticeIssued,
)
from shared.contracts.ideas_process import ClocksStarted, ReceiptNumberRequested
from shared.contracts.learning import CaseAnswered
from shared.contracts.types import Kind, Payment, Rule
from shared.engine.message import Actor, DeadlineReached, Message, seal
from tests.unit.ideas.support import (
    CO_AUTHOR,
    HEAD,
    LEAD,
    NATIONAL,
    OPEN_CALL,
    OTHER_HEAD,
    PACKS,
    RECEIVER,
    SEOUL,
    STRANGER,
    SYSTEM,
    adoption,
    authority,
    evaluated,
    given_idea,
    past,
    submission,
)

# --- receipt

DUE = {
    SEOUL: datetime(2025, 4, 2, 15, tzinfo=UTC),
    NATIONAL: datetime(2025, 4, 2, 15, tzinfo=UTC),
    OPEN_CALL: datetime(2025, 5, 2, 15, tzinfo=UTC),
}
"""30 and 60 days after 3 March 2025, at the end of the day in Seoul."""


@pytest.mark.parametrize("pack_id", PACKS)
def test_receipt_starts_the_clock_of_the_pack(pack_id: str) -> None:
    outcome = given_idea(*past(pack_id, Stage.SUBMITTED)).when(ReceiveIdea(), actor=RECEIVER)
    outcome.emits(IdeaReceived, NoticeIssued, ReceiptNumberRequested)
    received = outcome.event(IdeaReceived)
    assert received.decision_due == DUE[pack_id] and received.rule.pack == pack_id and len(received.rule.hash) == 64
    after = given_idea(*past(pack_id, Stage.RECEIVED)).state
    assert after.deadlines[DECISION] == DUE[pack_id] and after.received_on == date(2025, 3, 3)


def test_a_last_day_on_a_day_of_rest_moves_on() -> None:
    # 30 days after 5 March 2025 would be Friday 4 April; 30 days after 6 March is Saturday the 5th, so Monday the 7th.
    received_at = datetime(2025, 3, 6, 3, tzinfo=UTC)
    outcome = given_idea(*past(SEOUL, Stage.SUBMITTED)).when(ReceiveIdea(), actor=RECEIVER, time=received_at)
    assert outcome.event(IdeaReceived).decision_due == datetime(2025, 4, 7, 15, tzinfo=UTC)


def test_imported_history_shows_its_due_date_and_arms_no_deadline() -> None:
    receive = ReceiveIdea(channel="import")
    outcome = given_idea(*past(SEOUL, Stage.SUBMITTED)).when(receive, actor=RECEIVER)
    idea = given_idea(*past(SEOUL, Stage.SUBMITTED), *outcome.events).state
    assert idea.decision_due is not None and DECISION not in idea.deadlines


def test_receipt_may_be_dated_back_to_the_submission_by_the_office_alone() -> None:
    submitted = given_idea().when(submission(SEOUL, submitted_on=date(2025, 2, 25)), actor=RECEIVER).events
    receive = ReceiveIdea(received_on=date(2025, 2, 26), channel="paper", reason="방문 제출", document="접수-12")
    outcome = given_idea(*submitted).when(receive, actor=RECEIVER)
    outcome.emits(IdeaReceived, NoticeIssued, ReceiptNumberRequested)
    given_idea(*submitted).when(receive, actor=HEAD).refused("backdating_not_allowed")


@pytest.mark.parametrize(
    ("day", "code"), [(date(2025, 3, 2), "received_before_submission"), (date(2025, 3, 4), "date_in_future")]
)
def test_receipt_is_between_submission_and_today(day: date, code: str) -> None:
    given_idea(*past(SEOUL, Stage.SUBMITTED)).when(ReceiveIdea(received_on=day), actor=RECEIVER).refused(code)


# --- completeness

CLOSED = CheckCompleteness(outcome="closed", ground="complaint", reason="불만에 그친다", authority=authority())


@pytest.mark.parametrize(("pack_id", "stage"), [(SEOUL, "first_pass"), (NATIONAL, "review"), (OPEN_CALL, "review")])
def test_a_complete_idea_goes_to_the_first_stage_of_its_pack(pack_id: str, stage: str) -> None:
    check = CheckCompleteness(outcome="complete")
    outcome = given_idea(*past(pack_id, Stage.RECEIVED)).when(check, actor=RECEIVER)
    outcome.emits(IdeaFoundComplete, EvaluationRequested)
    assert outcome.event(EvaluationRequested).stage == stage


@pytest.mark.parametrize("pack_id", PACKS)
def test_no_proposal_is_closed_on_a_ground_and_the_authors_are_told(pack_id: str) -> None:
    outcome = given_idea(*past(pack_id, Stage.RECEIVED)).when(CLOSED, actor=RECEIVER).emits(IdeaClosed, NoticeIssued)
    assert outcome.event(IdeaClosed).reason == seal("불만에 그친다", "i-1")
    assert outcome.event(NoticeIssued).facts == {"ground": "complaint"}
    closed = given_idea(*past(pack_id, Stage.RECEIVED), *outcome.events).state
    assert closed.stage is Stage.CLOSED and closed.deadlines == {} and closed.ending.ground == "complaint"


def test_a_closing_cites_the_article_of_its_ground() -> None:
    outcome = given_idea(*past(NATIONAL, Stage.RECEIVED)).when(CLOSED, actor=RECEIVER)
    assert outcome.event(IdeaClosed).rule.article == "공무원 제안 규정 제2조제1항"


@pytest.mark.parametrize(
    ("pack_id", "changes", "code"),
    [
        (SEOUL, {"ground": None}, "ground_required"),
        (SEOUL, {"ground": "not_national_business"}, "unknown_ground"),
        (NATIONAL, {"ground": "not_city_business"}, "unknown_ground"),
        (SEOUL, {"reason": " "}, "reason_required"),
        (NATIONAL, {"authority": None}, "authority_required"),
    ],
)
def test_a_closing_that_lacks_something_is_refused(pack_id: str, changes: dict[str, Any], code: str) -> None:
    given_idea(*past(pack_id, Stage.RECEIVED)).when(CLOSED.model_copy(update=changes), actor=RECEIVER).refused(code)


def test_a_running_practice_is_never_closed_as_already_in_force() -> None:
    submitted = given_idea().when(submission(SEOUL, kind=Kind.PRACTICE)).events
    received = given_idea(*submitted).when(ReceiveIdea(), actor=RECEIVER).events
    closing = CLOSED.model_copy(update={"ground": "already_in_force"})
    given_idea(*submitted, *received).when(closing, actor=RECEIVER).refused("ground_not_for_kind")


def test_nobody_checks_the_own_idea() -> None:
    myself = Actor("p-2", "receiver", "d-office")
    outcome = given_idea(*past(SEOUL, Stage.RECEIVED)).when(CheckCompleteness(outcome="complete"), actor=myself)
    assert outcome.refused("conflict_of_interest").refusal and outcome.refusal and outcome.refusal.recorded


# --- evaluation


@pytest.mark.parametrize("score", ["87.50", None])
def test_after_the_last_stage_the_department_owes_a_decision(score: str | None) -> None:
    result = evaluated(SEOUL, score)
    outcome = given_idea(*past(SEOUL, Stage.UNDER_EVALUATION)).when(result, actor=SYSTEM).emits(DecisionRequested)
    requested = outcome.event(DecisionRequested)
    assert (requested.score, requested.due) == (result.score, DUE[SEOUL])


def test_the_result_of_another_stage_changes_nothing() -> None:
    given_idea(*past(SEOUL, Stage.UNDER_EVALUATION)).when(evaluated(SEOUL, stage="desk"), actor=SYSTEM).emits()


def test_the_result_of_a_withdrawn_idea_changes_nothing() -> None:
    before = past(SEOUL, Stage.UNDER_EVALUATION)
    withdrawn = given_idea(*before).when(WithdrawIdea()).events
    given_idea(*before, *withdrawn).when(evaluated(SEOUL), actor=SYSTEM).emits()


# --- decision


@pytest.mark.parametrize("pack_id", PACKS)
def test_adoption_carries_what_award_and_spread_need(pack_id: str) -> None:
    outcome = given_idea(*past(pack_id, Stage.DECISION_PENDING)).when(adoption(), actor=HEAD)
    adopted = outcome.emits(IdeaAdopted, NoticeIssued, ClocksStarted).event(IdeaAdopted)
    assert str(adopted.score) == "87.50" and adopted.planned_date == date(2025, 9, 1)
    assert adopted.decided_by == "p-6" and adopted.received_on == date(2025, 3, 3)
    idea = given_idea(*past(pack_id, Stage.ADOPTED)).state
    assert set(idea.deadlines) - {SHARES} == {FOLLOW_UP} and idea.decision.outcome == "adopted"


@pytest.mark.parametrize("pack_id", PACKS)
def test_refusal_is_reasoned_and_told(pack_id: str) -> None:
    refuse = RefuseIdea(reason="예산이 없다", authority=authority())
    outcome = given_idea(*past(pack_id, Stage.DECISION_PENDING)).when(refuse, actor=HEAD)
    assert outcome.emits(IdeaRefused, NoticeIssued, ClocksStarted).event(NoticeIssued).recipients == ("p-1", "p-2")
    assert given_idea(*past(pack_id, Stage.REFUSED)).state.decision.outcome == "refused"


def test_packs_differ_in_what_an_adoption_needs() -> None:
    bare = AdoptIdea()
    outcome = given_idea(*past(OPEN_CALL, Stage.DECISION_PENDING)).when(bare, actor=HEAD)
    outcome.emits(IdeaAdopted, NoticeIssued, ClocksStarted)
    given_idea(*past(SEOUL, Stage.DECISION_PENDING)).when(bare, actor=HEAD).refused("authority_required")


LAST_DAY = date(2028, 3, 3)
"""Three years after the decision: the management period."""


@pytest.mark.parametrize(
    ("message", "actor", "code"),
    [
        (adoption(planned_date=None), HEAD, "planned_date_required"),
        (adoption(planned_date=date(2025, 3, 2)), HEAD, "planned_date_outside_period"),
        (adoption(planned_date=date(2028, 3, 4)), HEAD, "planned_date_outside_period"),
        (adoption(authority=authority(approver="p-2")), HEAD, "conflict_of_interest"),
        (adoption(authority=authority(at=date(2025, 3, 4))), HEAD, "date_in_future"),
        (adoption(), OTHER_HEAD, "not_in_charge"),
        (adoption(), Actor("p-2", "department", "d-transport"), "conflict_of_interest"),
        (RefuseIdea(reason="", authority=authority()), HEAD, "reason_required"),
        (RefuseIdea(reason="예산이 없다"), HEAD, "authority_required"),
        (RefuseIdea(reason="예산이 없다", authority=authority()), OTHER_HEAD, "not_in_charge"),
    ],
)
def test_a_decision_that_may_not_be_is_refused(message: Message, actor: Actor, code: str) -> None:
    given_idea(*past(SEOUL, Stage.DECISION_PENDING)).when(message, actor=actor).refused(code)


def test_the_last_day_of_the_management_period_is_within_it() -> None:
    message = adoption(planned_date=LAST_DAY)
    outcome = given_idea(*past(SEOUL, Stage.DECISION_PENDING)).when(message, actor=HEAD)
    outcome.emits(IdeaAdopted, NoticeIssued, ClocksStarted)


@pytest.mark.parametrize("stage", [s for s in Stage if s in (Stage.SUBMITTED, Stage.RECEIVED, Stage.ADOPTED)])
def test_a_step_out_of_turn_is_refused(stage: Stage) -> None:
    given_idea(*past(SEOUL, stage)).when(adoption(), actor=HEAD).refused("wrong_stage")
    if stage is not Stage.SUBMITTED:
        given_idea(*past(SEOUL, stage)).when(ReceiveIdea(), actor=RECEIVER).refused("wrong_stage")
    if stage is not Stage.RECEIVED:
        given_idea(*past(SEOUL, stage)).when(CLOSED, actor=RECEIVER).refused("wrong_stage")


# --- the deadline


def test_a_decision_that_is_owed_too_long_is_overdue_and_can_still_be_made() -> None:
    before = past(SEOUL, Stage.DECISION_PENDING)
    fired = DeadlineReached(name=DECISION, due=DUE[SEOUL])
    outcome = given_idea(*before).when(fired, actor=SYSTEM).emits(DecisionOverdue)
    late = given_idea(*before, *outcome.events)
    assert DECISION not in late.state.deadlines and outcome.event(DecisionOverdue).due == DUE[SEOUL]
    late.when(adoption(), actor=HEAD).emits(IdeaAdopted, NoticeIssued, ClocksStarted)


# --- withdrawal


@pytest.mark.parametrize(
    ("stage", "evaluation"),
    [
        (Stage.SUBMITTED, ""),
        (Stage.RECEIVED, ""),
        (Stage.UNDER_EVALUATION, "first_pass"),
        (Stage.DECISION_PENDING, ""),
    ],
)
def test_an_author_withdraws_before_the_decision(stage: Stage, evaluation: str) -> None:
    outcome = given_idea(*past(SEOUL, stage)).when(WithdrawIdea(reason="다시 쓰겠다"), actor=CO_AUTHOR)
    outcome.emits(IdeaWithdrawn, NoticeIssued)
    assert outcome.event(IdeaWithdrawn).stage == evaluation
    assert outcome.event(NoticeIssued).recipients == ("p-1",)
    assert outcome.event(IdeaWithdrawn).reason.key == "p-2"
    assert given_idea(*past(SEOUL, stage), *outcome.events).state.deadlines == {}


@pytest.mark.parametrize("stage", [Stage.ADOPTED, Stage.REFUSED])
def test_after_the_decision_it_is_too_late_to_withdraw(stage: Stage) -> None:
    given_idea(*past(SEOUL, stage)).when(WithdrawIdea()).refused("too_late_to_withdraw")


def test_others_are_not_told_that_there_is_something_to_withdraw() -> None:
    given_idea(*past(SEOUL, Stage.RECEIVED)).when(WithdrawIdea(), actor=STRANGER).refused("not_found")


# --- afterwards


def granted(grade: str = "grand") -> AwardGranted:
    return AwardGranted(
        idea_id="i-1",
        round_id="seoul-2025-1.2025",
        category_id="seoul-2025-1.2025.creative",
        grade=grade,
        prize_won=3_000_000,
        payments=(Payment(person_id="p-1", share="100", won=3_000_000),),  # pyright: ignore[reportArgumentType]
        authority=None,
        rule=Rule(pack=SEOUL),
    )


def answered(target: str, answer: Literal["adopted", "adapted", "declined"]) -> CaseAnswered:
    return CaseAnswered(
        idea_id="i-1",
        target=target,
        answer=answer,
        answered_by="p-70",
        answered_on=date(2025, 12, 1),
        reason=seal("", "i-1"),
    )


def test_a_grade_is_remembered_and_told_once() -> None:
    before = past(SEOUL, Stage.ADOPTED)
    outcome = given_idea(*before).when(granted(), actor=SYSTEM).emits(IdeaAwarded, NoticeIssued)
    assert outcome.event(NoticeIssued).facts == {"grade": "grand", "prize_won": "3000000"}
    given_idea(*before, *outcome.events).when(granted(), actor=SYSTEM).emits()


def test_spread_counts_a_department_once_and_a_refusal_never() -> None:
    before = past(SEOUL, Stage.ADOPTED)
    given_idea(*before).when(answered("d-busan", "declined"), actor=SYSTEM).emits()
    outcome = given_idea(*before).when(answered("d-busan", "adapted"), actor=SYSTEM).emits(IdeaSpread, NoticeIssued)
    again = given_idea(*before, *outcome.events)
    again.when(answered("d-busan", "adopted"), actor=SYSTEM).emits()
    assert again.state.spread_to == ("d-busan",)


@pytest.mark.parametrize("message", [granted(), answered("d-busan", "adopted")])
def test_what_comes_to_an_idea_that_was_not_adopted_changes_nothing(message: Message) -> None:
    given_idea(*past(SEOUL, Stage.REFUSED)).when(message, actor=SYSTEM).emits()


@pytest.mark.parametrize(
    ("message", "notice", "facts"),
    [
        (
            ImplementationStarted(idea_id="i-1", started_on=date(2025, 9, 1)),
            "implementation_started",
            {"on": "2025-09-01"},
        ),
        (
            ImplementationRescheduled(
                idea_id="i-1", to_date=date(2026, 1, 5), reason=seal("", "i-1"), rule=Rule(pack=SEOUL)
            ),
            "implementation_rescheduled",
            {"planned_date": "2026-01-05"},
        ),
        (
            ImplementationCompleted(idea_id="i-1", completed_on=date(2026, 2, 1), result=seal("", "i-1")),
            "implementation_completed",
            {"on": "2026-02-01"},
        ),
        (
            ImplementationAbandoned(idea_id="i-1", reason=seal("", "i-1"), learnt=seal("", "i-1")),
            "implementation_abandoned",
            {},
        ),
    ],
)
def test_authors_hear_of_the_implementation(message: Message, notice: str, facts: dict[str, str]) -> None:
    told = given_idea(*past(SEOUL, Stage.ADOPTED)).when(message, actor=SYSTEM).emits(NoticeIssued).event(NoticeIssued)
    assert (told.notice, told.facts, told.position) == (notice, facts, 4)


def test_the_state_keeps_the_latest_notices_and_counts_all() -> None:
    events = list(past(SEOUL, Stage.ADOPTED))
    for number in range(NOTICES_KEPT):
        events += given_idea(*events).when(answered(f"d-{number}", "adopted"), actor=SYSTEM).events
    idea = given_idea(*events).state
    assert len(idea.notices) == NOTICES_KEPT and idea.notices_issued == NOTICES_KEPT + 3
    assert [notice.position for notice in idea.notices] == list(range(4, NOTICES_KEPT + 4))


def test_an_adopted_idea_is_public_and_a_refused_one_is_not() -> None:
    assert given_idea(*past(NATIONAL, Stage.ADOPTED)).state.visible_to(STRANGER)["stage"] == "adopted"
    refused = given_idea(*past(NATIONAL, Stage.REFUSED)).state
    assert refused.visible_to(STRANGER) == {} == refused.visible_to(OTHER_HEAD)
    assert refused.visible_to(HEAD)["decision"]["outcome"] == "refused"
    assert "notices" not in refused.visible_to(LEAD)
