"""Fires deadlines of owned partitions, never before what arrived in time has been read.

When some are due, the ends of the partition's topics are noted; they are handed to the mailbox once it has read past
them. While Kafka is down nobody knows what arrived, so they wait.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import structlog

from shared.engine.aggregate import Deciders
from shared.engine.inputs import Due
from shared.runtime.clock import Clock
from shared.runtime.consumer import Consumer
from shared.runtime.kafka.access import KafkaUnavailable
from shared.runtime.mailbox import Mailbox, Standing
from shared.runtime.store.protocol import DueRef, Store, StoreUnavailable

LOOK_SECONDS = 0.25
MAX_DUE = 500

log = structlog.get_logger("deadlines")


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
        self._ends: dict[int, tuple[int, dict[str, int]]] = {}

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
        due = {ref.partition for ref in refs}
        self._ends = {p: noted for p, noted in self._ends.items() if p in due and noted[0] == self._boxes[p].epoch}
        fresh = [p for p in due if p not in self._ends]
        if fresh:
            epochs = {p: self._boxes[p].epoch for p in fresh}
            for p, ends in (await self._consumer.end_offsets(fresh)).items():
                self._ends[p] = (epochs[p], ends)
        for ref in refs:
            self._offer(ref, now)

    def _offer(self, ref: DueRef, now: datetime) -> None:
        box = self._boxes[ref.partition]
        partition = box.partition
        noted = self._ends.get(ref.partition)
        if partition is None or noted is None or noted[0] != box.epoch or ref.id.partition("/")[0] in partition.parked:
            return
        if any(partition.offsets.get(topic, 0) < end for topic, end in noted[1].items()):
            return
        item = Due(self._deciders.by_name[ref.aggregate], ref.id, now)
        if not box.has_due(item):
            box.put(item)
            self._consumer.wake()
