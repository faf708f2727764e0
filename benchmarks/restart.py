"""How soon a replica works again that was killed and comes back under its own name.

`evaluation` runs with two replicas. One is killed; while it is gone, ideas ask for evaluation in every partition. It is
started again, and from there it is timed, from outside: until it answers that it is ready (`restart_ready_s`), until
every partition has an owner again that serves it (`restart_owned_s`), and until all that waited is answered in Kafka
(`restart_same_id_s`). `restart_cpu_s` is the processor time that it had used by then.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter

import httpx

from benchmarks.bench import Bench
from benchmarks.events import evaluation_requested
from benchmarks.machine import processor_seconds
from benchmarks.topics import ends_of, load
from owlbus.fleet import Replica

SERVICE = "evaluation"
TARGET = "evaluation.events"
WAITING = 120
"""Events that wait for the one that comes back and for the other; ten in each partition."""
MORE_ROUNDS = 2
"""Times the rounds of others: a restart takes a second, and single ones differ."""
LOOK_SECONDS = 0.01
SECONDS = 60.0

Condition = Callable[[], Awaitable[bool]]


async def run(bench: Bench) -> None:
    """Kill and start, several times, each of the two in turn."""
    for _ in range(2):
        bench.fleet.add(SERVICE)
    await bench.fleet.start([SERVICE])
    turns = bench.rounds * MORE_ROUNDS + 1
    for turn in range(turns):
        victim = bench.fleet.of(SERVICE)[turn % 2]
        found = await _restarted(bench, victim, turn)
        if turn:  # the first finds nothing in the caches of the machine
            for name, value in found.items():
                bench.results.add(f"restart_{name}", value)
        told = ", ".join(f"{name} {value:.2f}" for name, value in found.items())
        bench.say(f"restart {turn} of {victim.instance}: {told}")
    bench.fleet.stop()


async def _restarted(bench: Bench, victim: Replica, turn: int) -> dict[str, float]:
    events = map(evaluation_requested, range(turn * WAITING, (turn + 1) * WAITING))
    entries = list(bench.source("ideas").write(events))
    async with ends_of(bench.access, TARGET) as target, httpx.AsyncClient(trust_env=False) as client:
        base = await target.total()
        victim.kill()
        await load(bench.access, entries)
        begun = perf_counter()
        victim.start()
        pid = victim.pid

        async def ready() -> bool:
            return (await victim.health(client))["status"] in ("ok", "degraded")

        async def owned() -> bool:
            reports = [await replica.health(client) for replica in bench.fleet.of(SERVICE)]
            return sum(len(report.get("details", {}).get("owned", ())) for report in reports) == bench.partitions

        async def answered() -> bool:
            return await target.total() - base >= WAITING

        waited = [asyncio.create_task(_until(condition)) for condition in (ready, owned, answered)]
        ready_at, owned_at, answered_at = await asyncio.gather(*waited)
        used = processor_seconds(pid)
    await bench.fleet.drained()
    return {
        "ready_s": ready_at - begun,
        "owned_s": owned_at - begun,
        "same_id_s": answered_at - begun,
        "cpu_s": used,
    }


async def _until(condition: Condition) -> float:
    """When it came to hold. Raises TimeoutError."""
    async with asyncio.timeout(SECONDS):
        while not await condition():
            await asyncio.sleep(LOOK_SECONDS)
    return perf_counter()
