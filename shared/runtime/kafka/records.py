"""Reading whole topics from their beginning, outside every group: for tools and repairs, never for a service's work."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from shared.runtime.kafka.access import Access, KafkaUnavailable, TopicsUnfit

POLL_MS = 500
RECORDS_A_POLL = 5_000
RECORDS_A_STEP = 500
"""How many records one partition may be ahead of the others where they are read in step."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it lies in Kafka."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class TopicReader:
    """Reads topics from their beginning to their ends, and on from there as often as it is asked.

    It joins no group and leaves nothing behind. `expected` is how many offsets the last reading had before it, `read`
    how many records came in all. Entering raises TopicsUnfit where a topic does not exist, and KafkaUnavailable.
    """

    def __init__(self, access: Access, topics: Sequence[str]) -> None:
        self.expected = 0
        self.read = 0
        self._access = access
        self._topics = tuple(topics)
        self._places: list[TopicPartition] = []
        self._written: dict[TopicPartition, int] = {}
        self._reader: Any = None

    async def __aenter__(self) -> Self:
        self._places = await _places(self._access, self._topics)
        self._reader = self._access.reader()
        try:
            await self._reader.start()
        except (KafkaError, OSError) as error:
            await self._reader.stop()
            raise KafkaUnavailable(str(error)) from error
        self._reader.assign(self._places)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._reader.stop()

    def expect(self, count: int) -> None:
        """Raise TopicsUnfit where a topic has another number of partitions than `count`, by which keys are placed."""
        for topic in self._topics:
            found = sum(place.topic == topic for place in self._places)
            if found != count:
                raise TopicsUnfit(f"{topic} has {found} partitions, OWLBUS_PARTITIONS says {count}")

    async def to_end(self, *, in_step: bool = False) -> AsyncGenerator[list[Record]]:
        """What lies between where it stands and the ends at the start of the call, each partition in order, in batches.

        `in_step` always reads on where the last record was written earliest, so that what belongs together arrives
        together. Raises KafkaUnavailable.
        """
        try:
            ends: dict[TopicPartition, int] = await self._reader.end_offsets(self._places)
            behind = await self._behind([place for place in self._places if ends[place]], ends)
            self.expected = sum([ends[place] - await self._reader.position(place) for place in behind])
            while behind:
                yield await self._poll(behind, in_step)
                behind = await self._behind(behind, ends)
        except (KafkaError, OSError) as error:
            raise KafkaUnavailable(str(error)) from error

    async def _behind(self, places: Iterable[TopicPartition], ends: dict[TopicPartition, int]) -> list[TopicPartition]:
        return [place for place in places if await self._reader.position(place) < ends[place]]

    async def _poll(self, behind: list[TopicPartition], in_step: bool) -> list[Record]:
        wanted, most = behind, RECORDS_A_POLL
        if in_step:
            wanted, most = [min(behind, key=lambda place: self._written.get(place, 0))], RECORDS_A_STEP
        batches: dict[TopicPartition, list[Any]]
        batches = await self._reader.getmany(*wanted, timeout_ms=POLL_MS, max_records=most)
        for place, records in batches.items():
            self.read += len(records)
            self._written[place] = records[-1].timestamp
        return [
            Record(record.topic, record.partition, record.offset, record.key, record.value, tuple(record.headers))
            for records in batches.values()
            for record in records
        ]


async def read_topics(access: Access, topics: Sequence[str]) -> AsyncGenerator[list[Record]]:
    """Everything that `topics` hold at the start of the call, each partition in order, in batches.

    Raises TopicsUnfit where one does not exist, KafkaUnavailable.
    """
    async with TopicReader(access, topics) as reader:
        async for records in reader.to_end():
            yield records


async def _places(access: Access, topics: Sequence[str]) -> list[TopicPartition]:
    async with access.admin() as admin:
        described = await admin.describe_topics(list(topics))
    if missing := [topic["topic"] for topic in described if topic["error_code"]]:
        raise TopicsUnfit(f"no topic {', '.join(missing)}: run `owlbus ops topics create`", missing=True)
    return [TopicPartition(topic["topic"], part["partition"]) for topic in described for part in topic["partitions"]]
