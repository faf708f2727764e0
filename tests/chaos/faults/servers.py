"""Kafka and MongoDB that die, stop, fill up, forget, or come back older than they were."""

import asyncio
import random
import shutil
import time
from typing import Any, ClassVar

from pymongo import MongoClient

from deploy.embedded.process import Server
from owlbus.fleet import SERVICES, TOPICS
from shared.runtime.kafka.access import create_topics
from tests.chaos import disks
from tests.chaos.faults.fault import Fault
from tests.chaos.repair import Recover, Rewind
from tests.chaos.rig import Rig, at_once

DUMP_AGE_SECONDS = 6.0


class KafkaKilled(Fault):
    """`kill -9`, and back after a moment."""

    name = "Kafka killed"
    hold = 2.0

    async def inject(self, rig: Rig) -> None:
        """Kill."""
        await asyncio.to_thread(rig.kafka.kill)

    async def heal(self, rig: Rig) -> None:
        """Start."""
        await asyncio.to_thread(rig.kafka.start)
        self.since = time.monotonic()


class _KafkaStopped(Fault):
    """It stops in its tracks: connections stay open, nothing answers."""

    async def inject(self, rig: Rig) -> None:
        """Stop it."""
        await asyncio.to_thread(rig.kafka.pause)

    async def heal(self, rig: Rig) -> None:
        """Let it go on."""
        rig.kafka.resume()


class KafkaStopped20(_KafkaStopped):
    """Longer than sessions, and than a producer waits for an answer."""

    name = "Kafka stopped 20 s"
    hold = 20.0


class KafkaStopped45(_KafkaStopped):
    """Longer than a request may take (40 s where nobody set it), repeats included."""

    name = "Kafka stopped 45 s"
    hold = 45.0


class MongoKilled(Fault):
    """`kill -9`, and back after a moment."""

    name = "MongoDB killed"
    hold = 2.0

    async def inject(self, rig: Rig) -> None:
        """Kill."""
        await asyncio.to_thread(rig.mongo.kill)

    async def heal(self, rig: Rig) -> None:
        """Start."""
        await asyncio.to_thread(rig.mongo.start)
        self.since = time.monotonic()


class KafkaLost(Fault):
    """All that Kafka held is gone: topics, offsets, hints. The services publish again from their logs."""

    name = "Kafka's data lost"
    hold = 2.0
    repair = Rewind()

    def missing(self) -> str:
        """The command that repairs it."""
        return self.repair.missing()

    async def inject(self, rig: Rig) -> None:
        """Kill it and delete what it held."""
        await asyncio.to_thread(rig.kafka.kill)
        await asyncio.to_thread(shutil.rmtree, rig.kafka.directory / "data")

    async def heal(self, rig: Rig) -> None:
        """Start an empty one, create the topics, have every source publish its log again."""
        await asyncio.to_thread(rig.kafka.start)
        await create_topics(rig.fleet.access, TOPICS, rig.fleet.partitions)
        for service in SERVICES:
            for number in range(rig.fleet.partitions):
                await self.repair.run(rig, f"{service}/{number}", to=0)


class OlderStore(Fault):
    """A service's database is replaced by an older dump of it, as after a restore from last night's copy."""

    name = "older dump restored"
    repair = Recover()

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self._service = chance.choice(SERVICES)

    def missing(self) -> str:
        """The command that repairs it."""
        return self.repair.missing()

    async def inject(self, rig: Rig) -> None:
        """Dump, let work go on, stop the service, restore the dump, start the service: it must not serve."""
        database = rig.database(self._service)
        await asyncio.to_thread(_copy, rig, database, f"{database}_dump")
        await asyncio.sleep(DUMP_AGE_SECONDS)
        replicas = rig.fleet.of(self._service)
        await at_once(*(replica.stop for replica in replicas))
        await asyncio.to_thread(_copy, rig, f"{database}_dump", database)
        await at_once(*(replica.start for replica in replicas))

    async def heal(self, rig: Rig) -> None:
        """Import the missing tail from the service's own topics."""
        await self.repair.run(rig, self._service)


def _copy(rig: Rig, source: str, target: str) -> None:
    """Make one database a copy of another, indexes aside: the service makes those again."""
    with MongoClient[dict[str, Any]](rig.mongo.uri) as client:
        client.drop_database(target)
        for name in client[source].list_collection_names():
            client[source][name].aggregate([{"$out": {"db": target, "coll": name}}])


class DiskFull(Fault):
    """The disk that a server writes to is full for a while; whoever ended because of it is started again."""

    hold = 8.0
    of: ClassVar[str]

    def missing(self) -> str:
        """A file system of a limited size, which only root can mount."""
        return "" if disks.available() else "needs the right to mount a tmpfs"

    def server(self, rig: Rig) -> Server:
        """Whose disk."""
        return rig.kafka if self.of == "Kafka" else rig.mongo

    async def inject(self, rig: Rig) -> None:
        """Write until nothing more goes in."""
        await asyncio.to_thread(disks.fill, self.server(rig).directory)

    async def heal(self, rig: Rig) -> None:
        """Make room, start the server if it ended."""
        server = self.server(rig)
        disks.empty(server.directory)
        if not server.alive:
            await at_once(server.stop)
            await at_once(server.start)
            self.since = time.monotonic()


class KafkaDiskFull(DiskFull):
    """Kafka's."""

    name = "disk full, Kafka"
    of = "Kafka"


class MongoDiskFull(DiskFull):
    """MongoDB's."""

    name = "disk full, MongoDB"
    of = "MongoDB"
