"""Given/when/then for one aggregate: events that happened, a message, and what must come of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from shared.engine.aggregate import Aggregate, Context, Refused, State
from shared.engine.message import Actor, Event, Message

NOON = datetime(2025, 3, 3, 3, 0, tzinfo=UTC)
"""Monday 3 March 2025, 12:00 in Seoul."""


@dataclass(frozen=True)
class Outcome:
    """What came of a message: the events, the state after them, or the refusal."""

    events: tuple[Event, ...] = ()
    state: State | None = None
    refusal: Refused | None = None

    def emits(self, *expected: type[Event] | Event) -> Self:
        """The events are exactly these: classes, or whole events."""
        assert self.refusal is None, f"refused: {self.refusal!r} {self.refusal and self.refusal.facts}"
        got = tuple(e if isinstance(x, Event) else type(e) for e, x in zip(self.events, expected, strict=False))
        assert len(self.events) == len(expected) and got == expected, f"emitted {self.events}"
        return self

    def refused(self, code: str) -> Self:
        """It was refused with this code."""
        assert self.refusal is not None, f"not refused, emitted {self.events}"
        assert self.refusal.code == code, f"refused with {self.refusal.code}"
        return self

    def event(self, kind: type[Event]) -> Any:
        """The one event of this class."""
        found = [e for e in self.events if type(e) is kind]
        assert len(found) == 1, f"emitted {self.events}, refusal {self.refusal!r}"
        return found[0]


@dataclass(frozen=True)
class Given:
    """An aggregate after some events. `reads` are the states it may look at."""

    aggregate: Aggregate
    id: str
    past: tuple[Event, ...] = ()
    reads: tuple[State, ...] = ()
    actor: Actor = field(default_factory=lambda: Actor("p-1", "author", "d-1"))
    time: datetime = NOON

    def __call__(self, *past: Event, reads: Iterable[State] = ()) -> "Given":
        """The same aggregate, after `past`."""
        return Given(self.aggregate, self.id, past, tuple(reads), self.actor, self.time)

    @property
    def state(self) -> Any:
        """The state that the past adds up to."""
        return _fold(self.aggregate, self.aggregate.fresh(self.id), self.past)

    def when(self, message: Message, *, actor: Actor | None = None, time: datetime | None = None) -> Outcome:
        """Decide on `message` and fold what comes of it."""
        context = Context(
            time or self.time, actor or self.actor, "command/c-1", {type(state): state for state in self.reads}
        )
        state = self.state
        try:
            events = tuple(self.aggregate.decide(state, message, context))
        except Refused as refusal:
            return Outcome(refusal=refusal)
        return Outcome(events, _fold(self.aggregate, state, events))


def _fold(aggregate: Aggregate, state: State, events: Iterable[Event]) -> State:
    for event in events:
        state = aggregate.evolve(state, event)
    return state
