"""The states that a partition's logs add up to, over all generations."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from shared.engine.aggregate import Aggregate
from shared.engine.emit import Entry, Stored
from shared.engine.fold import fold_values
from shared.engine.generation import Segment, segments_of_partition
from shared.engine.partition import partition_of
from shared.runtime.store.documents import emitter_of
from shared.runtime.store.protocol import Store


async def folded(store: Store, number: int, count: int, kinds: Sequence[Aggregate]) -> dict[str, dict[str, Stored]]:
    """The states of partition `number` of `count`, by aggregate and id, folded from the log.

    Raises StoreUnavailable, and UnknownType or Unfit for an event that this release can't read.
    """
    states: dict[str, dict[str, Stored]] = {kind.name: {} for kind in kinds}
    for segment in segments_of_partition(store.generations, count, number):
        async for entries in entries_of(store, segment):
            # Before N ever grew, all that a source says is of keys that live there.
            values = [
                entry.value
                for entry in entries
                if not store.generations or partition_of(emitter_of(entry.subject), count) == number
            ]
            for kind in kinds:
                fold_values(kind, values, states[kind.name])
            await asyncio.sleep(0)
    return states


async def entries_of(store: Store, segment: Segment) -> AsyncGenerator[list[Entry]]:
    """A stretch of a source's log, in order, some at a time. Raises StoreUnavailable."""
    after = segment.after
    while batches := await store.log(segment.number, after):
        after = batches[-1].last
        entries = [entry for batch in batches for entry in batch.entries]
        if segment.until is not None and after >= segment.until:
            yield [entry for entry in entries if entry.sequence <= segment.until]
            return
        yield entries
