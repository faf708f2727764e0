"""Folding every state again from the log, as after a change of `evolve`: how many events a second.

OWLBUS_… python -m benchmarks.rebuild SERVICE        it with another fold number, as a process
"""

import asyncio
import os
import sys
from dataclasses import dataclass, replace
from time import perf_counter

import uvloop

from benchmarks.bench import Bench, hand_back
from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.service import SERVICE as IDEAS
from shared.runtime.machine import Machine
from shared.runtime.memory import keep_freed_memory
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.runtime.store.mongo import MongoStore
from shared.runtime.telemetry import configure_logging


@dataclass(frozen=True)
class Fold:
    """Whose states are folded again, and how the figure is called."""

    service: Service
    aggregate: str
    figure: str


FOLDS = {
    "ideas": Fold(IDEAS, "idea", "rebuild_events_per_s"),
    "evaluation": Fold(EVALUATION, "evaluation", "rebuild_distinct_events_per_s"),
}
"""`ideas` has a log of many events for each idea, `evaluation` one of a single event each, all of which it writes."""


async def ideas(bench: Bench) -> None:
    """Rebuild what `ideas` holds after the rounds with hot keys."""
    await _run(bench, "ideas")


async def evaluation(bench: Bench) -> None:
    """Rebuild what `evaluation` holds after the rounds with distinct keys."""
    await _run(bench, "evaluation")


async def _run(bench: Bench, service: str) -> None:
    environment = bench.fleet.environment(service, f"{service}-0", 1)
    found = await bench.child("benchmarks.rebuild", service, **environment)
    figure = FOLDS[service].figure
    bench.results.figures[figure] = found["events"] / found["seconds"]
    bench.results.facts[figure] = found
    bench.say(f"{figure}: {found['events']:,} events in {found['seconds']:.1f} s")


async def main(fold: Fold) -> None:
    """Start with another fold number, wait until every partition serves again, hand back."""
    keep_freed_memory()
    settings = Settings.read(os.environ)
    configure_logging(fold.service.name, settings.instance, "ERROR")
    aggregates = [
        replace(kind, fold=kind.fold + 1) if kind.name == fold.aggregate else kind for kind in fold.service.aggregates
    ]
    uri, database = settings.mongodb_uri.get_secret_value(), settings.mongodb_database
    store = MongoStore(uri, database, appname=f"{fold.service.name}/{settings.instance}")
    machine = Machine(replace(fold.service, aggregates=aggregates), settings, store, sys.exit)
    await machine.start()
    begun = 0.0
    async with asyncio.timeout(180):
        while len(machine.ready().details["owned"]) < settings.partitions:
            begun = begun or (perf_counter() if machine.ready().details["rebuilding"] else 0.0)
            await asyncio.sleep(0.005)
    seconds = perf_counter() - begun
    documents = await store.partitions(range(settings.partitions))
    await machine.stop()
    hand_back(events=sum(document.sequence for document in documents.values()), seconds=seconds)


if __name__ == "__main__":
    uvloop.run(main(FOLDS[sys.argv[1]]))
