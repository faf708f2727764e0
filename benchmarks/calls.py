"""A service's machine in this process, given commands by 50 clients without HTTP; prints what it did as JSON.

OWLBUS_… python -m benchmarks.calls SECONDS
"""

import asyncio
import os
import sys
from itertools import count
from time import perf_counter

import uvloop

from benchmarks.bench import hand_back
from benchmarks.conversation import Step, steps
from benchmarks.machine import processor_seconds
from services.ideas.domain import IDEA, VOTE
from services.ideas.domain.commands import ReceiveIdea, SubmitIdea
from services.ideas.domain.vote import CastVote
from services.ideas.service import SERVICE
from shared.engine.aggregate import Aggregate
from shared.engine.inputs import Call
from shared.engine.message import Actor, Command
from shared.runtime.machine import Machine
from shared.runtime.memory import keep_freed_memory
from shared.runtime.settings import Settings
from shared.runtime.start import collect_seldom
from shared.runtime.store.mongo import MongoStore
from shared.runtime.telemetry import configure_logging

CLIENTS = 50
WARM_SECONDS = 2.0


class Clients:
    """So many callers, each with one command under way. `took` are seconds, in the order of answers."""

    def __init__(self, machine: Machine) -> None:
        self.took: list[float] = []
        self.going = True
        self._machine = machine
        self._ids = count()

    async def run(self, client: int) -> None:
        """One client, idea by idea."""
        while self.going:
            idea = f"call-{client}-{next(self._ids)}"
            for step in steps(client):
                aggregate, id, command = _command(idea, step)
                begun = perf_counter()
                actor = Actor(step.person, step.role, step.department)
                key = f"{idea}-{step.person}"
                call = Call(key, key, aggregate, id, command, actor, self._machine.clock.now())
                answer = await self._machine.execute(call)
                assert not answer.code, answer
                self.took.append(perf_counter() - begun)


def _command(idea: str, step: Step) -> tuple[Aggregate, str, Command]:
    if step.method == "PUT":
        return VOTE, f"{idea}/{step.person}", CastVote.model_validate(step.body)
    if step.path == "/ideas":
        return IDEA, idea, SubmitIdea.model_validate(step.body)
    return IDEA, idea, ReceiveIdea.model_validate(step.body)


async def main(seconds: float) -> None:
    """Warm up, measure, print."""
    keep_freed_memory()
    settings = Settings.read(os.environ)
    configure_logging(SERVICE.name, settings.instance, "ERROR")
    uri, database = settings.mongodb_uri.get_secret_value(), settings.mongodb_database
    store = MongoStore(uri, database, appname=f"ideas/{settings.instance}")
    machine = Machine(SERVICE, settings, store, sys.exit)
    await machine.start()
    async with asyncio.timeout(60):
        while len(machine.ready().details["owned"]) < settings.partitions:
            await asyncio.sleep(0.05)
    collect_seldom()
    clients = Clients(machine)
    tasks = [asyncio.create_task(clients.run(number)) for number in range(CLIENTS)]
    await asyncio.sleep(WARM_SECONDS)
    first, begun, used = len(clients.took), perf_counter(), processor_seconds(os.getpid())
    await asyncio.sleep(seconds)
    lasted, took = perf_counter() - begun, sorted(clients.took[first:])
    used = processor_seconds(os.getpid()) - used
    clients.going = False
    await asyncio.gather(*tasks)
    await machine.stop()
    hand_back(
        per_s=len(took) / lasted,
        p50_ms=1000 * took[len(took) // 2],
        p99_ms=1000 * took[int(0.99 * len(took))],
        processors=used / lasted,
    )


if __name__ == "__main__":
    uvloop.run(main(float(sys.argv[1])))
