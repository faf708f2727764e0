"""The auditor's check of the whole log: from the topics, and from an export of them.

OWLBUS_… python -m benchmarks.verify FILE        checks the topics, then their export to FILE
"""

import asyncio
import os
import sys
from pathlib import Path
from time import perf_counter

from benchmarks.bench import Bench, hand_back
from benchmarks.machine import processor_seconds
from owlbus.audit.check import check_log
from owlbus.audit.export import check_export, write_export
from owlbus.fleet import TOPICS
from shared.runtime.kafka.access import Access
from shared.runtime.memory import keep_freed_memory
from shared.runtime.settings import Settings


async def run(bench: Bench) -> None:
    """Check what the parts before have left in the topics, there and in a file."""
    environment = bench.fleet.environment("ideas", "bench-verify", 1)
    found = await bench.child("benchmarks.verify", str(bench.directory / "log"), **environment)
    for source in ("topics", "export"):
        bench.results.figures[f"verify_{source}_events_per_s"] = found["events"] / found[f"{source}_seconds"]
        bench.say(f"verify from {source}: {found['events']:,} events in {found[f'{source}_seconds']:.2f} s")
    bench.results.facts["verify"] = found


async def main(file: Path) -> None:
    """Check the topics, export them, check the export; hand back."""
    keep_freed_memory()
    access = Access(Settings.read(os.environ), "bench-verify")
    begun, used = perf_counter(), processor_seconds(os.getpid())
    checks = [check async for check in check_log(access, TOPICS)]
    report = checks[-1].report()
    topics, topics_used = perf_counter() - begun, processor_seconds(os.getpid()) - used
    await write_export(file, access, TOPICS)
    begun, used = perf_counter(), processor_seconds(os.getpid())
    again = check_export(file).report()
    assert report["ok"] and report == again, again
    hand_back(
        events=report["events"],
        topics_seconds=topics,
        topics_processor_seconds=topics_used,
        export_seconds=perf_counter() - begun,
        export_processor_seconds=processor_seconds(os.getpid()) - used,
        export_bytes=file.stat().st_size,
    )


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
