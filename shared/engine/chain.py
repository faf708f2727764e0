"""Checking a log from its events alone: every source's sequence and hash chain, over both of its topics.

Pure. A changed, missing, swapped or forked event is found. The same sequence with the same bytes is redelivery, counted
and no fault. A cut-off tail or a wholly rewritten chain can only be seen against heads that were kept elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.engine.envelope import Envelope, digest_of
from shared.engine.partition import GENESIS


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one position of a source: "missing", "fork" or "chain" (the bytes before it were others).

    `count` positions from `sequence` on are concerned; more than one only where they are missing.
    """

    source: str
    sequence: int
    kind: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a source's log: the hash of its last event's bytes."""

    sequence: int
    digest: str


@dataclass(slots=True)
class _Chain:
    """One source. `waiting` is what an event says of the one before it, as long as that one has not been seen."""

    digests: dict[int, str] = field(default_factory=lambda: {0: GENESIS})
    waiting: dict[int, str] = field(default_factory=dict[int, str])
    broken: list[int] = field(default_factory=list[int])
    last: int = 0

    def add(self, sequence: int, before: str, digest: str) -> None:
        """Take an event that was not there yet, and hold it against its neighbours."""
        self.digests[sequence] = digest
        self.last = max(self.last, sequence)
        known = self.digests.get(sequence - 1)
        if known is None:
            self.waiting[sequence] = before
        elif known != before:
            self.broken.append(sequence)
        if self.waiting and self.waiting.pop(sequence + 1, digest) != digest:
            self.broken.append(sequence + 1)

    @property
    def has_holes(self) -> bool:
        """Whether a number below the last is missing."""
        return len(self.digests) <= self.last

    def holes(self) -> Iterator[tuple[int, int]]:
        """First missing number and how many, for each hole."""
        if not self.has_holes:
            return
        expected = 1
        for sequence in sorted(self.digests)[1:]:
            if sequence > expected:
                yield expected, sequence - expected
            expected = sequence + 1


@dataclass(slots=True)
class ChainCheck:
    """Collects events in any order, then says what is wrong. Memory grows by one hash an event."""

    redelivered: int = 0
    counts: dict[str, int] = field(default_factory=dict[str, int])
    _chains: dict[str, _Chain] = field(default_factory=dict[str, _Chain])
    _forks: list[Fault] = field(default_factory=list[Fault])

    def add(self, topic: str, envelope: Envelope, value: bytes) -> str:
        """Take one event as it stood in `topic`; its hash."""
        digest = digest_of(value)
        chain = self._chains.get(envelope.source)
        if chain is None:
            chain = self._chains[envelope.source] = _Chain()
        known = chain.digests.get(envelope.sequence)
        if known is None:
            chain.add(envelope.sequence, envelope.chain, digest)
            self.counts[topic] = self.counts.get(topic, 0) + 1
        elif known == digest:
            self.redelivered += 1
        else:
            self._forks.append(Fault(envelope.source, envelope.sequence, "fork"))
        return digest

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources seen so far, in order."""
        return tuple(sorted(self._chains, key=_natural))

    @property
    def has_holes(self) -> bool:
        """Whether some source lacks a number below its last: tampered with, or still on its way."""
        return any(chain.has_holes for chain in self._chains.values())

    def digest_at(self, source: str, sequence: int) -> str | None:
        """The hash of the event at a position, None where there is none."""
        chain = self._chains.get(source)
        return chain.digests.get(sequence) if chain else None

    def heads(self) -> dict[str, Head]:
        """Where each source's log ends."""
        chains = {source: self._chains[source] for source in self.sources}
        return {source: Head(chain.last, chain.digests[chain.last]) for source, chain in chains.items()}

    def faults(self) -> tuple[Fault, ...]:
        """Everything that does not fit, by source and position."""
        found = list(self._forks)
        for source in self.sources:
            chain = self._chains[source]
            holes = [Fault(source, first, "missing", count) for first, count in chain.holes()]
            broken = [Fault(source, sequence, "chain") for sequence in chain.broken]
            found += sorted(holes + broken, key=lambda fault: fault.sequence)
        return tuple(found)


def _natural(source: str) -> tuple[str, int]:
    service, _, number = source.rpartition("/")
    return service, int(number)
