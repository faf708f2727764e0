"""All partitions of the made-up service in memory, with Kafka as lists of bytes, so that N can grow while it lives."""

from dataclasses import dataclass, field
from typing import Any

from owlbus.audit.check import LogCheck
from shared.engine.aggregate import Deciders, key_of
from shared.engine.emit import Entry, Stored
from shared.engine.fold import fold_values
from shared.engine.generation import Generation, segments_of_partition
from shared.engine.inputs import Answer, Call, CommandRecord, Due, Held, Input, Redrive, StateRef, read_record
from shared.engine.message import Actor
from shared.engine.partition import Partition, partition_of
from shared.engine.plan import Plan, plan
from shared.engine.repartition import Side, obstacles, repartitioned
from shared.runtime.kafka.records import Record
from shared.runtime.store.documents import emitter_of
from tests.support.world import START

TOPICS = ("test.events", "test.journal")
OPERATOR = Actor("o-1", "operator")


@dataclass
class Town:
    """One service with all that it has committed; `sent` is how much of each source's log lies in the topics."""

    deciders: Deciders
    partitions: list[Partition]
    states: dict[StateRef, Stored] = field(default_factory=dict[StateRef, Stored])
    commands: dict[str, CommandRecord] = field(default_factory=dict[str, CommandRecord])
    logs: dict[int, list[Entry]] = field(default_factory=dict[int, list[Entry]])
    held: dict[int, list[Held]] = field(default_factory=dict[int, list[Held]])
    topics: dict[tuple[str, int], list[bytes]] = field(default_factory=dict[tuple[str, int], list[bytes]])
    sent: dict[int, int] = field(default_factory=dict[int, int])
    generations: list[Generation] = field(default_factory=list[Generation])
    counts: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def count(self) -> int:
        """N as it is now."""
        return len(self.partitions)

    # --- living

    def ask(self, call: Call) -> Answer:
        """Decide on a command at its key's home."""
        return self._take(partition_of(key_of(call.id), self.count), call).answers[0][1]

    def fire(self, due: Due) -> None:
        """A deadline has passed."""
        self._take(partition_of(key_of(due.id), self.count), due)

    def redrive(self, key: str) -> Answer:
        """Try again what is held of a key."""
        home = partition_of(key, self.count)
        waiting = tuple(one for one in self.held.get(home, ()) if one.key == key)
        return self._take(home, Redrive(key, OPERATOR, START, waiting)).answers[0][1]

    def publish(self) -> None:
        """Bring to the topics what the logs hold and they do not."""
        for number, log in self.logs.items():
            for entry in log[self.sent.get(number, 0) :]:
                self.topics.setdefault((entry.topic, entry.destination), []).append(entry.value)
            self.sent[number] = len(log)

    def settle(self) -> None:
        """Publish and read until nothing moves."""
        moved = True
        while moved:
            moved = False
            self.publish()
            for number in range(self.count):
                for topic in TOPICS:
                    values, offset = self.topics.get((topic, number), []), self.partitions[number].offsets.get(topic, 0)
                    for at, value in enumerate(values[offset:], offset):
                        moved = True
                        self._take(number, read_record(self.deciders, topic, at, value, START))

    def rewind(self) -> None:
        """All sources say again what they ever said, and everybody reads it."""
        self.sent = {}
        self.settle()

    def _take(self, number: int, item: Input) -> Plan:
        done = plan(self.deciders, self.partitions[number], self.states, self.commands, [item])
        self._keep(number, done)
        return done

    def _keep(self, number: int, done: Plan) -> None:
        self.partitions[number] = done.partition
        self.states |= done.states
        self.commands |= {record.command_id: record for record in done.commands}
        self.logs.setdefault(number, []).extend(done.entries)
        kept = [one for one in self.held.get(number, ()) if one.number not in done.released]
        self.held[number] = [*kept, *done.held]
        assert len({one.number for one in self.held[number]}) == len(self.held[number])
        for name, count in done.counts.items():
            self.counts[name] = self.counts.get(name, 0) + count

    # --- growing

    @property
    def side(self) -> Side:
        """The service as a repartition sees it."""
        folds = {kind.name: kind.fold for kind in self.deciders.aggregates}
        return Side("test", TOPICS, self.partitions, folds)

    @property
    def ends(self) -> dict[tuple[str, int], int]:
        """Where the topics end."""
        return {place: len(values) for place, values in self.topics.items()}

    def obstacles(self) -> list[str]:
        """What has to be done before N can grow."""
        return list(obstacles([self.side], self.ends))

    def grow(self, to: int) -> None:
        """Repartition."""
        plans = repartitioned(self.side, self.held, to, OPERATOR, START)
        self.generations.append(Generation(self.count, tuple(one.sequence for one in self.partitions)))
        self.partitions = [*self.partitions, *(Partition(n, to) for n in range(self.count, to))]
        for number, done in enumerate(plans):
            self._keep(number, done)

    # --- checking

    def folded(self) -> dict[StateRef, Stored]:
        """The states, folded partition by partition as they live now, from the segments that a partition reads."""
        found: dict[StateRef, Stored] = {}
        for number in range(self.count):
            for kind in self.deciders.aggregates:
                states: dict[str, Stored] = {}
                for segment in segments_of_partition(self.generations, self.count, number):
                    log = self.logs.get(segment.number, [])[segment.after : segment.until]
                    values = [e.value for e in log if partition_of(emitter_of(e.subject), self.count) == number]
                    fold_values(kind, values, states)
                assert not {(kind.name, id) for id in states} & found.keys()
                found |= {(kind.name, id): stored for id, stored in states.items()}
        return found

    def records(self) -> list[Record]:
        """What lies in the topics."""
        return [
            Record(topic, number, offset, None, value)
            for (topic, number), values in sorted(self.topics.items())
            for offset, value in enumerate(values)
        ]

    def checked(self) -> LogCheck:
        """The topics as an auditor checks them."""
        check = LogCheck(self.count)
        for record in self.records():
            check.add(record)
        return check


def town(deciders: Deciders, count: int) -> Town:
    """A service that nothing has happened to."""
    folds: dict[str, Any] = {kind.name: kind.fold for kind in deciders.aggregates}
    return Town(deciders, [Partition(number, count, folds=dict(folds)) for number in range(count)])
