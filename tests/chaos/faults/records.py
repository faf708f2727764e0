"""Records that no relay wrote: poison, and copies of what was written already."""

import asyncio
import random
from abc import abstractmethod
from contextlib import suppress
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from owlbus.fleet import TOPICS
from tests.chaos.faults.fault import Fault
from tests.chaos.rig import Rig

SHARE = 0.01
COPIES = 2
WINDOW_SECONDS = 1.0


class _Writing(Fault):
    """A stranger that follows the topics and writes to them for as long as the fault holds."""

    hold = 20.0

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self._task: asyncio.Task[None] | None = None

    async def inject(self, rig: Rig) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._write(rig))

    async def heal(self, rig: Rig) -> None:
        """Write no more. Raises what the writing failed with."""
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _write(self, rig: Rig) -> None:
        reader, producer = _follower(rig), rig.fleet.access.producer()
        await reader.start()
        await producer.start()
        try:
            reader.assign([TopicPartition(topic, p) for topic in TOPICS for p in range(rig.fleet.partitions)])
            await reader.seek_to_end()
            while True:
                batches = await reader.getmany(timeout_ms=200)
                await self._answer(rig, producer, [one for records in batches.values() for one in records])
                await asyncio.sleep(WINDOW_SECONDS)
        finally:
            await producer.stop()
            await reader.stop()

    @abstractmethod
    async def _answer(self, rig: Rig, producer: Any, records: list[Any]) -> None:
        """What it writes upon what the services wrote."""


def _follower(rig: Rig) -> Any:
    return AIOKafkaConsumer(**rig.fleet.access.options(), group_id=None, enable_auto_commit=False)


class Poison(_Writing):
    """For every hundred records one that nobody can read, in the same partition."""

    name = "1 % poison"

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self._due = 0.0
        self._written = 0

    async def _answer(self, rig: Rig, producer: Any, records: list[Any]) -> None:
        for record in records:
            if record.value in rig.poison:
                continue
            self._due += SHARE
            if self._due >= 1.0:
                self._due -= 1.0
                value = self._poison(record.value)
                rig.poison.add(value)
                await producer.send_and_wait(record.topic, value, partition=record.partition, key=record.key)

    def _poison(self, value: bytes) -> bytes:
        """Not JSON, not an event, an event cut short, one of a type from another world: each unlike any other."""
        self._written += 1
        mark = f"poison {self._written} {self.chance.random()}".encode()
        stranger = orjson.loads(value)
        stranger |= {"type": "ideas.Nonsense", "dataschema": 5, "note": mark.decode()}
        shapes = (b"\xff\xfe" + mark, orjson.dumps({"poison": mark.decode()}), value[: len(value) // 2] + mark)
        return self.chance.choice((*shapes, orjson.dumps(stranger)))


class Copies(_Writing):
    """Every event comes twice more, a moment later, in any order."""

    name = "every event three times"

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self._seen: set[bytes] = set()

    async def _answer(self, rig: Rig, producer: Any, records: list[Any]) -> None:
        fresh = [one for one in records if one.value not in self._seen and one.value not in rig.poison]
        self._seen.update(one.value for one in fresh)
        copies = fresh * COPIES
        self.chance.shuffle(copies)
        for one in copies:
            await producer.send(one.topic, one.value, partition=one.partition, key=one.key, headers=list(one.headers))
        await producer.flush()
