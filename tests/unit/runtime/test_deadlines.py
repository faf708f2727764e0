"""A deadline fires only after everything that had arrived when it fell due was read."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from shared.engine.inputs import Due
from shared.engine.partition import Partition
from shared.runtime.consumer import Consumer
from shared.runtime.deadlines import Deadlines
from shared.runtime.mailbox import Mailbox
from shared.runtime.store.memory import MemoryStore
from shared.runtime.store.protocol import Layout, Write
from tests.support.counter import Add, deciders
from tests.support.world import COUNT, START, call, key_in, world

TOPIC = "test.events"
FIRST, SECOND = key_in(0, "a"), key_in(0, "b")
MINUTE = timedelta(minutes=1)


@dataclass
class _Bench:
    """Two counters in partition 0 with deadlines one and two minutes after START, and a topic that ends at `end`."""

    store: MemoryStore = field(default_factory=MemoryStore)
    time: datetime = START
    end: int = 0

    def __post_init__(self) -> None:
        self.box = Mailbox(0, owned=True)
        boxes = [self.box, *(Mailbox(n) for n in range(1, COUNT))]
        self.deadlines = Deadlines(deciders(), self.store, boxes, cast(Consumer, self), self)

    def now(self) -> datetime:
        return self.time

    def wake(self) -> None: ...

    async def end_offsets(self, numbers: Iterable[int]) -> dict[int, dict[str, int]]:
        return {number: {TOPIC: self.end} for number in numbers}

    async def prepare(self, **parked: str) -> None:
        await self.store.prepare(Layout("test", deciders().aggregates, COUNT, {}))
        own = world(deciders())
        for minutes, key in enumerate((FIRST, SECOND), 1):
            own.give(call(Add(amount=1, due=START + minutes * MINUTE), key, wish=key))
        done = own.give(call(Add(amount=1), key_in(0, "c"), wish="c"))[0]
        done.states, done.entries = own.states, own.log
        await self.store.commit([Write(done, "")])
        self.read(0, parked)

    def read(self, offset: int, parked: dict[str, str] | None = None) -> None:
        """Everything before `offset` was read and committed."""
        known = self.box.partition
        kept = parked if parked is not None else known.parked if known else {}
        self.box.serve(Partition(0, COUNT, offsets={TOPIC: offset}, parked=kept), (TOPIC,))

    async def look(self) -> list[str]:
        """Which counters are offered."""
        await self.deadlines.look()
        return [one.item.id for one in self.box.take(100) if isinstance(one.item, Due)]


async def test_it_waits_until_what_arrived_was_read() -> None:
    bench = _Bench(end=5)
    await bench.prepare()
    assert await bench.look() == []
    bench.time += MINUTE
    assert await bench.look() == []
    bench.read(5)
    assert await bench.look() == [FIRST]


async def test_a_later_one_waits_for_what_arrived_until_then() -> None:
    bench = _Bench(end=5)
    await bench.prepare()
    bench.time += MINUTE
    assert await bench.look() == []
    bench.time += MINUTE
    bench.end = 9
    bench.read(5)
    assert await bench.look() == [FIRST]
    assert await bench.look() == []
    bench.read(9)
    assert await bench.look() == [FIRST, SECOND]


async def test_one_that_is_parked_does_not_make_the_others_early() -> None:
    bench = _Bench(end=5)
    await bench.prepare(**{FIRST: "a bug"})
    bench.read(5)
    bench.time += MINUTE
    assert await bench.look() == []
    bench.time += MINUTE
    bench.end = 9
    assert await bench.look() == []
    bench.read(9)
    assert await bench.look() == [SECOND]
