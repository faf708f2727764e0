"""What `awards` says where its items follow a duty that has moved."""

from shared.contracts import duties
from shared.contracts.duties import Move
from shared.contracts.types import Id
from shared.engine.message import Event


class MoveFollowed(duties.MoveFollowed, type="awards.MoveFollowed", key="duty_id", journal=True):
    """A duty has moved, and the rounds that it covers are to follow."""


class ItemsSought(duties.ItemsSought, type="awards.ItemsSought", key="duty_id", journal=True):
    """The next page of rounds that are to follow is asked for."""


class LookEnded(duties.LookEnded, type="awards.LookEnded", key="duty_id", journal=True):
    """A look at the rounds that are to follow has ended."""


class RoundMoveOrdered(Event, type="awards.RoundMoveOrdered", key="round_id", journal=True):
    """A round was found that a moved duty covers."""

    round_id: Id
    move: Move


class RoundMoved(Event, type="awards.RoundMoved", key="round_id"):
    """The award round followed a duty: another department runs it now."""

    round_id: Id
    move: Move


class RoundMoveNoticed(duties.MoveNoticed, type="awards.RoundMoveNoticed", key="round_id", journal=True):
    """The panel, and whoever opened the round, are told who runs it now."""

    round_id: Id


class CategoryMoveOrdered(Event, type="awards.CategoryMoveOrdered", key="category_id", journal=True):
    """The round has moved, and its category with it."""

    category_id: Id
    move: Move


class CategoryMoved(Event, type="awards.CategoryMoved", key="category_id"):
    """The category followed its round: another department closes its voting now."""

    category_id: Id
    move: Move


class NominationMoved(Event, type="awards.NominationMoved", key="idea_id"):
    """The nomination followed the idea to another department in charge."""

    idea_id: Id
    move: Move
