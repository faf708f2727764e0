"""Commands: decided in process, through HTTP with a JWT by one replica and by two, and the whole main line."""

import asyncio
from typing import Any

import orjson

from benchmarks.bench import Bench
from benchmarks.conversation import steps, whole_line
from owlbus.fleet import Replica

SECONDS = 8.0
CLIENTS = 50


async def in_process(bench: Bench) -> None:
    """50 clients without HTTP."""
    environment = bench.fleet.environment("ideas", "bench-calls", 1)
    found = await bench.child("benchmarks.calls", str(bench.lasting(SECONDS)), **environment)
    _note(bench, "commands", found)


async def through_http(bench: Bench) -> None:
    """50 clients with tokens: one replica, then two."""
    replicas = [bench.fleet.add("ideas", "http-0"), bench.fleet.add("ideas", "http-1")]
    for name, several in (("http_commands", replicas[:1]), ("http_two_commands", replicas)):
        for replica in several:
            replica.start()
        await _all_owned(bench, several)
        meter = bench.meter(**{replica.instance.replace("-", "_"): replica.pid for replica in several})
        meter.begin()
        found = await _crowd(bench, {"ideas": [replica.url for replica in several]}, line=False)
        meter.end()
        bench.results.facts[f"{name}_processors"] = meter.shares
        _note(bench, name, found)
    for replica in replicas:
        replica.stop()
        bench.fleet.replicas.remove(replica)
    one, two = bench.results.figures["http_commands_per_s"], bench.results.figures["http_two_commands_per_s"]
    bench.results.figures["http_two_vs_one"] = two / one


async def main_line(bench: Bench) -> None:
    """All four services and about ten commands an idea, from submission to completion."""
    await bench.fleet.start()
    pids = {replica.service: replica.pid for replica in bench.fleet.replicas}
    urls = {replica.service: [replica.url] for replica in bench.fleet.replicas}
    meter = bench.meter(**pids)
    meter.begin()
    found = await _crowd(bench, urls, line=True)
    meter.end()
    bench.results.facts["line_processors"] = meter.shares
    bench.results.facts["line_sent_again"] = found["again"]
    bench.results.figures["line_ideas_per_s"] = found["ideas_per_s"]
    _note(bench, "line_commands", found)
    await asyncio.to_thread(bench.fleet.stop)


async def _all_owned(bench: Bench, replicas: list[Replica]) -> None:
    """Every replica is ready and each has its part of the partitions."""
    everyone = list(bench.fleet.replicas)
    try:
        bench.fleet.replicas[:] = replicas
        await bench.fleet.ready()
    finally:
        bench.fleet.replicas[:] = everyone
    await asyncio.sleep(1.0 if len(replicas) > 1 else 0.0)


async def _crowd(bench: Bench, urls: dict[str, list[str]], *, line: bool) -> dict[str, Any]:
    everybody = [step for n in range(CLIENTS) for step in steps(n)] + [step for _, step in whole_line(0)]
    tokens = {f"{s.role}/{s.person}": bench.fleet.issuer.mint(s.person, [s.role], s.department) for s in everybody}
    load = {"urls": urls, "tokens": tokens, "seconds": bench.lasting(SECONDS), "clients": CLIENTS, "line": line}
    return await bench.child("benchmarks.clients", orjson.dumps(load).decode())


def _note(bench: Bench, name: str, found: dict[str, Any]) -> None:
    for figure in ("per_s", "p50_ms", "p99_ms"):
        bench.results.figures[f"{name}_{figure}"] = found[figure]
    bench.say(f"{name}: {found['per_s']:,.0f} a second, p50 {found['p50_ms']:.0f} ms, p99 {found['p99_ms']:.0f} ms")
