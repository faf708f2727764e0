"""One service as one stage: events in from Kafka, states and log to MongoDB, events out to Kafka; beside it the floor.

Both sides read the same events of the same topic, in turns. `hot`: 3,000 adopted ideas hear again and again that
another department took them over (one state and two events for each). `distinct`: every event opens an evaluation of
its own (one state and one event).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks import streams
from benchmarks.adopted import adopt, adopted_id
from benchmarks.bench import Bench
from benchmarks.events import Source, bytes_of, case_answered, evaluation_requested
from benchmarks.floor import Work
from benchmarks.machine import Meter
from benchmarks.topics import ends_of, load
from benchmarks.wire import Wire
from shared.engine.message import Event
from shared.runtime.kafka.access import create_topics

HOT_KEYS = 3_000
HOT_EVENTS = 36_000
DISTINCT_EVENTS = 36_000
TUTORIAL_EVENTS = 300
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


async def hot(bench: Bench) -> None:
    """Few keys, again and again."""
    bench.say("3,000 ideas are adopted")
    await adopt(bench, HOT_KEYS)
    await rounds(bench, hot_case(bench))


async def distinct(bench: Bench) -> None:
    """Every key once; the tutorial style does the same work."""
    case = distinct_case(bench)
    await rounds(bench, case)
    rate = await through_raw(
        bench, case, "tutorial", dict.fromkeys(range(bench.partitions), 0), bench.amount(TUTORIAL_EVENTS)
    )
    bench.results.add("tutorial_per_s", rate)
    bench.results.figures["stage_vs_tutorial"] = bench.results.figures["stage_distinct_per_s"] / rate


async def streams_too(bench: Bench) -> None:
    """Kafka Streams on the events that are there already."""
    if not streams.at_hand():
        bench.say("no JDK: Kafka Streams is left out")
        return
    case = distinct_case(bench)
    nothing_before = dict.fromkeys(range(bench.partitions), 0)
    count = bench.rounds * case.count
    async with ends_of(bench.access, FLOOR_TOPIC) as target:
        base = await target.total()
        process = streams.start(bench, work_of(bench, case, nothing_before, count))
        meter = bench.meter(streams=process.pid)
        growth = await target.grown(base, count, SECONDS, meter.begin, meter.end)
        note_processors(bench, f"streams_{case.name}", meter, growth.rate)
    process.stop()
    bench.results.figures["streams_distinct_per_s"] = growth.rate
    bench.say(f"Kafka Streams: {growth.rate:,.0f} events a second")


async def rounds(bench: Bench, case: Case) -> None:
    """`bench.rounds` rounds of service and floor."""
    await create_topics(bench.access, [FLOOR_TOPIC], bench.partitions)
    await warm_up(bench, case)
    for turn in range(bench.rounds):
        await compare(bench, case, turn)
    bench.results.ratio(f"stage_vs_floor_{case.name}", f"stage_{case.name}_per_s", f"floor_{case.name}_per_s")


def hot_case(bench: Bench) -> Case:
    """Few keys, again and again."""

    count = max(HOT_KEYS, bench.amount(HOT_EVENTS))

    def events(turn: int) -> Iterator[Event]:
        times = count // HOT_KEYS
        for again in range(times):
            for number in range(HOT_KEYS):
                yield case_answered(adopted_id(number), f"dept-{turn * times + again}")

    outs = ("ideas.IdeaSpread", "ideas.NoticeIssued")
    return Case("hot", "ideas", bench.source("learning"), "learning.events", events, count // HOT_KEYS * HOT_KEYS, outs)


def distinct_case(bench: Bench) -> Case:
    """Every key once."""

    count = bench.amount(DISTINCT_EVENTS)

    def events(turn: int) -> Iterator[Event]:
        return map(evaluation_requested, range(turn * count, (turn + 1) * count))

    outs = ("evaluation.EvaluationOpened",)
    return Case("distinct", "evaluation", bench.source("ideas"), "ideas.events", events, count, outs)


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
        rate = await (
            through_service(bench, case) if side == "service" else through_raw(bench, case, "floor", starts, case.count)
        )
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
        growth = await target.grown(base, case.count * len(case.outs), SECONDS, meter.begin, meter.end)
        bench.results.facts[f"stage_{case.name}_wire"] = wire.since_start()
        note_processors(bench, f"stage_{case.name}", meter, growth.rate / len(case.outs))
    replica.stop()
    return growth.rate / len(case.outs)


async def through_raw(bench: Bench, case: Case, style: str, starts: dict[int, int], count: int) -> float:
    """The same events through raw clients, in the style of the module of that name."""
    work = work_of(bench, case, starts, count)
    async with ends_of(bench.access, FLOOR_TOPIC) as target:
        base = await target.total()
        process = bench.run_process(f"benchmarks.{style}", work.text(), name=style)
        meter = bench.meter(**{style: process.pid})
        growth = await target.grown(base, count * len(case.outs), SECONDS, meter.begin, meter.end)
        note_processors(bench, f"{style}_{case.name}", meter, growth.rate / len(case.outs))
    process.stop()
    return growth.rate / len(case.outs)


def work_of(bench: Bench, case: Case, starts: dict[int, int], count: int) -> Work:
    """What a process beside the service is told."""
    return Work(
        bench.stack.bootstrap,
        bench.stack.mongo_uri,
        "bench_floor",
        case.source_topic,
        starts,
        count,
        FLOOR_TOPIC,
        case.outs,
        case.service,
    )


def note_processors(bench: Bench, name: str, meter: Meter, rate: float) -> None:
    """Processors in use, and microseconds of them for each event in: these say most on a machine that is shared."""
    assert meter.shares is not None
    bench.results.facts[f"{name}_processors"] = meter.shares
    bench.results.facts[f"{name}_us_an_event"] = {
        who: round(1e6 * share / rate, 1) for who, share in meter.shares.items()
    }
