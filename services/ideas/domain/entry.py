"""One idea that answers a call. It stands by the call and tells the idea when the call closes, however often it moved.

An aggregate of its own, so that no call grows with its ideas; it reads its call.
"""

from collections.abc import Iterator
from typing import Any, assert_never

from services.ideas.domain.call import Call
from shared.contracts.ideas_process import CallAnswered, CallClosed, CallEntered
from shared.engine.aggregate import Context, State
from shared.engine.message import Actor, DeadlineReached, Event

FOLD = 1
CLOSE = "close"
"""Name of the deadline at the close of the call, as far as it was known when it was set."""


class Entry(State):
    """An idea that answers a call; `told` once it knows that the call has closed."""

    call_id: str = ""
    idea_id: str = ""
    told: bool = False

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """Nothing, to nobody: the idea tells."""
        return {}


Input = CallAnswered | DeadlineReached
Emitted = CallEntered | CallClosed


def decide(entry: Entry, message: Input, context: Context) -> Iterator[Event]:
    """What happens next. The call may have been extended since the deadline was set."""
    call_id, _, idea_id = entry.id.partition("/")
    call = context.read(Call)
    if call.closes_at is None or call.closes_on is None:
        return
    match message:
        case CallAnswered():
            if not entry.idea_id:
                yield CallEntered(call_id=call_id, idea_id=idea_id, closes_at=call.closes_at)
        case DeadlineReached():
            if call.closes_at > message.due:
                yield CallEntered(call_id=call_id, idea_id=idea_id, closes_at=call.closes_at)
            else:
                yield CallClosed(call_id=call_id, idea_id=idea_id, closed_on=call.closes_on)
        case _:
            assert_never(message)


def evolve(entry: Entry, event: Emitted) -> Entry:
    """What an event means for the entry."""
    match event:
        case CallEntered():
            known = entry.but(call_id=event.call_id, idea_id=event.idea_id)
            return known.with_deadline(CLOSE, event.closes_at)
        case CallClosed():
            return entry.but(told=True).without_deadline(CLOSE)
        case _:
            assert_never(event)
