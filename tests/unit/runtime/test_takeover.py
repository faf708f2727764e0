"""Taking partitions over, from another release or another owner, and letting them go while work is under way."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import TopicPartition

from shared.engine.aggregate import Deciders
from shared.engine.emit import Stored
from shared.engine.inputs import Answer, StateRef
from shared.runtime.clock import SystemClock
from shared.runtime.committer import Committer
from shared.runtime.consumer import Consumer
from shared.runtime.kafka.access import Access
from shared.runtime.mailbox import Mailbox, Standing
from shared.runtime.relay import Relay
from shared.runtime.settings import Settings
from shared.runtime.store.memory import MemoryStore
from shared.runtime.store.protocol import Layout, Write
from shared.runtime.takeover import Takeover
from shared.runtime.telemetry import Metrics
from tests.support.counter import COUNTER, Add, deciders
from tests.support.world import COUNT, call, key_in, world

SETTINGS = {
    "OWLBUS_ENVIRONMENT": "development",
    "OWLBUS_INSECURE_NO_ISSUER": "true",
    "OWLBUS_INSTANCE": "test-0",
    "OWLBUS_HTTP_PORT": "1",
    "KAFKA_BOOTSTRAP_SERVERS": "localhost:1",
    "MONGODB_URI": "mongodb://localhost:1",
}
TOPIC = "test.events"


async def test_a_fold_that_breaks_in_any_way_stops_its_partition() -> None:
    def evolve(state: Any, event: Any) -> Any:
        raise KeyError("a field that old events do not have")

    store = MemoryStore()
    await store.prepare(Layout("test", deciders().aggregates, COUNT, {}))
    done = world(deciders()).give(call(Add(amount=1), key_in(0), wish="a"))[0]
    done.partition.token = "t"
    done.partition.folds = {kind.name: kind.fold for kind in deciders().aggregates}
    await store.commit([Write(done, "")])
    newer = Deciders("test", [replace(COUNTER, evolve=evolve, fold=COUNTER.fold + 1)])
    access = cast(Access, None)
    takeover = Takeover(access, newer, ["test.events"], store, Relay(access, store), "http://here", COUNT)
    box = Mailbox(0, verified=True)
    await takeover.take_over([box])
    assert box.standing is Standing.REBUILDING
    for _ in range(50):
        await asyncio.sleep(0)
    assert (box.standing, box.why) == (Standing.STOPPED, "rebuild_failed")


async def test_what_the_owner_before_has_written_down_is_asked_for_at_every_take_over() -> None:
    hint = 0

    class _Admin:
        async def __aenter__(self) -> "_Admin":
            return self

        async def __aexit__(self, *_: object) -> None: ...

        async def list_consumer_group_offsets(self, group: str, partitions: list[Any]) -> dict[Any, Any]:
            return {place: SimpleNamespace(metadata=str(hint)) for place in partitions}

    store = MemoryStore()
    await store.prepare(Layout("test", deciders().aggregates, COUNT, {}))
    access = cast(Access, SimpleNamespace(admin=_Admin))
    takeover = Takeover(access, deciders(), ["test.events"], store, Relay(access, store), "http://here", COUNT)
    boxes = [Mailbox(number) for number in range(COUNT)]
    await takeover.verify(boxes)
    hint = 7  # the store came back older, and the partition moved here
    await takeover.take_over(boxes[:1])
    assert (boxes[0].standing, boxes[0].why) == (Standing.STOPPED, "older_store")


class _Moving(MemoryStore):
    """Another replica commits `meanwhile`, once, after the documents were read."""

    meanwhile: Write | None = None

    async def log_ends(self, numbers: Sequence[int]) -> dict[int, int]:
        step, self.meanwhile = self.meanwhile, None
        if step is not None:
            await self.commit([step])
        return await super().log_ends(numbers)


@pytest.mark.parametrize(
    ("shown", "standing"),
    [(0, Standing.STOPPED), (1, Standing.SERVING), (2, Standing.STOPPED)],
    ids=["the log is longer than its document says", "it is as long", "it is shorter"],
)
async def test_a_store_of_no_one_moment_stops_its_partition(shown: int, standing: Standing) -> None:
    store = MemoryStore()
    await store.prepare(Layout("test", deciders().aggregates, COUNT, {}))
    done = world(deciders()).give(call(Add(amount=1), key_in(0), wish="a"))[0]
    done.partition.folds = {kind.name: kind.fold for kind in deciders().aggregates}
    done.partition.sequence = shown
    await store.commit([Write(done, "")])
    access = cast(Access, None)
    takeover = Takeover(access, deciders(), [TOPIC], store, Relay(access, store), "http://here", COUNT)
    box = Mailbox(0, verified=True, floor=1 if shown == 0 else 0)
    await takeover.take_over([box])
    assert (box.standing, box.why) == (standing, "torn_store" if standing is Standing.STOPPED else "")


async def test_a_log_that_grows_while_it_is_looked_at_is_not_torn() -> None:
    store = _Moving()
    await store.prepare(Layout("test", deciders().aggregates, COUNT, {}))
    done = world(deciders()).give(call(Add(amount=1), key_in(0), wish="a"))[0]
    done.partition.folds = {kind.name: kind.fold for kind in deciders().aggregates}
    store.meanwhile = Write(done, "")
    access = cast(Access, None)
    takeover = Takeover(access, deciders(), [TOPIC], store, Relay(access, store), "http://here", COUNT)
    box = Mailbox(0, verified=True)
    await takeover.take_over([box])
    assert (box.standing, box.why) == (Standing.SERVING, "")


class _Slow(MemoryStore):
    """Reads states only once `go` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()
        self.reading = asyncio.Event()

    async def states(self, refs: Sequence[StateRef]) -> dict[StateRef, Stored]:
        self.reading.set()
        await self.go.wait()
        return await super().states(refs)

    async def save_cursors(self, cursors: Mapping[int, int]) -> None:
        for _ in range(20):  # a round of the committer has time to begin and to end
            await asyncio.sleep(0)
        await super().save_cursors(cursors)


async def test_a_round_under_way_does_not_take_up_again_what_is_being_let_go() -> None:
    store, boxes = _Slow(), [Mailbox(number, verified=True) for number in range(COUNT)]
    await store.prepare(Layout("test", deciders().aggregates, COUNT, {}))
    access = Access(Settings.read(SETTINGS), "test/test-0")
    relay = Relay(access, store)
    takeover = Takeover(access, deciders(), [TOPIC], store, relay, "http://here", COUNT)
    metrics = Metrics("test")
    committer = Committer(deciders(), store, boxes, relay, metrics, takeover, lambda box: None)
    consumer = Consumer(access, deciders(), [TOPIC], boxes, committer, takeover, SystemClock(), metrics)
    await takeover.take_over(boxes[:1])
    cast(Any, relay)._runs[0].acked = 7  # published, and not written down yet
    answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    boxes[0].put(call(Add(amount=1), key_in(0), wish="a"), answer)
    task = asyncio.create_task(committer.run())
    try:
        async with asyncio.timeout(10):
            committer.wake()
            await store.reading.wait()
            revoked = asyncio.create_task(consumer.on_partitions_revoked([TopicPartition(TOPIC, 0)]))
            await asyncio.sleep(0)
            store.go.set()
            await revoked
            assert (await answer).version == 1
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert relay.unpublished() == {}, "it publishes what is another's by now"
    assert await store.cursors([0]) == {0: 7}
