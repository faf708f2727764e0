"""From Kafka's batches to the mailboxes, without Kafka."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import TopicPartition

from shared.engine.inputs import Record
from shared.engine.partition import Partition
from shared.runtime.clock import SystemClock
from shared.runtime.committer import Committer
from shared.runtime.consumer import Consumer
from shared.runtime.kafka.access import Access, KafkaUnavailable, read_hints
from shared.runtime.mailbox import Mailbox
from shared.runtime.settings import Settings
from shared.runtime.takeover import Takeover
from shared.runtime.telemetry import Metrics
from tests.support.counter import deciders
from tests.support.world import COUNT

TOPIC = "test.events"
TRACE = b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"
SETTINGS = {
    "OWLBUS_ENVIRONMENT": "development",
    "OWLBUS_INSECURE_NO_ISSUER": "true",
    "OWLBUS_INSTANCE": "test-0",
    "OWLBUS_HTTP_PORT": "1",
    "KAFKA_BOOTSTRAP_SERVERS": "localhost:1",
    "MONGODB_URI": "mongodb://localhost:1",
}


async def _at_once(*_: object) -> None: ...


@dataclass
class _Kafka:
    """Partition 0 of one topic, of which only `offsets` are there."""

    offsets: Sequence[int]
    position: int = 0
    headers: tuple[tuple[str, bytes | None], ...] = ()
    seeks: list[int] = field(default_factory=list[int])

    def seek(self, place: object, offset: int) -> None:
        self.position = offset
        self.seeks.append(offset)

    def resume(self, place: object) -> None:
        """Nothing here is ever paused."""

    def batch(self) -> Any:
        records = tuple(
            SimpleNamespace(topic=TOPIC, partition=0, offset=offset, key=None, value=b"", headers=self.headers)
            for offset in self.offsets
            if offset >= self.position
        )
        self.position = self.offsets[-1] + 1
        return SimpleNamespace(raw_message=records)


def _consumer(kafka: _Kafka, box: Mailbox) -> Consumer:
    committer = cast(Committer, SimpleNamespace(space=_at_once, wake=lambda: None))
    boxes = [box, *(Mailbox(n) for n in range(1, COUNT))]
    access = Access(Settings.read(SETTINGS), "test/test-0")
    takeover = cast(Takeover, SimpleNamespace())
    consumer = Consumer(access, deciders(), [TOPIC], boxes, committer, takeover, SystemClock(), Metrics("test"))
    consumer._subscriber.consumer = kafka  # pyright: ignore[reportPrivateUsage]
    return consumer


def _serving(offset: int) -> Mailbox:
    box = Mailbox(0, owned=True)
    box.serve(Partition(0, COUNT, offsets={TOPIC: offset}), (TOPIC,))
    return box


def _taken(box: Mailbox) -> list[tuple[int, bool]]:
    return [(one.item.offset, one.item.jump) for one in box.queue if isinstance(one.item, Record)]


async def test_a_hole_with_much_behind_it_is_asked_for_once_more_and_then_passed() -> None:
    kafka, box = _Kafka([5, 8, 9, 10]), _serving(5)
    consumer = _consumer(kafka, box)
    for _ in range(3):
        await consumer._handle(kafka.batch())  # pyright: ignore[reportPrivateUsage]
    assert _taken(box) == [(5, False), (8, True), (9, False), (10, False)]
    assert kafka.seeks == [6]


async def test_a_batch_that_came_too_early_is_sought_back_and_no_hole() -> None:
    kafka, box = _Kafka(range(5, 12), position=8), _serving(5)
    consumer = _consumer(kafka, box)
    for _ in range(2):
        await consumer._handle(kafka.batch())  # pyright: ignore[reportPrivateUsage]
    assert _taken(box) == [(offset, False) for offset in range(5, 12)]


@pytest.mark.parametrize(
    ("header", "known"), [(TRACE, TRACE.decode()), (None, ""), (b"0" * len(TRACE), ""), (b"\xff", "")]
)
async def test_a_trace_that_is_none_is_left_out(header: bytes | None, known: str) -> None:
    kafka, box = _Kafka([0], headers=(("traceparent", header),)), _serving(0)
    await _consumer(kafka, box)._handle(kafka.batch())  # pyright: ignore[reportPrivateUsage]
    assert [one.item.traceparent for one in box.queue if isinstance(one.item, Record)] == [known]


async def test_what_breaks_in_the_handler_or_in_the_group_is_told() -> None:
    kafka, box = _Kafka([0]), _serving(0)
    consumer = _consumer(kafka, box)
    consumer.check()
    batch = kafka.batch()
    batch.raw_message[0].partition = COUNT
    with pytest.raises(IndexError):
        await consumer._handle(batch)  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(IndexError):
        consumer.check()

    async def ended() -> None: ...

    coordination = asyncio.create_task(ended())
    await coordination
    other = _consumer(kafka, box)
    cast(Any, kafka)._coordinator = SimpleNamespace(_coordination_task=coordination)
    with pytest.raises(RuntimeError, match="ended"):
        other.check()

    async def failed() -> None:
        raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "a batch that can't be read")

    another = _consumer(_Kafka([0]), box)
    another.check()
    another._subscriber.add_task(failed, restart_on_failure=False)  # pyright: ignore[reportPrivateUsage]
    await asyncio.sleep(0.01)
    with pytest.raises(RuntimeError, match="failed"):
        another.check()


async def test_a_coordinator_that_says_nothing_about_offsets_is_asked_again() -> None:
    class _Admin:
        async def __aenter__(self) -> "_Admin":
            return self

        async def __aexit__(self, *_: object) -> None: ...

        async def list_consumer_group_offsets(self, *_: object, **__: object) -> dict[object, object]:
            return {}

    with pytest.raises(KafkaUnavailable, match="4 partitions"):
        await read_hints(cast(Access, SimpleNamespace(admin=_Admin)), "test", [TOPIC], COUNT)


class _Assigned(_Kafka):
    """Asserts as aiokafka does where it is asked for a partition that is not assigned."""

    def assignment(self) -> set[TopicPartition]:
        return {TopicPartition(TOPIC, 0)}

    def highwater(self, place: TopicPartition) -> int:
        assert place in self.assignment(), "Partition is not assigned"
        return 9


def test_a_topic_whose_part_is_not_assigned_yet_has_no_lag() -> None:
    box = Mailbox(0, owned=True)
    box.serve(Partition(0, COUNT, offsets={TOPIC: 5}), (TOPIC, "new.events"))
    assert _consumer(_Assigned([]), box).lags() == {0: 4}


class _Quiet:
    """A consumer to which nothing comes, as aiokafka's: it says so once the time it was given is up."""

    async def getmany(self, *, timeout_ms: int, max_records: int) -> dict[object, object]:
        await asyncio.sleep(timeout_ms / 1000)
        return {}


async def test_where_nothing_came_it_is_not_deaf_for_long() -> None:
    """FastStream sleeps as long again after it asked in vain; whatever comes meanwhile waits."""
    subscriber: Any = _consumer(_Kafka([]), Mailbox(0))._subscriber  # pyright: ignore[reportPrivateUsage]
    async with asyncio.timeout(0.15):
        assert await subscriber.get_msg(_Quiet()) == ()
