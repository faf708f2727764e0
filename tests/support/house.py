"""Services side by side in one process: real deciders, plans, store documents and HTTP; Kafka is a list of bytes.

`settle` hands everything published to whoever reads it, until nothing moves. Time stands still unless moved.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson

from owlbus.tokens import Issuer
from shared.engine.aggregate import Deciders, key_of
from shared.engine.asking import Asking
from shared.engine.inputs import Answer, Call, Due, Held, Input, Redrive, read_record, wanted
from shared.engine.message import Actor
from shared.engine.partition import partition_of
from shared.engine.plan import plan
from shared.runtime.engine_port import Report
from shared.runtime.http import build_app
from shared.runtime.preview import preview
from shared.runtime.projector import Projector
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.runtime.store.memory import MemoryStore
from shared.runtime.store.protocol import Write
from shared.runtime.telemetry import Metrics
from tests.support.given import NOON
from tests.support.unrepaired import Unrepaired

PARTITIONS = 3
Topics = dict[tuple[str, int], list[bytes]]


class StandingClock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        """The moment it stands at."""
        return self.time


class Room:
    """One service: implements the HTTP edge's `Engine` on a store in memory."""

    partitions = PARTITIONS

    def __init__(self, service: Service, topics: Topics, clock: StandingClock) -> None:
        self.service = service.name
        self.deciders: Deciders = service.deciders
        self.reader = MemoryStore()
        self.clock = clock
        self._contents = service
        self._topics = topics
        self._turn = asyncio.Lock()
        self._ends: dict[int, int] = {}

    async def open(self) -> None:
        """Make the store."""
        await self.reader.prepare(self._contents.layout(PARTITIONS))
        self._projector = Projector(
            self, self.reader, self._contents.projections, self._contents.followers, lambda: self._ends
        )

    async def execute(self, call: Call) -> Answer:
        """See `Engine`."""
        answers = await self._take(partition_of(key_of(call.id), PARTITIONS), call)
        return answers[0]

    async def preview(self, calls: Sequence[Call]) -> list[Answer]:
        """See `Engine`."""
        return await preview(self.deciders, self.reader, PARTITIONS, calls)

    async def redrive(self, key: str, actor: Actor) -> Answer:
        """See `Engine`."""
        answers = await self._take(partition_of(key, PARTITIONS), Redrive(key, actor, self.clock.now()))
        return answers[0]

    async def advance(self) -> bool:
        """Take the next record of each topic and partition, and what is due. False where there was nothing."""
        moved = False
        for number in range(PARTITIONS):
            offsets = (await self.reader.partitions([number]))[number].offsets
            for topic in self._contents.topics:
                offset, records = offsets.get(topic, 0), self._topics.get((topic, number), [])
                if offset < len(records):
                    moved = True
                    await self._take(
                        number, read_record(self.deciders, topic, offset, records[offset], self.clock.now())
                    )
            for due in await self.reader.due([number], self.clock.now()):
                moved = True
                await self._take(number, Due(self.deciders.by_name[due.aggregate], due.id, self.clock.now()))
        return moved or await self._projector.step()

    async def compute(self) -> bool:
        """Do what the states ask for, without workers. False where nothing is asked."""
        moved = False
        for computation in self._contents.computations:
            page = await self.reader.find(computation.aggregate, {"asked.name": computation.name}, limit=200)
            for state in (stored.state for stored in page.items):
                assert isinstance(state, Asking)
                ask = state.ask(computation.name)
                assert ask is not None
                finding = computation.compute(await computation.gather(self.reader, state, ask))
                answer = await self.execute(computation.call(self.service, state.id, ask, finding, self.clock))
                assert not answer.code, f"{computation.name} of {state.id} was refused: {answer}"
                moved = True
        return moved

    async def _take(self, number: int, item: Input) -> Sequence[Answer]:
        async with self._turn:
            return await self._decide(number, item)

    async def _decide(self, number: int, item: Input) -> Sequence[Answer]:
        partition = (await self.reader.partitions([number]))[number]
        states = await self.reader.states(sorted(wanted(self.deciders, item)))
        ids = [item.command_id] if isinstance(item, Call) else []
        outcome = plan(self.deciders, partition, states, await self.reader.commands(ids), [item])
        outcome.partition.token = str(uuid4())
        await self.reader.commit([Write(outcome, partition.token)])
        self._ends[number] = outcome.partition.sequence
        for entry in outcome.entries:
            self._topics.setdefault((entry.topic, entry.destination), []).append(entry.value)
        return [answer for _, answer in outcome.answers]

    @property
    def repairs(self) -> "Unrepaired":
        """Nothing here is ever repaired."""
        return Unrepaired()

    async def held(self, partition: int, key: str | None = None, *, limit: int = 200) -> tuple[Held, ...]:
        """See `Engine`."""
        return await self.reader.held(partition, key, limit=limit)

    def owns(self, partition: int) -> bool:
        """See `Engine`."""
        return True

    async def owner(self, partition: int) -> str | None:
        """See `Engine`."""
        return None

    def stale(self, partition: int) -> bool:
        """See `Engine`."""
        return False

    def live(self) -> Report:
        """See `Engine`."""
        return Report(True)

    def ready(self) -> Report:
        """See `Engine`."""
        return Report(True)


class House:
    """Some services, their HTTP, and the topics between them."""

    def __init__(self, directory: Path, *services: Service) -> None:
        self.clock = StandingClock()
        self.topics: Topics = {}
        self.rooms = {service.name: Room(service, self.topics, self.clock) for service in services}
        self.issuer = Issuer(directory)
        settings = Settings.read({"OWLBUS_ISSUER_JWKS": str(self.issuer.jwks)})
        self.apps = {
            service.name: build_app(
                self.rooms[service.name],
                [service.router],
                settings,
                metrics=Metrics(service.name),
                texts=service.texts,
            )
            for service in services
        }

    async def open(self) -> "House":
        """Make the stores."""
        for room in self.rooms.values():
            await room.open()
        return self

    async def settle(self) -> None:
        """Until nothing moves. AssertionError where something was set aside."""
        rooms = self.rooms.values()
        while any([await room.advance() for room in rooms]) or any([await room.compute() for room in rooms]):
            pass
        for room in self.rooms.values():
            held = [one for number in range(PARTITIONS) for one in await room.held(number)]
            assert not held, f"{room.service} set aside {[one.reason for one in held]}"

    async def ask(
        self, actor: Actor, method: str, path: str, body: Any = None, *, service: str = "ideas", **headers: str
    ) -> httpx.Response:
        """One request by a person in a role."""
        token = self.issuer.mint(actor.id, [actor.role], actor.department)
        sent = {
            "Authorization": f"Bearer {token}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.apps[service]), base_url="http://house"
        ) as client:
            return await client.request(method, path, json=body, headers=sent)

    async def send_lines(
        self, actor: Actor, path: str, content: bytes | Iterable[dict[str, Any]], *, service: str = "ideas"
    ) -> list[Any]:
        """One bulk request, settled; its answers line by line."""
        if not isinstance(content, bytes):
            content = b"".join(orjson.dumps(line, default=str) + b"\n" for line in content)
        token = self.issuer.mint(actor.id, [actor.role], actor.department)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.apps[service]), base_url="http://house"
        ) as client:
            answer = await client.post(path, content=content, headers=headers)
        assert answer.status_code == 200, answer.text
        await self.settle()
        return [orjson.loads(line) for line in answer.content.splitlines()]

    async def must(self, actor: Actor, method: str, path: str, body: Any = None, *, service: str = "ideas") -> Any:
        """One request that succeeds, settled; its body."""
        answer = await self.ask(actor, method, path, body, service=service)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        await self.settle()
        return answer.json()
