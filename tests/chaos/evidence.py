"""What the oracle judges: everything that logs, topics and states hold once the dust has settled."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from owlbus.fleet import SERVICES, TOPICS, Fleet
from owlbus.logcheck import LogCheck
from services.awards.service import SERVICE as AWARDS
from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.service import SERVICE as IDEAS
from services.learning.service import SERVICE as LEARNING
from shared.engine.emit import Entry, Stored
from shared.engine.envelope import Envelope, decode
from shared.engine.fold import fold_values
from shared.engine.inputs import Held
from shared.engine.partition import Partition
from shared.runtime.kafka.records import read_topics
from shared.runtime.service import Service
from shared.runtime.store.mongo import MongoStore
from shared.runtime.store.protocol import Layout

HOUSE: dict[str, Service] = {service.name: service for service in (IDEAS, EVALUATION, AWARDS, LEARNING)}
PAGE = 200
assert tuple(HOUSE) == SERVICES


@dataclass(slots=True)
class Told:
    """One event of a log: its envelope, and where it went."""

    envelope: Envelope
    topic: str
    value: bytes


@dataclass(slots=True)
class Evidence:
    """`logs` by source, each in order; `check` read the topics, without the `poison` that was written there.

    `unequal` names states that the log does not fold to.
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
    for name, service in HOUSE.items():
        database = fleet.environment(name, name, 1)["MONGODB_DATABASE"]
        store = MongoStore(mongo_uri, database, appname=f"oracle/{name}", timeout=30.0)
        try:
            layout = Layout(name, tuple(service.aggregates), fleet.partitions, service.indexes)
            await store.prepare(layout)
            await _read(evidence, service, store, fleet.partitions)
        finally:
            await store.close()
    return evidence


async def _read(evidence: Evidence, service: Service, store: MongoStore, count: int) -> None:
    folded: dict[str, dict[str, Stored]] = {kind.name: {} for kind in service.aggregates}
    for number, partition in (await store.partitions(range(count))).items():
        source = f"{service.name}/{number}"
        entries = await _log(store, number)
        evidence.partitions[source] = partition
        evidence.logs[source] = [Told(decode(one.value), one.topic, one.value) for one in entries]
        evidence.held[source] = await store.held(number, limit=100_000)
        for kind in service.aggregates:
            fold_values(kind, (entry.value for entry in entries), folded[kind.name])
    for kind in service.aggregates:
        live = await _states(store, kind)
        evidence.states += len(live)
        evidence.unequal += _differences(f"{service.name} {kind.name}", folded[kind.name], live)


async def _log(store: MongoStore, number: int) -> list[Entry]:
    entries: list[Entry] = []
    while batches := await store.log(number, entries[-1].sequence if entries else 0):
        entries.extend(entry for batch in batches for entry in batch.entries)
    return entries


async def _states(store: MongoStore, kind: Any) -> dict[str, Stored]:
    found: dict[str, Stored] = {}
    cursor: str | None = None
    while True:
        page = await store.find(kind, {}, after=cursor, limit=PAGE)
        found |= {stored.state.id: stored for stored in page.items}
        cursor = page.cursor
        if cursor is None:
            return found


def _differences(what: str, folded: Mapping[str, Stored], live: Mapping[str, Stored]) -> list[str]:
    return [f"{what}/{id}" for id in sorted(folded.keys() | live.keys()) if folded.get(id) != live.get(id)]
