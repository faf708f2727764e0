"""Taking a partition over whose states were folded by another release."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from shared.engine.aggregate import Deciders
from shared.runtime.kafka.access import Access
from shared.runtime.mailbox import Mailbox, Standing
from shared.runtime.relay import Relay
from shared.runtime.store.memory import MemoryStore
from shared.runtime.store.protocol import Layout, Write
from shared.runtime.takeover import Takeover
from tests.support.counter import COUNTER, Add, deciders
from tests.support.world import COUNT, call, key_in, world


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
