"""One idea, from submission to decision, and what its authors are told until it has spread.

Pure. `decide` says what happens next, `evolve` what it means; the type checker holds both total over `Input` and
`Emitted`. Rules come from the idea's own pack, time from the message. Events of other services are never refused: what
no longer applies changes nothing. The longer steps are in `intake`, `outcome` and `history`.
"""

from collections.abc import Iterator
from typing import Literal, assert_never

from services.ideas.domain.commands import (
    AdoptIdea,
    CheckCompleteness,
    ImportDecision,
    ImportIdea,
    ReceiveIdea,
    RefuseIdea,
    SubmitIdea,
    WithdrawIdea,
)
from services.ideas.domain.history import import_decision, import_idea
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.intake import close, onwards, receive, require_check, submit, take_over, withdraw
from services.ideas.domain.notices import notice_of, tell_others
from services.ideas.domain.outcome import adopt, award, refuse, spread
from services.ideas.domain.rules import today
from services.ideas.domain.values import Award, Decision, Ending, Notice, Stage
from shared.contracts.awards import AwardGranted
from shared.contracts.evaluation import IdeaEvaluated
from shared.contracts.evaluation_rounds import EvaluationExtended
from shared.contracts.ideas import (
    DecisionOverdue,
    DecisionRequested,
    EndorsementsDeclared,
    EvaluationRequested,
    IdeaAdopted,
    IdeaAwarded,
    IdeaClosed,
    IdeaFoundComplete,
    IdeaReceived,
    IdeaRefused,
    IdeaSpread,
    IdeaSubmitted,
    IdeaWithdrawn,
    ImplementationAbandoned,
    ImplementationCompleted,
    ImplementationRescheduled,
    ImplementationStarted,
    NoticeIssued,
)
from shared.contracts.learning import CaseAnswered, OutputHandedOver
from shared.engine.aggregate import Context, require
from shared.engine.message import DeadlineReached, Event, wire_time

FOLD = 2
DECISION = "decision"
"""Name of the deadline by which decision and notice are owed."""

NOTICES_KEPT = 100
"""As many of the latest notices stand in the state; the history has all."""

Input = (
    SubmitIdea
    | ImportIdea
    | ImportDecision
    | ReceiveIdea
    | CheckCompleteness
    | AdoptIdea
    | RefuseIdea
    | WithdrawIdea
    | OutputHandedOver
    | IdeaEvaluated
    | EvaluationExtended
    | ImplementationStarted
    | ImplementationRescheduled
    | ImplementationCompleted
    | ImplementationAbandoned
    | AwardGranted
    | CaseAnswered
    | DeadlineReached
)

Emitted = (
    IdeaSubmitted
    | EndorsementsDeclared
    | IdeaReceived
    | IdeaWithdrawn
    | IdeaFoundComplete
    | IdeaClosed
    | EvaluationRequested
    | DecisionRequested
    | DecisionOverdue
    | IdeaAdopted
    | IdeaRefused
    | IdeaAwarded
    | IdeaSpread
    | NoticeIssued
)


def decide(idea: Idea, message: Input, context: Context) -> Iterator[Event]:
    """What happens next."""
    match message:
        case SubmitIdea():
            require(bool(message.title.strip()), "title_required")
            yield from submit(idea, message, context, message.submitted_on or today(context.time))
            yield from tell_others(idea, context, "submitted", message.authors)
        case ImportIdea():
            yield from import_idea(idea, message, context)
        case ImportDecision():
            yield from import_decision(idea, message, context)
        case OutputHandedOver():
            if idea.stage is Stage.NEW:
                yield from take_over(idea, message, context)
        case ReceiveIdea():
            yield from receive(idea, message, context)
        case CheckCompleteness(outcome="complete"):
            require_check(idea, context)
            yield IdeaFoundComplete(idea_id=idea.id, checked_by=context.actor.id)
            yield from onwards(idea, after="")
        case CheckCompleteness():
            require_check(idea, context)
            yield from close(idea, message, context)
        case IdeaEvaluated():
            yield from _evaluated(idea, message)
        case EvaluationExtended():
            yield from _extended(idea, message, context)
        case AdoptIdea():
            yield from adopt(idea, message, context)
        case RefuseIdea():
            yield from refuse(idea, message, context)
        case WithdrawIdea():
            yield from withdraw(idea, message, context)
        case DeadlineReached():
            yield DecisionOverdue(idea_id=idea.id, department=idea.department, due=message.due)
        case AwardGranted():
            yield from award(idea, message, context)
        case CaseAnswered():
            yield from spread(idea, message, context)
        case ImplementationStarted():
            yield notice_of(idea, context, "implementation_started", on=message.started_on)
        case ImplementationRescheduled():
            yield notice_of(idea, context, "implementation_rescheduled", planned_date=message.to_date)
        case ImplementationCompleted():
            yield notice_of(idea, context, "implementation_completed", on=message.completed_on)
        case ImplementationAbandoned():
            yield notice_of(idea, context, "implementation_abandoned")
        case _:
            assert_never(message)


def _evaluated(idea: Idea, message: IdeaEvaluated) -> Iterator[Event]:
    """A result of the stage that was asked for; one that goes on in its round is waited for."""
    stage = message.concludes or message.stage
    if idea.stage is Stage.UNDER_EVALUATION and stage == idea.evaluation_stage and not message.goes_on:
        yield from onwards(idea, after=stage, score=message.score)


def _extended(idea: Idea, message: EvaluationExtended, context: Context) -> Iterator[Event]:
    if idea.stage is Stage.UNDER_EVALUATION:
        yield notice_of(idea, context, "evaluation_extended", until=wire_time(message.due))


def evolve(idea: Idea, event: Emitted) -> Idea:
    """What an event means for the idea."""
    match event:
        case IdeaSubmitted():
            return _submitted(idea, event)
        case EndorsementsDeclared():
            return idea.but(declared_endorsements=event.endorsements)
        case IdeaReceived():
            return _received(idea, event)
        case IdeaFoundComplete():
            return idea
        case IdeaClosed():
            ending = Ending(ground=event.ground, reason=event.reason, ended_on=event.closed_on)
            return _ended(idea, Stage.CLOSED, ending)
        case IdeaWithdrawn():
            return _ended(idea, Stage.WITHDRAWN, Ending(reason=event.reason))
        case EvaluationRequested():
            return idea.but(stage=Stage.UNDER_EVALUATION, evaluation_stage=event.stage)
        case DecisionRequested():
            return idea.but(stage=Stage.DECISION_PENDING, evaluation_stage="", score=event.score)
        case DecisionOverdue():
            return idea.without_deadline(DECISION)
        case IdeaAdopted():
            return _decided(idea, Stage.ADOPTED, "adopted", event)
        case IdeaRefused():
            return _decided(idea, Stage.REFUSED, "refused", event)
        case IdeaAwarded():
            award = Award(round_id=event.round_id, category_id=event.category_id, grade=event.grade)
            return idea.but(awards=(*idea.awards, award))
        case IdeaSpread():
            return idea.but(spread_to=(*idea.spread_to, event.department))
        case NoticeIssued():
            told = Notice(**event.model_dump(exclude={"idea_id"}))
            return idea.but(notices=(*idea.notices, told)[-NOTICES_KEPT:], notices_issued=event.position)
        case _:
            assert_never(event)


def _submitted(idea: Idea, event: IdeaSubmitted) -> Idea:
    return idea.but(
        stage=Stage.SUBMITTED,
        pack=event.pack,
        kind=event.kind,
        category=event.category,
        department=event.department,
        title=event.title,
        sections=event.sections,
        authors=event.authors,
        origin=event.origin,
        submitted_on=event.submitted_on,
    )


def _received(idea: Idea, event: IdeaReceived) -> Idea:
    received = idea.but(stage=Stage.RECEIVED, received_on=event.received_on, decision_due=event.decision_due)
    # Imported history shows when its decision was due; it was owed elsewhere, so nothing fires here.
    if event.decision_due is None or event.channel == "import":
        return received
    return received.with_deadline(DECISION, event.decision_due)


def _ended(idea: Idea, stage: Stage, ending: Ending) -> Idea:
    return idea.but(stage=stage, ending=ending, evaluation_stage="").without_deadline(DECISION)


def _decided(
    idea: Idea, stage: Stage, outcome: Literal["adopted", "refused"], event: IdeaAdopted | IdeaRefused
) -> Idea:
    decision = Decision(
        outcome=outcome,
        reason=event.reason,
        decided_on=event.decided_on,
        decided_by=event.decided_by,
        authority=event.authority,
        planned_date=event.planned_date if isinstance(event, IdeaAdopted) else None,
    )
    return idea.but(stage=stage, decision=decision).without_deadline(DECISION)
