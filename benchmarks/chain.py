"""Four reacting services in a chain, from the first event in to the last one out; beside it four floor processes."""

import asyncio
from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.floor import Work
from benchmarks.hop import LENGTH, Passed0, topics
from benchmarks.topics import ends_of, load
from deploy.embedded.process import Guarded, free_port
from shared.engine.message import Event
from shared.runtime.kafka.access import create_topics

KEYS = 3_000
EVENTS = 24_000
SECONDS = 180.0
TEXT = "온라인과 종이로 들어온 제안이 다음 단계로 넘어갑니다."
FLOOR = [f"floor{number}.events" for number in range(LENGTH + 1)]


class Chain:
    """The four services as processes."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.processes: list[Guarded] = []
        self.source = bench.source("hop0")

    def start(self) -> None:
        """Start all four."""
        for number in range(1, LENGTH + 1):
            name = f"hop{number}"
            environment = self._bench.fleet.environment(name, f"{name}-0", free_port()) | {"BENCH_HOP": str(number)}
            self.processes.append(self._bench.run_process("benchmarks.hop", name=name, **environment))

    def stop(self) -> None:
        """End all four."""
        for process in self.processes:
            process.stop()
        self.processes.clear()


async def run(bench: Bench) -> None:
    """Rounds of the chain and of the floor in turns."""
    await create_topics(bench.access, [*topics(), *FLOOR], bench.partitions)
    chain = Chain(bench)
    for turn in range(bench.rounds):
        async with ends_of(bench.access, "hop0.events") as source:
            starts = await source.by_partition()
        await load(bench.access, chain.source.write(_events(bench.amount(EVENTS))))
        for side in bench.turns(("chain", "floor"), turn):
            rate = await (_through_chain(bench, chain) if side == "chain" else _through_floor(bench, starts))
            bench.results.add(f"{'chain' if side == 'chain' else 'floor_chain'}_per_s", rate)
            bench.say(f"{side} of {LENGTH} round {turn + 1}: {rate:,.0f} events a second")
    bench.results.ratio("chain_vs_floor", "chain_per_s", "floor_chain_per_s")


def _events(count: int) -> Iterator[Event]:
    for number in range(count):
        yield Passed0(hop_id=f"hop-{number % KEYS}", amount=1, text=TEXT)


async def _through_chain(bench: Bench, chain: Chain) -> float:
    async with ends_of(bench.access, f"hop{LENGTH}.events") as target:
        base = await target.total()
        chain.start()
        meter = bench.meter(**{f"hop{n + 1}": process.pid for n, process in enumerate(chain.processes)})
        growth = await target.grown(base, bench.amount(EVENTS), SECONDS, meter.begin, meter.end)
    chain.stop()
    bench.results.facts["chain_processors"] = meter.shares
    return growth.rate


async def _through_floor(bench: Bench, starts: dict[int, int]) -> float:
    processes: list[Guarded] = []
    async with ends_of(bench.access, FLOOR[LENGTH]) as target:
        base = await target.total()
        for number in range(LENGTH):
            source = FLOOR[number] if number else "hop0.events"
            async with ends_of(bench.access, source) as ends:
                begin = await ends.by_partition() if number else starts
            work = Work(
                bench.stack.bootstrap,
                bench.stack.mongo_uri,
                "bench_floor",
                source,
                begin,
                bench.amount(EVENTS),
                FLOOR[number + 1],
                (f"hop{number + 1}.Passed",),
                f"hop{number + 1}",
            )
            processes.append(bench.run_process("benchmarks.floor", work.text(), name=f"floor{number}"))
        growth = await target.grown(base, bench.amount(EVENTS), SECONDS, _nothing, _nothing)
    for process in processes:
        await asyncio.to_thread(process.stop)
    return growth.rate


def _nothing() -> None:
    pass
