"""The process between submission and decision, and the clocks over all of it: what each message makes happen.

`idea` hands over here whatever is not one of its own steps. Pure and total over `Input` and `Emitted`, as `idea` is.
"""

from collections.abc import Iterator

from services.ideas.domain import aftermath
from services.ideas.domain.clocks import (
    CLAIM_RESULT,
    CLOSING,
    DECISION,
    OPINION,
    REEXAMINATION_RESULT,
    SUPPLEMENT,
    awaited,
    clocks_started,
    ended,
    resumed,
    stopped,
    with_clock,
)
from services.ideas.domain.course import call_closed, extend, reopen, transfer
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.moves import moved
from services.ideas.domain.notices import notice_of
from services.ideas.domain.opinion import ask, give, not_given
from services.ideas.domain.process_commands import (
    AnswerSupplement,
    AskOpinions,
    ExtendDecision,
    GiveOpinion,
    RecordDelivery,
    ReopenIdea,
    RequestSupplement,
    TransferIdea,
)
from services.ideas.domain.rights import deliver
from services.ideas.domain.supplement import answer, not_supplied, request
from services.ideas.domain.values import Opinion, Stage, Supplement
from shared.contracts.ideas import DecisionOverdue
from shared.contracts.ideas_duties import ChargeMoved, IdeaMoved, IdeaMoveOrdered
from shared.contracts.ideas_process import (
    CallAnswered,
    CallClosed,
    ClockRanOut,
    ClocksStarted,
    DecisionExtended,
    IdeaNumbered,
    IdeaReopened,
    IdeaTransferred,
    NoticeDelivered,
    OpinionGiven,
    OpinionRequested,
    OpinionUnanswered,
    PlannedDatePassed,
    ReceiptNumberIssued,
    ReceiptNumberRequested,
    SupplementAnswered,
    SupplementReminded,
    SupplementRequested,
    SupplementUnmet,
)
from shared.engine.aggregate import Context
from shared.engine.message import DeadlineReached, Event
from shared.rules.rule import Term

Input = (
    RequestSupplement
    | AnswerSupplement
    | TransferIdea
    | AskOpinions
    | GiveOpinion
    | ReopenIdea
    | ExtendDecision
    | RecordDelivery
    | ReceiptNumberIssued
    | CallClosed
    | PlannedDatePassed
    | IdeaMoveOrdered
    | DeadlineReached
    | aftermath.Input
)

Emitted = (
    ReceiptNumberRequested
    | IdeaNumbered
    | CallAnswered
    | SupplementRequested
    | SupplementReminded
    | SupplementUnmet
    | SupplementAnswered
    | IdeaTransferred
    | OpinionRequested
    | OpinionGiven
    | OpinionUnanswered
    | IdeaReopened
    | ClocksStarted
    | DecisionExtended
    | DecisionOverdue
    | ClockRanOut
    | NoticeDelivered
    | aftermath.Emitted
    | IdeaMoved
    | ChargeMoved
)


OWED = {REEXAMINATION_RESULT: "reexamination_overdue", CLAIM_RESULT: "claim_overdue"}
"""What authors are told when a term of the agency has ended."""


def decide(idea: Idea, message: Input, context: Context) -> Iterator[Event]:
    """What happens next."""
    match message:
        case RequestSupplement():
            yield from request(idea, message, context)
        case AnswerSupplement():
            yield from answer(idea, message, context)
        case TransferIdea():
            yield from transfer(idea, message, context)
        case AskOpinions():
            yield from ask(idea, message, context)
        case GiveOpinion():
            yield from give(idea, message, context)
        case ReopenIdea():
            yield from reopen(idea, message, context)
        case ExtendDecision():
            yield from extend(idea, message, context)
        case RecordDelivery():
            yield from deliver(idea, message, context)
        case ReceiptNumberIssued():
            yield from _number(idea, message, context)
        case CallClosed():
            yield from call_closed(idea, message)
        case PlannedDatePassed():
            yield notice_of(idea, context, "planned_date_passed", planned_date=message.planned_date)
        case IdeaMoveOrdered():
            yield from moved(idea, message, context)
        case DeadlineReached():
            yield from _fall_due(idea, message, context)
        case _:
            yield from aftermath.decide(idea, message, context)


def _number(idea: Idea, issued: ReceiptNumberIssued, context: Context) -> Iterator[Event]:
    if idea.receipt_number:
        return
    written = f"{issued.register_id}-{issued.number:06}"
    yield IdeaNumbered(idea_id=idea.id, register_id=issued.register_id, number=issued.number, receipt_number=written)
    yield notice_of(idea, context, "numbered", receipt_number=written)


def _fall_due(idea: Idea, message: DeadlineReached, context: Context) -> Iterator[Event]:
    what, _, number = message.name.partition(".")
    if what == DECISION:
        yield DecisionOverdue(idea_id=idea.id, department=idea.department, due=message.due)
    elif what == SUPPLEMENT:
        yield from not_supplied(idea, message, context)
    elif what == OPINION:
        yield from not_given(idea, message, int(number))
    else:
        yield ClockRanOut(idea_id=idea.id, clock=message.name, due=message.due)
        if message.name in OWED:
            yield notice_of(idea, context, OWED[message.name])


def evolve(idea: Idea, event: Emitted) -> Idea:
    """What an event means for the idea."""
    match event:
        case ReceiptNumberRequested() | CallAnswered() | ChargeMoved():
            return idea
        case IdeaNumbered():
            return idea.but(receipt_number=event.receipt_number)
        case SupplementRequested():
            return _supplement_requested(idea, event)
        case SupplementReminded():
            return _supplement(idea, reminders=event.reminder, due=event.due).with_deadline(SUPPLEMENT, event.due)
        case SupplementUnmet():
            unmet = _supplement(idea, status="unmet").without_deadline(SUPPLEMENT)
            return resumed(unmet, awaited(SUPPLEMENT, event.number), event.resumed_on)
        case SupplementAnswered():
            return _supplement_answered(idea, event)
        case IdeaTransferred():
            return idea.but(department=event.department)
        case IdeaMoved():
            return idea.but(department=event.move.department)
        case OpinionRequested():
            return _opinion_requested(idea, event)
        case OpinionGiven():
            given = _opinion(
                idea,
                event.number,
                status="given",
                opinion=event.opinion,
                given_on=event.given_on,
                given_by=event.given_by,
            )
            return resumed(given, awaited(OPINION, event.number), event.given_on)
        case OpinionUnanswered():
            missed = _opinion(idea, event.number, status="unanswered")
            return resumed(missed, awaited(OPINION, event.number), event.resumed_on)
        case IdeaReopened():
            again = idea.but(stage=Stage.RECEIVED, ending=None, reopened_on=event.reopened_on)
            return resumed(again, CLOSING, event.reopened_on)
        case ClocksStarted():
            return clocks_started(idea, event)
        case DecisionExtended():
            clock = idea.clocks[DECISION].extended(Term.model_validate(event.term), idea.next)
            return with_clock(idea, DECISION, clock)
        case DecisionOverdue():
            return ended(idea, DECISION, "ran_out")
        case ClockRanOut():
            return ended(idea, event.clock, "ran_out")
        case NoticeDelivered():
            return _delivered(idea, event)
        case _:
            return aftermath.evolve(idea, event)


def _supplement_requested(idea: Idea, event: SupplementRequested) -> Idea:
    supplement = Supplement(
        number=event.number,
        missing=event.missing,
        ground=event.ground,
        reason=event.reason,
        requested_on=event.requested_on,
        due=event.due,
    )
    waiting = idea.but(supplement=supplement).with_deadline(SUPPLEMENT, event.due)
    return stopped(waiting, awaited(SUPPLEMENT, event.number), event.requested_on)


def _supplement_answered(idea: Idea, event: SupplementAnswered) -> Idea:
    sections = idea.sections.model_copy(update={"value": {**idea.sections.value, **event.sections.value}})
    answered = _supplement(idea, status="answered").but(sections=sections, title=event.title or idea.title)
    return resumed(answered.without_deadline(SUPPLEMENT), awaited(SUPPLEMENT, event.number), event.answered_on)


def _supplement(idea: Idea, **changes: object) -> Idea:
    assert idea.supplement is not None
    return idea.but(supplement=idea.supplement.model_copy(update=changes))


def _opinion_requested(idea: Idea, event: OpinionRequested) -> Idea:
    opinion = Opinion(**event.model_dump(include={"number", "department", "question", "requested_on", "due"}))
    name = awaited(OPINION, event.number)
    waiting = idea.but(opinions=(*idea.opinions, opinion)).with_deadline(name, event.due)
    return stopped(waiting, name, event.requested_on)


def _opinion(idea: Idea, number: int, **changes: object) -> Idea:
    opinions = tuple(one.model_copy(update=changes) if one.number == number else one for one in idea.opinions)
    return idea.but(opinions=opinions).without_deadline(awaited(OPINION, number))


def _delivered(idea: Idea, event: NoticeDelivered) -> Idea:
    notices = tuple(
        one.model_copy(update={"delivered_on": event.delivered_on}) if one.position == event.position else one
        for one in idea.notices
    )
    return idea.but(notices=notices)
