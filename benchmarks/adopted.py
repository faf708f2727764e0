"""Ideas that are adopted already: brought into the store of `ideas` by its own deciders, a partition at a time."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

from benchmarks.bench import Bench
from benchmarks.events import DEPARTMENT, PACK, PAST, TITLE, text_of
from services.ideas.domain import IDEA
from services.ideas.domain.commands import ImportDecision, ImportIdea
from services.ideas.service import SERVICE
from shared.engine.emit import Stored
from shared.engine.inputs import Call, StateRef
from shared.engine.message import Actor, Command
from shared.engine.partition import partition_of
from shared.engine.plan import plan
from shared.runtime.store.mongo import MongoStore
from shared.runtime.store.protocol import Write

OFFICE = Actor("p-1", "receiver")


def adopted_id(number: int) -> str:
    """Id of the idea of this number."""
    return f"adopted-{number:06d}"


async def adopt(bench: Bench, count: int) -> None:
    """Import `count` ideas with their adoption."""
    store = MongoStore(bench.stack.mongo_uri, "bench_ideas", appname="ideas/bench-setup")
    try:
        await store.prepare(SERVICE.layout(bench.partitions))
        homes: dict[int, list[Call]] = {}
        for call in _calls(count):
            homes.setdefault(partition_of(call.id, bench.partitions), []).append(call)
        for number, calls in homes.items():
            await _decide(store, number, calls)
    finally:
        await store.close()


async def _decide(store: MongoStore, number: int, calls: list[Call]) -> None:
    states: dict[StateRef, Stored | None] = {}
    while calls:
        partition = (await store.partitions([number]))[number]
        outcome = plan(SERVICE.deciders, partition, states, {}, calls)
        refused = [answer for _, answer in outcome.answers if answer.code]
        assert not refused, refused[0]
        outcome.partition.token = secrets.token_hex(8)
        await store.commit([Write(outcome, partition.token)])
        states |= outcome.states
        calls = calls[outcome.consumed :]


def _calls(count: int) -> Iterator[Call]:
    now = datetime.now(UTC)
    for number in range(count):
        id = adopted_id(number)
        for step, command in enumerate(_commands(number)):
            yield Call(f"{id}-{step}", "", IDEA, id, command, OFFICE, now)


def _commands(number: int) -> Iterator[Command]:
    yield ImportIdea.model_validate(
        {
            "pack": PACK,
            "kind": "improve",
            "category": "교통",
            "department": DEPARTMENT,
            "title": TITLE,
            "sections": {"content": text_of(f"p-{number}")},
            "authors": [{"person_id": f"p-{number}", "share": "100"}],
            "submitted_on": PAST,
            "received_on": PAST,
            "source": "bench",
            "source_id": str(number),
        }
    )
    yield ImportDecision.model_validate({"outcome": "adopted", "decided_on": PAST, "decided_by": "p-office"})
