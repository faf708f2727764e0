"""One service's machine: the loops between Kafka, store and HTTP, wired together and watched."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import timedelta
from time import monotonic
from typing import Any

import structlog

from shared.engine.aggregate import key_of
from shared.engine.inputs import Answer, Call, Held, Input, Redrive
from shared.engine.message import Actor
from shared.engine.partition import partition_of
from shared.runtime.clock import MAX_DRIFT, Clock, clock_of, drift
from shared.runtime.committer import Committer
from shared.runtime.computations import Computations
from shared.runtime.consumer import Consumer
from shared.runtime.deadlines import Deadlines
from shared.runtime.engine_port import Report, Unavailable
from shared.runtime.kafka.access import Access, KafkaUnavailable, TopicsUnfit, verify_topics
from shared.runtime.mailbox import Mailbox, Standing
from shared.runtime.preview import preview
from shared.runtime.projector import Projector
from shared.runtime.relay import Relay
from shared.runtime.repairs import Repairs
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.runtime.store.protocol import Reader, Store, StoreUnavailable
from shared.runtime.takeover import Takeover
from shared.runtime.telemetry import Metrics

COMMAND_SECONDS = 8.0
MAX_WAITING_CALLS = 20_000
STUCK_SECONDS = 30.0
CLOSE_SECONDS = 5.0
RETRY_SECONDS = 0.5
OWNER_SECONDS = 0.5
DEGRADED = ("kafka", "unverified", "stopped_partitions")
"""What may be missing while a replica is ready."""

log = structlog.get_logger("machine")


class Machine:
    """Implements the HTTP edge's `Engine`. `start` returns once commands can be looked at, Kafka or not.

    `failed` is called with the reason when a loop ends that never should.
    """

    def __init__(self, service: Service, settings: Settings, store: Store, failed: Callable[[str], None]) -> None:
        self.service = service.name
        self.deciders = service.deciders
        self.reader: Reader = store
        self.clock: Clock = clock_of(settings.development_clock)
        self.partitions = settings.partitions
        self.metrics = Metrics(service.name)
        self._service = service
        self._settings = settings
        self._store = store
        self._failed = failed
        self._boxes = [Mailbox(number) for number in range(settings.partitions)]
        self._access = Access(settings, f"{service.name}/{settings.instance}")
        self._relay = Relay(self._access, store)
        self._takeover = Takeover(
            self._access, self.deciders, service.topics, store, self._relay, settings.url, settings.partitions
        )
        self._committer = Committer(
            self.deciders, store, self._boxes, self._relay, self.metrics, self._takeover, self._on_stopped
        )
        self._consumer = Consumer(
            self._access,
            self.deciders,
            service.topics,
            self._boxes,
            self._committer,
            self._takeover,
            self.clock,
            self.metrics,
        )
        self._deadlines = Deadlines(self.deciders, store, self._boxes, self._consumer, self.clock)
        self._computations = Computations(
            service.name,
            service.computations,
            store,
            self._boxes,
            self._ask,
            self.clock,
            self.metrics,
            settings.workers,
        )
        self._takeover.seek = self._consumer.seek
        self._takeover.stopped = self._on_stopped
        self._takeover.wake = self._committer.wake
        self.repairs = Repairs(
            service,
            store,
            self._boxes,
            self._relay,
            self._takeover,
            self._consumer,
            self._access,
            self._committer.wake,
            self._ask,
            self.clock,
        )
        self._projector = Projector(self, store, service.projections, service.followers, self._ends)
        self._tasks: list[asyncio.Task[None]] = []
        self._publishing: list[asyncio.Task[None]] = []
        self._joined = False
        self._draining = False
        self._drift = timedelta()
        self._progress = (0, monotonic())
        self._owners: dict[int, tuple[str | None, float]] = {}

    # --- life

    async def start(self) -> None:
        """Prepare the store and start the loops. Raises ValueError for a store that does not fit."""
        service = self._service
        layout = service.layout(self.partitions)
        await _until_done("store", lambda: self._store.prepare(layout), (StoreUnavailable,))
        if self._settings.start_unverified:
            for box in self._boxes:
                box.verified = True
        self._begin(self._committer.run())
        self._begin(self._relay.run(), self._publishing)
        self._begin(self._join())
        self._begin(self._watch())
        if service.projections or service.followers:
            self._begin(self._projector.run())

    async def stop(self) -> None:
        """Answer who waits, decide nothing new, publish what is left, say how far we are, close."""
        self._draining = True
        await self._drain()
        await self._end(self._tasks)
        if self._joined:
            await _bounded(self._consumer.stop())
        await _bounded(self._relay.finish(), self._settings.drain_timeout)
        await self._end(self._publishing)
        await _bounded(self._relay.close())
        await self._store.close()

    async def _drain(self) -> None:
        until = monotonic() + self._settings.drain_timeout
        while monotonic() < until and self._calls_wait():
            await asyncio.sleep(0.02)
        await _bounded(self._committer.idle())

    async def _end(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSE_SECONDS)

    def _calls_wait(self) -> bool:
        return any(one.answer is not None for box in self._boxes for one in box.queue)

    def _begin(self, loop: Coroutine[Any, Any, None], among: list[asyncio.Task[None]] | None = None) -> None:
        task = asyncio.create_task(loop)
        task.add_done_callback(self._ended)
        (self._tasks if among is None else among).append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("loop_failed", reason=f"{type(error).__name__}: {error}", exc_info=error)
            self._failed(str(error))

    async def _join(self) -> None:
        await _until_done("topics", self._verify_topics, (KafkaUnavailable,))
        await _until_done("hints", lambda: self._takeover.verify(self._boxes), (KafkaUnavailable,))
        await _until_done("group", self._consumer.start, (KafkaUnavailable,))
        self._joined = True
        self._begin(self._deadlines.run())
        self._begin(self._commit_offsets())
        self._begin(self._computations.run())

    async def _verify_topics(self) -> None:
        try:
            await verify_topics(self._access, self._service.topics, self.partitions)
        except TopicsUnfit as error:
            if error.missing:
                raise KafkaUnavailable(str(error)) from error
            raise

    async def _commit_offsets(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            self._consumer.check()
            try:
                await self.repairs.stop_where_topics_end_early()
                await self._consumer.commit_offsets()
            except KafkaUnavailable as error:
                log.info("offsets_wait", reason=str(error))

    async def _watch(self) -> None:
        while True:
            self._gauge()
            try:
                self._drift = await drift(self._store.now)
            except StoreUnavailable as error:
                log.info("clock_unchecked", reason=str(error))
            await asyncio.sleep(1.0)

    def _gauge(self) -> None:
        metrics, degraded = self.metrics, self._degraded()
        metrics.owned.set(sum(box.owned for box in self._boxes))
        metrics.clock_drift.set(self._drift.total_seconds())
        metrics.ready.set(self.ready().ok)
        for what in DEGRADED:
            metrics.degraded.labels(what).set(what in degraded)
        lags = self._consumer.lags() if self._joined else {}
        unpublished, oldest, now = self._relay.unpublished(), self._relay.oldest(), self.clock.now()
        for box in self._boxes:
            number = str(box.number)
            metrics.stopped.labels(number).set(box.halted)
            metrics.unpublished.labels(number).set(unpublished.get(box.number, 0))
            metrics.unpublished_age.labels(number).set((now - oldest.get(box.number, now)).total_seconds())
            # What was said of a partition that has moved away must not go on being said here.
            partition = box.partition if box.owned else None
            if box.owned and partition is None:
                continue  # its document is being read again: what was true a moment ago is still said
            read = box.queue[0].item.time if box.owned and box.queue else now
            kinds = [aside.kind for aside in partition.aside.values()] if partition else []
            metrics.lag.labels(number).set(lags.get(box.number, 0))
            metrics.input_age.labels(number).set((now - read).total_seconds())
            metrics.parked.labels(number).set(len(partition.parked) if partition else 0)
            for kind in ("gap", "fork"):
                metrics.channels_aside.labels(number, kind).set(kinds.count(kind))
        if self._committer.rounds != self._progress[0] or not self._committer.waited_for:
            self._progress = (self._committer.rounds, monotonic())

    def _on_stopped(self, box: Mailbox) -> None:
        self._consumer.pause(box)
        for one in box.refuse():
            if one.answer is not None and not one.answer.done():
                one.answer.set_exception(Unavailable("partition_stopped"))
        if not box.owned and not box.queue:
            box.look_again()  # who owns it says so, and may have it repaired without a word to us

    # --- what the HTTP edge asks

    async def execute(self, call: Call) -> Answer:
        """Decide on a command, here. Raises Unavailable; the outcome is then unknown and a retry harmless."""
        return await self._ask(partition_of(key_of(call.id), self.partitions), call)

    async def preview(self, calls: Sequence[Call]) -> list[Answer]:
        """What deciding on `calls` now would answer; nothing is written. Raises Unavailable."""
        try:
            return await preview(self.deciders, self._store, self.partitions, calls)
        except StoreUnavailable:
            raise Unavailable from None

    async def redrive(self, key: str, actor: Actor) -> Answer:
        """Try again, in order, what waits behind a parked key. Raises Unavailable."""
        return await self._ask(partition_of(key, self.partitions), Redrive(key, actor, self.clock.now()))

    async def _ask(self, number: int, item: Input) -> Answer:
        box = self._boxes[number]
        self._check(box, item)
        answer = asyncio.get_running_loop().create_future()
        box.put(item, answer)
        self._committer.wake()
        try:
            async with asyncio.timeout(COMMAND_SECONDS):
                return await answer
        except TimeoutError:
            raise Unavailable from None

    def _check(self, box: Mailbox, item: Input) -> None:
        if self._draining or len(box.queue) > MAX_WAITING_CALLS:
            raise Unavailable
        if box.halted and not box.takes(item):
            raise Unavailable("partition_stopped", 30.0)
        if box.standing is Standing.REBUILDING:
            raise Unavailable("rebuilding", 2.0)
        if not box.verified:
            raise Unavailable("store_unverified", 2.0)

    async def held(self, partition: int, key: str | None = None, *, limit: int = 200) -> tuple[Held, ...]:
        """What is set aside in a partition, in order."""
        try:
            return await self._store.held(partition, key, limit=limit)
        except StoreUnavailable:
            raise Unavailable from None

    def owns(self, partition: int) -> bool:
        """Whether this process owns the partition now."""
        return self._boxes[partition].owned

    async def owner(self, partition: int) -> str | None:
        """Base URL of the other replica that owns the partition, None where unknown or this one."""
        known = self._owners.get(partition)
        if known is None or monotonic() - known[1] > OWNER_SECONDS:
            try:
                known = self._owners[partition] = (await self._store.owner(partition), monotonic())
            except StoreUnavailable:
                return None
        return None if known[0] == self._settings.url else known[0]

    def _ends(self) -> dict[int, int]:
        """The end of the log of every partition that is served here."""
        serving = (box for box in self._boxes if box.owned and box.standing is Standing.SERVING)
        return {box.number: box.partition.sequence for box in serving if box.partition is not None}

    def stale(self, partition: int) -> bool:
        """Whether the partition is stopped or being rebuilt here."""
        box = self._boxes[partition]
        return box.halted or box.standing is Standing.REBUILDING

    def live(self) -> Report:
        """The loops run, and they advance or there is nothing to do."""
        dead = [task.get_name() for task in (*self._tasks, *self._publishing) if task.done() and not _ended_well(task)]
        stuck = monotonic() - self._progress[1] > STUCK_SECONDS
        return Report(not dead and not stuck, details={"loops_ended": dead, "stuck": stuck})

    def ready(self) -> Report:
        """The store can be reached, states are current, clocks agree; without Kafka it is ready, but degraded."""
        rebuilding = [box.number for box in self._boxes if box.standing is Standing.REBUILDING]
        stopped = {box.number: box.why for box in self._boxes if box.halted}
        ok = not (self._draining or self._committer.failing or rebuilding or self._drift > MAX_DRIFT)
        details = {
            "service": self.service,
            "instance": self._settings.instance,
            "owned": [box.number for box in self._boxes if box.owned and box.standing is Standing.SERVING],
            "rebuilding": rebuilding,
            "stopped": stopped,
            "clock_drift_s": round(self._drift.total_seconds(), 3),
        }
        return Report(ok, self._degraded(), details)

    def _degraded(self) -> tuple[str, ...]:
        found = (
            not self._joined or self._relay.degraded,
            not all(box.verified for box in self._boxes),
            any(box.halted for box in self._boxes),
        )
        return tuple(name for name, holds in zip(DEGRADED, found, strict=True) if holds)


def _ended_well(task: asyncio.Task[None]) -> bool:
    return task.cancelled() or task.exception() is None


async def _bounded(step: Awaitable[None], seconds: float = CLOSE_SECONDS) -> None:
    try:
        async with asyncio.timeout(seconds):
            await step
    except (TimeoutError, KafkaUnavailable, StoreUnavailable) as error:
        log.warning("not_closed_cleanly", reason=f"{type(error).__name__}: {error}")


async def _until_done(what: str, step: Callable[[], Awaitable[None]], again: tuple[type[Exception], ...]) -> None:
    while True:
        try:
            await step()
        except again as error:
            log.warning("waiting", what=what, reason=str(error))
            await asyncio.sleep(RETRY_SECONDS)
        else:
            return
