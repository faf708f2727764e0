"""Filling topics before a round, and watching from outside how fast one grows during it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from aiokafka import TopicPartition

from shared.engine.emit import Entry
from shared.runtime.kafka.access import Access

BATCH_BYTES = 600_000
LOOK_SECONDS = 0.04
WARM, DONE = 0.1, 0.98
"""The part of a round that counts: what comes before is starting up, what comes after is the last half-empty batch."""


@dataclass(frozen=True)
class Growth:
    """How a topic grew: `rate` in events a second between two moments, both on the clock of `perf_counter`."""

    rate: float
    began: float
    ended: float
    seconds: float


async def load(access: Access, entries: Iterable[Entry]) -> int:
    """Write entries to their topics, in order; return how many."""
    producer: Any = access.producer()
    await producer.start()
    count = 0
    open_batches: dict[tuple[str, int], tuple[Any, int]] = {}
    sent: list[Any] = []

    async def send(place: tuple[str, int], batch: Any) -> None:
        batch.close()
        sent.append(await producer.send_batch(batch, place[0], partition=place[1]))

    try:
        for entry in entries:
            place = (entry.topic, entry.destination)
            batch, size = open_batches.get(place) or (producer.create_batch(), 0)
            if size + len(entry.value) > BATCH_BYTES:
                await send(place, batch)
                batch, size = producer.create_batch(), 0
            batch.append(key=entry.key.encode(), value=entry.value, timestamp=None, headers=list(entry.headers))
            open_batches[place] = (batch, size + len(entry.value) + 500)
            count += 1
        for place, (batch, _) in open_batches.items():
            await send(place, batch)
        await asyncio.gather(*sent)
    finally:
        await producer.stop()
    return count


class Ends:
    """Where a topic ends, over all its partitions."""

    def __init__(self, reader: Any, topic: str, partitions: int) -> None:
        self._reader = reader
        self._places = [TopicPartition(topic, number) for number in range(partitions)]

    async def by_partition(self) -> dict[int, int]:
        """The end of each partition."""
        ends: dict[TopicPartition, int] = await self._reader.end_offsets(self._places)
        return {place.partition: end for place, end in ends.items()}

    async def total(self) -> int:
        """How many events the topic holds."""
        return sum((await self.by_partition()).values())

    async def growth(self, count: int, seconds: float, began: Callable[[], None], ended: Callable[[], None]) -> Growth:
        """Wait until `count` more have come; `began` and `ended` are told where the part that counts begins and ends.

        Raises TimeoutError.
        """
        return await self.grown(await self.total(), count, seconds, began, ended)

    async def grown(
        self, base: int, count: int, seconds: float, began: Callable[[], None], ended: Callable[[], None]
    ) -> Growth:
        """As `growth`, counted from `base`."""
        first: tuple[float, int] | None = None
        start = perf_counter()
        async with asyncio.timeout(seconds):
            while True:
                now, done = perf_counter(), await self.total() - base
                if first is None and done >= WARM * count:
                    first = (now, done)
                    began()
                if first is not None and done >= DONE * count and now > first[0]:
                    ended()
                    rate = (done - first[1]) / (now - first[0])
                    break
                await asyncio.sleep(LOOK_SECONDS)
            while await self.total() - base < count:
                await asyncio.sleep(LOOK_SECONDS)
        return Growth(rate, first[0], now, perf_counter() - start)


@asynccontextmanager
async def ends_of(access: Access, topic: str) -> AsyncGenerator[Ends]:
    """Watch a topic as long as a block runs."""
    reader: Any = access.reader()
    await reader.start()
    await asyncio.sleep(0)  # aiokafka can't be stopped before the tasks that it has just made have begun
    try:
        yield Ends(reader, topic, access.settings.partitions)
    finally:
        await reader.stop()
