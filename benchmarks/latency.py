"""How long an event takes through the chain of four, when little is going on and at 70 % of what the chain can do."""

import asyncio
from statistics import quantiles
from time import monotonic
from typing import Any

import orjson
from aiokafka import TopicPartition

from benchmarks.bench import Bench
from benchmarks.chain import TEXT, Chain
from benchmarks.chain import run as run_chain
from benchmarks.hop import LENGTH, Passed0
from shared.engine.emit import Entry

STEADY_PER_S = 50.0
STEADY_SECONDS = 12.0
BUSY_SHARE = 0.7
BUSY_SECONDS = 8.0
TICK = 0.02
LEFT_OUT = 0.15
"""The part of the first events that does not count: whoever begins is not warm yet."""


async def run(bench: Bench) -> None:
    """Both loads, on the services of the chain; runs the chain first where that was not asked for."""
    if "chain_per_s" not in bench.results.figures:
        await run_chain(bench)
    chain = Chain(bench)
    async with Arrivals(bench) as arrivals:
        chain.start()
        try:
            await _measured(bench, chain, arrivals, 20.0, 2.0)
            steady = await _measured(bench, chain, arrivals, STEADY_PER_S, bench.lasting(STEADY_SECONDS))
            _note(bench, "latency_50", steady)
            rate = BUSY_SHARE * bench.results.figures["chain_per_s"]
            busy = await _measured(bench, chain, arrivals, rate, bench.lasting(BUSY_SECONDS))
            _note(bench, "latency_70pct", busy)
        finally:
            chain.stop()


def _note(bench: Bench, name: str, values: list[float]) -> None:
    parts = quantiles(values[int(LEFT_OUT * len(values)) :], n=100)
    bench.results.figures[f"{name}_p50_ms"] = 1000 * parts[49]
    bench.results.figures[f"{name}_p99_ms"] = 1000 * parts[98]
    bench.say(f"{name}: p50 {1000 * parts[49]:.0f} ms, p99 {1000 * parts[98]:.0f} ms of {len(values)} events")


async def _measured(bench: Bench, chain: Chain, arrivals: "Arrivals", rate: float, seconds: float) -> list[float]:
    """Send at a steady rate and wait for all; how long each took, in the order of arrival."""
    count = int(rate * seconds)
    first = len(arrivals.took)
    producer: Any = bench.access.producer()
    await producer.start()
    try:
        begun, sent = monotonic(), 0
        while sent < count:
            due = min(count, int((monotonic() - begun) * rate) + 1)
            events = [
                Passed0(hop_id=f"hop-{n % 3000}", sent=monotonic(), amount=1, text=TEXT) for n in range(sent, due)
            ]
            for entry in chain.source.write(events):
                await _send(producer, entry)
            sent = due
            await asyncio.sleep(TICK if rate > 1 / TICK else 1 / rate)
        await producer.flush()
    finally:
        await producer.stop()
    async with asyncio.timeout(120):
        while len(arrivals.took) - first < count:
            await asyncio.sleep(TICK)
    return arrivals.took[first:]


async def _send(producer: Any, entry: Entry) -> None:
    await producer.send(
        entry.topic, entry.value, key=entry.key.encode(), partition=entry.destination, headers=list(entry.headers)
    )


class Arrivals:
    """Reads the end of the chain and notes how long each event took."""

    def __init__(self, bench: Bench) -> None:
        self.took: list[float] = []
        self._bench = bench
        self._reader: Any = bench.access.reader()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Arrivals":
        await self._reader.start()
        places = [TopicPartition(f"hop{LENGTH}.events", number) for number in range(self._bench.partitions)]
        self._reader.assign(places)
        await self._reader.seek_to_end()
        self._task = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await self._reader.stop()

    async def _read(self) -> None:
        while True:
            batches: dict[Any, list[Any]] = await self._reader.getmany(timeout_ms=1000)
            now = monotonic()
            for records in batches.values():
                self.took.extend(now - orjson.loads(record.value)["data"]["sent"] for record in records)
