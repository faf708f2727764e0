"""An evaluation as part of a round: how it joins, hears of extensions, hands its result in and goes on.

Admission and request come from different places, in any order: whichever is first is remembered.
"""

from collections.abc import Iterator

from services.evaluation.domain.evaluation_state import CLOSE, DISCLOSURE, Admission, Evaluation, Phase
from services.evaluation.domain.score import result_of
from shared.contracts.evaluation_rounds import (
    AdmissionEnded,
    EvaluationExtended,
    ExtensionOrdered,
    IdeaAdmitted,
    NotJoined,
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
from shared.contracts.types import is_history
from shared.engine.message import Event

Joining = RoundAwaited | RoundJoined | RoundNotJoined | RoundLeft | EvaluationExtended | StandingTaken
"""What an evaluation says of its round, besides what it asks of others."""


def admitted(evaluation: Evaluation, message: IdeaAdmitted) -> Iterator[Event]:
    """Join at once, or as soon as it opens; or say why not."""
    if evaluation.phase is Phase.NEW and not evaluation.admission:
        yield RoundAwaited(idea_id=message.idea_id, stage=message.stage, round_id=message.round_id, due=message.due)
        return
    reason = _obstacle(evaluation)
    if reason is None:
        yield joined(evaluation, Admission(round_id=message.round_id, due=message.due))
    else:
        yield RoundNotJoined(round_id=message.round_id, idea_id=message.idea_id, stage=message.stage, reason=reason)


def _obstacle(evaluation: Evaluation) -> NotJoined | None:
    if evaluation.round_id or evaluation.admission:
        return "other_round"
    if is_history(evaluation.origin):
        return "history"
    return None if evaluation.phase is Phase.OPEN else "not_open"


def joined(evaluation: Evaluation, admission: Admission) -> RoundJoined:
    """The evaluation, which is open, is part of the round from now on."""
    return RoundJoined(
        round_id=admission.round_id,
        idea_id=evaluation.idea_id,
        stage=evaluation.stage,
        department=evaluation.department,
        authors=evaluation.authors,
        due=admission.due,
        received_on=evaluation.received_on,
    )


def let_go(evaluation: Evaluation, message: AdmissionEnded) -> Iterator[RoundLeft]:
    """The round goes on without it."""
    if message.round_id in (evaluation.round_id, evaluation.admission and evaluation.admission.round_id):
        yield RoundLeft(round_id=message.round_id, idea_id=message.idea_id, stage=message.stage)


def extended(evaluation: Evaluation, message: ExtensionOrdered) -> Iterator[EvaluationExtended]:
    """Scoring goes on, also where the earlier moment has just ended it; who was complete stays so."""
    waiting = evaluation.admission is not None and evaluation.admission.round_id == message.round_id
    scoring = evaluation.phase is Phase.OPEN or (
        evaluation.phase is Phase.CLOSED and evaluation.closed_by == "deadline"
    )
    if waiting or (evaluation.round_id == message.round_id and scoring and not evaluation.decided):
        yield EvaluationExtended(**message.model_dump())


def handed_in(evaluation: Evaluation) -> ResultHandedIn:
    """The result, to the round; to nobody else before it says so."""
    assert evaluation.closed_by is not None and evaluation.closes_at is not None
    result = result_of(evaluation.rules, (sheet.scores for sheet in evaluation.counting))
    return ResultHandedIn(
        round_id=evaluation.round_id,
        idea_id=evaluation.idea_id,
        stage=evaluation.stage,
        due=evaluation.closes_at,
        closed_by=evaluation.closed_by,
        score=result.score,
        means=result.means,
        raters=len(evaluation.counting),
    )


def standing(evaluation: Evaluation, message: StandingDecided) -> Iterator[StandingTaken | StageRequested]:
    """Take the place; ask for the further stage, if it goes on."""
    if message.round_id != evaluation.round_id or evaluation.phase is not Phase.CLOSED or evaluation.decided:
        return
    yield StandingTaken(
        idea_id=evaluation.idea_id,
        stage=evaluation.stage,
        rank=message.rank,
        following=message.following,
        disclosure_at=message.disclosure_at,
    )
    if message.following and message.due:
        yield StageRequested(
            idea_id=evaluation.idea_id,
            stage=message.following,
            requested=evaluation.requested or evaluation.stage,
            round_id=evaluation.round_id,
            due=message.due,
            pack=evaluation.pack,
            department=evaluation.department,
            title=evaluation.title,
            sections=evaluation.sections,
            authors=evaluation.authors,
            received_on=evaluation.received_on,
        )


def withdrawn(evaluation: Evaluation) -> Iterator[RoundLeft | StageWithdrawn]:
    """What the withdrawal of an idea means for its round, and for the stage it has gone on to."""
    round_id = evaluation.round_id or (evaluation.admission.round_id if evaluation.admission else "")
    if round_id and not evaluation.decided and evaluation.phase is not Phase.CANCELLED:
        yield RoundLeft(round_id=round_id, idea_id=evaluation.idea_id, stage=evaluation.stage)
    elif evaluation.following:
        yield StageWithdrawn(idea_id=evaluation.idea_id, stage=evaluation.following)


def took(evaluation: Evaluation, event: Joining) -> Evaluation:
    """What these events mean for the evaluation."""
    match event:
        case RoundAwaited():
            awaited = Admission(round_id=event.round_id, due=event.due)
            return evaluation.but(idea_id=event.idea_id, stage=event.stage, admission=awaited)
        case RoundJoined():
            return evaluation.but(round_id=event.round_id, admission=None, closes_at=event.due).with_deadline(
                CLOSE, event.due
            )
        case RoundNotJoined():
            return evaluation
        case RoundLeft():
            return evaluation.but(round_id="", admission=None)
        case EvaluationExtended() if evaluation.admission is not None:
            return evaluation.but(admission=Admission(round_id=event.round_id, due=event.due))
        case EvaluationExtended():
            return evaluation.but(phase=Phase.OPEN, closed_by=None, closes_at=event.due).with_deadline(CLOSE, event.due)
        case StandingTaken():
            taken = evaluation.but(rank=event.rank, following=event.following or "", decided=True)
            return taken.with_deadline(DISCLOSURE, event.disclosure_at)
