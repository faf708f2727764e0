"""Folding every state again from the log, as after a change of `evolve`: how many events a second.

OWLBUS_… python -m benchmarks.rebuild        the service with another fold number, as a process; prints JSON
"""

import asyncio
import os
import sys
from dataclasses import replace
from time import perf_counter

import uvloop

from benchmarks.bench import Bench, hand_back
from services.evaluation.service import SERVICE
from shared.runtime.machine import Machine
from shared.runtime.mailbox import Standing
from shared.runtime.settings import Settings
from shared.runtime.store.mongo import MongoStore
from shared.runtime.telemetry import configure_logging


async def run(bench: Bench) -> None:
    """Rebuild what `evaluation` holds after the rounds of its stage."""
    environment = bench.fleet.environment("evaluation", "evaluation-0", 1)
    found = await bench.child("benchmarks.rebuild", **environment)
    bench.results.figures["rebuild_events_per_s"] = found["events"] / found["seconds"]
    bench.results.facts["rebuild"] = found
    bench.say(f"rebuild: {found['events']:,} events in {found['seconds']:.1f} s")


async def main() -> None:
    """Start, wait until every partition serves again, print."""
    settings = Settings.read(os.environ)
    configure_logging(SERVICE.name, settings.instance, "ERROR")
    aggregates = [replace(kind, fold=kind.fold + 1) for kind in SERVICE.aggregates]
    uri, database = settings.mongodb_uri.get_secret_value(), settings.mongodb_database
    store = MongoStore(uri, database, appname=f"evaluation/{settings.instance}")
    machine = Machine(replace(SERVICE, aggregates=aggregates), settings, store, sys.exit)
    await machine.start()
    begun = 0.0
    async with asyncio.timeout(180):
        while len(machine.ready().details["owned"]) < settings.partitions:
            begun = begun or (perf_counter() if machine.ready().details[Standing.REBUILDING.value] else 0.0)
            await asyncio.sleep(0.005)
    seconds = perf_counter() - begun
    documents = await store.partitions(range(settings.partitions))
    events = sum(document.sequence for document in documents.values())
    await machine.stop()
    hand_back(events=events, seconds=seconds)


if __name__ == "__main__":
    uvloop.run(main())
