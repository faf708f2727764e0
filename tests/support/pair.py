"""Two made-up services, one of which hears the other, for trying what concerns all services of a deployment at once.

`python -m tests.support.pair TO` is a process that gives them more partitions, as `owlbus ops repartition` does.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from fastapi import APIRouter

from deploy.embedded.stack import Stack
from owlbus.audit.check import LogCheck, check_log
from owlbus.audit.export import check_export, write_export
from owlbus.audit.replay import replay
from owlbus.repair.repartition import Outcome, Repartition
from shared.engine.inputs import Answer
from shared.engine.partition import partition_of
from shared.runtime.clock import MovableClock
from shared.runtime.kafka.access import Access
from shared.runtime.machine import Machine
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.runtime.store.mongo import MongoStore
from shared.runtime.store.readonly import ReadOnlyMongo
from tests.support.counter import COUNTER, TALLY, VAULT
from tests.support.machines import House, add, owns, tags
from tests.support.replica import ROOT, environment, until

TEST = Service("test", [COUNTER, VAULT], APIRouter())
HEARER = Service("hearer", [TALLY], APIRouter())
SERVICES = (TEST, HEARER)
DATABASES = {"test": "owlbus_test", "hearer": "owlbus_hearer"}
TOPICS = [topic for service in SERVICES for topic in service.own_topics]
COUNTERS = [f"c{n}" for n in range(30)]
TALLIES = [f"t{n}" for n in range(15)]
BAD = next(key for n in range(999) if partition_of(key := f"bad{n}", 12) != partition_of(key, 24))


@dataclass
class Pair:
    """Two services on servers of a test's own; `count` is how they are started."""

    stack: Stack
    directory: Path
    count: int = 12
    answers: dict[str, Answer] = field(default_factory=dict[str, Answer])

    @property
    def access(self) -> Access:
        return Access(Settings.read(environment(self.stack, "tools", 1, OWLBUS_PARTITIONS=str(self.count))), "tools")

    @property
    def clock(self) -> MovableClock:
        return MovableClock(self.directory / "clock")

    @asynccontextmanager
    async def running(self, hearer: Service = HEARER) -> AsyncGenerator[tuple[Machine, Machine]]:
        """Both services, each with all of its partitions."""
        house = House(self.stack, self.directory, TEST)
        more = {"OWLBUS_PARTITIONS": str(self.count), "OWLBUS_DEVELOPMENT_CLOCK": str(self.directory / "clock")}
        try:
            first = await house.machine("a", service=TEST, joined=False, **more)
            second = await house.machine("b", service=hearer, joined=False, **more)
            for machine in (first, second):
                await until(lambda it=machine: owns(it, self.count), f"{machine.service} owns everything")
            yield first, second
        finally:
            await house.leave()

    async def load(self, machine: Machine, begin: int, end: int) -> None:
        """Adds with unique tags, each told to a tally of the other service; every seventh has a deadline."""
        due = self.clock.now() + timedelta(days=30)
        wishes = [f"w{n}" for n in range(begin, end)]
        places = {wish: (COUNTERS[n % 30], TALLIES[n % 15]) for n, wish in enumerate(wishes, begin)}
        answers = await asyncio.gather(
            *(
                add(machine, wish, key, tally=tally, due=due if n % 7 == 0 else None)
                for n, (wish, (key, tally)) in enumerate(places.items(), begin)
            )
        )
        assert {answer.code for answer in answers} == {""}
        self.answers |= dict(zip(wishes, answers, strict=True))

    async def counted(self, first: Machine, second: Machine) -> tuple[list[str], list[str]]:
        """The tags at both stages, sorted."""
        counters = [tag for key in COUNTERS for tag in await tags(first, COUNTER, key)]
        tallies = [tag for key in TALLIES for tag in await tags(second, TALLY, key)]
        return sorted(counters), sorted(tallies)

    async def settled(self, first: Machine, second: Machine) -> None:
        """Wait until both stages have heard of every accepted wish, once."""

        async def heard() -> bool:
            return (await self.counted(first, second))[1] == wanted

        wanted = sorted(self.answers)
        await until(heard, "all is heard of, once")
        assert (await self.counted(first, second))[0] == wanted
        await until(lambda: self.drained(first, second), "all is read and published")

    async def refusal(self, count: int) -> str:
        """Why a service does not start that is told `count` partitions."""
        settings = Settings.read(environment(self.stack, "a", 1, OWLBUS_PARTITIONS=str(count)))
        store = MongoStore(self.stack.mongo_uri, DATABASES["test"], appname="test/a")
        try:
            await Machine(TEST, settings, store, print).start()
        except ValueError as error:
            return str(error)
        finally:
            await store.close()
        raise AssertionError("it started")

    def attempt(self, to: int = 24) -> Repartition:
        return _attempt(self.access, to)

    async def drained(self, *machines: Machine) -> bool:
        """Whether nothing is unread and nothing unpublished."""
        for machine in machines:
            inner = cast(Any, machine)
            if not inner._relay.drained() or any(inner._consumer.lags().values()):
                return False
        return True

    def killed_at(self, point: str, to: int) -> int:
        """Run it as a process that is killed at a point; what it ended with."""
        told = environment(self.stack, "tools", 1, OWLBUS_CRASH_AT=point)
        command = [sys.executable, "-m", "tests.support.pair", str(to)]
        return subprocess.run(command, cwd=ROOT, env=told, check=False, timeout=120).returncode

    async def repartitioned(self, to: int = 24) -> Outcome:
        outcome = await self.attempt(to).run(act=True)
        assert outcome.done
        self.count = to
        return outcome

    async def checked(self) -> LogCheck:
        """What `owlbus log verify` says, from the topics and from an export."""
        check = [one async for one in check_log(self.access, TOPICS)][-1]
        assert check.troubles() == (), check.troubles()[:5]
        path = self.directory / "export"
        await write_export(path, self.access, TOPICS)
        exported = check_export(path)
        assert exported.troubles() == () and exported.events == check.events
        return check

    async def replayed(self) -> None:
        """What `owlbus log replay` says of both."""
        for service in SERVICES:
            live = ReadOnlyMongo(self.stack.mongo_uri, DATABASES[service.name])
            report = await replay(service, self.access, live)
            await live.close()
            assert report["ok"], report


def _attempt(access: Access, to: int) -> Repartition:
    return Repartition(access, access.settings.mongodb_uri.get_secret_value(), SERVICES, DATABASES, to, "o-1")


if __name__ == "__main__":
    asyncio.run(_attempt(Access(Settings.read(os.environ), "tools"), int(sys.argv[1])).run(act=True))
