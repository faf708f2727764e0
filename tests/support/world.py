"""A partition in memory: applies plans as the committer would, so that properties of `plan` can be tried."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared.engine.aggregate import Deciders
from shared.engine.emit import Entry, Stored
from shared.engine.fold import fold_values
from shared.engine.inputs import Call, CommandRecord, Held, Input, StateRef, read_record
from shared.engine.message import Actor, Command
from shared.engine.partition import Partition, partition_of
from shared.engine.plan import Plan, plan
from tests.support.counter import COUNTER

START = datetime(2025, 3, 3, 3, 0, tzinfo=UTC)
COUNT = 4


@dataclass
class World:
    """One partition of the made-up service, with everything that it has committed."""

    deciders: Deciders
    partition: Partition
    states: dict[StateRef, Stored] = field(default_factory=dict[StateRef, Stored])
    commands: dict[str, CommandRecord] = field(default_factory=dict[str, CommandRecord])
    log: list[Entry] = field(default_factory=list[Entry])
    held: list[Held] = field(default_factory=list[Held])

    def give(self, *inputs: Input, max_writes: int = 1_000) -> list[Plan]:
        """Plan and keep until all inputs are consumed."""
        plans: list[Plan] = []
        rest: Sequence[Input] = inputs
        while rest:
            done = plan(self.deciders, self.partition, self.states, self.commands, rest, max_writes=max_writes)
            assert done.created == done.states.keys() - self.states.keys()
            self.keep(done)
            plans.append(done)
            rest = rest[done.consumed :]
        return plans

    def keep(self, done: Plan) -> None:
        """Commit a plan. What it takes for new was not there before."""
        assert done.created <= done.states.keys() - self.states.keys()
        self.partition = done.partition
        self.states |= done.states
        self.commands |= {record.command_id: record for record in done.commands}
        self.log += done.entries
        self.held = [one for one in (*self.held, *done.held) if one.number not in done.released]

    def folded(self) -> dict[StateRef, Stored]:
        """The states that the log alone adds up to."""
        found: dict[StateRef, Stored] = {}
        for kind in self.deciders.aggregates:
            states: dict[str, Stored] = {}
            fold_values(kind, (entry.value for entry in self.log), states)
            found |= {(kind.name, id): stored for id, stored in states.items()}
        return found


def world(deciders: Deciders, number: int = 0) -> World:
    """An empty partition."""
    return World(deciders, Partition(number, COUNT))


def call(
    command: Command, id: str, *, wish: str = "w", kind: object = None, time: datetime = START, fingerprint: str = ""
) -> Call:
    """A command on a counter, by a person."""
    return Call(
        wish,
        fingerprint or command.model_dump_json(),
        COUNTER if kind is None else kind,  # pyright: ignore[reportArgumentType]
        id,
        command,
        Actor("p-1", "author", "d-1"),
        time,
    )


def record(deciders: Deciders, entry: Entry, offset: int, *, time: datetime = START) -> Input:
    """An event that was emitted, as it comes in from Kafka."""
    return read_record(deciders, entry.topic, offset, entry.value, time)


def key_in(number: int, prefix: str = "k") -> str:
    """A key that lives in this partition."""
    return next(key for i in range(10_000) if partition_of(key := f"{prefix}{i}", COUNT) == number)
