"""What `evaluation` says where its items follow a duty that has moved."""

from shared.contracts import duties
from shared.contracts.duties import Move
from shared.contracts.types import Code, Id
from shared.engine.message import Event


class MoveFollowed(duties.MoveFollowed, type="evaluation.MoveFollowed", key="duty_id", journal=True):
    """A duty has moved, and the rounds that it covers are to follow."""


class ItemsSought(duties.ItemsSought, type="evaluation.ItemsSought", key="duty_id", journal=True):
    """The next page of rounds that are to follow is asked for."""


class LookEnded(duties.LookEnded, type="evaluation.LookEnded", key="duty_id", journal=True):
    """A look at the rounds that are to follow has ended."""


class RoundMoveOrdered(Event, type="evaluation.RoundMoveOrdered", key="round_id", journal=True):
    """A round was found that a moved duty covers."""

    round_id: Id
    move: Move


class RoundMoved(Event, type="evaluation.RoundMoved", key="round_id"):
    """The round followed a duty: another department organises it now."""

    round_id: Id
    move: Move


class RoundMoveNoticed(duties.MoveNoticed, type="evaluation.RoundMoveNoticed", key="round_id", journal=True):
    """Who judges or opened the round is told who organises it now."""

    round_id: Id


class EvaluationMoved(Event, type="evaluation.EvaluationMoved", key="idea_id"):
    """Another department is in charge of the idea, and so of what the evaluation finds."""

    idea_id: Id
    stage: Code
    from_department: Id
    department: Id
    move: Move | None = None


class ChargePassedOn(Event, type="evaluation.ChargePassedOn", key="idea_id", journal=True):
    """The stage that follows in the round is told who is in charge of the idea now."""

    idea_id: Id
    stage: Code
    from_department: Id
    department: Id
    move: Move | None = None
