"""Reading whole topics from their beginning, outside every group: for tools, never for a service."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from shared.runtime.kafka.access import Access, KafkaUnavailable, TopicsUnfit

POLL_MS = 500
RECORDS_A_POLL = 5_000


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it lies in Kafka."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


async def read_topics(access: Access, topics: Sequence[str]) -> AsyncGenerator[list[Record]]:
    """Everything that `topics` hold at the start of the call, each partition in order, in batches.

    Raises TopicsUnfit where one does not exist, KafkaUnavailable.
    """
    places = await _places(access, topics)
    reader: Any = access.reader()
    try:
        await reader.start()
        reader.assign(places)
        ends: dict[TopicPartition, int] = await reader.end_offsets(places)
        behind = [place for place in places if ends[place]]
        while behind := [place for place in behind if await reader.position(place) < ends[place]]:
            batches = await reader.getmany(*behind, timeout_ms=POLL_MS, max_records=RECORDS_A_POLL)
            yield [
                Record(record.topic, record.partition, record.offset, record.key, record.value)
                for records in batches.values()
                for record in records
            ]
    except (KafkaError, OSError) as error:
        raise KafkaUnavailable(str(error)) from error
    finally:
        await reader.stop()


async def _places(access: Access, topics: Sequence[str]) -> list[TopicPartition]:
    async with access.admin() as admin:
        described = await admin.describe_topics(list(topics))
    if missing := [topic["topic"] for topic in described if topic["error_code"]]:
        raise TopicsUnfit(f"no topic {', '.join(missing)}: run `owlbus ops topics create`", missing=True)
    return [TopicPartition(topic["topic"], part["partition"]) for topic in described for part in topic["partitions"]]
