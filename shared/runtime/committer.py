"""The one writer of a process: takes what is ready over all partitions, plans it, commits it in one transaction.

Invariants: one transaction in flight, nothing planned ahead; an answer is given only after the commit; after a failure
nothing that was read is used again before the partition document has been read afresh.
"""

import asyncio
import random
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from shared.engine.aggregate import Deciders
from shared.engine.emit import Entry, Stored
from shared.engine.envelope import Unreadable, decode
from shared.engine.inputs import (
    Answer,
    Call,
    CommandRecord,
    Due,
    Held,
    Input,
    Record,
    Redrive,
    Repair,
    StateRef,
    answers_wanted,
    wanted,
)
from shared.engine.outcome import MAX_PLAN_BYTES, MAX_WRITES, Plan
from shared.engine.partition import Partition
from shared.engine.plan import Jump, OlderStore, plan
from shared.runtime.faultpoints import reached
from shared.runtime.mailbox import MAX_INPUTS, Mailbox, Standing, Waiting
from shared.runtime.store.protocol import LostRace, Store, StoreUnavailable, Unstorable, Write
from shared.runtime.telemetry import Metrics

MAX_HELD = 200
"""Held inputs that one redrive tries; the rest waits for the next."""

PLANNABLE = (Standing.SERVING, Standing.MENDING)

log = structlog.get_logger("committer")


class Loader(Protocol):
    """Brings mailboxes from LOADING to SERVING, or stops them."""

    async def load(self, boxes: Sequence[Mailbox]) -> None:
        """Read the documents and serve; seeks in the same step. Raises StoreUnavailable."""
        ...


class Outlet(Protocol):
    """Where committed events go next."""

    def offer(self, partition: int, entries: Sequence[Entry]) -> None:
        """Publish these soon; they continue the partition's log."""
        ...


@dataclass(slots=True)
class Take:
    """What one round took from one mailbox, with the document and the states as of that document.

    A mailbox that is reset meanwhile gets a cache of its own: `cache` stays what belongs to `partition`.
    """

    box: Mailbox
    epoch: int
    partition: Partition
    cache: dict[StateRef, Stored | None]
    waiting: list[Waiting]
    plan: Plan | None = None


class Committer:
    """Runs until cancelled. `stopped` is told of every mailbox that stops."""

    def __init__(
        self,
        deciders: Deciders,
        store: Store,
        boxes: Sequence[Mailbox],
        outlet: Outlet,
        metrics: Metrics,
        loader: Loader,
        stopped: Callable[[Mailbox], None],
    ) -> None:
        self._deciders = deciders
        self._store = store
        self._boxes = boxes
        self._outlet = outlet
        self._metrics = metrics
        self._loader = loader
        self._stopped = stopped
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._space = asyncio.Event()
        self._singles = 0
        self._start = 0
        self._failures = 0
        self.rounds = 0

    def wake(self) -> None:
        """There is something to do, or room again because a mailbox was reset."""
        self._wake.set()
        self._space.set()

    async def idle(self) -> None:
        """Wait until no transaction is in flight."""
        await self._idle.wait()

    async def space(self, limit: int) -> None:
        """Wait until fewer than `limit` records wait in all mailboxes."""
        while sum(box.records for box in self._boxes) >= limit:
            self._space.clear()
            await self._space.wait()

    @property
    def waited_for(self) -> bool:
        """Whether a round could do something now."""
        return any(self._loadable(box) or (box.queue and box.standing in PLANNABLE) for box in self._boxes)

    @property
    def failing(self) -> bool:
        """Whether the store could not be used at the last attempt."""
        return self._failures > 0

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self.waited_for:
                await self._guarded_round()

    @staticmethod
    def _loadable(box: Mailbox) -> bool:
        return box.verified and box.standing is Standing.LOADING and (box.owned or bool(box.queue))

    async def _guarded_round(self) -> None:
        self._idle.clear()
        try:
            await self._loader.load([box for box in self._boxes if self._loadable(box)])
            await self._round()
            self._failures = 0
        except StoreUnavailable as error:
            self._failures += 1
            log.warning("store_unavailable", reason=str(error), attempt=self._failures)
        finally:
            self.rounds += 1
            self._idle.set()
            self._space.set()
        if self._failures:
            await asyncio.sleep(min(2.0, 0.05 * 2**self._failures) * random.uniform(0.5, 1.0))
        else:
            await asyncio.sleep(0)

    # --- one round

    async def _round(self) -> None:
        takes = self._take()
        if not takes:
            return
        try:
            await self._plan_all(takes)
            await self._commit([take for take in takes if take.plan is not None])
        except BaseException:
            for take in takes:
                take.box.reset(take.waiting)
            raise

    def _take(self) -> list[Take]:
        ready = [box for box in self._rotated() if box.queue and box.standing in PLANNABLE]
        if self._singles:
            self._singles -= 1
            ready = ready[:1]
        takes: list[Take] = []
        room = MAX_INPUTS
        for box in ready:
            waiting = box.take(min(room, box.most))
            room -= len(waiting)
            if waiting and box.partition is not None:
                takes.append(Take(box, box.epoch, box.partition, box.cache, waiting))
            if room <= 0:
                break
        return takes

    def _rotated(self) -> list[Mailbox]:
        self._start = (self._start + 1) % len(self._boxes)
        return [*self._boxes[self._start :], *self._boxes[: self._start]]

    async def _plan_all(self, takes: list[Take]) -> None:
        for take in takes:
            await self._fetch_held(take)
        answered = await self._fetch(takes)
        writes, size = MAX_WRITES, MAX_PLAN_BYTES
        for take in takes:
            if writes <= 0 or size <= 0:
                _give_back(take, take.waiting)
                continue
            self._plan_one(take, answered, writes, size)
            if take.plan is not None:
                writes -= take.plan.writes
                size -= take.plan.size

    def _plan_one(self, take: Take, answered: dict[str, CommandRecord], writes: int, size: int) -> None:
        inputs = [one.item for one in take.waiting]
        try:
            take.plan = plan(
                self._deciders, take.partition, take.cache, answered, inputs, max_writes=writes, max_bytes=size
            )
        except Jump as jump:
            log.warning("jump", partition=take.box.number, reason=str(jump))
            take.box.reset(take.waiting)
        except OlderStore as older:
            # Only a fresh look at the document can tell an older store from somebody else's commit.
            log.warning("own_event_above_the_log", partition=take.box.number, reason=str(older))
            take.box.floor = max(take.box.floor, older.sequence)
            take.box.reset(take.waiting)
        else:
            take.plan.partition.token = secrets.token_hex(8)

    async def _fetch_held(self, take: Take) -> None:
        for one in take.waiting:
            if isinstance(one.item, Redrive):
                held = await self._store.held(take.box.number, one.item.key, limit=MAX_HELD + 1)
                one.item = replace(one.item, held=held[:MAX_HELD], complete=len(held) <= MAX_HELD)

    async def _fetch(self, takes: Iterable[Take]) -> dict[str, CommandRecord]:
        """Bring the caches up to what the inputs want; return the stored answers of their commands."""
        missing: dict[StateRef, Take] = {}
        ids: list[str] = []
        for take in takes:
            for one in take.waiting:
                missing |= {ref: take for ref in wanted(self._deciders, one.item) if ref not in take.cache}
                ids.extend(answers_wanted(take.partition, one.item))
        states, answered = await asyncio.gather(self._store.states(list(missing)), self._store.commands(ids))
        for ref, take in missing.items():
            take.cache[ref] = states.get(ref)
        return answered

    async def _commit(self, takes: list[Take]) -> None:
        writing = [take for take in takes if take.plan is not None and _has_writes(take.plan)]
        silent = [take for take in takes if take not in writing]
        try:
            if silent:
                await self._confirm(silent)
            if writing:
                reached("before_commit")
                with self._metrics.transaction_seconds.time():
                    await self._store.commit([Write(_planned(take), take.partition.token) for take in writing])
                reached("after_commit")
        except LostRace as race:
            self._lost(takes, race)
            return
        except Unstorable as error:
            await self._unstorable(takes, error)
            return
        for take in takes:
            self._done(take)

    async def _confirm(self, takes: list[Take]) -> None:
        """A refusal decided on outdated states would be wrong: see that nobody else has written meanwhile."""
        now = await self._store.partitions([take.box.number for take in takes])
        moved = [take.box.number for take in takes if now[take.box.number].token != take.partition.token]
        if moved:
            raise LostRace(moved)

    def _lost(self, takes: list[Take], race: LostRace) -> None:
        self._metrics.transaction_retries.labels("lost_race").inc()
        self._singles = len(takes)
        log.info("lost_race", partitions=race.partitions)
        for take in takes:
            take.box.reset(take.waiting)

    async def _unstorable(self, takes: list[Take], error: Unstorable) -> None:
        """The store refuses a plan for what is in it: find out whose it is, one partition, then fewer inputs a time."""
        log.error("not_stored", reason=str(error), partitions=[t.box.number for t in takes])
        found = len(takes) == 1 and _planned(takes[0]).consumed == 1
        if found:
            await self._refuse(takes[0], f"can't be stored: {error}")
            return
        if len(takes) == 1:
            takes[0].box.most = max(1, _planned(takes[0]).consumed // 2)
        self._singles = len(takes)
        for take in takes:
            take.box.reset(take.waiting)

    async def _refuse(self, take: Take, reason: str) -> None:
        """Only the first input is at fault: who asked is told, what else it was is set aside."""
        first, rest = take.waiting[0], take.waiting[1:]
        _give_back(take, rest)
        if first.answer is not None:
            if not first.answer.done():
                first.answer.set_result(Answer("bug", {"reason": reason}))
            return
        item = _set_aside(first.item, reason)
        if item == first.item:
            self.stop(take.box, "not_storable")
            return
        take.waiting, take.plan = [replace(first, item=item)], None
        self._plan_one(take, {}, MAX_WRITES, MAX_PLAN_BYTES)
        if take.plan is not None:
            await self._commit([take])

    def _done(self, take: Take) -> None:
        done, box = _planned(take), take.box
        for index, answer in done.answers:
            future = take.waiting[index].answer
            if future is not None and not future.done():
                future.set_result(answer)
        self._count(take, done)
        _give_back(take, take.waiting[done.consumed :])
        box.most = min(MAX_INPUTS, 2 * box.most)
        if box.epoch != take.epoch:
            return
        if _has_writes(done):
            box.partition = done.partition
            box.floor = done.partition.sequence
            box.remember(done.states)
        if box.owned:
            self._outlet.offer(box.number, done.entries)
        elif not box.queue:
            box.reset([])
        if box.standing is Standing.MENDING or box.why_mend(done.partition):
            box.reset([])

    def stop(self, box: Mailbox, why: str) -> None:
        """Stop a partition: it takes nothing more until it was repaired."""
        box.reset([])
        box.stop(why)
        self._stopped(box)

    def _count(self, take: Take, done: Plan) -> None:
        box, metrics, counts = take.box, self._metrics, done.counts
        for one in take.waiting[: done.consumed]:
            if isinstance(one.item, Record) and one.item.event is not None and one.item.envelope is not None:
                age = done.partition.time - one.item.envelope.time
                metrics.end_to_end_seconds.observe(age.total_seconds())
        metrics.batch_inputs.observe(done.consumed)
        metrics.events.inc(counts["events"])
        metrics.duplicates.inc(counts["duplicate"])
        metrics.refused.inc(counts["refused"])
        metrics.inputs.labels("record").inc(counts["records"])
        metrics.inputs.labels("other").inc(done.consumed - counts["records"])
        for held in done.held:
            metrics.quarantined.labels(held.kind).inc()
            place = {"partition": box.number, "topic": held.topic, "offset": held.offset, "key": held.key}
            log.error("set_aside", kind=held.kind, reason=held.reason, **place, **_causes(held))
        for channel, aside in done.partition.aside.items():
            if box.partition is None or channel not in box.partition.aside:
                log.error("channel_set_aside", partition=box.number, channel=channel, kind=aside.kind)


def _give_back(take: Take, waiting: list[Waiting]) -> None:
    """Return what was not consumed; records that were read for another epoch come again from Kafka."""
    if take.box.epoch != take.epoch:
        waiting = [one for one in waiting if not isinstance(one.item, Record)]
    take.box.put_back(waiting)


def _set_aside(item: Input, reason: str) -> Input:
    """The same input, not to be tried."""
    match item:
        case Record():
            return replace(item, event=None, fault=item.fault or "bug", reason=item.reason or reason)
        case Due():
            return replace(item, reason=item.reason or reason)
        case Call() | Redrive() | Repair():
            return item


def _causes(held: Held) -> dict[str, str]:
    """Correlation and causation of what was set aside, as far as it can be read."""
    try:
        envelope = decode(held.value)
    except Unreadable:
        return {}
    return {"correlation": envelope.correlation, "causation": envelope.causation}


def _planned(take: Take) -> Plan:
    assert take.plan is not None
    return take.plan


def _has_writes(done: Plan) -> bool:
    return bool(done.entries or done.commands or done.held or done.released or done.counts["records"])
