"""Connections to Kafka, the topics of a service, and the hints kept beside its offsets."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from shared.runtime.kafka import connections
from shared.runtime.kafka.batches import read_every_record
from shared.runtime.settings import Settings

connections.mend()

CREATE_SECONDS = 30.0
MAX_BATCH_BYTES = 1_000_000
TOPIC_CONFIG = {"retention.ms": "-1", "cleanup.policy": "delete"}
READABLE_COMPRESSION = {"producer", "uncompressed", "gzip"}
"""What a topic may do to the batches it is given; for all else the consumers have no library."""


class TopicsUnfit(Exception):
    """The topics of this deployment are not as promised; the message says which and how.

    `missing` says that one does not exist yet, which another step may still mend.
    """

    def __init__(self, message: str, *, missing: bool = False) -> None:
        super().__init__(message)
        self.missing = missing


class KafkaUnavailable(Exception):
    """Kafka can't be reached or can't serve now."""


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach Kafka and as whom. `replication` and `min_insync` are what every topic must have."""

    settings: Settings
    client_id: str

    @property
    def replication(self) -> int:
        """Copies of every topic."""
        return 1 if self.settings.development else 3

    @property
    def min_insync(self) -> int:
        """Copies that must have a record before it counts as written."""
        return 1 if self.settings.development else 2

    def options(self) -> dict[str, Any]:
        """Connection options as aiokafka takes them."""
        settings = self.settings
        options: dict[str, Any] = {
            "bootstrap_servers": settings.kafka_bootstrap_servers,
            "client_id": self.client_id,
            "security_protocol": settings.kafka_security_protocol,
        }
        if settings.kafka_security_protocol.startswith("SASL"):
            options |= {
                "sasl_mechanism": settings.kafka_sasl_mechanism,
                "sasl_plain_username": settings.kafka_sasl_username,
                "sasl_plain_password": settings.kafka_sasl_password.get_secret_value(),
            }
        context = self.ssl_context()
        return options | ({"ssl_context": context} if context else {})

    def ssl_context(self) -> ssl.SSLContext | None:
        """The trust that TLS rests on, None without TLS."""
        if not self.settings.kafka_security_protocol.endswith("SSL"):
            return None
        return ssl.create_default_context(cafile=self.settings.kafka_ssl_ca_file)

    def producer(self) -> AIOKafkaProducer:
        """A producer that loses and doubles nothing within its own life; a broken one is thrown away."""
        return AIOKafkaProducer(
            **self.options(),
            acks="all",
            enable_idempotence=True,
            max_batch_size=MAX_BATCH_BYTES,
            request_timeout_ms=10_000,
        )

    def reader(self) -> AIOKafkaConsumer:
        """A consumer outside every group, for tools that read a topic from its beginning."""
        read_every_record()
        return AIOKafkaConsumer(**self.options(), group_id=None, enable_auto_commit=False, auto_offset_reset="earliest")

    @asynccontextmanager
    async def admin(self) -> AsyncGenerator[AIOKafkaAdminClient]:
        """An admin client. Raises KafkaUnavailable."""
        client = AIOKafkaAdminClient(**self.options(), request_timeout_ms=5_000)
        try:
            await client.start()
            yield client
        except (KafkaError, OSError, TimeoutError) as error:
            raise KafkaUnavailable(str(error)) from error
        finally:
            await client.close()


async def create_topics(access: Access, topics: Sequence[str], partitions: int) -> None:
    """Create what is missing, then verify everything. Harmless when repeated. Raises TopicsUnfit, KafkaUnavailable."""
    config = TOPIC_CONFIG | {"min.insync.replicas": str(access.min_insync)}
    async with access.admin() as admin:
        for name in topics:
            new = NewTopic(name, partitions, access.replication, topic_configs=config)
            response: Any = await admin.create_topics([new])
            for topic, code, *message in response.topic_errors:
                if code not in (0, TopicAlreadyExistsError.errno):
                    raise TopicsUnfit(f"{topic} can't be created: {code} {message}")
    async with asyncio.timeout(CREATE_SECONDS):
        while not await _all_there(access, topics, partitions):
            await asyncio.sleep(0.1)


async def _all_there(access: Access, topics: Sequence[str], partitions: int) -> bool:
    try:
        await verify_topics(access, topics, partitions)
    except TopicsUnfit as error:
        if error.missing:
            return False
        raise
    return True


async def verify_topics(access: Access, topics: Sequence[str], partitions: int) -> None:
    """See that every topic exists with N partitions, is kept for ever and replicated. Raises TopicsUnfit."""
    async with access.admin() as admin:
        described = await admin.describe_topics(list(topics))
        for topic in described:
            _verify_layout(access, topic, partitions)
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in topics]
        answers: list[Any] = await admin.describe_configs(resources)
        for answer in answers:
            for _, _, _, name, entries in answer.resources:
                _verify_config(access, name, {entry[0]: entry[1] for entry in entries})


def _verify_layout(access: Access, topic: dict[str, Any], partitions: int) -> None:
    name, found = topic["topic"], topic["partitions"]
    if topic["error_code"]:
        raise TopicsUnfit(
            f"{name} does not exist (error {topic['error_code']}): run `owlbus ops topics create`", missing=True
        )
    if len(found) != partitions:
        raise TopicsUnfit(
            f"{name} has {len(found)} partitions, OWLBUS_PARTITIONS says {partitions}: set it to {len(found)}"
            f"{_or_grow(len(found), partitions)}"
        )
    if min(len(p["replicas"]) for p in found) < access.replication:
        raise TopicsUnfit(f"{name} has fewer than {access.replication} replicas")


def _or_grow(found: int, wanted: int) -> str:
    if wanted < found:
        return ""
    return f", or stop all services and run `owlbus ops repartition --to {wanted}` (docs/runbooks/repartition.md)"


def _verify_config(access: Access, name: str, config: dict[str, str]) -> None:
    for key, value in TOPIC_CONFIG.items():
        if config.get(key) != value:
            raise TopicsUnfit(f"{name} has {key}={config.get(key)}, it must be {value}")
    if config.get("compression.type", "producer") not in READABLE_COMPRESSION:
        raise TopicsUnfit(f"{name} has compression.type={config['compression.type']}, which nobody here can read")
    if int(config.get("min.insync.replicas", "1")) < access.min_insync:
        raise TopicsUnfit(f"{name} has min.insync.replicas below {access.min_insync}")


async def read_hints(access: Access, group: str, topics: Sequence[str], partitions: int) -> dict[int, int]:
    """The highest sequence per partition that was written beside the group's offsets (0 where none was).

    Raises KafkaUnavailable.
    """
    wanted = [TopicPartition(topic, p) for topic in topics for p in range(partitions)]
    async with access.admin() as admin:
        offsets = await admin.list_consumer_group_offsets(group, partitions=wanted)
    if missing := set(wanted) - offsets.keys():
        # What the coordinator answers while it is still loading reads as if nothing had ever been written.
        raise KafkaUnavailable(f"no answer about the offsets of {len(missing)} partitions of {group}")
    hints = dict.fromkeys(range(partitions), 0)
    for place, committed in offsets.items():
        if committed.metadata.isdigit():
            hints[place.partition] = max(hints[place.partition], int(committed.metadata))
    return hints
