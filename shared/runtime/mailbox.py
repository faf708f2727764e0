"""The one way into a partition: records, calls, due deadlines and redrives, in the order in which they came.

Exact by five rules. It keeps the next offset per topic and takes only that one (a jump is dropped and sought back,
the same jump twice is a real hole in Kafka). A revoke raises the epoch and clears it. Offsets and seeks are set in
one step. After any failure calls stay, records never do: they come again from Kafka. The planner refuses whatever
slips through.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from enum import Enum

from shared.engine.emit import Stored
from shared.engine.inputs import Answer, Call, Due, Input, Record, Redrive, Repair, StateRef
from shared.engine.partition import Partition

MAX_PARKED = 100
"""More parked keys than this, beyond those an operator accepted, are no poison but a bug: the partition stops."""

MAX_CACHED_STATES = 5_000
MAX_INPUTS = 3_000
"""Inputs of one round of the committer; more than its writes, for what comes back on the own topics writes little."""


class Standing(Enum):
    """Whether a partition can be planned on."""

    LOADING = "loading"
    SERVING = "serving"
    REBUILDING = "rebuilding"
    STOPPED = "stopped"
    MENDING = "mending"
    """Stopped, with its document at hand: it takes redrives and repairs, nothing else."""


class Offered(Enum):
    """What became of a record that was offered."""

    TAKEN = "taken"
    DROPPED = "dropped"
    JUMPED = "jumped"


@dataclass(slots=True)
class Waiting:
    """An input in the queue; a call or a redrive has somebody waiting for its answer."""

    item: Input
    answer: asyncio.Future[Answer] | None = None


@dataclass(slots=True)
class Mailbox:
    """Everything this process holds for partition `number`.

    `partition` is the document as last read or written, None where it must be read first. `owned` says that Kafka
    assigned the partition to this process; calls are served without it, records and deadlines are not. `why` explains
    a stop. `floor` is the highest sequence known to have been committed, `verified` that Kafka was asked for it: a
    document below it comes from an older store. `whole` says that the log was found to end where the document does.
    `cache` are states as of `partition`'s token, with None for "does not exist". `cut` are topics that end before the
    document's offset, each with its end. `most` is how many inputs are taken at once; few while one is looked for that
    can't be stored.
    """

    number: int
    owned: bool = False
    standing: Standing = Standing.LOADING
    why: str = ""
    epoch: int = 0
    floor: int = 0
    verified: bool = False
    whole: bool = False
    partition: Partition | None = None
    next_offsets: dict[str, int] = field(default_factory=dict[str, int])
    jumps: dict[str, int] = field(default_factory=dict[str, int])
    queue: deque[Waiting] = field(default_factory=deque[Waiting])
    records: int = 0
    cut: dict[str, int] = field(default_factory=dict[str, int])
    most: int = MAX_INPUTS
    cache: dict[StateRef, Stored | None] = field(default_factory=dict[StateRef, Stored | None])

    @property
    def halted(self) -> bool:
        """Whether it is stopped, in either way."""
        return self.standing in (Standing.STOPPED, Standing.MENDING)

    def offer(self, topic: str, offset: int) -> Offered:
        """Ask whether a record may come in; call `put` right after TAKEN, seek to `next_offsets` after JUMPED."""
        expected = self.next_offsets.get(topic)
        if expected is None or not self.owned or offset < expected:
            return Offered.DROPPED
        if offset > expected and self.jumps.get(topic) != offset:
            self.jumps[topic] = offset
            return Offered.JUMPED
        self.next_offsets[topic] = offset + 1
        return Offered.TAKEN

    def is_hole(self, topic: str, offset: int) -> bool:
        """Whether the record just taken stands behind a hole that Kafka confirmed by answering the same way twice."""
        return self.jumps.pop(topic, None) == offset

    def takes(self, item: Input) -> bool:
        """Whether a stopped partition may be given `item`."""
        return self.standing is Standing.MENDING and isinstance(item, Redrive | Repair)

    def refuse(self) -> list[Waiting]:
        """Remove from the queue of a stopped partition what it does not take."""
        refused = [one for one in self.queue if not self.takes(one.item)]
        self.queue = deque(one for one in self.queue if self.takes(one.item))
        self.records = 0
        return refused

    def put(self, item: Input, answer: asyncio.Future[Answer] | None = None) -> None:
        """Append an input."""
        self.records += isinstance(item, Record)
        self.queue.append(Waiting(item, answer))

    def take(self, limit: int) -> list[Waiting]:
        """Remove up to `limit` inputs from the front, without those nobody waits for any more."""
        taken: list[Waiting] = []
        while self.queue and len(taken) < limit:
            waiting = self.queue.popleft()
            self.records -= isinstance(waiting.item, Record)
            if waiting.answer is None or not waiting.answer.done():
                taken.append(waiting)
        return taken

    def put_back(self, waiting: list[Waiting]) -> None:
        """Return what was taken and not consumed, to the front, in order."""
        self.records += sum(isinstance(one.item, Record) for one in waiting)
        self.queue.extendleft(reversed(waiting))

    def reset(self, taken: list[Waiting]) -> None:
        """Forget what was read; keep the calls, also those in `taken`. The document must be read again."""
        self.epoch += 1
        self.standing = Standing.STOPPED if self.standing is Standing.STOPPED else Standing.LOADING
        self.partition = None
        self.next_offsets = {}
        self.jumps = {}
        self.cache = {}
        self.records = 0
        self.queue = deque(one for one in (*taken, *self.queue) if isinstance(one.item, Call | Redrive | Repair))

    def serve(self, partition: Partition, topics: tuple[str, ...]) -> None:
        """Begin at `partition`: from here on records are taken at its offsets. Seek in the same step."""
        self.partition = partition
        self.standing = Standing.SERVING
        self.why = ""
        if self.owned:
            self.next_offsets = {topic: partition.offsets.get(topic, 0) for topic in topics}

    def stop(self, why: str) -> None:
        """Take nothing more until somebody repaired what `why` names."""
        self.standing = Standing.STOPPED
        self.why = why
        self.next_offsets = {}

    def mend(self, partition: Partition, why: str) -> None:
        """Take nothing more but what repairs it."""
        self.stop(why)
        self.standing = Standing.MENDING
        self.partition = partition

    def why_mend(self, partition: Partition) -> str:
        """Why a partition that would be served as `partition` must be mended first; empty where it need not."""
        if self.cut:
            return "topic_truncated"
        return "too_many_parked" if len(partition.parked) > MAX_PARKED + partition.tolerated else ""

    def look_again(self) -> None:
        """Forget that it is stopped: the document is read afresh and decides."""
        self.standing = Standing.LOADING
        self.whole = False
        self.reset([])

    def remember(self, states: dict[StateRef, Stored]) -> None:
        """Keep states as just committed."""
        self.cache.update(states)
        while len(self.cache) > MAX_CACHED_STATES:
            del self.cache[next(iter(self.cache))]

    def has_due(self, due: Due) -> bool:
        """Whether a deadline check of this aggregate is queued already."""
        return any(
            isinstance(one.item, Due) and (one.item.aggregate.name, one.item.id) == (due.aggregate.name, due.id)
            for one in self.queue
        )
