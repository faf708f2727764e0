"""What chaos happens to: servers of its own, the links that lead to them, and the four services behind those."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.mongo import MongoServer
from deploy.embedded.process import free_port
from owlbus.errors import OwlbusError
from owlbus.fleet import SERVICES, Fleet
from tests.chaos import disks
from tests.chaos.link import Link

REPLICAS = 2
SESSION_MS = 6_000
RECOVERY_SECONDS = 150.0
LOOK_SECONDS = 0.04


@dataclass
class Rig:
    """Everything that runs. `poison` is what was written to the topics that no relay wrote.

    Services reach Kafka and MongoDB over `kafka_link` and `mongo_link` only.
    """

    directory: Path
    kafka: KafkaServer
    mongo: MongoServer
    kafka_link: Link
    mongo_link: Link
    fleet: Fleet
    poison: set[bytes] = field(default_factory=set[bytes])

    def database(self, service: str) -> str:
        """The name of a service's database."""
        return self.fleet.environment(service, service, 1)["MONGODB_DATABASE"]

    async def owned(self, service: str, *, seconds: float = RECOVERY_SECONDS) -> None:
        """Wait until every partition of a service has an owner that serves it. Raises OwlbusError."""
        until = time.monotonic() + seconds
        async with httpx.AsyncClient(trust_env=False) as client:
            while True:
                reports = await asyncio.gather(*(one.health(client) for one in self.fleet.of(service)))
                found = {p for report in reports for p in report.get("details", {}).get("owned", ())}
                if len(found) >= self.fleet.partitions:
                    return
                if time.monotonic() > until:
                    missing = sorted(set(range(self.fleet.partitions)) - found)
                    raise OwlbusError(f"partitions {missing} of {service} have no owner after {seconds:.0f} s")
                await asyncio.sleep(LOOK_SECONDS)

    async def recovered(self) -> None:
        """Wait until every replica is ready, with Kafka, and every partition has an owner. Raises OwlbusError."""
        await self.fleet.ready(seconds=RECOVERY_SECONDS)


@dataclass(frozen=True)
class Behind:
    """Where the servers are for whoever must use the links."""

    bootstrap: str
    mongo_uri: str


@asynccontextmanager
async def rig(directory: Path, *, replicas: int = REPLICAS, session_ms: int = SESSION_MS) -> AsyncGenerator[Rig]:
    """All of it, running; nothing is left of it afterwards."""
    disks.mount(directory)
    kafka, mongo = KafkaServer(directory / "kafka", free_port()), MongoServer(directory / "mongod", port=free_port())
    kafka_link, mongo_link = Link(kafka.port), Link(mongo.port)
    kafka.advertised_port = kafka_link.port
    async with AsyncExitStack() as opened:
        for link in (kafka_link, mongo_link):
            opened.push_async_callback(link.close)
            await link.open()
        for server in (kafka, mongo):
            opened.push_async_callback(asyncio.to_thread, server.stop)
        await at_once(kafka.start, mongo.start)
        behind = Behind(kafka.bootstrap, mongo.uri.replace(f":{mongo.port}", f":{mongo_link.port}"))
        fleet = Fleet(directory, behind, settings={"KAFKA_SESSION_TIMEOUT_MS": str(session_ms)})
        opened.push_async_callback(asyncio.to_thread, fleet.stop)
        await fleet.prepare()
        for service in SERVICES:
            for _ in range(replicas):
                fleet.add(service)
        await fleet.start()
        yield Rig(directory, kafka, mongo, kafka_link, mongo_link, fleet)


async def at_once(*steps: Callable[[], None]) -> None:
    """Run blocking steps side by side in threads."""
    await asyncio.gather(*(asyncio.to_thread(step) for step in steps))
