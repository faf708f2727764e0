"""A rater's sheet in one evaluation: drafted, submitted, replaced, imported.

Pure. Invariants: a draft counts for nothing, however complete it is; of one rater one sheet counts, the latest.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import assert_never

from services.evaluation.domain.commands import ImportScores, SaveDraft, ScoreIdea, SubmitDraft
from services.evaluation.domain.conflicts import require_no_conflict
from services.evaluation.domain.evaluation_state import Evaluation, Phase, Scores
from services.evaluation.domain.scoring import require_confidence, require_fit, require_on_scale, sealed
from shared.contracts.evaluation import ScoreDrafted, ScoreRecorded
from shared.contracts.types import is_history
from shared.engine.aggregate import Context, require
from shared.engine.message import seal


def decide(
    evaluation: Evaluation, message: ScoreIdea | SaveDraft | SubmitDraft, context: Context
) -> Iterator[ScoreRecorded | ScoreDrafted]:
    """Record the sheet of whoever asks, or keep it as a draft."""
    rater, department = context.actor.id, context.actor.department
    _require_may_score(evaluation, rater, department)
    match message:
        case SaveDraft():
            yield _drafted(evaluation, message, rater)
        case SubmitDraft():
            draft = evaluation.draft(rater)
            require(draft is not None, "no_draft")
            assert draft is not None
            yield _submitted(evaluation, draft, department)
        case ScoreIdea():
            yield _submitted(evaluation, _sheet(message, rater), department)
        case _:
            assert_never(message)


def imported(evaluation: Evaluation, message: ImportScores, context: Context) -> ScoreRecorded:
    """What a rater said elsewhere, in a file that may know nothing of confidence."""
    require(is_history(evaluation.origin), "not_imported")
    _require_may_score(evaluation, message.rater_id, "")
    return _recorded(evaluation, _sheet(message, message.rater_id, _past(message, context)), "")


def require_open(evaluation: Evaluation) -> None:
    """Refuse what comes before the evaluation has opened, or after its close."""
    require(evaluation.phase is not Phase.NEW, "not_found")
    require(evaluation.phase is Phase.OPEN, "evaluation_closed", recorded=True)


def took(evaluation: Evaluation, event: ScoreRecorded | ScoreDrafted) -> Evaluation:
    """With the sheet in the place of the rater's one before; what is recorded takes the draft along."""
    drafts = tuple(one for one in evaluation.drafts if one.rater_id != event.rater_id)
    sheet = Scores(rater_id=event.rater_id, scores=event.scores, confidence=event.confidence, comment=event.comment)
    if isinstance(event, ScoreDrafted):
        empty = not event.scores and event.comment is None
        return evaluation.but(drafts=drafts if empty else (*drafts, sheet))
    others = tuple(one for one in evaluation.sheets if one.rater_id != event.rater_id)
    dated = sheet.model_copy(update={"scored_at": event.scored_at, "department": event.department})
    return evaluation.but(sheets=(*others, dated), drafts=drafts)


def _require_may_score(evaluation: Evaluation, rater: str, department: str) -> None:
    require_no_conflict(evaluation, rater, department)
    require(evaluation.may_rate(rater), "not_assigned", recorded=True)
    require_open(evaluation)


def _drafted(evaluation: Evaluation, message: SaveDraft, rater: str) -> ScoreDrafted:
    """What a draft says must be on the scale; what it leaves open is left open."""
    scores = sealed(message, rater)
    require_on_scale(scores, evaluation.rules)
    return ScoreDrafted(
        idea_id=evaluation.idea_id,
        stage=evaluation.stage,
        rater_id=rater,
        scores=scores,
        confidence=message.confidence,
        comment=seal(message.comment, rater) if message.comment else None,
    )


def _sheet(message: ScoreIdea, rater: str, scored_at: datetime | None = None) -> Scores:
    return Scores(
        rater_id=rater,
        scores=sealed(message, rater),
        confidence=message.confidence,
        comment=seal(message.comment, rater) if message.comment else None,
        scored_at=scored_at,
    )


def _submitted(evaluation: Evaluation, sheet: Scores, department: str) -> ScoreRecorded:
    recorded = _recorded(evaluation, sheet, department)
    require_confidence(sheet.confidence, evaluation.rules)
    return recorded


def _recorded(evaluation: Evaluation, sheet: Scores, department: str) -> ScoreRecorded:
    require_fit(sheet.scores, evaluation.rules)
    return ScoreRecorded(
        idea_id=evaluation.idea_id,
        stage=evaluation.stage,
        rater_id=sheet.rater_id,
        scores=sheet.scores,
        confidence=sheet.confidence,
        comment=sheet.comment,
        scored_at=sheet.scored_at,
        department=department or None,
        replaces=evaluation.sheet(sheet.rater_id) is not None,
    )


def _past(message: ImportScores, context: Context) -> datetime | None:
    if message.scored_at is None:
        return None
    require(message.scored_at.tzinfo is not None, "invalid_scored_at")
    require(message.scored_at <= context.time, "date_in_future", field="scored_at", date=message.scored_at.isoformat())
    return message.scored_at.astimezone(UTC)
