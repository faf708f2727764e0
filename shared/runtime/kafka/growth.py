"""Giving topics more partitions, and what must be known before: who still reads them, and where they end."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import NewPartitions
from aiokafka.errors import KafkaError

from shared.runtime.kafka.access import Access, KafkaUnavailable, TopicsUnfit, verify_topics

GROW_SECONDS = 30.0
POLL_SECONDS = 0.2


async def counts_of(access: Access, topics: Sequence[str]) -> dict[str, int]:
    """How many partitions each topic has. Raises TopicsUnfit where one does not exist, KafkaUnavailable."""
    async with access.admin() as admin:
        described = await admin.describe_topics(list(topics))
    if missing := [topic["topic"] for topic in described if topic["error_code"]]:
        raise TopicsUnfit(f"no topic {', '.join(missing)}: run `owlbus ops topics create`", missing=True)
    return {topic["topic"]: len(topic["partitions"]) for topic in described}


async def ends_of(access: Access, topics: Sequence[str]) -> dict[tuple[str, int], int]:
    """Where each partition of each topic ends. Raises TopicsUnfit, KafkaUnavailable."""
    counts = await counts_of(access, topics)
    reader: Any = access.reader()
    try:
        await reader.start()
        places = [TopicPartition(topic, number) for topic, count in counts.items() for number in range(count)]
        ends: dict[TopicPartition, int] = await reader.end_offsets(places)
    except (KafkaError, OSError) as error:
        raise KafkaUnavailable(str(error)) from error
    finally:
        await reader.stop()
    return {(place.topic, place.partition): end for place, end in ends.items()}


async def members_of(access: Access, groups: Sequence[str]) -> dict[str, int]:
    """How many members each consumer group has; one that left is counted until its session is over.

    Raises KafkaUnavailable.
    """
    async with access.admin() as admin:
        # One at a time: aiokafka misreads what follows the first group of an answer.
        return {group: _members(group, await admin.describe_consumer_groups([group])) for group in groups}


def _members(group: str, answers: Sequence[Any]) -> int:
    error, _, _, _, _, members = answers[0].groups[0]
    if error:
        raise KafkaUnavailable(f"no answer about the members of {group}: error {error}")
    return len(members)


async def grow_topics(access: Access, topics: Sequence[str], to: int) -> None:
    """Give each topic `to` partitions, where it has fewer, and see that all is as it must be. Harmless when repeated.

    What is there stays where it is. Raises TopicsUnfit, KafkaUnavailable.
    """
    small = [topic for topic, count in (await counts_of(access, topics)).items() if count < to]
    if small:
        async with access.admin() as admin:
            await admin.create_partitions({topic: NewPartitions(to) for topic in small})
    try:
        async with asyncio.timeout(GROW_SECONDS):
            while set((await counts_of(access, topics)).values()) != {to}:
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        raise KafkaUnavailable(f"topics are still growing after {GROW_SECONDS:.0f} s") from None
    await verify_topics(access, topics, to)
