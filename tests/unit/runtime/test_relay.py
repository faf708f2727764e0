"""The relay over a store in memory and a producer that may refuse: what is in the log comes out, whoever wrote it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

from aiokafka.errors import KafkaConnectionError

from shared.engine.emit import Entry
from shared.runtime.kafka.access import Access
from shared.runtime.relay import Relay
from shared.runtime.store.memory import MemoryStore
from shared.runtime.store.protocol import Batch, Layout, StoreUnavailable, Write
from tests.support.counter import Add, deciders
from tests.support.world import COUNT, World, call, key_in, world


class _Store(MemoryStore):
    """Calls `meanwhile` once, after the log has been read; it may raise.

    The next cursors are written once `slow` is done.
    """

    meanwhile: Callable[[], None] | None = None
    slow: "asyncio.Future[None] | None" = None
    saving = False

    async def save_cursors(self, cursors: Mapping[int, int]) -> None:
        self.saving = True
        slow, self.slow = self.slow, None
        if slow is not None:
            await slow
        await super().save_cursors(cursors)

    async def log(self, partition: int, after: int, *, limit: int = 100) -> list[Batch]:
        found = await super().log(partition, after, limit=limit)
        step, self.meanwhile = self.meanwhile, None
        if step is not None:
            step()
        return found


class _Parcel:
    def __init__(self) -> None:
        self.values: list[bytes] = []

    def append(self, *, key: bytes, value: bytes, timestamp: None, headers: list[Any]) -> bool:
        self.values.append(value)
        return True

    def close(self) -> None: ...


@dataclass
class _Bench:
    """A relay that owns what `own` says, and what it has published.

    `down` makes Kafka unreachable; what is sent while there is a `slow` is acknowledged when that is.
    """

    store: _Store = field(default_factory=_Store)
    published: list[bytes] = field(default_factory=list[bytes])
    worlds: dict[int, World] = field(default_factory=dict[int, World])
    down: bool = False
    slow: "asyncio.Future[None] | None" = None

    def __post_init__(self) -> None:
        self.relay = Relay(cast(Access, self), self.store)

    def producer(self) -> "_Bench":
        return self

    async def start(self) -> None:
        if self.down:
            raise KafkaConnectionError("down")

    async def stop(self) -> None: ...

    def create_batch(self) -> _Parcel:
        return _Parcel()

    async def send_batch(self, parcel: _Parcel, topic: str, *, partition: int) -> "asyncio.Future[None]":
        self.published += parcel.values
        if self.slow is not None:
            return self.slow
        sent: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        sent.set_result(None)
        return sent

    async def commit(self, number: int, wish: str) -> list[Entry]:
        """Somebody writes an event to the log of a partition."""
        own = self.worlds.setdefault(number, world(deciders(), number))
        read = (await self.store.partitions([number]))[number].token
        done = own.give(call(Add(amount=1, tag=wish), key_in(number), wish=wish))[0]
        done.partition.token = wish
        await self.store.commit([Write(done, read)])
        return done.entries


async def _running(scenario: Callable[[_Bench], Awaitable[None]]) -> None:
    bench = _Bench()
    await bench.store.prepare(Layout("test", deciders().aggregates, COUNT, {}))
    task = asyncio.create_task(bench.relay.run())
    try:
        async with asyncio.timeout(10):
            await scenario(bench)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _until(condition: Callable[[], bool], what: str, seconds: float = 3.0) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(what) from None


async def test_what_another_replica_wrote_goes_out_however_busy_it_is_here() -> None:
    async def scenario(bench: _Bench) -> None:
        bench.relay.own({0: 0, 1: 0})
        await _until(bench.relay.drained, "nothing to do at first")
        foreign = await bench.commit(0, "foreign")

        async def busy() -> None:
            for i in range(1_000):
                bench.relay.offer(1, await bench.commit(1, f"own-{i}"))
                await asyncio.sleep(0.05)

        own = asyncio.create_task(busy())
        try:
            await _until(lambda: foreign[0].value in bench.published, "the foreign event was not published")
        finally:
            own.cancel()

    await _running(scenario)


async def test_what_could_not_be_read_is_read_again_however_busy_it_is_here() -> None:
    async def scenario(bench: _Bench) -> None:
        entries = await bench.commit(0, "a")

        def fails() -> None:
            raise StoreUnavailable("cut off")

        bench.store.meanwhile = fails
        bench.relay.own({0: 0})
        await _until(lambda: bench.published == [entries[0].value], "not read again", 0.7)

    await _running(scenario)


async def test_it_is_degraded_and_asks_less_and_less_often_while_kafka_is_away() -> None:
    async def scenario(bench: _Bench) -> None:
        entries = await bench.commit(0, "a")
        bench.down = True
        bench.relay.own({0: 0})
        await _until(lambda: bench.relay.degraded, "degraded")
        for _ in range(50):
            assert bench.relay.degraded
            await asyncio.sleep(0.01)
        bench.down = False
        await _until(lambda: bench.published == [entries[0].value] and not bench.relay.degraded, "back")

    await _running(scenario)


async def test_who_lets_go_waits_for_what_is_on_its_way_and_says_how_far_it_came() -> None:
    async def scenario(bench: _Bench) -> None:
        bench.slow = asyncio.get_running_loop().create_future()
        entries = await bench.commit(0, "a")
        bench.relay.own({0: 0})
        await _until(lambda: bool(bench.published), "it is on its way")
        bench.relay.disown([0])
        leaving = asyncio.create_task(bench.relay.hand_over())
        await asyncio.sleep(0)
        assert not leaving.done()
        bench.slow.set_result(None)
        await leaving
        assert await bench.store.cursors([0]) == {0: entries[-1].sequence}

    await _running(scenario)


async def test_who_let_go_in_vain_sends_no_later_owner_back() -> None:
    async def scenario(bench: _Bench) -> None:
        bench.slow = asyncio.get_running_loop().create_future()
        entries = await bench.commit(0, "a")
        bench.relay.own({0: 0})
        await _until(lambda: bool(bench.published), "it is on its way")
        bench.relay.disown([0])
        with suppress(TimeoutError):
            async with asyncio.timeout(0.01):
                await bench.relay.hand_over()
        bench.slow.set_result(None)
        await _until(bench.relay.drained, "it arrived after all")
        ahead = entries[-1].sequence + 5
        await bench.store.save_cursors({0: ahead})
        await bench.relay.hand_over()
        assert await bench.store.cursors([0]) == {0: ahead}

    await _running(scenario)


async def test_who_lets_go_waits_until_an_older_cursor_is_written() -> None:
    async def scenario(bench: _Bench) -> None:
        entries = await bench.commit(0, "a")
        bench.store.slow = written = asyncio.get_running_loop().create_future()
        bench.relay.own({0: 0})
        await _until(lambda: bench.store.saving, "its cursor is being written")
        bench.relay.disown([0])
        leaving = asyncio.create_task(bench.relay.hand_over())
        await asyncio.sleep(0.01)
        assert not leaving.done()
        written.set_result(None)
        await leaving
        assert await bench.store.cursors([0]) == {0: entries[-1].sequence}

    await _running(scenario)


async def test_it_finishes_what_waits_but_not_while_kafka_refuses() -> None:
    async def scenario(bench: _Bench) -> None:
        bench.relay.own({0: 0})
        entries = await bench.commit(0, "a")
        bench.relay.offer(0, entries)
        await bench.relay.finish()
        assert bench.published == [entries[0].value]
        bench.down = True
        await cast(Any, bench.relay)._drop_producer()
        bench.relay.offer(0, await bench.commit(0, "b"))
        async with asyncio.timeout(3):
            await bench.relay.finish()
        assert bench.relay.degraded and not bench.relay.drained()

    await _running(scenario)
