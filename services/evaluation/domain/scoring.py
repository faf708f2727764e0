"""What a rater's sheet must satisfy under the stage's rules."""

from collections.abc import Sequence

from services.evaluation.domain.commands import SaveDraft, ScoreIdea
from shared.contracts.evaluation import Confidence, CriterionScore
from shared.engine.aggregate import require
from shared.engine.message import seal
from shared.rules.evaluation import Stage


def require_fit(scores: Sequence[CriterionScore], stage: Stage) -> None:
    """Every criterion is scored once, within its scale, with a reason where one is needed.

    A criterion with a number of raters of its own need not be scored by all of them.
    """
    given = {score.criterion for score in scores}
    require(len(given) == len(scores), "criterion_named_twice")
    for criterion in stage.criteria:
        needed = criterion.raters_min is None
        require(not needed or criterion.code in given, "criterion_missing", criterion=criterion.code)
    require_on_scale(scores, stage)
    for score in scores:
        criterion = stage.criterion(score.criterion)
        needed = criterion is not None and criterion.reason_required.value
        reasoned = score.reason is not None and bool(score.reason.value.strip())
        require(reasoned or not needed, "score_reason_required", criterion=score.criterion)


def require_on_scale(scores: Sequence[CriterionScore], stage: Stage) -> None:
    """What is scored is a criterion of the stage, once, within its scale. All that a draft must satisfy."""
    require(len({score.criterion for score in scores}) == len(scores), "criterion_named_twice")
    for score in scores:
        criterion = stage.criterion(score.criterion)
        require(criterion is not None, "unknown_criterion", criterion=score.criterion)
        assert criterion is not None
        scale = criterion.scale.value
        require(
            scale.allows(score.points),
            "points_off_scale",
            criterion=criterion.code,
            min=str(scale.min),
            max=str(scale.max),
            step=str(scale.step),
        )


def require_confidence(confidence: Confidence | None, stage: Stage) -> None:
    """A sheet says how sure its rater is, where the pack asks for it."""
    require(confidence is not None or not stage.confidence_required.value, "confidence_required")


def sealed(message: ScoreIdea | SaveDraft, rater: str) -> tuple[CriterionScore, ...]:
    """The scores as they are recorded, reasons under the rater's key."""
    return tuple(
        CriterionScore(
            criterion=score.criterion, points=score.points, reason=seal(score.reason, rater) if score.reason else None
        )
        for score in message.scores
    )
