"""A case offered to one target department (확산): owner, due date, answer. Its id is `idea_id/target`.

Pure. Invariants: a department gets a case once and never its own; only the target answers, once, also when it is late;
a missed due date is told once.
"""

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import assert_never

from services.learning.domain.case import Case
from services.learning.domain.case import Stage as CaseStage
from services.learning.domain.commands import AnswerOffer, OfferCase
from services.learning.domain.rules import cite, days, rules, today
from shared.contracts.learning import CaseAnswered, CaseOffered, OfferOverdue
from shared.contracts.types import SealedProse
from shared.engine.aggregate import Context, State, require
from shared.engine.message import Actor, DeadlineReached, Event, Instant, seal

ANSWER = "answer"
DEPARTMENT = "department"

Input = OfferCase | AnswerOffer | DeadlineReached
Emitted = CaseOffered | CaseAnswered | OfferOverdue

FOLD = 1


class Stage(StrEnum):
    """How far an offer has come; an overdue one may still be answered."""

    NEW = "new"
    OFFERED = "offered"
    OVERDUE = "overdue"
    ANSWERED = "answered"


class Offer(State):
    """A case on offer to a department. `idea_id` is the case's, `answer` empty until there is one."""

    stage: Stage = Stage.NEW
    idea_id: str = ""
    pack: str = ""
    target: str = ""
    owner: str = ""
    due_at: Instant | None = None
    answer: str = ""
    answered_by: str = ""
    answered_on: date | None = None
    reason: SealedProse | None = None


def decide(offer: Offer, message: Input, context: Context) -> Iterator[Event]:
    """What follows for the offer."""
    match message:
        case OfferCase():
            yield _offer(offer, message, context)
        case AnswerOffer():
            yield _answer(offer, message, context)
        case DeadlineReached(due=due):
            yield OfferOverdue(idea_id=offer.idea_id, target=offer.target, owner=offer.owner, due=due)
        case _:
            assert_never(message)


def _offer(offer: Offer, message: OfferCase, context: Context) -> CaseOffered:
    case = context.read(Case)
    require(case.stage is not CaseStage.NEW, "not_found")
    require(case.stage is not CaseStage.FAILED, "case_failed")
    require(offer.stage is Stage.NEW, "already_offered", target=message.target)
    require(message.target != case.department, "own_department", target=message.target)
    _require_may_offer(case, context.actor)
    return CaseOffered(
        idea_id=case.id,
        pack=case.pack,
        target=message.target,
        owner=message.owner,
        due=_due(case.pack, message.due, context.time),
        rule=cite(case.pack, rules(case.pack).spread.answer_within),
    )


def _require_may_offer(case: Case, actor: Actor) -> None:
    """A head offers what is the own department's, the office offers anything."""
    own = actor.role != DEPARTMENT or actor.department == case.department
    require(own, "not_the_department_in_charge", recorded=True, department=case.department)


def _due(pack_id: str, wanted: date | None, now: datetime) -> datetime:
    calendar = days(pack_id)
    if wanted is None:
        return calendar.end_of(calendar.due(today(now), rules(pack_id).spread.answer_within.value))
    require(wanted >= today(now), "date_in_past", field="due", date=str(wanted))
    return calendar.end_of(wanted)


def _answer(offer: Offer, message: AnswerOffer, context: Context) -> CaseAnswered:
    asked = rules(offer.pack).spread
    head = context.actor.role == DEPARTMENT and context.actor.department == offer.target
    require(head or context.actor.id == offer.owner, "not_the_target", recorded=True, target=offer.target)
    require(offer.stage is not Stage.ANSWERED, "already_answered", answer=offer.answer)
    require(message.answer in asked.answers.value, "answer_not_allowed", answer=message.answer)
    unreasoned = message.answer in asked.reason_required.value and not message.reason.strip()
    require(not unreasoned, "reason_required", answer=message.answer)
    return CaseAnswered(
        idea_id=offer.idea_id,
        target=offer.target,
        answer=message.answer,
        answered_by=context.actor.id,
        answered_on=today(context.time),
        reason=seal(message.reason, key=offer.idea_id),
    )


def evolve(offer: Offer, event: Emitted) -> Offer:
    """What has happened to the offer."""
    match event:
        case CaseOffered():
            return offer.but(
                stage=Stage.OFFERED,
                idea_id=event.idea_id,
                pack=event.pack,
                target=event.target,
                owner=event.owner,
                due_at=event.due,
            ).with_deadline(ANSWER, event.due)
        case CaseAnswered():
            return offer.but(
                stage=Stage.ANSWERED,
                answer=event.answer,
                answered_by=event.answered_by,
                answered_on=event.answered_on,
                reason=event.reason,
            ).without_deadline(ANSWER)
        case OfferOverdue():
            return offer.but(stage=Stage.OVERDUE).without_deadline(ANSWER)
        case _:
            assert_never(event)
