"""The evaluation of one idea at one stage (제안심사): several raters score its criteria, the result is disclosed.

Pure. Invariant: before the disclosure nothing of scores, counts or progress shows to anybody but the auditor; a rater
sees the own scores and nobody else's. What several raters must keep is in docs/invariants.md.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import assert_never

from services.evaluation.domain import challenge, charge, conflicts, in_round, opening, sheets
from services.evaluation.domain.commands import (
    AssignRaters,
    ChallengeRater,
    CloseEvaluation,
    ImportScores,
    Recuse,
    SaveDraft,
    ScoreIdea,
    SubmitDraft,
    VoteOnChallenge,
)
from services.evaluation.domain.conflicts import require_no_conflict
from services.evaluation.domain.evaluation_state import CLOSE, DISCLOSURE, Evaluation, Phase
from services.evaluation.domain.score import result_of
from shared.contracts.evaluation import (
    ClosedBy,
    EvaluationCancelled,
    EvaluationClosed,
    EvaluationOpened,
    IdeaEvaluated,
    RatersAssigned,
    ScoreDrafted,
    ScoreRecorded,
)
from shared.contracts.evaluation_conflicts import (
    AuthorDescribed,
    AuthorNamed,
    ChallengeDecided,
    ChallengeRaised,
    ChallengeVoted,
    ConflictDeclared,
    DepartmentDescribed,
    RaterExcluded,
    RatersNamed,
    RaterUnfit,
    RelationsNoted,
    TeamNamed,
)
from shared.contracts.evaluation_duties import ChargePassedOn, EvaluationMoved
from shared.contracts.evaluation_outcomes import OutcomeRequested
from shared.contracts.evaluation_rounds import (
    AdmissionEnded,
    ClosingOrdered,
    EvaluationExtended,
    ExtensionOrdered,
    IdeaAdmitted,
    ResultHandedIn,
    RoundAwaited,
    RoundJoined,
    RoundLeft,
    RoundNotJoined,
    StageRequested,
    StageWithdrawn,
    StandingDecided,
    StandingTaken,
)
from shared.contracts.ideas import EvaluationRequested, IdeaWithdrawn
from shared.contracts.ideas_duties import ChargeMoved
from shared.contracts.types import Rule
from shared.engine.aggregate import Context, require
from shared.engine.message import DeadlineReached, Event
from shared.rules.calibration import AssignmentKind
from shared.rules.loader import calendar, pack, pack_hash

FOLD = 7

Input = (
    EvaluationRequested
    | AssignRaters
    | ScoreIdea
    | SaveDraft
    | SubmitDraft
    | ImportScores
    | CloseEvaluation
    | IdeaWithdrawn
    | IdeaAdmitted
    | AdmissionEnded
    | ExtensionOrdered
    | ClosingOrdered
    | StandingDecided
    | StageRequested
    | OutcomeRequested
    | StageWithdrawn
    | Recuse
    | ChallengeRater
    | VoteOnChallenge
    | AuthorDescribed
    | DepartmentDescribed
    | ConflictDeclared
    | RatersNamed
    | ChargeMoved
    | ChargePassedOn
    | DeadlineReached
)

Emitted = (
    EvaluationOpened
    | RatersAssigned
    | ScoreRecorded
    | ScoreDrafted
    | EvaluationClosed
    | IdeaEvaluated
    | EvaluationCancelled
    | in_round.Joining
    | ResultHandedIn
    | StageRequested
    | StageWithdrawn
    | AuthorNamed
    | TeamNamed
    | RelationsNoted
    | RaterExcluded
    | RaterUnfit
    | challenge.Challenging
    | EvaluationMoved
    | ChargePassedOn
)


def decide(evaluation: Evaluation, message: Input, context: Context) -> Iterator[Event]:
    """What happens next."""
    match message:
        case EvaluationRequested():
            if evaluation.phase is Phase.NEW:
                yield from opening.requested(evaluation, message, context)
        case AssignRaters():
            yield from _assign(evaluation, message, context)
        case ImportScores():
            yield sheets.imported(evaluation, message, context)
        case ScoreIdea() | SaveDraft() | SubmitDraft():
            for event in sheets.decide(evaluation, message, context):
                yield event
                if isinstance(event, ScoreRecorded):
                    yield from _close_if_complete(sheets.took(evaluation, event), context.time)
        case CloseEvaluation():
            _require_exists(evaluation)
            require_no_conflict(evaluation, context.actor.id, context.actor.department)
            sheets.require_open(evaluation)
            yield from _close(evaluation, "command", context.time)
        case DeadlineReached(name="close"):
            yield from _close(evaluation, "deadline", message.due)
        case IdeaAdmitted():
            yield from in_round.admitted(evaluation, message)
        case AdmissionEnded():
            yield from _let_go(evaluation, message, context.time)
        case ExtensionOrdered():
            yield from in_round.extended(evaluation, message)
        case ClosingOrdered():
            if evaluation.phase is Phase.OPEN and evaluation.round_id == message.round_id:
                yield from _close(evaluation, "command", context.time)
        case StandingDecided():
            yield from _stand(evaluation, message, context.time)
        case StageRequested() | OutcomeRequested():
            yield from opening.within(evaluation, message, context)
        case Recuse() | ChallengeRater() | VoteOnChallenge():
            require(evaluation.phase is not Phase.NEW, "not_found")
            yield from challenge.decide(evaluation, message, context)
        case AuthorDescribed() | DepartmentDescribed() | ConflictDeclared():
            yield from conflicts.heard(evaluation, message)
        case RatersNamed():
            yield from _named_by_round(evaluation, message, context.time)
        case ChargeMoved() | ChargePassedOn():
            yield from charge.follow(evaluation, message)
        case DeadlineReached():
            yield _disclose(evaluation)
        case IdeaWithdrawn() | StageWithdrawn():
            yield from in_round.withdrawn(evaluation)
            if message.stage and evaluation.phase in (Phase.NEW, Phase.OPEN, Phase.CLOSED):
                yield EvaluationCancelled(idea_id=message.idea_id, stage=message.stage, reason="withdrawn")
        case _:
            assert_never(message)


def _named_by_round(evaluation: Evaluation, message: RatersNamed, now: datetime) -> Iterator[Event]:
    for event in conflicts.named_by_round(evaluation, message):
        yield event
        if isinstance(event, RatersAssigned):
            yield from _close_if_complete(evaluation.but(raters=event.raters, assigned=True), now)


def _assign(evaluation: Evaluation, message: AssignRaters, context: Context) -> Iterator[Event]:
    _require_exists(evaluation)
    require_no_conflict(evaluation, context.actor.id, context.actor.department)
    sheets.require_open(evaluation)
    require(not evaluation.round_names_raters, "round_names_raters", round_id=evaluation.round_id)
    require(len(set(message.raters)) == len(message.raters), "rater_named_twice")
    least = evaluation.rules.raters_min.value
    require(len(message.raters) >= least, "too_few_raters", needed=least)
    for rater in message.raters:
        require_no_conflict(evaluation, rater)
    yield RatersAssigned(idea_id=evaluation.idea_id, stage=evaluation.stage, raters=message.raters, drawn=message.drawn)
    yield from _close_if_complete(evaluation.but(raters=message.raters, assigned=True), context.time)


def _close_if_complete(evaluation: Evaluation, now: datetime) -> Iterator[Event]:
    if len(evaluation.counting) >= evaluation.raters_awaited:
        yield from _close(evaluation, "complete", now)


def _close(evaluation: Evaluation, closed_by: ClosedBy, closed_at: datetime) -> Iterator[Event]:
    disclosure_at = calendar(pack(evaluation.pack).calendar).disclosed_at(
        closed_at, evaluation.rules.disclosure_at.value
    )
    closed = EvaluationClosed(
        idea_id=evaluation.idea_id,
        stage=evaluation.stage,
        closed_by=closed_by,
        raters=len(evaluation.counting),
        disclosure_at=disclosure_at,
    )
    yield closed
    if evaluation.round_id:
        yield in_round.handed_in(_closed(evaluation, closed))
    elif disclosure_at <= closed_at:
        yield _disclose(_closed(evaluation, closed))


def _let_go(evaluation: Evaluation, message: AdmissionEnded, now: datetime) -> Iterator[Event]:
    """Without its round it goes on by itself: what is closed is disclosed when the pack says."""
    for left in in_round.let_go(evaluation, message):
        yield left
        if evaluation.phase is Phase.CLOSED and not evaluation.decided:
            alone = in_round.took(evaluation, left)
            yield StandingTaken(
                idea_id=alone.idea_id,
                stage=alone.stage,
                rank=None,
                following=None,
                disclosure_at=calendar(pack(alone.pack).calendar).disclosed_at(now, alone.rules.disclosure_at.value),
            )


def _stand(evaluation: Evaluation, message: StandingDecided, now: datetime) -> Iterator[Event]:
    for event in in_round.standing(evaluation, message):
        yield event
        if isinstance(event, StandingTaken) and event.disclosure_at <= now:
            yield _disclose(in_round.took(evaluation, event))


def _disclose(evaluation: Evaluation) -> IdeaEvaluated:
    assert evaluation.closed_by is not None
    result = result_of(evaluation.rules, (sheet.scores for sheet in evaluation.counting))
    return IdeaEvaluated(
        idea_id=evaluation.idea_id,
        stage=evaluation.stage,
        pack=evaluation.pack,
        outcome="not_enough_raters" if result.score is None else "scored",
        score=result.score,
        means=result.means,
        raters=len(evaluation.counting),
        closed_by=evaluation.closed_by,
        rule=Rule(
            pack=evaluation.pack, hash=pack_hash(evaluation.pack, "evaluation"), article=evaluation.rules.article
        ),
        round_id=evaluation.round_id or None,
        rank=evaluation.rank,
        goes_on=bool(evaluation.following),
        concludes=evaluation.requested or None,
    )


def _require_exists(evaluation: Evaluation) -> None:
    require(evaluation.phase is not Phase.NEW, "not_found")


def evolve(evaluation: Evaluation, event: Emitted) -> Evaluation:
    """What an event means for the evaluation."""
    match event:
        case EvaluationOpened():
            return opening.opened(evaluation, event)
        case RatersAssigned():
            drawn = AssignmentKind(event.drawn or AssignmentKind.NAMED)
            return evaluation.but(raters=event.raters, assigned=True, drawn=drawn)
        case ScoreRecorded() | ScoreDrafted():
            return sheets.took(evaluation, event)
        case EvaluationClosed():
            return _closed(evaluation, event)
        case IdeaEvaluated():
            return evaluation.but(
                phase=Phase.DISCLOSED,
                outcome=event.outcome,
                score=event.score,
                means=event.means,
                raters_counted=event.raters,
            ).without_deadline(DISCLOSURE)
        case EvaluationCancelled():
            cancelled = evaluation.but(phase=Phase.CANCELLED, idea_id=event.idea_id, stage=event.stage)
            return cancelled.without_deadline(CLOSE, DISCLOSURE)
        case RelationsNoted():
            return conflicts.related(evaluation, event)
        case RaterExcluded():
            return conflicts.out(evaluation, event)
        case ChallengeRaised() | ChallengeVoted() | ChallengeDecided():
            return challenge.took(evaluation, event)
        case EvaluationMoved() | ChargePassedOn():
            return charge.took(evaluation, event)
        case ResultHandedIn() | StageRequested() | StageWithdrawn() | AuthorNamed() | TeamNamed() | RaterUnfit():
            return evaluation
        case RoundAwaited() | RoundJoined() | RoundNotJoined() | RoundLeft() | EvaluationExtended() | StandingTaken():
            return in_round.took(evaluation, event)
        case _:
            assert_never(event)


def _closed(evaluation: Evaluation, event: EvaluationClosed) -> Evaluation:
    closed = evaluation.but(phase=Phase.CLOSED, closed_by=event.closed_by).without_deadline(CLOSE)
    if evaluation.round_id:
        return closed  # the round says when
    return closed.with_deadline(DISCLOSURE, event.disclosure_at)
