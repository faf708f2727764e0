"""Whether the brokers that coordinate consumer groups do so.

A broker that died while it still loaded a group's offsets can come back with a coordinator that is broken for ever: it
is found, and answers NOT_COORDINATOR or nothing (seen with Apache Kafka 4.1.1; its log says "The state machine of the
coordinator __consumer_offsets-N is out of sync with the underlying log"). Only a restart of that broker helps.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, NoError

from shared.runtime.kafka.access import Access

PATIENCE_SECONDS = 10.0
"""How long a coordinator may load, or move, before it counts as stuck; it does so within a second or two here."""
AGAIN_SECONDS = 0.5
ANSWER_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class StuckCoordinator:
    """The broker `node` is the coordinator of `group` and tells no offsets; `says` is what it says instead."""

    group: str
    node: int
    says: str


async def stuck_coordinators(
    access: Access, groups: Sequence[str], topic: str, *, seconds: float = PATIENCE_SECONDS
) -> list[StuckCoordinator]:
    """Those whose coordinator is found and tells no offset of `topic` for so long.

    A group whose coordinator nobody names is not among them: that is a cluster which is electing. Raises
    KafkaUnavailable where Kafka can't be reached.
    """
    async with access.admin() as admin:
        asked = await asyncio.gather(*(_patiently(admin, group, topic, seconds) for group in groups))
    return [one for one in asked if one]


async def _patiently(admin: AIOKafkaAdminClient, group: str, topic: str, seconds: float) -> StuckCoordinator | None:
    until = time.monotonic() + seconds
    while (stuck := await _ask(admin, group, topic)) and time.monotonic() < until:
        await asyncio.sleep(AGAIN_SECONDS)
    return stuck


async def _ask(admin: AIOKafkaAdminClient, group: str, topic: str) -> StuckCoordinator | None:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            node = await admin.find_coordinator(group)
    except (KafkaError, TimeoutError):
        return None
    place = TopicPartition(topic, 0)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            offsets = await admin.list_consumer_group_offsets(group, node, [place])
    except NoError:
        # It answered, about this one partition with a refusal: aiokafka raises the error of the whole, which is none.
        return None
    except TimeoutError:
        return StuckCoordinator(group, node, f"nothing within {ANSWER_SECONDS:.0f} s")
    except KafkaError as error:
        return StuckCoordinator(group, node, str(error))
    # An error of the whole answer, such as NOT_COORDINATOR, leaves aiokafka with no partition at all.
    return None if place in offsets else StuckCoordinator(group, node, "that it can't answer")
