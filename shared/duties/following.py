"""A service follows a duty that has moved: it looks for its own open items and has each of them follow.

Pure. What is found comes by pages, as the answer to a question that stands in the state, so that a move which concerns
thousands of items is many small steps, and a crash between two of them forgets nothing. A look begins anew a minute
later, as long as it finds something: what was on its way when the duty moved is found then. Invariant: one move of a
duty is followed to its end before the next one begins.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, assert_never

from pydantic import BaseModel, ConfigDict

from shared.contracts.duties import Cover, ItemsSought, LookEnded, Move, MoveFollowed, Work
from shared.contracts.ideas_duties import DutyMoved
from shared.contracts.types import Id
from shared.engine.aggregate import Context
from shared.engine.asking import Asking, Finding
from shared.engine.message import Actor, DeadlineReached, Event

ITEMS = "items"
"""Name of the question for the next page."""

AGAIN = "again"
"""Name of the deadline at which a look begins anew."""

PAUSE = timedelta(minutes=1)

MOST_LOOKS = 10
"""After so many looks the move is followed, whatever is found."""


class RecordItems(Finding):
    """The next page of items by id; `after` is where the page behind it begins, empty on the last one."""

    items: tuple[Id, ...] = ()
    after: str = ""


class Pending(BaseModel):
    """A move, and what of it concerns this service."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    move: Move
    cover: Cover


class Following(Asking):
    """The moves of one duty that are still to be followed, the first of them under way."""

    queue: tuple[Pending, ...] = ()
    after: str = ""
    found: int = 0
    looks: int = 0

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """Nothing: each item tells of itself."""
        return {}


@dataclass(frozen=True)
class Terms:
    """What differs between the services: the work, the events of the search, and the event that has an item follow."""

    work: Work
    followed: type[MoveFollowed]
    sought: type[ItemsSought]
    ended: type[LookEnded]
    order: Callable[[str, Move], Event]


Input = DutyMoved | RecordItems | DeadlineReached


def follow(following: Following, message: Input, context: Context, terms: Terms) -> Iterator[Event]:
    """What happens next."""
    match message:
        case DutyMoved():
            cover = next((cover for cover in message.covers if cover.work == terms.work), None)
            if cover is not None:
                yield terms.followed(duty_id=following.id, move=message.move, cover=cover)
                if not following.queue:
                    yield terms.sought(duty_id=following.id, ask_id=context.new_id("look"))
        case RecordItems():
            # One that was asked for again meanwhile is of no use any more.
            if following.awaits(ITEMS, message):
                yield from _found(following, message, context, terms)
        case DeadlineReached():
            yield terms.sought(duty_id=following.id, ask_id=context.new_id("look"))
        case _:
            assert_never(message)


def _found(following: Following, message: RecordItems, context: Context, terms: Terms) -> Iterator[Event]:
    move = following.queue[0].move
    yield from (terms.order(item, move) for item in message.items)
    found = following.found + len(message.items)
    if message.after:
        ask_id = context.new_id("page")
        yield terms.sought(duty_id=following.id, ask_id=ask_id, after=message.after, found=found)
        return
    looks_again = (found > 0 or following.looks == 1) and following.looks < MOST_LOOKS
    again_at = context.time + PAUSE if looks_again else None
    yield terms.ended(duty_id=following.id, found=found, again_at=again_at)
    if again_at is None and len(following.queue) > 1:
        yield terms.sought(duty_id=following.id, ask_id=context.new_id("look"))


def took(following: Following, event: MoveFollowed | ItemsSought | LookEnded) -> Following:
    """What an event of the search means."""
    match event:
        case MoveFollowed():
            return following.but(queue=(*following.queue, Pending(move=event.move, cover=event.cover)))
        case ItemsSought():
            looks = following.looks if event.after else following.looks + 1
            sought = following.but(after=event.after, found=event.found, looks=looks)
            return sought.with_ask(ITEMS, event.ask_id).without_deadline(AGAIN)
        case LookEnded():
            ended = following.without_ask(ITEMS).but(after="", found=0)
            if event.again_at is not None:
                return ended.with_deadline(AGAIN, event.again_at)
            return ended.but(queue=following.queue[1:], looks=0)
        case _:
            assert_never(event)
