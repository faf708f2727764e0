"""Fires deadlines of owned partitions, never before what arrived in time has been read.

When some are due, the ends of the partition's topics are noted; they are handed to the mailbox once it has read past
them. While Kafka is down nobody knows what arrived, so they wait.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from shared.engine.aggregate import Deciders, key_of
from shared.engine.inputs import Due
from shared.runtime.clock import Clock
from shared.runtime.consumer import Consumer
from shared.runtime.kafka.access import KafkaUnavailable
from shared.runtime.mailbox import Mailbox, Standing
from shared.runtime.store.protocol import DueRef, Store, StoreUnavailable

LOOK_SECONDS = 0.25
MAX_DUE = 500

log = structlog.get_logger("deadlines")


@dataclass(frozen=True, slots=True)
class Noted:
    """Where a partition's topics ended after `time`: what fell due until then may fire once it has read this far."""

    epoch: int
    time: datetime
    ends: dict[str, int]


class Deadlines:
    """Runs until cancelled."""

    def __init__(
        self, deciders: Deciders, store: Store, boxes: Sequence[Mailbox], consumer: Consumer, clock: Clock
    ) -> None:
        self._deciders = deciders
        self._store = store
        self._boxes = boxes
        self._consumer = consumer
        self._clock = clock
        self._noted: dict[int, Noted] = {}

    async def run(self) -> None:
        """Look, offer, sleep a little."""
        while True:
            try:
                await self.look()
            except (StoreUnavailable, KafkaUnavailable) as error:
                log.info("deadlines_wait", reason=str(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Offer what is due and may fire. Raises StoreUnavailable, KafkaUnavailable."""
        serving = [box.number for box in self._boxes if box.owned and box.standing is Standing.SERVING]
        now = self._clock.now()
        refs = await self._store.due(serving, now, limit=MAX_DUE) if serving else []
        refs = [ref for ref in refs if not self._parked(ref)]
        due = {ref.partition for ref in refs}
        self._noted = {p: it for p, it in self._noted.items() if p in due and it.epoch == self._boxes[p].epoch}
        fresh = [p for p in due if p not in self._noted]
        if fresh:
            epochs = {p: self._boxes[p].epoch for p in fresh}
            for p, ends in (await self._consumer.end_offsets(fresh)).items():
                self._noted[p] = Noted(epochs[p], now, ends)
        for number in [p for p in self._noted if self._read_past(p)]:
            noted = self._noted.pop(number)
            for ref in refs:
                if ref.partition == number and ref.due <= noted.time:
                    self._offer(ref, noted.time)

    def _parked(self, ref: DueRef) -> bool:
        partition = self._boxes[ref.partition].partition
        return partition is not None and key_of(ref.id) in partition.parked

    def _read_past(self, number: int) -> bool:
        box, noted = self._boxes[number], self._noted[number]
        if box.partition is None or noted.epoch != box.epoch:
            return False
        return all(box.partition.offsets.get(topic, 0) >= end for topic, end in noted.ends.items())

    def _offer(self, ref: DueRef, time: datetime) -> None:
        item = Due(self._deciders.by_name[ref.aggregate], ref.id, time)
        box = self._boxes[ref.partition]
        if not box.has_due(item):
            box.put(item)
            self._consumer.wake()
