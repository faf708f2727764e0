"""Replaying a service: its events folded anew and held against what its store shows.

Only reads: outside every consumer group, with a database user that can't write.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import asdict
from time import monotonic
from typing import Any, Protocol

from owlbus.audit.compare import Comparison
from owlbus.audit.fold import ServiceFold
from owlbus.audit.outcome import Unchecked
from shared.engine.aggregate import Aggregate
from shared.engine.partition import Partition
from shared.runtime.kafka.access import Access
from shared.runtime.kafka.records import TopicReader
from shared.runtime.service import Service

PAUSE_SECONDS = 0.2
Progress = Callable[[str], None]


class Live(Protocol):
    """A service's store, for reading."""

    async def partitions(self) -> dict[int, Partition]:
        """The partition documents."""
        ...

    def documents(self, aggregate: Aggregate) -> AsyncGenerator[Mapping[str, Any]]:
        """All documents of one aggregate."""
        ...


async def replay(
    service: Service, access: Access, live: Live, *, settle: float = 10.0, progress: Progress = lambda _: None
) -> dict[str, Any]:
    """Fold everything and compare. What is on its way is waited for, `settle` seconds at most.

    Raises Unchecked where the store is none of this service, StoreUnavailable, KafkaUnavailable, TopicsUnfit.
    """
    partitions = await live.partitions()
    if not partitions:
        raise Unchecked(f"the database holds no partitions: it is not the store of {service.name}")
    fold = ServiceFold(service.name, service.aggregates, len(partitions))
    async with TopicReader(access, service.own_topics) as reader:
        await _read_on(reader, fold, progress)
        comparison = Comparison(service.name, service.aggregates, fold)
        await _take_live(service, live, comparison, progress)
        began = monotonic()
        while comparison.waiting and monotonic() - began < settle:
            await _read_on(reader, fold, progress)
            if comparison.waiting:
                await asyncio.sleep(PAUSE_SECONDS)
        comparison.close(monotonic() - began)
    return _report(service, fold, comparison)


async def _read_on(reader: TopicReader, fold: ServiceFold, progress: Progress) -> None:
    async for records in reader.to_end(in_step=True):
        for record in records:
            fold.add(record)
        progress(f"folding: {fold.events:,} events")


async def _take_live(service: Service, live: Live, comparison: Comparison, progress: Progress) -> None:
    for aggregate in service.aggregates:
        async for document in live.documents(aggregate):
            comparison.take(aggregate, document)
            if comparison.live[aggregate.name] % 1_000 == 0:
                progress(f"comparing: {comparison.live[aggregate.name]:,} of {aggregate.name}")
    comparison.take_ends(service.aggregates, await live.partitions())


def _report(service: Service, fold: ServiceFold, comparison: Comparison) -> dict[str, Any]:
    folded: dict[str, int] = {aggregate.name: 0 for aggregate in service.aggregates}
    for name, _ in fold.states:
        folded[name] += 1
    findings = comparison.findings
    return {
        "ok": not findings.counts,
        "service": service.name,
        "events": fold.events,
        "waiting_at_most": fold.most_ahead,
        "aggregates": {
            name: {"folded": count, "live": comparison.live[name], "equal": comparison.equal[name]}
            for name, count in folded.items()
        },
        "counts": dict(findings.counts),
        "findings": [asdict(finding) for finding in findings.listed],
    }
