"""What `learning` says where its items follow a duty that has moved."""

from shared.contracts import duties
from shared.contracts.duties import Move
from shared.contracts.types import Id
from shared.engine.message import Event


class MoveFollowed(duties.MoveFollowed, type="learning.MoveFollowed", key="duty_id", journal=True):
    """A duty has moved, and the learning groups that it covers are to follow."""


class ItemsSought(duties.ItemsSought, type="learning.ItemsSought", key="duty_id", journal=True):
    """The next page of learning groups that are to follow is asked for."""


class LookEnded(duties.LookEnded, type="learning.LookEnded", key="duty_id", journal=True):
    """A look at the learning groups that are to follow has ended."""


class GroupMoveOrdered(Event, type="learning.GroupMoveOrdered", key="group_id", journal=True):
    """A learning group was found that a moved duty covers."""

    group_id: Id
    move: Move


class GroupMoved(Event, type="learning.GroupMoved", key="group_id"):
    """The learning group followed a duty: it belongs to another department now."""

    group_id: Id
    move: Move


class GroupMoveNoticed(duties.MoveNoticed, type="learning.GroupMoveNoticed", key="group_id", journal=True):
    """The members are told where their group belongs now."""

    group_id: Id


class CaseMoved(Event, type="learning.CaseMoved", key="idea_id"):
    """The case followed the idea: another department may offer it now."""

    idea_id: Id
    move: Move
