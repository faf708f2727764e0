"""What recovery drills do to the servers, and how they tell time and loss."""

import shutil
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pymongo
from aiokafka.admin import AIOKafkaAdminClient

from deploy.embedded.stack import Stack
from shared.runtime.kafka.access import create_topics
from tests.support.replica import access, until


@dataclass
class Drill:
    """One drill's figures; printed at the end, with `pytest -s` to be seen."""

    name: str
    figures: dict[str, Any] = field(default_factory=dict[str, Any])

    @asynccontextmanager
    async def timed(self, what: str) -> AsyncGenerator[None]:
        """Keep how long the block took."""
        begin = time.monotonic()
        yield
        self.figures[f"{what}_s"] = round(time.monotonic() - begin, 2)

    def tell(self, **figures: Any) -> None:
        """Print everything."""
        print(f"\ndrill {self.name}:", ", ".join(f"{n} {v}" for n, v in (self.figures | figures).items()))


def copy_database(uri: str, source: str, target: str) -> None:
    """A dump, or a restore, as docs/runbooks/older-store.md wants it: all documents of one moment, whoever writes."""
    with pymongo.MongoClient[dict[str, Any]](uri) as client, client.start_session(snapshot=True) as session:
        client.drop_database(target)
        for name in client[source].list_collection_names():
            rows = list(client[source][name].find(session=session))
            client[target].create_collection(name)
            if rows:
                client[target][name].insert_many(rows)


def lose_kafka(servers: Stack) -> None:
    """Everything that Kafka held is gone; it comes back empty, at the same address."""
    assert servers.kafka is not None
    servers.kafka.kill()
    shutil.rmtree(servers.kafka.directory / "data")
    servers.kafka.start()


async def make_anew(servers: Stack, topic: str) -> None:
    """Delete a topic, and create it as `owlbus ops topics create` does."""
    way = access(servers)
    async with way.admin() as admin:
        await admin.delete_topics([topic])

        async def gone() -> bool:
            return topic not in await admin.list_topics()

        await until(gone, f"{topic} is gone")
    await create_topics(way, [topic], 12)


async def cut_records(servers: Stack, topic: str, partition: int, before: int) -> None:
    """Delete the records of one partition below an offset."""
    from aiokafka import TopicPartition  # noqa: PLC0415
    from aiokafka.admin.records_to_delete import RecordsToDelete  # noqa: PLC0415

    admin: AIOKafkaAdminClient
    async with access(servers).admin() as admin:
        await admin.delete_records({TopicPartition(topic, partition): RecordsToDelete(before_offset=before)})
