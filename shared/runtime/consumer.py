"""Brings records from Kafka to the mailboxes and tells Kafka how far the documents are.

FastStream runs the broker connection, the subscriber loop, security and life cycle. Offsets and order are ours: every
record is handed to its mailbox, whose partition document alone says what comes next.
"""

import asyncio
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import structlog
from aiokafka import ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage as RawBatch
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from shared.engine.aggregate import Deciders
from shared.engine.inputs import Record, read_record, unread_record
from shared.runtime.clock import Clock
from shared.runtime.committer import Committer
from shared.runtime.faultpoints import reached
from shared.runtime.kafka.access import Access, KafkaUnavailable
from shared.runtime.kafka.assignor import WholePartitionAssignor
from shared.runtime.kafka.batches import Unopened, read_every_record
from shared.runtime.mailbox import Mailbox, Offered, Standing
from shared.runtime.store.protocol import StoreUnavailable
from shared.runtime.takeover import Takeover
from shared.runtime.telemetry import Metrics

MAX_WAITING_RECORDS = 4_000
REVOKE_SECONDS = 3.0
POLL_RECORDS = 2_000
PAUSE_MS = 20
"""How long FastStream asks aiokafka for a batch, and how long it then sleeps, deaf to what comes, where it got none."""
ENDS_SECONDS = 3.0
HEARTBEATS = 12
"""In a session. At one of them a member learns that partitions move: the others wait for it that long."""
METADATA_MS = 10_000
"""How soon topics that were away are seen to be back: who joined the group meanwhile was given nothing of them."""
TRACEPARENT = re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

log = structlog.get_logger("consumer")


class Consumer(ConsumerRebalanceListener):  # pyright: ignore[reportUntypedBaseClass]
    """One member of the service's consumer group."""

    def __init__(
        self,
        access: Access,
        deciders: Deciders,
        topics: Sequence[str],
        boxes: Sequence[Mailbox],
        committer: Committer,
        takeover: Takeover,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._access = access
        self._deciders = deciders
        self._topics = tuple(topics)
        self._boxes = boxes
        self._committer = committer
        self._takeover = takeover
        self._clock = clock
        self._metrics = metrics
        self._committed: dict[TopicPartition, tuple[int, str]] = {}
        self._broken: Exception | None = None
        self._subscribed_again: asyncio.Task[None] | None = None
        self._broker = KafkaBroker(
            access.settings.kafka_bootstrap_servers,
            client_id=access.client_id,
            metadata_max_age_ms=METADATA_MS,
            security=_security(access),
            allow_auto_create_topics=False,
            logger=None,
        )
        read_every_record()
        settings = access.settings
        subscribe: Any = self._broker.subscriber  # its overloads don't know instances of assignors
        self._subscriber: Any = subscribe(
            *self._topics,
            batch=True,
            group_id=deciders.service,
            group_instance_id=settings.instance,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            partition_assignment_strategy=[WholePartitionAssignor()],
            session_timeout_ms=settings.kafka_session_timeout_ms,
            heartbeat_interval_ms=max(100, settings.kafka_session_timeout_ms // HEARTBEATS),
            rebalance_timeout_ms=settings.kafka_rebalance_timeout_ms,
            max_records=POLL_RECORDS,
            batch_timeout_ms=PAUSE_MS,
            fetch_max_wait_ms=100,
            listener=self,
            parser=_unread,
            decoder=_undecoded,
        )
        self._subscriber(self._handle)

    @property
    def _kafka(self) -> Any:
        """aiokafka's consumer, None while not connected; its methods carry no types."""
        return self._subscriber.consumer

    async def start(self) -> None:
        """Connect and join the group. Raises KafkaUnavailable."""
        try:
            await self._broker.start()
        except (KafkaError, OSError) as error:
            await self._broker.stop()
            raise KafkaUnavailable(str(error)) from error

    async def stop(self) -> None:
        """Say how far we are and leave."""
        await self.commit_offsets()
        await self._broker.stop()

    def check(self) -> None:
        """Raise where records have silently ceased to come: neither FastStream nor aiokafka ends or says so."""
        if self._broken is not None:
            raise self._broken
        coordinator = getattr(self._kafka, "_coordinator", None)
        coordination: asyncio.Task[None] | None = getattr(coordinator, "_coordination_task", None)
        if coordination is not None and coordination.done():
            raise RuntimeError("the membership in the consumer group ended")
        for task in self._subscriber.tasks:
            if task.done() and not task.cancelled() and task.exception() is not None:
                raise RuntimeError("the loop that asks Kafka for records failed") from task.exception()

    def wake(self) -> None:
        """There is something in a mailbox."""
        self._committer.wake()

    # --- records

    async def _handle(self, message: RawBatch) -> None:
        await self._committer.space(MAX_WAITING_RECORDS)
        records: tuple[ConsumerRecord[Any, Any], ...] = message.raw_message  # pyright: ignore[reportAssignmentType]
        now = self._clock.now()
        sought: set[tuple[str, int]] = set()
        try:
            for record in records:
                # What follows a jump in the same batch says nothing new: it comes again.
                if (record.topic, record.partition) in sought or not self._offer(record, now):
                    sought.add((record.topic, record.partition))
        except Exception as error:
            self._broken = error  # FastStream would go on without a word
            raise
        self._committer.wake()

    def _offer(self, record: "ConsumerRecord[Any, Any]", now: Any) -> bool:
        """Hand a record to its mailbox; False where it is a jump, and its topic was sought back."""
        box = self._boxes[record.partition]
        offered = box.offer(record.topic, record.offset)
        match offered:
            case Offered.DROPPED:
                self._metrics.dropped.inc()
            case Offered.JUMPED:
                self.seek(box, [record.topic])
            case Offered.TAKEN:
                jump = box.is_hole(record.topic, record.offset)
                box.put(self._read(record, now, jump))
        return offered is not Offered.JUMPED

    def _read(self, record: "ConsumerRecord[Any, Any]", now: datetime, jump: bool) -> Record:
        if isinstance(record.value, Unopened):
            return unread_record(record.topic, record.offset, now, record.value.reason, jump)
        return read_record(
            self._deciders,
            record.topic,
            record.offset,
            record.value,
            now,
            _traceparent(record.headers),
            jump,
            record.key,
        )

    def seek(self, box: Mailbox, topics: Iterable[str] | None = None) -> None:
        """Read on at the mailbox's next offsets; a partition that Kafka has taken away is left alone."""
        kafka = self._kafka
        if kafka is None or not box.owned:
            return
        for topic in topics or box.next_offsets:
            place = TopicPartition(topic, box.number)
            try:
                kafka.seek(place, box.next_offsets[topic])
                kafka.resume(place)
            except IllegalStateError:
                log.info("seek_without_assignment", topic=topic, partition=box.number)

    def pause(self, box: Mailbox) -> None:
        """Fetch nothing more for a stopped partition. Kafka forgets this at each rebalance."""
        kafka = self._kafka
        if kafka is not None:
            assigned = kafka.assignment()
            kafka.pause(*(tp for tp in assigned if tp.partition == box.number))

    # --- assignment

    async def on_partitions_revoked(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, revoked: Iterable[TopicPartition]
    ) -> None:
        """Let go: nothing that was read counts any more. Waits a moment for what is in flight, no longer.

        For a transaction and for what is being published at once, so that a slow one does not cost the other its end.
        """
        boxes = [self._boxes[p] for p in sorted({tp.partition for tp in revoked})]
        self._metrics.rebalances.inc()
        self._takeover.let_go(boxes)
        try:
            async with asyncio.timeout(REVOKE_SECONDS):
                await asyncio.gather(self._committer.idle(), self._takeover.hand_over())
        except (TimeoutError, StoreUnavailable):
            log.warning("revoked_with_something_in_flight", partitions=[box.number for box in boxes])

    async def on_partitions_assigned(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, assigned: Iterable[TopicPartition]
    ) -> None:
        """Take over: the documents say where to read on."""
        boxes = [self._boxes[p] for p in sorted({tp.partition for tp in assigned})]
        log.info("assigned", partitions=[box.number for box in boxes])
        self._committed.clear()
        await self._takeover.take_over(boxes)
        self._committer.wake()
        if boxes and {tp.topic for tp in assigned} != set(self._topics):
            self._subscribed_again = asyncio.create_task(self._subscribe_again())

    async def _subscribe_again(self) -> None:
        """A static member that comes back with one more topic gets its old assignment: ask for a new one."""
        await asyncio.sleep(1.0)
        if self._kafka is not None:
            self._kafka.subscribe(list(self._topics), listener=self)

    # --- offsets

    async def commit_offsets(self) -> None:
        """Write the documents' offsets down in Kafka, each with its partition's sequence as a hint."""
        kafka = self._kafka
        if kafka is None:
            return
        changed: dict[TopicPartition, tuple[int, str]] = {}
        for box in self._boxes:
            if box.owned and box.partition is not None:
                for topic in self._topics:
                    place = TopicPartition(topic, box.number)
                    value = (box.partition.offsets.get(topic, 0), str(box.partition.sequence))
                    if self._committed.get(place) != value:
                        changed[place] = value
        if not changed:
            return
        try:
            await kafka.commit(changed)
        except (CommitFailedError, IllegalStateError) as error:
            log.info("offsets_not_committed", reason=str(error))
        except KafkaError as error:
            raise KafkaUnavailable(str(error)) from error
        else:
            self._committed |= changed
            reached("after_offset_commit")

    async def end_offsets(self, numbers: Iterable[int]) -> dict[int, dict[str, int]]:
        """Where the topics end now, per partition. Raises KafkaUnavailable."""
        kafka = self._kafka
        if kafka is None:
            raise KafkaUnavailable("not connected")
        places = [TopicPartition(topic, p) for p in numbers for topic in self._topics]
        try:
            async with asyncio.timeout(ENDS_SECONDS):
                ends: dict[TopicPartition, int] = await kafka.end_offsets(places)
        except (KafkaError, OSError, TimeoutError) as error:
            raise KafkaUnavailable(str(error)) from error
        found: dict[int, dict[str, int]] = {}
        for place, end in ends.items():
            found.setdefault(place.partition, {})[place.topic] = end
        return found

    async def cut_topics(self) -> dict[int, dict[str, int]]:
        """Where the topics of owned partitions end that end before what was read of them. Raises KafkaUnavailable.

        Such a topic was made anew or lost its end: what is written to it next would pass for read.
        """
        read = {
            box.number: dict(box.partition.offsets)
            for box in self._boxes
            if box.owned and box.standing is Standing.SERVING and box.partition is not None
        }
        found: dict[int, dict[str, int]] = {}
        for number, ends in (await self.end_offsets(read)).items() if read else ():
            cut = {topic: end for topic, end in ends.items() if end < read[number].get(topic, 0)}
            if cut:
                found[number] = cut
        return found

    def lags(self) -> dict[int, int]:
        """Records between the documents and the ends of the topics as last seen, per owned partition."""
        kafka = self._kafka
        lags: dict[int, int] = {}
        assigned: set[TopicPartition] = kafka.assignment() if kafka is not None else set()
        for box in self._boxes:
            if kafka is not None and box.owned and box.partition is not None:
                # A static member that comes back with one more topic owns partitions whose part of it is not its yet.
                places = [
                    place for topic in box.next_offsets if (place := TopicPartition(topic, box.number)) in assigned
                ]
                read = box.partition.offsets
                lags[box.number] = sum(
                    max(0, (kafka.highwater(place) or 0) - read.get(place.topic, 0)) for place in places
                )
        return lags


def _traceparent(headers: Iterable[tuple[str, bytes]]) -> str:
    for name, value in headers:
        if name == "traceparent" and TRACEPARENT.fullmatch(value or b""):
            return value.decode("ascii")
    return ""


async def _unread(records: Any) -> KafkaMessage:
    """A batch as it came: one unreadable header or body must not fail its neighbours."""
    return KafkaMessage(records, b"", correlation_id="batch", consumer=FAKE_CONSUMER)


async def _undecoded(message: KafkaMessage) -> bytes:
    return b""


def _security(access: Access) -> BaseSecurity | None:
    settings, context = access.settings, access.ssl_context()
    if not settings.kafka_security_protocol.startswith("SASL"):
        return BaseSecurity(ssl_context=context, use_ssl=context is not None)
    kind = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}
    return kind[settings.kafka_sasl_mechanism](
        username=settings.kafka_sasl_username,
        password=settings.kafka_sasl_password.get_secret_value(),
        ssl_context=context,
        use_ssl=context is not None,
    )
