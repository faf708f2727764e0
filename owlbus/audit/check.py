"""Checking the whole log from its topics alone, with the eyes of an auditor and of a consumer.

The chain of every source says whether anything was changed, lost or forked; the channels say whether each consumer was
given every event in order; and every record must lie where its key belonged when it was written.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.engine.chain import ChainCheck, Fault, Head
from shared.engine.channel import START, Verdict, channel_of, judge
from shared.engine.envelope import Envelope, Unreadable, decode
from shared.engine.facts import Repartitioned
from shared.engine.partition import Mark, partition_of
from shared.runtime.kafka.access import Access
from shared.runtime.kafka.records import Record, TopicReader

MOST_LISTED = 200
SETTLE_ROUNDS = 5
SETTLE_SECONDS = 0.3
"""What seems to be missing at the end may be on its way: so often, with so long a pause, the ends are read again."""


Suspect = tuple[int, str, str, int, int]
"""An event that does not lie where its key belongs today: its number, its key, topic, partition and offset."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, and where: a position of a source, or a record of a topic."""

    kind: str
    where: str
    detail: str


@dataclass(slots=True)
class LogCheck:
    """Collects records, each partition of a topic in order, then says what is wrong.

    `seen` is told of every event once, in the order of its channel. `expected` is how many records there are to read,
    as far as that is known.
    """

    partitions: int
    seen: Callable[[Envelope], None] = lambda _: None
    chains: ChainCheck = field(default_factory=ChainCheck)
    types: dict[str, int] = field(default_factory=dict[str, int])
    events: int = 0
    records: int = 0
    expected: int = 0
    _marks: dict[tuple[str, int], Mark] = field(default_factory=dict[tuple[str, int], Mark])
    _gaps: dict[tuple[str, int], int] = field(default_factory=dict[tuple[str, int], int])
    _ends: dict[str, int] | None = None
    _records: list[Trouble] = field(default_factory=list[Trouble])
    _elsewhere: dict[str, list[Suspect]] = field(default_factory=dict[str, list[Suspect]])
    _growths: dict[str, dict[int, int]] = field(default_factory=dict[str, dict[int, int]])

    def add(self, record: Record) -> None:
        """Take one record."""
        self.records += 1
        value = record.value or b""
        try:
            envelope = decode(value)
        except Unreadable as error:
            self._records.append(Trouble("unreadable", _place(record), str(error)))
            return
        self._follow(record, envelope, self.chains.add(record.topic, envelope, value))
        if envelope.type == Repartitioned.TYPE:
            self._grew(envelope)
        if record.partition != partition_of(envelope.key, self.partitions):
            suspect = (envelope.sequence, envelope.key, record.topic, record.partition, record.offset)
            self._elsewhere.setdefault(envelope.source, []).append(suspect)
        service = envelope.source.partition("/")[0]
        if record.topic.partition(".")[0] != service:
            self._records.append(Trouble("foreign", _place(record), f"written by {envelope.source}"))

    def _follow(self, record: Record, envelope: Envelope, digest: str) -> None:
        place = (channel_of(record.topic, envelope.source), record.partition)
        match judge(self._marks.get(place, START), envelope.sequence, envelope.previous, digest):
            case Verdict.ACCEPT:
                self._marks[place] = Mark(envelope.sequence, digest, envelope.previous)
                self._gaps.pop(place, None)
                self.types[envelope.type] = self.types.get(envelope.type, 0) + 1
                self.events += 1
                self.seen(envelope)
            case Verdict.GAP:
                self._gaps.setdefault(place, envelope.sequence)
            case Verdict.FORK:
                self._records.append(Trouble("fork", f"{envelope.source}/{envelope.sequence}", f"in {place[0]}"))
            case Verdict.DUPLICATE:
                pass  # counted by the chains as redelivery

    def _grew(self, envelope: Envelope) -> None:
        before = envelope.data.get("before")
        if isinstance(before, int) and before > 0:
            self._growths.setdefault(envelope.source, {})[envelope.sequence] = before

    def _misplaced(self) -> Iterator[Trouble]:
        """What does not lie where its key belonged when it was said: each source says when N grew, and from what."""
        for source, suspects in self._elsewhere.items():
            growths = sorted(self._growths.get(source, {}).items())
            for sequence, key, topic, partition, offset in suspects:
                count = next((before for grown, before in growths if sequence < grown), self.partitions)
                home = partition_of(key, count)
                if partition != home:
                    yield Trouble("misplaced", f"{topic}/{partition}@{offset}", f"its key belongs to partition {home}")

    @property
    def unsettled(self) -> bool:
        """Whether something is missing that may only be on its way: topics are not written at one moment."""
        return bool(self._open_gaps() or (self.chains.has_holes and any(map(self._is_missing, self.chains.faults()))))

    def end_here(self) -> None:
        """What comes from here on may fill holes, and opens none: topics that are written to always have some."""
        self._ends = {source: head.sequence for source, head in self.heads().items()}

    def _is_missing(self, fault: Fault) -> bool:
        return fault.kind == "missing" and not self._is_beyond(fault.source, fault.sequence)

    def _is_beyond(self, source: str, sequence: int) -> bool:
        return self._ends is not None and sequence > self._ends.get(source, 0)

    def _open_gaps(self) -> dict[tuple[str, int], int]:
        return {
            place: sequence
            for place, sequence in self._gaps.items()
            if not self._is_beyond(place[0].partition("|")[2], sequence)
        }

    def troubles(self) -> tuple[Trouble, ...]:
        """Everything that is wrong: chains first, then channels and records."""
        faults = self.chains.faults()
        chains = [_of(fault) for fault in faults if fault.kind != "missing" or self._is_missing(fault)]
        gaps = [
            Trouble("gap", f"{channel} to partition {partition}", f"nothing fits before {sequence}")
            for (channel, partition), sequence in self._open_gaps().items()
        ]
        return tuple([*chains, *gaps, *self._records, *self._misplaced()])

    def heads(self) -> dict[str, Head]:
        """Where each source's log ends."""
        return self.chains.heads()

    def report(self, more: Sequence[Trouble] = ()) -> dict[str, Any]:
        """All of it, as figures for `--json` and for the account of a demo; `more` was found elsewhere and counts."""
        troubles = (*more, *self.troubles())
        return {
            "ok": not troubles,
            "events": self.events,
            "sources": len(self.chains.sources),
            "redelivered": self.chains.redelivered,
            "topics": dict(sorted(self.chains.counts.items())),
            "types": dict(sorted(self.types.items())),
            "faults": len(troubles),
            "troubles": [
                {"kind": one.kind, "where": one.where, "detail": one.detail} for one in troubles[:MOST_LISTED]
            ],
            "heads": {source: {"sequence": h.sequence, "digest": h.digest} for source, h in self.heads().items()},
        }


def _place(record: Record) -> str:
    return f"{record.topic}/{record.partition}@{record.offset}"


def _of(fault: Fault) -> Trouble:
    missing = "no event bears this number"
    if fault.count > 1:
        missing = f"no events bear the numbers {fault.sequence} to {fault.sequence + fault.count - 1}"
    detail = {
        "missing": missing,
        "fork": "two events bear this number",
        "chain": "it does not follow from the event before it: that one was changed, or this one is not of this chain",
    }[fault.kind]
    return Trouble(fault.kind, f"{fault.source}/{fault.sequence}", detail)


async def check_log(
    access: Access,
    topics: Sequence[str],
    seen: Callable[[Envelope], None] = lambda _: None,
    *,
    read: Callable[[Record], None] = lambda _: None,
) -> AsyncGenerator[LogCheck]:
    """Read all topics from the beginning; yields the check as it grows, the last one is complete.

    `read` is told of every record, whatever it holds. Raises TopicsUnfit, also where topics have another number of
    partitions than the settings say, and KafkaUnavailable.
    """
    check = LogCheck(access.settings.partitions, seen)
    check.chains.counts.update(dict.fromkeys(topics, 0))
    async with TopicReader(access, topics) as reader:
        reader.expect(access.settings.partitions)
        for turn in range(1 + SETTLE_ROUNDS):
            async for records in reader.to_end():
                check.expected = max(check.expected, reader.expected)
                for record in records:
                    check.add(record)
                    read(record)
                yield check
            if not turn:
                check.end_here()
            if not check.unsettled:
                break
            await asyncio.sleep(SETTLE_SECONDS)
    yield check
