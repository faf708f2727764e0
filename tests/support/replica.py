"""Replicas of the made-up service as processes, a load on them, and the oracle that counts what came of it."""

import asyncio
import os
import signal
import sys
from collections import Counter as Multiset
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from aiokafka import TopicPartition

from deploy.embedded.process import Guarded, free_port, tail
from owlbus.fleet import Servers
from shared.engine.chain import ChainCheck
from shared.engine.envelope import decode
from shared.runtime.kafka.access import Access, create_topics
from shared.runtime.settings import Settings
from tests.support.counter_app import SERVICE

ROOT = Path(__file__).resolve().parents[2]
HEADERS = {"X-Owlbus-Person": "p-1", "X-Owlbus-Roles": "author"}
COUNTERS, TALLIES = 8, 5


async def until(condition: Callable[[], Awaitable[bool]], what: str, seconds: float = 60.0) -> None:
    """Wait for a condition; AssertionError where it does not come about in time."""
    try:
        async with asyncio.timeout(seconds):
            while not await condition():
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"{what}: not within {seconds} s") from None


def environment(stack: Servers, instance: str, port: int, **more: str) -> dict[str, str]:
    """What a replica is told."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "OWLBUS_ENVIRONMENT": "development",
        "OWLBUS_INSECURE_NO_ISSUER": "true",
        "OWLBUS_INSTANCE": instance,
        "OWLBUS_HTTP_PORT": str(port),
        "KAFKA_BOOTSTRAP_SERVERS": stack.bootstrap,
        "KAFKA_SESSION_TIMEOUT_MS": "2000",
        "MONGODB_URI": stack.mongo_uri,
        **more,
    }


def access(stack: Servers) -> Access:
    """The test's own way to Kafka."""
    return Access(Settings.read(environment(stack, "oracle", 1)), "oracle")


@dataclass
class Replica:
    """One process; `start` again after a kill keeps instance id and port. `module` is what runs."""

    stack: Servers
    directory: Path
    instance: str
    port: int = field(default_factory=free_port)
    process: Guarded | None = None
    module: str = "tests.support.counter_app"

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What it printed."""
        return self.directory / f"{self.instance}.log"

    def start(self, **more: str) -> None:
        """Start the process."""
        command = [sys.executable, "-m", self.module]
        self.process = Guarded(command, self.log, environment(self.stack, self.instance, self.port, **more), 10.0)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.signal(number)

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        self.process.kill()

    def stop(self) -> None:
        """End it in order."""
        if self.process is not None:
            self.process.stop()

    async def died(self) -> None:
        """Wait until the process has ended by itself."""
        process = self.process
        assert process is not None

        async def dead() -> bool:
            return not process.alive

        await until(dead, f"{self.instance} ends by itself\n{tail(self.log)}")

    async def ready(self, owning: int = 1) -> None:
        """Wait until it serves, with Kafka, and owns so many partitions at least."""
        async with httpx.AsyncClient() as client:

            async def ok() -> bool:
                try:
                    body = (await client.get(f"{self.url}/health/ready")).json()
                except (httpx.HTTPError, ValueError):
                    return False
                return body["status"] == "ok" and len(body["details"]["owned"]) >= owning

            try:
                await until(ok, f"{self.instance} is ready")
            except AssertionError as error:
                raise AssertionError(f"{error}\n{tail(self.log)}") from None


@dataclass
class Load:
    """Adds with unique tags, each repeated under its own key until it is answered: every one must take effect once.

    Answers of the statuses in `patient` are waited out, too.
    """

    urls: list[str]
    patient: tuple[int, ...] = ()
    accepted: list[str] = field(default_factory=list[str])
    failures: list[str] = field(default_factory=list[str])
    sent: int = 0
    _going: bool = True

    async def run(self, workers: int = 8) -> None:
        """Until `stop`."""
        async with httpx.AsyncClient(headers=HEADERS, timeout=2.0) as client:
            await asyncio.gather(*(self._worker(client, w) for w in range(workers)))

    def stop(self) -> None:
        """Send nothing new; what is under way is brought to its end."""
        self._going = False

    async def _worker(self, client: httpx.AsyncClient, worker: int) -> None:
        while self._going:
            self.sent += 1
            number = self.sent
            tag = f"r{number}"
            body = {"amount": 1, "tag": tag, "tally": f"t{number % TALLIES}"}
            attempt = 0
            while not await self._accepted(client, number + attempt, f"c{number % COUNTERS}", body):
                attempt += 1
                await asyncio.sleep(0.05)
            self.accepted.append(tag)

    async def _accepted(self, client: httpx.AsyncClient, turn: int, counter: str, body: dict[str, Any]) -> bool:
        url = self.urls[turn % len(self.urls)]
        try:
            answer = await client.post(
                f"{url}/counters/{counter}/additions", json=body, headers={"Idempotency-Key": body["tag"]}
            )
        except httpx.HTTPError:
            return False
        if answer.status_code not in (200, 503, *self.patient):
            self.failures.append(f"{answer.status_code} {answer.text}")
        return answer.status_code == 200

    async def grows(self, by: int, seconds: float = 60.0) -> None:
        """Wait until so many more were accepted."""
        goal = len(self.accepted) + by

        async def reached() -> bool:
            assert not self.failures, self.failures[:3]
            return len(self.accepted) >= goal

        await until(reached, f"{by} more accepted", seconds)


async def prepare(stack: Servers) -> None:
    """Create the made-up service's topics."""
    await create_topics(access(stack), SERVICE.topics, 12)


async def _tags(client: httpx.AsyncClient, prefix: str, count: int) -> Multiset[str]:
    found: Multiset[str] = Multiset()
    for i in range(count):
        answer = await client.get(f"{prefix}{i}")
        assert answer.status_code in (200, 404), answer.text
        if answer.status_code == 200:
            found.update(answer.json()["tags"])
    return found


async def expect_exactly_once(url: str, accepted: list[str], *, also_tallied: Sequence[str] = ()) -> None:
    """Every accepted request took effect once at both stages; nothing else did, but what was `also_tallied`."""
    async with httpx.AsyncClient(headers=HEADERS, timeout=10.0) as client:
        counters = await _tags(client, f"{url}/counters/c", COUNTERS)
        wanted = Multiset(accepted)
        assert counters == wanted, _difference(wanted, counters)

        wanted = wanted + Multiset(also_tallied)

        async def drained() -> bool:
            return (await _tags(client, f"{url}/tallies/t", TALLIES)).total() >= wanted.total()

        await until(drained, "the tallies have heard of everything")
        tallies = await _tags(client, f"{url}/tallies/t", TALLIES)
        assert tallies == wanted, _difference(wanted, tallies)


def _difference(wanted: Multiset[str], found: Multiset[str]) -> str:
    return f"of {wanted.total()} lost {sorted(wanted - found)[:20]}, doubled {sorted(found - wanted)[:20]}"


async def expect_clean_chains(stack: Servers) -> ChainCheck:
    """Everything that Kafka holds of the made-up service chains without a fault."""
    check = await read_topics(access(stack), SERVICE.own_topics)
    assert check.faults() == ()
    return check


async def read_topics(way: Access, topics: tuple[str, ...]) -> ChainCheck:
    """Read topics from beginning to end."""
    check = ChainCheck()
    reader: Any = way.reader()
    await reader.start()
    try:
        places = [TopicPartition(topic, p) for topic in topics for p in range(12)]
        reader.assign(places)
        ends: dict[TopicPartition, int] = await reader.end_offsets(places)
        while [place for place, end in ends.items() if await reader.position(place) < end]:
            batches: dict[TopicPartition, list[Any]] = await reader.getmany(timeout_ms=200)
            for records in batches.values():
                for record in records:
                    check.add(record.topic, decode(record.value), record.value)
    finally:
        await reader.stop()
    return check
