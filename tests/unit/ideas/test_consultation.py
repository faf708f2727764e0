"""Prior consultation: asked before it is decided or done, answered with a document, and overdue when it is not."""

from datetime import date

import pytest

from services.ideas.domain.consultation import AnswerConsultation, AskConsultation
from services.ideas.domain.values import Stage
from shared.contracts.ideas import NoticeIssued
from shared.contracts.ideas_outcomes import ConsultationAnswered, ConsultationAsked, ConsultationOverdue
from shared.engine.message import Actor, DeadlineReached, Message
from tests.support.given import Given
from tests.unit.ideas.outcomes import follow, given_consultation
from tests.unit.ideas.support import (
    HEAD,
    NATIONAL,
    NATIONAL_2017,
    OPEN_CALL,
    OTHER_HEAD,
    RECEIVER,
    SEOUL,
    SYSTEM,
    given_idea,
    past,
)

ASK = AskConsultation(question="한정면허로 심야 노선을 낼 수 있는가", facts="법령에 심야 노선의 규정이 없다")
ANSWER = AnswerConsultation(
    number=1, stance="agrees_if", opinion="시범 기간을 두면 가능하다", document="감사-2025-9", adviser="p-70"
)


def asked(pack_id: str = SEOUL) -> Given:
    return follow(given_consultation(pack_id), ASK, HEAD)


def test_a_question_is_asked_and_answered_with_its_document() -> None:
    event = given_consultation(SEOUL).when(ASK).emits(ConsultationAsked).event(ConsultationAsked)
    assert event.rule.article == "지방공무원 적극행정 운영규정 제5조"
    answered = asked().when(ANSWER, actor=RECEIVER).emits(ConsultationAnswered).event(ConsultationAnswered)
    assert (answered.stance, answered.adviser, answered.recorded_by) == ("agrees_if", "p-70", RECEIVER.id)
    after = follow(asked(), ANSWER, RECEIVER)
    [question] = after.state.questions
    assert (question.status, question.opinion.value) == ("answered", "시범 기간을 두면 가능하다")
    assert after.state.deadlines == {}
    after.when(ANSWER, actor=RECEIVER).refused("question_answered")


def test_packs_differ_in_the_term_and_in_whether_it_is_offered_at_all() -> None:
    # 23 March and 2 April 2025: a Sunday, which moves on, and a Wednesday.
    dues = {pack: asked(pack).state.questions[0].due.date() for pack in (SEOUL, NATIONAL)}
    assert dues == {SEOUL: date(2025, 3, 24), NATIONAL: date(2025, 4, 2)}
    for pack_id in (OPEN_CALL, NATIONAL_2017):
        given_consultation(pack_id).when(ASK).refused("consultation_not_offered")


def test_packs_differ_in_who_may_ask() -> None:
    given_consultation(SEOUL).when(ASK, actor=RECEIVER).emits(ConsultationAsked)
    given_consultation(NATIONAL).when(ASK, actor=RECEIVER).refused("consultation_not_by_role")


def test_a_late_opinion_is_late_and_is_taken() -> None:
    given = asked()
    due = given.state.deadlines["consultation.1"]
    outcome = given.when(DeadlineReached(name="consultation.1", due=due), actor=SYSTEM, time=due)
    assert outcome.emits(ConsultationOverdue).event(ConsultationOverdue).due == due
    late = given(*given.past, *outcome.events, reads=given.reads)
    assert (late.state.questions[0].status, late.state.deadlines) == ("overdue", {})
    late.when(ANSWER, actor=RECEIVER, time=due).emits(ConsultationAnswered)


@pytest.mark.parametrize(
    ("message", "actor", "code"),
    [
        (ASK, OTHER_HEAD, "not_in_charge"),
        (ASK.model_copy(update={"question": " "}), HEAD, "question_required"),
        (ASK.model_copy(update={"facts": " "}), HEAD, "facts_required"),
        (ANSWER.model_copy(update={"number": 2}), RECEIVER, "unknown_question"),
        (ANSWER.model_copy(update={"opinion": " "}), RECEIVER, "opinion_required"),
        (ANSWER.model_copy(update={"document": " "}), RECEIVER, "document_required"),
        (ANSWER.model_copy(update={"given_on": date(2025, 3, 4)}), RECEIVER, "date_in_future"),
        (ANSWER.model_copy(update={"given_on": date(2025, 3, 2)}), RECEIVER, "date_too_early"),
        (ANSWER, Actor(HEAD.id, "receiver", "d-office"), "conflict_of_interest"),
    ],
)
def test_what_may_not_be_is_refused(message: Message, actor: Actor, code: str) -> None:
    asked().when(message, actor=actor).refused(code)


def test_only_what_is_still_to_be_decided_or_done_is_consulted_on() -> None:
    given_consultation(SEOUL, Stage.ADOPTED).when(ASK).emits(ConsultationAsked)
    given_consultation(SEOUL, Stage.REFUSED).when(ASK).refused("wrong_stage")


def test_there_is_a_limit_to_questions() -> None:
    given = given_consultation(SEOUL)
    for _ in range(20):
        given = follow(given, ASK, HEAD)
    given.when(ASK).refused("too_many_questions")


def test_the_authors_are_told_of_the_opinion() -> None:
    event = follow(asked(), ANSWER, RECEIVER).past[-1]
    told = given_idea(*past(SEOUL, Stage.DECISION_PENDING)).when(event, actor=SYSTEM).event(NoticeIssued)
    assert told.notice == "consultation_answered"
