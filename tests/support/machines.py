"""Machines in this process, on real servers of a test's own."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from deploy.embedded.stack import Stack
from shared.engine.aggregate import Aggregate, derive_id
from shared.engine.inputs import Answer, Call
from shared.engine.message import Actor
from shared.runtime.http import build_app
from shared.runtime.kafka.access import create_topics
from shared.runtime.machine import Machine
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.runtime.store.mongo import MongoStore
from tests.support.counter import COUNTER, TALLY, Add
from tests.support.counter_app import SERVICE
from tests.support.replica import access, environment, until

PERSON = Actor("p-1", "author")
OPERATOR = Actor("o-1", "operator")


class House:
    """Machines of one service, over the same store and Kafka."""

    def __init__(self, stack: Stack, directory: Path, service: Service) -> None:
        self.stack = stack
        self.directory = directory
        self.service = service
        self.failures: list[str] = []
        self._apps: dict[Machine, FastAPI] = {}
        self._open = AsyncExitStack()

    async def machine(
        self,
        instance: str = "a",
        *,
        service: Service | None = None,
        database: str = "",
        joined: bool = True,
        **more: str,
    ) -> Machine:
        """Start one; `joined` waits until it owns something."""
        service = service or self.service
        store = MongoStore(self.stack.mongo_uri, database or f"owlbus_{service.name}", appname=f"test/{instance}")
        settings = Settings.read(environment(self.stack, instance, 1, **more))
        machine = Machine(service, settings, store, self.failures.append)
        await machine.start()
        self._open.push_async_callback(machine.stop)
        if joined:
            await until(lambda: owns(machine, 1), f"{instance} owns something")
        return machine

    async def leave(self) -> None:
        """Stop all. AssertionError where a loop had ended."""
        await self._open.aclose()
        assert not self.failures

    async def ask(
        self, machine: Machine, actor: Actor, method: str, path: str, body: Any = None, **headers: str
    ) -> httpx.Response:
        """One request to a machine's HTTP edge, by a person in a role."""
        app = self._apps.get(machine) or self._edge(machine)
        person = {
            "X-Owlbus-Person": actor.id,
            "X-Owlbus-Roles": actor.role,
            "X-Owlbus-Department": actor.department,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://house") as client:
            return await client.request(method, path, json=body, headers=person)

    def _edge(self, machine: Machine) -> FastAPI:
        app = self._apps[machine] = build_app(
            machine,
            [self.service.router],
            Settings.read(environment(self.stack, "edge", 1)),
            metrics=machine.metrics,
            texts=self.service.texts,
        )
        return app


@asynccontextmanager
async def house_of(stack: Stack, directory: Path, service: Service = SERVICE) -> AsyncGenerator[House]:
    """A house with the topics of `service`."""
    await create_topics(access(stack), service.topics, 12)
    house = House(stack, directory, service)
    try:
        yield house
    finally:
        await house.leave()


async def owns(machine: Machine, count: int) -> bool:
    """Whether it serves so many partitions, with Kafka."""
    return len(machine.ready().details["owned"]) >= count and not machine.ready().degraded


def call(machine: Machine, wish: str, key: str, kind: Aggregate = COUNTER, **fields: Any) -> Call:
    """A command of the made-up service."""
    command = Add(amount=fields.pop("amount", 1), tag=wish, **fields)
    return Call(derive_id(wish), command.model_dump_json(), kind, key, command, PERSON, machine.clock.now())


async def add(machine: Machine, wish: str, key: str = "c0", **fields: Any) -> Answer:
    """Add to a counter."""
    return await machine.execute(call(machine, wish, key, **fields))


async def tags(machine: Machine, kind: Aggregate, id: str) -> list[str]:
    """What an aggregate of the made-up service has heard of."""
    stored = await machine.reader.state(kind, id)
    return list(stored.state.model_dump()["tags"]) if stored else []


def tallied(machine: Machine, id: str, wanted: list[str]) -> Callable[[], Any]:
    """A condition to wait for: a tally has heard of this and nothing else."""

    async def condition() -> bool:
        return await tags(machine, TALLY, id) == wanted

    return condition


async def send(stack: Stack, topic: str, partition: int, *values: bytes) -> None:
    """Write these to a topic, without keys."""
    producer: Any = access(stack).producer()
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(topic, value, partition=partition)
    finally:
        await producer.stop()
