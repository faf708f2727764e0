"""One idea, from submission to decision, and what its authors are told until it has spread.

Pure. `decide` says what happens next, `evolve` what it means; the type checker holds both total over `Input` and
`Emitted`. Rules come from the idea's own pack, time from the message. Events of other services are never refused: what
no longer applies changes nothing. The longer steps are in `intake`, `outcome`, `history`, `process` and `review`.
"""

from collections.abc import Iterator

from services.ideas.domain import alike, merging, process, review, shares
from services.ideas.domain.alike import CloseAsDuplicate, NoteDuplicates
from services.ideas.domain.clocks import CLOSING, DECISION, ended, received, stopped
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
from services.ideas.domain.outcome import adopt, award, decided, refuse, spread
from services.ideas.domain.practice import require_no_facts_to_check
from services.ideas.domain.review_commands import (
    BeginReexamination,
    ConvenePanel,
    DecideClaim,
    DecideReexamination,
    FileClaim,
    NoteMatch,
    RecordFinding,
    RequestReexamination,
)
from services.ideas.domain.rules import today
from services.ideas.domain.shares import ConfirmShare, DisputeShare, ProposeShares, SetShares
from services.ideas.domain.values import Award, Ending, Notice, Stage
from shared.contracts.awards import AwardGranted
from shared.contracts.evaluation import IdeaEvaluated
from shared.contracts.evaluation_rounds import EvaluationExtended
from shared.contracts.ideas import (
    DecisionRequested,
    DuplicatesFound,
    EndorsementsDeclared,
    EvaluationRequested,
    IdeaAdopted,
    IdeaAwarded,
    IdeaClosed,
    IdeaFoundComplete,
    IdeaMerged,
    IdeaNarrowed,
    IdeaReceived,
    IdeaRefused,
    IdeaShown,
    IdeaSpread,
    IdeaSubmitted,
    IdeaUnmerged,
    IdeaWidened,
    IdeaWithdrawn,
    ImplementationAbandoned,
    ImplementationCompleted,
    ImplementationRescheduled,
    ImplementationStarted,
    MergeAsked,
    MergeHeard,
    NoticeIssued,
    ShareConfirmed,
    ShareDisputed,
    SharesOpened,
    SharesSet,
    SharesSettled,
)
from shared.contracts.ideas_decisions import (
    ClaimDecided,
    ClaimFiled,
    IdeaReexamined,
    MatchFound,
    PanelConvened,
    PanelFound,
    ReexaminationRequested,
)
from shared.contracts.learning import CaseAnswered, OutputHandedOver
from shared.engine.aggregate import Context, require
from shared.engine.message import DeadlineReached, Event, wire_time

FOLD = 6
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
    | ConfirmShare
    | DisputeShare
    | ProposeShares
    | SetShares
    | NoteDuplicates
    | CloseAsDuplicate
    | MergeAsked
    | OutputHandedOver
    | IdeaEvaluated
    | EvaluationExtended
    | ImplementationStarted
    | ImplementationRescheduled
    | ImplementationCompleted
    | ImplementationAbandoned
    | AwardGranted
    | CaseAnswered
    | review.ReviewCommand
    | process.Input
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
    | IdeaAdopted
    | IdeaRefused
    | IdeaAwarded
    | IdeaSpread
    | NoticeIssued
    | SharesOpened
    | ShareConfirmed
    | ShareDisputed
    | SharesSet
    | SharesSettled
    | DuplicatesFound
    | IdeaShown
    | IdeaMerged
    | IdeaUnmerged
    | IdeaWidened
    | IdeaNarrowed
    | MergeHeard
    | review.ReviewEvent
    | process.Emitted
)


def decide(idea: Idea, message: Input, context: Context) -> Iterator[Event]:
    """What happens next."""
    match message:
        case SubmitIdea():
            require(bool(message.title.strip()), "title_required")
            yield from submit(idea, message, context, message.submitted_on or today(context.time))
            yield from shares.ask(idea.id, message.pack, message.authors, context)
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
            require_no_facts_to_check(idea)
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
        case ConfirmShare() | DisputeShare() | ProposeShares() | SetShares():
            yield from shares.decide(idea, message, context)
        case NoteDuplicates() | CloseAsDuplicate():
            yield from alike.decide(idea, message, context)
        case MergeAsked():
            if idea.stage is not Stage.NEW:
                yield from merging.answer(idea, message, context)
        case (
            RequestReexamination()
            | BeginReexamination()
            | DecideReexamination()
            | ConvenePanel()
            | RecordFinding()
            | FileClaim()
            | DecideClaim()
            | NoteMatch()
        ):
            yield from review.decide(idea, message, context)
        case DeadlineReached(name=shares.DEADLINE):
            yield from shares.silence(idea, context)
        case AwardGranted():
            yield from award(idea, message, context)
        case CaseAnswered():
            yield from spread(idea, message, context)
        case (
            ImplementationStarted(imported=True)
            | ImplementationCompleted(imported=True)
            | ImplementationAbandoned(imported=True)
        ):
            return
        case ImplementationStarted():
            yield notice_of(idea, context, "implementation_started", on=message.started_on)
        case ImplementationRescheduled():
            yield notice_of(idea, context, "implementation_rescheduled", planned_date=message.to_date)
        case ImplementationCompleted():
            yield notice_of(idea, context, "implementation_completed", on=message.completed_on)
        case ImplementationAbandoned():
            yield notice_of(idea, context, "implementation_abandoned")
        case _:
            yield from process.decide(idea, message, context)


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
    return _evolve(idea, event).but(events=idea.next)


def _evolve(idea: Idea, event: Emitted) -> Idea:
    match event:
        case IdeaSubmitted():
            return _submitted(idea, event)
        case EndorsementsDeclared():
            return idea.but(declared_endorsements=event.endorsements)
        case IdeaReceived():
            return received(idea.but(stage=Stage.RECEIVED, received_on=event.received_on), event)
        case IdeaFoundComplete():
            return idea
        case IdeaClosed():
            return _closed(idea, event)
        case IdeaWithdrawn():
            return _ended(ended(idea, DECISION, "dropped"), Stage.WITHDRAWN, Ending(reason=event.reason))
        case EvaluationRequested():
            return idea.but(stage=Stage.UNDER_EVALUATION, evaluation_stage=event.stage)
        case DecisionRequested():
            return idea.but(stage=Stage.DECISION_PENDING, evaluation_stage="", score=event.score)
        case IdeaAdopted():
            return decided(idea, Stage.ADOPTED, "adopted", event)
        case IdeaRefused():
            return decided(idea, Stage.REFUSED, "refused", event)
        case IdeaAwarded():
            award = Award(round_id=event.round_id, category_id=event.category_id, grade=event.grade)
            return idea.but(awards=(*idea.awards, award))
        case IdeaSpread():
            return idea.but(spread_to=(*idea.spread_to, event.department))
        case NoticeIssued():
            told = Notice(**event.model_dump(exclude={"idea_id"}))
            return idea.but(notices=(*idea.notices, told)[-NOTICES_KEPT:], notices_issued=event.position)
        case SharesOpened() | ShareConfirmed() | ShareDisputed() | SharesSet() | SharesSettled():
            return shares.evolve(idea, event)
        case DuplicatesFound():
            return alike.evolve(idea, event)
        case IdeaShown() | IdeaMerged() | IdeaUnmerged() | IdeaWidened() | IdeaNarrowed() | MergeHeard():
            return merging.evolve(idea, event)
        case (
            ReexaminationRequested()
            | IdeaReexamined()
            | PanelConvened()
            | PanelFound()
            | ClaimFiled()
            | ClaimDecided()
            | MatchFound()
        ):
            return review.evolve(idea, event)
        case _:
            return process.evolve(idea, event)


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
        call=event.call,
    )


def _closed(idea: Idea, event: IdeaClosed) -> Idea:
    ending = Ending(
        ground=event.ground, reason=event.reason, ended_on=event.closed_on, form=event.form, text=event.text
    )
    # The clock stands still, for the idea may be taken up again; without its day there is nothing to count from.
    known = stopped(idea, CLOSING, event.closed_on) if event.closed_on else ended(idea, DECISION, "met")
    return _ended(known, Stage.CLOSED, ending)


def _ended(idea: Idea, stage: Stage, ending: Ending) -> Idea:
    return idea.but(stage=stage, ending=ending, evaluation_stage="", deadlines={})
