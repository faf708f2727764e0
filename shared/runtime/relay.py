"""Publishes the log of the partitions this process owns, in order, as the bytes stand.

At least once: what may have been sent is sent again after a failure, in the same order, and its readers see the
copies for what they are. Each partition goes on by itself: one that can't be published does not stop the others.
"""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.engine.emit import Entry
from shared.engine.envelope import decode
from shared.runtime.faultpoints import reached
from shared.runtime.kafka.access import Access
from shared.runtime.store.protocol import Store, StoreUnavailable

MAX_QUEUED = 4_000
ROUND_ENTRIES = 2_000
BATCH_BYTES = 700_000
SEND_TIMEOUT = 15.0
CURSOR_SECONDS = 1.0
FINISH_LOOK_SECONDS = 0.02

log = structlog.get_logger("relay")


@dataclass(slots=True)
class Run:
    """One partition's way out. `acked` is published, `last` the end of `queued`, `behind` says the log holds more."""

    acked: int
    saved: int
    last: int
    behind: bool = True
    queued: deque[Entry] = field(default_factory=deque[Entry])


@dataclass(slots=True)
class Parcel:
    """Entries for one partition of one topic, sent as one batch. `marks` are (source partition, sequence)."""

    topic: str
    destination: int
    entries: list[Entry]
    marks: list[tuple[int, int]]
    size: int = 0


class Relay:
    """Owned partitions come and go with `own` and `disown`; `run` works until cancelled."""

    def __init__(self, access: Access, store: Store) -> None:
        self._access = access
        self._store = store
        self._runs: dict[int, Run] = {}
        self._leaving: dict[int, Run] = {}
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._wake = asyncio.Event()
        self._producer: AIOKafkaProducer | None = None
        self._failures = 0
        self._looked = 0.0
        self._doubted = 0.0

    @property
    def degraded(self) -> bool:
        """Whether Kafka refused the last attempt."""
        return self._failures > 0

    def own(self, cursors: dict[int, int]) -> None:
        """Begin to publish these partitions from their cursors on."""
        for number, cursor in cursors.items():
            self._leaving.pop(number, None)
            if number not in self._runs:
                self._runs[number] = Run(cursor, cursor, cursor)
            self._runs[number].behind = True
        self._wake.set()

    def disown(self, numbers: Sequence[int]) -> None:
        """Stop publishing these partitions; call `hand_over` before somebody else begins."""
        for number in numbers:
            run = self._runs.pop(number, None)
            if run is not None:
                self._leaving[number] = run

    async def hand_over(self) -> None:
        """Wait for what is on its way, and write down how far disowned partitions came: the next owner begins there.

        Who does not get that far only has events published again. Raises StoreUnavailable.
        """
        # Who waits in vain leaves nothing behind: written down later, it would send the next owner back.
        leaving, self._leaving = self._leaving, {}
        await self._quiet.wait()
        gone = {number: run for number, run in leaving.items() if number not in self._runs}
        cursors = {number: run.acked for number, run in gone.items() if run.acked != run.saved}
        if cursors:
            await self._store.save_cursors(cursors)

    def rewind(self, number: int, to: int) -> bool:
        """Send again what the log of an owned partition holds behind `to`; False where it is published elsewhere."""
        run = self._runs.get(number)
        if run is None:
            return False
        # What is on its way settles with the run that it belongs to, not with this one.
        to = min(to, run.acked)
        self._runs[number] = Run(to, run.saved, to)
        self._wake.set()
        return True

    def offer(self, partition: int, entries: Sequence[Entry]) -> None:
        """Publish what was just committed, from memory where it continues what is queued, else from the log."""
        run = self._runs.get(partition)
        if run is None or not entries:
            return
        if not run.behind and entries[0].sequence == run.last + 1 and len(run.queued) < MAX_QUEUED:
            run.queued.extend(entries)
            run.last = entries[-1].sequence
        else:
            run.behind = True
        self._wake.set()

    def unpublished(self) -> dict[int, int]:
        """Events known to wait, per owned partition."""
        return {number: len(run.queued) for number, run in self._runs.items()}

    def oldest(self) -> dict[int, datetime]:
        """When the first event that waits was recorded, per owned partition where one waits."""
        return {number: decode(run.queued[0].value).time for number, run in self._runs.items() if run.queued}

    def drained(self) -> bool:
        """Whether nothing is known to wait."""
        return not any(run.queued or run.behind for run in self._runs.values())

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            # asyncio.wait_for may swallow a cancellation (Python before 3.12), and the loop would never end.
            with suppress(TimeoutError):
                async with asyncio.timeout(CURSOR_SECONDS):
                    await self._wake.wait()
            self._wake.clear()
            self._doubt()
            published = await self._guarded(self.round)
            if await self._guarded(self._save_cursors) and published:
                self._failures = 0

    async def finish(self) -> None:
        """Wait until nothing is known to wait; not while Kafka refuses."""
        while not (self.drained() or self.degraded):
            await asyncio.sleep(FINISH_LOOK_SECONDS)

    async def close(self) -> None:
        """Write the cursors down and let go of the producer."""
        self._looked = 0.0
        await self._guarded(self._save_cursors)
        await self._drop_producer()

    def _doubt(self) -> None:
        """Once a second the log is read, however busy it is here: another replica may have written to it."""
        if monotonic() - self._doubted < CURSOR_SECONDS:
            return
        self._doubted = monotonic()
        for run in self._runs.values():
            run.behind = run.behind or not run.queued

    async def _guarded(self, step: Callable[[], Awaitable[None]]) -> bool:
        try:
            await step()
        except (KafkaError, StoreUnavailable, OSError, TimeoutError) as error:
            self._failures += 1
            log.warning("relay_waits", reason=f"{type(error).__name__}: {error}", attempt=self._failures)
            await self._drop_producer()
            self._wake.set()
            await asyncio.sleep(min(2.0, 0.05 * 2**self._failures) * random.uniform(0.5, 1.0))
            return False
        return True

    async def round(self) -> None:
        """Publish until nothing is known to wait."""
        while True:
            await self._fill()
            parcels = self._pack()
            if not parcels:
                return
            await self._send(parcels)
            await self._save_cursors()

    async def _fill(self) -> None:
        for number, run in list(self._runs.items()):
            if run.queued or not run.behind:
                continue
            run.behind = False
            try:
                batches = await self._store.log(number, run.acked)
            except StoreUnavailable:
                run.behind = True
                raise
            entries = [entry for batch in batches for entry in batch.entries if entry.sequence > run.acked]
            if self._runs.get(number) is run and not run.queued and entries:
                run.queued.extend(entries)
                run.last = entries[-1].sequence
                run.behind = True

    def _pack(self) -> list[Parcel]:
        open_parcels: dict[tuple[str, int], Parcel] = {}
        full: list[Parcel] = []
        for number, run in self._runs.items():
            for entry, _ in zip(run.queued, range(ROUND_ENTRIES), strict=False):
                place = (entry.topic, entry.destination)
                parcel = open_parcels.get(place)
                if parcel is None or parcel.size + len(entry.value) > BATCH_BYTES:
                    if parcel is not None:
                        full.append(parcel)
                    parcel = open_parcels[place] = Parcel(*place, [], [])
                parcel.entries.append(entry)
                parcel.marks.append((number, entry.sequence))
                parcel.size += len(entry.value) + 500
        return [*full, *open_parcels.values()]

    async def _send(self, parcels: list[Parcel]) -> None:
        self._quiet.clear()
        try:
            await self._send_and_settle(parcels)
        finally:
            self._quiet.set()

    async def _send_and_settle(self, parcels: list[Parcel]) -> None:
        runs = dict(self._runs)
        producer = await self._ready_producer()
        failed: dict[int, int] = {}
        error: BaseException | None = None
        async with asyncio.timeout(SEND_TIMEOUT):
            sent = [await _hand_over(producer, parcel) for parcel in parcels]
            outcomes = await asyncio.gather(*sent, return_exceptions=True)
        for parcel, outcome in zip(parcels, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                error = outcome
                for number, sequence in parcel.marks:
                    failed[number] = min(sequence, failed.get(number, sequence))
        reached("after_publish")
        self._settle(runs, parcels, failed)
        if error is not None:
            raise error

    def _settle(self, runs: dict[int, Run], parcels: list[Parcel], failed: dict[int, int]) -> None:
        reached_by: dict[int, int] = {}
        for parcel in parcels:
            for number, sequence in parcel.marks:
                reached_by[number] = max(sequence, reached_by.get(number, 0))
        for number, sequence in reached_by.items():
            run, until = runs[number], failed.get(number, sequence + 1)
            while run.queued and run.queued[0].sequence < until and run.queued[0].sequence <= sequence:
                run.acked = run.queued.popleft().sequence

    async def _ready_producer(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = self._access.producer()
            try:
                async with asyncio.timeout(SEND_TIMEOUT):
                    await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._producer

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            try:
                async with asyncio.timeout(2):
                    await producer.stop()
            except (KafkaError, OSError, TimeoutError) as error:
                log.info("producer_dropped", reason=str(error))

    async def _save_cursors(self) -> None:
        if monotonic() - self._looked < CURSOR_SECONDS:
            return
        self._looked = monotonic()
        moved = {number: run for number, run in self._runs.items() if run.acked != run.saved}
        if moved:
            cursors = {number: run.acked for number, run in moved.items()}
            self._quiet.clear()
            try:
                await self._store.save_cursors(cursors)
            finally:
                self._quiet.set()
            reached("after_cursor")
            for number, cursor in cursors.items():
                moved[number].saved = cursor


async def _hand_over(producer: AIOKafkaProducer, parcel: Parcel) -> "asyncio.Future[object]":
    batch: Any = producer.create_batch()
    for entry in parcel.entries:
        key, headers = entry.key.encode(), list(entry.headers)
        if batch.append(key=key, value=entry.value, timestamp=None, headers=headers) is None:
            raise ValueError(f"a parcel for {parcel.topic} outgrew its batch")
    batch.close()
    untyped: Any = producer
    return await untyped.send_batch(batch, parcel.topic, partition=parcel.destination)
