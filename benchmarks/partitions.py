"""What N costs: bytes and milliseconds of a transaction, by the number of partitions. For decision 19.

python -m benchmarks.partitions [12 24 48 96]
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

import bson

from deploy.embedded.stack import Stack
from services.ideas.service import SERVICE
from shared.engine.emit import Entry
from shared.engine.partition import Mark, Partition
from shared.engine.plan import Plan
from shared.runtime.store.documents import new_token, partition_document
from shared.runtime.store.mongo import MongoStore
from shared.runtime.store.protocol import Layout, Write

ROUNDS = 40
EVENTS = 96
"""Events of a transaction, spread over as many partitions as there are."""


def main() -> None:
    """Measure and print a line for each N."""
    counts = [int(one) for one in sys.argv[1:]] or [12, 24, 48, 96]
    with tempfile.TemporaryDirectory(prefix="owlbus-bench-") as directory, Stack(Path(directory)) as stack:
        print(f"{'N':>4} {'document':>10} {'all documents':>14} {'transaction':>12} {'of one partition':>17}")
        for count in counts:
            asyncio.run(_measure(stack, count))


async def _measure(stack: Stack, count: int) -> None:
    store = MongoStore(stack.mongo_uri, f"partitions_{count}", appname=f"bench/{count}", timeout=60)
    await store.prepare(Layout(SERVICE.name, tuple(SERVICE.aggregates), count, SERVICE.indexes))
    known = {n: _heard_of_everybody(one) for n, one in (await store.partitions(range(count))).items()}
    size = len(bson.encode(partition_document(known[0])))
    wide = [await _timed(store, known, range(count)) for _ in range(ROUNDS)]
    narrow = [await _timed(store, known, range(1)) for _ in range(ROUNDS)]
    await store.close()
    print(
        f"{count:>4} {size / 1e3:>7.1f} kB {size * count / 1e3:>11.0f} kB "
        f"{statistics.median(wide):>9.1f} ms {statistics.median(narrow):>14.1f} ms",
        flush=True,
    )


def _heard_of_everybody(partition: Partition) -> Partition:
    """A partition to which every source of every topic has said something."""
    channels = [f"{topic}|{topic.partition('.')[0]}/{n}" for topic in SERVICE.topics for n in range(partition.count)]
    partition.marks = {channel: Mark(1_000_000, "0" * 64, 999_000) for channel in channels}
    partition.sent = {f"{topic}|{n}": 1_000_000 for topic in SERVICE.own_topics for n in range(partition.count)}
    partition.offsets = dict.fromkeys(SERVICE.topics, 1_000_000)
    return partition


async def _timed(store: MongoStore, known: dict[int, Partition], numbers: range) -> float:
    """Milliseconds of one transaction with `EVENTS` events, as many in each of these partitions."""
    writes = [_write(known[number], EVENTS // len(numbers)) for number in numbers]
    began = time.perf_counter()
    await store.commit(writes)
    took = (time.perf_counter() - began) * 1e3
    known.update({write.plan.partition.number: write.plan.partition for write in writes})
    return took


def _write(partition: Partition, events: int) -> Write:
    after = partition.copy()
    after.token, after.sequence = new_token(), partition.sequence + events
    log = [
        Entry(partition.sequence + 1 + n, bytes(900), f"{SERVICE.name}.events", 0, "k", "idea/k", ())
        for n in range(events)
    ]
    return Write(Plan(after, entries=log), partition.token)


if __name__ == "__main__":
    main()
