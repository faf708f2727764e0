"""Plans made by hand, for tests of stores."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from shared.engine.aggregate import Aggregate, State, key_of
from shared.engine.emit import Entry, Stored
from shared.engine.inputs import Answer, CommandRecord, Held, StateRef
from shared.engine.partition import Partition, partition_of
from shared.engine.plan import Plan
from shared.engine.projection import Projection
from shared.runtime.store.protocol import Layout, Write

COUNT = 4


class Member(BaseModel):
    """One of several in a state."""

    person_id: str
    share: int = 0


class Board(State):
    """A state to search by."""

    stage: str = "new"
    open: bool = True
    members: tuple[Member, ...] = ()
    notes: dict[str, str] = Field(default_factory=dict[str, str])


class Seat(State):
    """A state whose id is finer than its key: "board/person"."""

    taken: bool = False


def _never(*_: Any) -> Any:
    raise NotImplementedError


def _kind(name: str, state: type[State], *fields: str) -> Aggregate:
    return Aggregate(name, state, frozenset(), _never, _never, 3, fields)


BOARD = _kind("board", Board, "board_id")
SEAT = _kind("seat", Seat, "board_id", "person_id")
TERMS = Projection("terms", 1, frozenset(), _never)
OTHER_TERMS = Projection("other", 1, frozenset(), _never)
LAYOUT = Layout(
    "test",
    (BOARD, SEAT),
    COUNT,
    {"board": ("stage", "members.person_id"), "seat": ("key",)},
    (TERMS, OTHER_TERMS),
    ("follower",),
)


def key_in(number: int, prefix: str = "k") -> str:
    """A key that lives in partition `number`."""
    return next(key for i in range(10_000) if partition_of(key := f"{prefix}{i}", COUNT) == number)


def stored(state: State, version: int = 1) -> Stored:
    """A state as a plan would give it."""
    return Stored(state, version, f"because of {state.id}")


def command(id: str, **body: Any) -> CommandRecord:
    """The record of an accepted command."""
    return CommandRecord(id, f"print of {id}", Answer(subject="board/b", version=3, body=body))


def write(
    partition: Partition,
    token: str,
    *states: Stored,
    emits: Sequence[str] = (),
    commands: Sequence[CommandRecord] = (),
    held: Sequence[Held] = (),
    released: Sequence[int] = (),
    changed: Mapping[str, Any] | None = None,
) -> Write:
    """A plan on `partition`: these states, an event for each subject in `emits`, fields of the partition changed."""
    after = partition.copy()
    after.token = token
    entries = [entry(after.sequence + 1 + i, subject) for i, subject in enumerate(emits)]
    after.sequence += len(entries)
    for name, value in (changed or {}).items():
        setattr(after, name, value)
    plan = Plan(after, states=_by_ref(states), entries=entries)
    plan.commands, plan.held, plan.released = list(commands), list(held), list(released)
    return Write(plan, partition.token)


def _by_ref(states: Sequence[Stored]) -> dict[StateRef, Stored]:
    return {(type(one.state).__name__.lower(), one.state.id): one for one in states}


def entry(sequence: int, subject: str, value: bytes = b"") -> Entry:
    """One event of `subject`."""
    key = key_of(subject.partition("/")[2])
    headers = (("ce_id", f"test/{sequence}".encode()), ("content-type", b"application/json"))
    return Entry(sequence, value or f"event {sequence}".encode(), "test.events", 3, key, subject, headers)
