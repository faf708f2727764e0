"""Learning groups follow a duty that has moved. Pure; see shared/duties/following.py."""

from collections.abc import Iterator

from shared.contracts.duties import Move
from shared.contracts.ideas_duties import DutyMoved
from shared.contracts.learning_duties import GroupMoveOrdered, ItemsSought, LookEnded, MoveFollowed
from shared.duties.following import Following, RecordItems, Terms, follow, took
from shared.engine.aggregate import Context
from shared.engine.message import DeadlineReached, Event

FOLD = 1


def _order(group_id: str, move: Move) -> Event:
    return GroupMoveOrdered(group_id=group_id, move=move)


TERMS = Terms("learning", MoveFollowed, ItemsSought, LookEnded, _order)


def decide(
    following: Following, message: DutyMoved | RecordItems | DeadlineReached, context: Context
) -> Iterator[Event]:
    """What happens next."""
    yield from follow(following, message, context, TERMS)


def evolve(following: Following, event: MoveFollowed | ItemsSought | LookEnded | GroupMoveOrdered) -> Following:
    """What an event means for the search."""
    return following if isinstance(event, GroupMoveOrdered) else took(following, event)
