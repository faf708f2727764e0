"""What a rater's sheet must satisfy under the stage's rules."""

from services.evaluation.domain.commands import ScoreIdea
from shared.contracts.evaluation import CriterionScore
from shared.engine.aggregate import require
from shared.engine.message import seal
from shared.rules.evaluation import Stage


def require_fit(message: ScoreIdea, stage: Stage) -> None:
    """Every criterion is scored once, within its scale, with a reason where one is needed.

    A criterion with a number of raters of its own need not be scored by all of them.
    """
    given = {score.criterion for score in message.scores}
    require(len(given) == len(message.scores), "criterion_named_twice")
    for criterion in stage.criteria:
        needed = criterion.raters_min is None
        require(not needed or criterion.code in given, "criterion_missing", criterion=criterion.code)
    for score in message.scores:
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
        reasoned = bool(score.reason.strip()) or not criterion.reason_required.value
        require(reasoned, "score_reason_required", criterion=criterion.code)


def sealed(message: ScoreIdea, rater: str) -> tuple[CriterionScore, ...]:
    """The scores as they are recorded, reasons under the rater's key."""
    return tuple(
        CriterionScore(
            criterion=score.criterion, points=score.points, reason=seal(score.reason, rater) if score.reason else None
        )
        for score in message.scores
    )
