"""The auditor's check of the whole log: from the topics, and from an export of them.

OWLBUS_… python -m benchmarks.verify        reads all topics, checks every event; prints JSON
"""

import asyncio
import os
from time import perf_counter

import orjson

from benchmarks.bench import Bench
from benchmarks.machine import processor_seconds
from owlbus.fleet import TOPICS
from owlbus.logcheck import LogCheck, check_log
from shared.runtime.kafka.access import Access
from shared.runtime.settings import Settings


async def run(bench: Bench) -> None:
    """Check what the parts before have left in the topics."""
    environment = bench.fleet.environment("ideas", "bench-verify", 1)
    found = await bench.child("benchmarks.verify", **environment)
    assert found["ok"], found
    bench.results.figures["verify_topics_events_per_s"] = found["events"] / found["seconds"]
    bench.results.facts["verify_topics"] = found
    bench.say(f"verify: {found['events']:,} events in {found['seconds']:.1f} s")


async def main() -> None:
    """Check, print."""
    begun, access, check = perf_counter(), Access(Settings.read(os.environ), "bench-verify"), LogCheck(12)
    async for check in check_log(access, TOPICS):
        pass
    report = check.report()
    seconds = perf_counter() - begun
    print(
        orjson.dumps(
            {
                "ok": report["ok"],
                "events": report["events"],
                "seconds": seconds,
                "processor_seconds": processor_seconds(os.getpid()),
            }
        ).decode()
    )


if __name__ == "__main__":
    asyncio.run(main())
