"""Who is in charge of the idea that is evaluated, where that changes: by a transfer, or with a duty that moved.

Pure. The department in charge decides on what the evaluation found, so it sees that; the former one does no more. A
stage that follows in a round is told by the one before it, in whose order it was opened.
"""

from collections.abc import Iterator

from services.evaluation.domain.evaluation_state import Evaluation, Phase
from shared.contracts.evaluation_duties import ChargePassedOn, EvaluationMoved
from shared.contracts.ideas_duties import ChargeMoved
from shared.engine.message import Event


def follow(evaluation: Evaluation, message: ChargeMoved | ChargePassedOn) -> Iterator[Event]:
    """The evaluation follows its idea, and has the next stage follow."""
    if evaluation.phase is Phase.NEW or evaluation.department != message.from_department:
        return
    yield _said(EvaluationMoved, message, evaluation.stage)
    if evaluation.following:
        yield _said(ChargePassedOn, message, evaluation.following)


def _said(
    kind: type[EvaluationMoved | ChargePassedOn], message: ChargeMoved | ChargePassedOn, stage: str
) -> EvaluationMoved | ChargePassedOn:
    return kind(
        idea_id=message.idea_id,
        stage=stage,
        from_department=message.from_department,
        department=message.department,
        move=message.move,
    )


def took(evaluation: Evaluation, event: EvaluationMoved | ChargePassedOn) -> Evaluation:
    """What these events mean for the evaluation."""
    return evaluation.but(department=event.department) if isinstance(event, EvaluationMoved) else evaluation
