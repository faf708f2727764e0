"""Award rounds follow a duty that has moved. Pure; see shared/duties/following.py."""

from collections.abc import Iterator

from shared.contracts.awards_duties import ItemsSought, LookEnded, MoveFollowed, RoundMoveOrdered
from shared.contracts.duties import Move
from shared.contracts.ideas_duties import DutyMoved
from shared.duties.following import Following, RecordItems, Terms, follow, took
from shared.engine.aggregate import Context
from shared.engine.message import DeadlineReached, Event

FOLD = 1


def _order(round_id: str, move: Move) -> Event:
    return RoundMoveOrdered(round_id=round_id, move=move)


TERMS = Terms("awards", MoveFollowed, ItemsSought, LookEnded, _order)


def decide(
    following: Following, message: DutyMoved | RecordItems | DeadlineReached, context: Context
) -> Iterator[Event]:
    """What happens next."""
    yield from follow(following, message, context, TERMS)


def evolve(following: Following, event: MoveFollowed | ItemsSought | LookEnded | RoundMoveOrdered) -> Following:
    """What an event means for the search."""
    return following if isinstance(event, RoundMoveOrdered) else took(following, event)
