"""Prior consultation on one idea (사전컨설팅): what the audit office was asked beforehand, and what it said.

Pure. Source: 지방공무원 적극행정 운영규정 제5조. The audit office changes nothing here; the receiving office enters its
opinion with the document it came in. Invariants: a question is answered once, also late; who asked does not enter the
answer; nobody learns of it to whom the idea does not open.
"""

from collections.abc import Iterator
from datetime import date
from typing import Literal, assert_never

from services.ideas.domain.idea_state import Idea
from services.ideas.domain.rules import cite, days, rules, today
from services.ideas.domain.values import CONSULTABLE
from shared.contracts.ideas_outcomes import ConsultationAnswered, ConsultationAsked, ConsultationOverdue, Stance
from shared.contracts.types import Day, PersonId, SealedProse, Value, WrittenLine, WrittenProse
from shared.engine.aggregate import Context, Refused, State, require
from shared.engine.message import Command, DeadlineReached, Event, Instant, seal
from shared.rules.calendar import Calendar

FOLD = 1
CONSULTATION = "consultation"
"""Deadlines by which opinions are due, each with its number: `consultation.2`."""
MOST = 20
"""As many questions there are at most on one idea; they stand in its state."""


class AskConsultation(Command, creates=True):
    """Ask the audit office beforehand: the question, and the facts as they are known."""

    question: WrittenProse
    facts: WrittenProse


class AnswerConsultation(Command, creates=True):
    """Enter the opinion of the audit office, with its document; the day defaults to today."""

    number: int
    stance: Stance
    opinion: WrittenProse
    document: WrittenLine
    adviser: PersonId
    given_on: Day | None = None


class Question(Value):
    """One question and its opinion."""

    number: int
    question: SealedProse
    facts: SealedProse
    asked_on: date
    asked_by: PersonId
    due: Instant
    status: Literal["open", "overdue", "answered"] = "open"
    stance: Stance | None = None
    opinion: SealedProse | None = None
    document: str = ""
    adviser: PersonId | None = None
    given_on: date | None = None


class Consultation(State):
    """All that was asked beforehand on an idea."""

    questions: tuple[Question, ...] = ()


Input = AskConsultation | AnswerConsultation | DeadlineReached
Emitted = ConsultationAsked | ConsultationAnswered | ConsultationOverdue


def decide(consultation: Consultation, message: Input, context: Context) -> Iterator[Event]:
    """What happens next."""
    match message:
        case AskConsultation():
            yield _ask(consultation, message, context)
        case AnswerConsultation():
            yield _answer(consultation, message, context)
        case DeadlineReached():
            number = int(message.name.partition(".")[2])
            yield ConsultationOverdue(idea_id=consultation.id, number=number, due=message.due)
        case _:
            assert_never(message)


def _ask(consultation: Consultation, message: AskConsultation, context: Context) -> ConsultationAsked:
    idea, actor = context.read(Idea), context.actor
    asked = rules(idea.pack).outcomes
    term = asked.consultation_within
    require(term.value is not None, "consultation_not_offered", recorded=True)
    assert term.value is not None
    may = actor.role in asked.consultation_asked_by.value
    require(may, "consultation_not_by_role", recorded=True, role=actor.role)
    in_charge = actor.role != "department" or actor.department == idea.department
    require(in_charge, "not_in_charge", recorded=True, department=idea.department)
    require(idea.stage in CONSULTABLE, "wrong_stage", stage=idea.stage.value, needed=[one.value for one in CONSULTABLE])
    require(bool(message.question.strip()), "question_required")
    require(bool(message.facts.strip()), "facts_required")
    require(len(consultation.questions) < MOST, "too_many_questions", limit=MOST)
    now = today(context.time)
    return ConsultationAsked(
        idea_id=consultation.id,
        number=len(consultation.questions) + 1,
        department=idea.department,
        question=seal(message.question, consultation.id),
        facts=seal(message.facts, consultation.id),
        asked_on=now,
        asked_by=actor.id,
        due=Calendar.end_of(days(idea.pack).due(now, term.value)),
        rule=cite(idea.pack, term),
    )


def _answer(consultation: Consultation, message: AnswerConsultation, context: Context) -> ConsultationAnswered:
    found = next((one for one in consultation.questions if one.number == message.number), None)
    if found is None:
        raise Refused("unknown_question", number=message.number)
    require(found.status != "answered", "question_answered", number=message.number)
    require(context.actor.id != found.asked_by, "conflict_of_interest", recorded=True)
    require(bool(message.opinion.strip()), "opinion_required")
    require(bool(message.document.strip()), "document_required")
    now = today(context.time)
    given_on = message.given_on or now
    require(given_on <= now, "date_in_future", field="given_on", date=str(given_on))
    require(found.asked_on <= given_on, "date_too_early", field="given_on", first=str(found.asked_on))
    return ConsultationAnswered(
        idea_id=consultation.id,
        number=found.number,
        stance=message.stance,
        opinion=seal(message.opinion, consultation.id),
        document=message.document,
        adviser=message.adviser,
        given_on=given_on,
        recorded_by=context.actor.id,
    )


def evolve(consultation: Consultation, event: Emitted) -> Consultation:
    """What an event means for the consultation."""
    name = f"{CONSULTATION}.{event.number}"
    match event:
        case ConsultationAsked():
            question = Question.model_validate(event.model_dump(include=set(Question.model_fields)))
            more = consultation.but(questions=(*consultation.questions, question))
            return more.with_deadline(name, event.due)
        case ConsultationAnswered():
            said = event.model_dump(include={"stance", "document", "adviser", "given_on"})
            answered = _changed(consultation, event.number, **said, opinion=event.opinion, status="answered")
            return answered.without_deadline(name)
        case ConsultationOverdue():
            return _changed(consultation, event.number, status="overdue").without_deadline(name)
        case _:
            assert_never(event)


def _changed(consultation: Consultation, number: int, **changes: object) -> Consultation:
    questions = tuple(one.model_copy(update=changes) if one.number == number else one for one in consultation.questions)
    return consultation.but(questions=questions)
