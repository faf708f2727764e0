"""What the oracle judges: everything that logs, topics and states hold once the dust has settled."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field

from owlbus.audit.check import LogCheck
from owlbus.audit.replay import replay
from owlbus.docs import SERVICES as HOUSE
from owlbus.fleet import TOPICS, Fleet
from shared.engine.emit import Entry
from shared.engine.envelope import Envelope, decode
from shared.engine.inputs import Held
from shared.engine.partition import Partition
from shared.runtime.kafka.records import read_topics
from shared.runtime.service import Service
from shared.runtime.store.mongo import MongoStore
from shared.runtime.store.readonly import ReadOnlyMongo

APP = "owlbus-oracle"
STORE_SECONDS = 30.0
MOST_HELD = 100_000


@dataclass(slots=True)
class Told:
    """One event of a log: its envelope, and where it went."""

    envelope: Envelope
    topic: str
    value: bytes


@dataclass(slots=True)
class Evidence:
    """`logs` by source, each in order; `check` read the topics, without the `poison` that was written there.

    `unequal` says where states are not what the topics fold to.
    """

    logs: dict[str, list[Told]] = field(default_factory=dict[str, list[Told]])
    partitions: dict[str, Partition] = field(default_factory=dict[str, Partition])
    held: dict[str, tuple[Held, ...]] = field(default_factory=dict[str, tuple[Held, ...]])
    unequal: list[str] = field(default_factory=list[str])
    states: int = 0
    poison: frozenset[bytes] = frozenset()
    check: LogCheck = field(default_factory=lambda: LogCheck(1))

    @property
    def events(self) -> int:
        """How many events all logs hold."""
        return sum(map(len, self.logs.values()))


async def gather(fleet: Fleet, mongo_uri: str, poison: Collection[bytes] = ()) -> Evidence:
    """Read everything, `poison` in the topics left out. The services may run, but nothing may be under way."""
    evidence = Evidence(poison=frozenset(poison), check=LogCheck(fleet.partitions))
    async for records in read_topics(fleet.access, TOPICS):
        for record in records:
            if record.value not in poison:
                evidence.check.add(record)
        await asyncio.sleep(0)
    for service in HOUSE:
        database = fleet.environment(service.name, service.name, 1)["MONGODB_DATABASE"]
        await _compare(evidence, service, fleet, ReadOnlyMongo(mongo_uri, database, timeout=STORE_SECONDS))
        await _read(evidence, service.name, fleet, MongoStore(mongo_uri, database, appname=APP, timeout=STORE_SECONDS))
    return evidence


async def _compare(evidence: Evidence, service: Service, fleet: Fleet, live: ReadOnlyMongo) -> None:
    """Hold the states against what the service's topics fold to."""
    try:
        report = await replay(service, fleet.access, live)
    finally:
        await live.close()
    evidence.states += sum(counts["equal"] for counts in report["aggregates"].values())
    evidence.unequal += [f"{service.name}: {one['kind']} {one['where']} {one['detail']}" for one in report["findings"]]


async def _read(evidence: Evidence, service: str, fleet: Fleet, store: MongoStore) -> None:
    try:
        for number, partition in (await store.partitions(range(fleet.partitions))).items():
            source = f"{service}/{number}"
            entries = await _log(store, number)
            evidence.partitions[source] = partition
            evidence.logs[source] = [Told(decode(one.value), one.topic, one.value) for one in entries]
            evidence.held[source] = await store.held(number, limit=MOST_HELD)
    finally:
        await store.close()


async def _log(store: MongoStore, number: int) -> list[Entry]:
    entries: list[Entry] = []
    while batches := await store.log(number, entries[-1].sequence if entries else 0):
        entries.extend(entry for batch in batches for entry in batch.entries)
    return entries
