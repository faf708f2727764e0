"""One service as one stage: events in from Kafka, states and log into MongoDB, events out to Kafka; beside it the floor.

Both sides read the same events of the same topic, in turns. `hot`: 3,000 adopted ideas hear again and again that another
department took them over (one state and two events for each). `distinct`: every event opens an evaluation of its own
(one state and one event).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import orjson

from benchmarks.adopted import adopt
from benchmarks.bench import Bench
from benchmarks.events import Source, bytes_of, case_answered, evaluation_requested
from benchmarks.topics import ends_of, load
from benchmarks.wire import Wire
from shared.engine.message import Event
from shared.runtime.kafka.access import create_topics

HOT_KEYS = 3_000
HOT_EVENTS = int(__import__('os').environ.get('B_HOT','36000'))
DISTINCT_EVENTS = int(__import__('os').environ.get('B_DIS','30000'))
SECONDS = 120.0
FLOOR_TOPIC = "floor.events"


@dataclass
class Case:
    """What goes in and comes out: the reading service, the topic it answers in, and how many events it says to each."""

    name: str
    service: str
    source: Source
    source_topic: str
    events: Callable[[int], Iterator[Event]]
    count: int
    outs: tuple[str, ...]

    @property
    def target(self) -> str:
        """Where the service answers."""
        return f"{self.service}.events"


async def run(bench: Bench) -> None:
    """Both cases, `bench.rounds` rounds each."""
    await create_topics(bench.access, [FLOOR_TOPIC], bench.partitions)
    bench.say("stage: 3,000 ideas are adopted")
    await adopt(bench, HOT_KEYS)
    for case in (hot(bench), distinct(bench)):
        await warm_up(bench, case)
        for turn in range(bench.rounds):
            await compare(bench, case, turn)
        bench.results.ratio(f"stage_vs_floor_{case.name}", f"stage_{case.name}_per_s", f"floor_{case.name}_per_s")


def hot(bench: Bench) -> Case:
    """Few keys, again and again."""

    def events(turn: int) -> Iterator[Event]:
        times = HOT_EVENTS // HOT_KEYS
        for again in range(times):
            for number in range(HOT_KEYS):
                yield case_answered(f"adopted-{number:06d}", f"dept-{turn * times + again}")

    outs = ("ideas.IdeaSpread", "ideas.NoticeIssued")
    return Case("hot", "ideas", Source("learning", bench.partitions), "learning.events", events, HOT_EVENTS, outs)


def distinct(bench: Bench) -> Case:
    """Every key once."""

    def events(turn: int) -> Iterator[Event]:
        return map(evaluation_requested, range(turn * DISTINCT_EVENTS, (turn + 1) * DISTINCT_EVENTS))

    outs = ("evaluation.EvaluationOpened",)
    return Case("distinct", "evaluation", Source("ideas", bench.partitions), "ideas.events", events, DISTINCT_EVENTS, outs)


async def warm_up(bench: Bench, case: Case) -> None:
    """The service publishes what its store holds already, so that a round counts only what the round made."""
    replica = bench.fleet.of(case.service)[0] if bench.fleet.of(case.service) else bench.fleet.add(case.service)
    replica.start()
    await bench.fleet.ready()
    await bench.fleet.drained()
    replica.stop()


async def compare(bench: Bench, case: Case, turn: int) -> None:
    """One round: the same events through the service and through the floor."""
    async with ends_of(bench.access, case.source_topic) as source:
        starts = await source.by_partition()
    entries = list(case.source.write(case.events(turn)))
    await load(bench.access, entries)
    bench.results.facts[f"stage_{case.name}_bytes_in"] = round(bytes_of(entries))
    del entries
    for side in bench.turns(("service", "floor"), turn):
        rate = await (through_service(bench, case) if side == "service" else through_floor(bench, case, starts))
        name = f"{'stage' if side == 'service' else 'floor'}_{case.name}_per_s"
        bench.results.add(name, rate)
        bench.say(f"{name} round {turn + 1}: {rate:,.0f} events in a second")


async def through_service(bench: Bench, case: Case) -> float:
    """Start the service on what waits for it; events in a second while it works it off."""
    replica = bench.fleet.of(case.service)[0]
    async with ends_of(bench.access, case.target) as target:
        base = await target.total()
        replica.start()
        meter, wire = bench.meter(service=replica.pid), Wire(bench.stack.mongo_uri, replica.url)
        growth = await target.grown(
            base, case.count * len(case.outs), SECONDS, meter.begin, meter.end
        )
        facts = bench.results.facts
        facts[f"stage_{case.name}_processors"] = meter.shares
        facts[f"stage_{case.name}_wire"] = wire.since_start()
    replica.stop()
    return growth.rate / len(case.outs)


async def through_floor(bench: Bench, case: Case, starts: dict[int, int]) -> float:
    """The same events through raw clients."""
    work = {
        "bootstrap": bench.stack.bootstrap,
        "mongo": bench.stack.mongo_uri,
        "database": "bench_floor",
        "topic": case.source_topic,
        "starts": starts,
        "count": case.count,
        "target": FLOOR_TOPIC,
        "outs": case.outs,
        "service": case.service,
    }
    async with ends_of(bench.access, FLOOR_TOPIC) as target:
        base = await target.total()
        process = bench.run_process("benchmarks.floor", orjson.dumps(work, option=orjson.OPT_NON_STR_KEYS).decode(), name="floor")
        meter = bench.meter(floor=process.pid)
        growth = await target.grown(base, case.count * len(case.outs), SECONDS, meter.begin, meter.end)
        bench.results.facts[f"floor_{case.name}_processors"] = meter.shares
    process.stop()
    return growth.rate / len(case.outs)
