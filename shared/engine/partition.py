"""Partition p: the unit of order, ownership and transaction, the same number in every topic of a deployment."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Self

BEGINNING = datetime.min.replace(tzinfo=UTC)
GENESIS = "0" * 64
"""What the first event of a source carries as `chain`."""


def murmur2(data: bytes) -> int:
    """Kafka's default partitioner hash (32 bit, seed 0x9747b28c), as an unsigned number."""
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    h = 0x9747B28C ^ len(data)
    whole = len(data) & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    tail = data[whole:]
    if tail:
        h = (h ^ int.from_bytes(tail, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


@lru_cache(maxsize=100_000)
def partition_of(key: str, count: int) -> int:
    """Which of `count` partitions `key` belongs to, exactly as Kafka's own clients would place it."""
    return (murmur2(key.encode()) & 0x7FFFFFFF) % count


@dataclass(slots=True)
class Mark:
    """How far a channel has been read: the last accepted sequence and the hash of that event's bytes.

    `previous` is the sequence before it; nothing between the two was ever sent on this channel. Negative: not known.
    """

    sequence: int
    digest: str
    previous: int = -1


@dataclass(frozen=True, slots=True)
class Aside:
    """A channel set aside. `kind` is "gap" or "fork"; `sequence` is the first one that did not fit."""

    kind: str
    sequence: int
    since: datetime


@dataclass(slots=True)
class Partition:
    """All that a service remembers of partition `number` besides its aggregates; stored as one document.

    `token` is the random mark of the last commit: whoever commits next must have read it. `sequence` and `chain` are
    those of the last event emitted; `sent` is the last sequence per (topic, destination), `marks` and `aside` are per
    channel, `offsets` is the next offset per topic, `parked` maps a key to the reason it waits for repair, `time`
    never goes back, `folds` are the fold numbers the stored states were made with. `held` numbers what was set aside;
    `refusals` counts the recorded refusals of the minute that began at `refusals_since`. `recovering` is there after an
    older store was recovered: below these offsets records may have had their effects already. `tolerated` is how many
    parked keys an operator has seen and accepted. `earlier` are the numbers of partitions that there were before.
    """

    number: int
    count: int
    token: str = ""
    sequence: int = 0
    chain: str = GENESIS
    time: datetime = BEGINNING
    offsets: dict[str, int] = field(default_factory=dict[str, int])
    marks: dict[str, Mark] = field(default_factory=dict[str, Mark])
    aside: dict[str, Aside] = field(default_factory=dict[str, Aside])
    sent: dict[str, int] = field(default_factory=dict[str, int])
    parked: dict[str, str] = field(default_factory=dict[str, str])
    folds: dict[str, int] = field(default_factory=dict[str, int])
    held: int = 0
    refusals: int = 0
    refusals_since: datetime = BEGINNING
    recovering: dict[str, int] = field(default_factory=dict[str, int])
    tolerated: int = 0
    earlier: tuple[int, ...] = ()

    def read(self, topic: str, offset: int) -> None:
        """Note that the record at `offset` is behind us."""
        self.offsets[topic] = offset + 1
        if self.recovering.get(topic, offset) <= offset + 1:
            self.recovering.pop(topic, None)

    def copy(self) -> Self:
        """A copy that can be planned on without touching this one."""
        return replace(
            self,
            offsets=dict(self.offsets),
            marks=dict(self.marks),
            aside=dict(self.aside),
            sent=dict(self.sent),
            parked=dict(self.parked),
            folds=dict(self.folds),
            recovering=dict(self.recovering),
        )
