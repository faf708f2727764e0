"""Checking a log from its events alone: every source's sequence and hash chain, over both of its topics.

Pure. A changed, missing, swapped or forked event is found. The same sequence with the same bytes is redelivery, counted
and no fault. A cut-off tail or a wholly rewritten chain can only be seen against heads that were kept elsewhere.
"""

from dataclasses import dataclass, field

from shared.engine.envelope import Envelope, digest_of
from shared.engine.partition import GENESIS


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one position of a source: "missing", "fork" or "chain" (the bytes before it were others)."""

    source: str
    sequence: int
    kind: str


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a source's log: the hash of its last event's bytes."""

    sequence: int
    digest: str


@dataclass(slots=True)
class ChainCheck:
    """Collects events in any order, then says what is wrong. Memory grows by two hashes an event."""

    redelivered: int = 0
    counts: dict[str, int] = field(default_factory=dict[str, int])
    _seen: dict[str, dict[int, tuple[str, str]]] = field(default_factory=dict[str, dict[int, tuple[str, str]]])
    _forks: list[Fault] = field(default_factory=list[Fault])

    def add(self, topic: str, envelope: Envelope, value: bytes) -> None:
        """Take one event as it stood in `topic`."""
        links = self._seen.setdefault(envelope.source, {})
        link = (envelope.chain, digest_of(value))
        known = links.setdefault(envelope.sequence, link)
        if known is link:
            self.counts[topic] = self.counts.get(topic, 0) + 1
        elif known == link:
            self.redelivered += 1
        else:
            self._forks.append(Fault(envelope.source, envelope.sequence, "fork"))

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources seen so far, in order."""
        return tuple(sorted(self._seen, key=_natural))

    def heads(self) -> dict[str, Head]:
        """Where each source's log ends."""
        return {source: Head(last := max(self._seen[source]), self._seen[source][last][1]) for source in self.sources}

    def faults(self) -> tuple[Fault, ...]:
        """Everything that does not fit, by source and position."""
        found = [fault for source in self.sources for fault in _walk(source, self._seen[source])]
        return tuple(self._forks + found)


def _walk(source: str, links: dict[int, tuple[str, str]]) -> list[Fault]:
    faults: list[Fault] = []
    expected, before = 1, GENESIS
    for sequence in sorted(links):
        chain, digest = links[sequence]
        if sequence != expected:
            faults.extend(Fault(source, hole, "missing") for hole in range(expected, sequence))
        elif chain != before:
            faults.append(Fault(source, sequence, "chain"))
        expected, before = sequence + 1, digest
    return faults


def _natural(source: str) -> tuple[str, int]:
    service, _, number = source.rpartition("/")
    return service, int(number)
