"""Kafka and MongoDB that die, stop, fill up, forget, or come back older than they were."""

import asyncio
import random
import shutil
import time
from typing import ClassVar

from deploy.embedded.process import Server
from owlbus.fleet import SERVICES, TOPICS
from shared.runtime.kafka.access import create_topics
from tests.chaos import disks
from tests.chaos.faults.fault import Fault
from tests.chaos.repair import Doctor, Recover, Resume, Rewind
from tests.chaos.rig import Rig, at_once
from tests.support.drills import copy_database

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
    rewind, resume, doctor = Rewind(), Resume(), Doctor()

    def missing(self) -> str:
        """The commands that repair it."""
        return self.rewind.missing() or self.resume.missing() or self.doctor.missing()

    async def inject(self, rig: Rig) -> None:
        """Kill it and delete what it held."""
        await asyncio.to_thread(rig.kafka.kill)
        await asyncio.to_thread(shutil.rmtree, rig.kafka.directory / "data")

    async def heal(self, rig: Rig) -> None:
        """What docs/runbooks/topic-truncated.md says: topics, every log again, and readers at their beginning."""
        await asyncio.to_thread(rig.kafka.start)
        await create_topics(rig.fleet.access, TOPICS, rig.fleet.partitions)
        await self.doctor.heals(rig, lambda: self._repair(rig))

    async def _repair(self, rig: Rig) -> None:
        for service in SERVICES:
            await self.rewind.run(rig, service, to=0)
        for service in SERVICES:
            await self.resume.run(rig, service)


class OlderStore(Fault):
    """A service's database is replaced by an older dump of it, as after a restore from last night's copy."""

    name = "older dump restored"
    repair, doctor = Recover(), Doctor()

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self._service = chance.choice(SERVICES)

    def missing(self) -> str:
        """The commands that repair it."""
        return self.repair.missing() or self.doctor.missing()

    async def inject(self, rig: Rig) -> None:
        """Dump, let work go on, stop the service, restore the dump, start the service: it must not serve.

        As docs/runbooks/older-store.md says: one replica ends last and owns all by then, so that it publishes what the
        others decided at their end; what no topic has would be gone with the store.
        """
        database, uri = rig.database(self._service), rig.mongo.uri
        await asyncio.to_thread(copy_database, uri, database, f"{database}_dump")
        await asyncio.sleep(DUMP_AGE_SECONDS)
        *others, last = rig.fleet.of(self._service)
        await at_once(*(replica.stop for replica in others))
        await rig.owned(self._service)
        await at_once(last.stop)
        await asyncio.to_thread(copy_database, uri, f"{database}_dump", database)
        await at_once(*(replica.start for replica in (*others, last)))

    async def heal(self, rig: Rig) -> None:
        """Import the missing tail from the service's own topics, as its partitions come to notice it."""
        await self.doctor.heals(rig, lambda: self.repair.run(rig, self._service))


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
