"""A real broker whose coordinator can't load its group: it is found, and answers NOT_COORDINATOR for ever."""

from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy.embedded.kafka import KafkaServer
from shared.runtime.kafka.access import Access, KafkaUnavailable, create_topics
from shared.runtime.kafka.coordinators import stuck_coordinators
from shared.runtime.kafka.growth import ends_of
from shared.runtime.settings import Settings
from tests.support.stack import embedded_only

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]

PLACE = TopicPartition("ideas.events", 0)
OFFSETS = "__consumer_offsets"
UNREADABLE = b"\x00"
"""A key shorter than its version, so that no coordinator gets past it."""


@embedded_only
async def test_a_coordinator_that_can_not_load_is_named_and_the_others_are_not(tmp_path: Path) -> None:
    server = KafkaServer(tmp_path)
    server.start()
    try:
        access = _access(server.bootstrap)
        await create_topics(access, [PLACE.topic], 1)
        assert await stuck_coordinators(access, ["ideas", "awards"], PLACE.topic, seconds=20.0) == []
        await _commit(access, "awards")
        assert await _segment_bytes(access) == str(1 << 20)
        await _commit(access, "ideas")
        before = await ends_of(access, [OFFSETS])
        await _commit(access, "ideas")
        after = await ends_of(access, [OFFSETS])
        ((_, partition),) = [place for place in after if after[place] > before[place]]
        await _spoil(server.bootstrap, partition)
        server.kill()
        server.start()
        (stuck,) = await stuck_coordinators(access, ["ideas", "awards"], PLACE.topic, seconds=2.0)
        assert (stuck.group, stuck.node) == ("ideas", 1)
    finally:
        server.stop()
    with pytest.raises(KafkaUnavailable):
        await stuck_coordinators(access, ["ideas"], PLACE.topic, seconds=0.0)


def _access(bootstrap: str) -> Access:
    known = {"KAFKA_BOOTSTRAP_SERVERS": bootstrap, "MONGODB_URI": "mongodb://127.0.0.1:1"}
    return Access(Settings.read({**known, "OWLBUS_ENVIRONMENT": "development"}), "owlbus-test")


async def _commit(access: Access, group: str) -> None:
    consumer: Any = AIOKafkaConsumer(**access.options(), group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([PLACE])
        await consumer.commit({PLACE: 1})
    finally:
        await consumer.stop()


async def _segment_bytes(access: Access) -> str:
    async with access.admin() as admin:
        answers: list[Any] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, OFFSETS)])
    ((*_, entries),) = answers[0].resources
    return next(entry[1] for entry in entries if entry[0] == "segment.bytes")


async def _spoil(bootstrap: str, partition: int) -> None:
    # Kafka lets only itself and this client write to its own topics.
    producer: Any = AIOKafkaProducer(bootstrap_servers=bootstrap, client_id="__admin_client", acks="all")
    await producer.start()
    try:
        await producer.send_and_wait(OFFSETS, b"", key=UNREADABLE, partition=partition)
    finally:
        await producer.stop()
