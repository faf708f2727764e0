"""Long computations on real servers: killed in the middle, moved to another replica, dropped; each answer once."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.embedded.stack import Stack
from shared.runtime.kafka.access import create_topics
from tests.support.replica import HEADERS, Replica, access, until
from tests.support.riddles_app import SERVICE

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]


def running(traces: Path) -> list[Path]:
    """The workers that have begun and have not ended."""
    return [trace for trace in traces.iterdir() if Path(f"/proc/{trace.name}").exists()]


class Asker:
    """Somebody who asks riddles, of whichever replica answers."""

    def __init__(self, client: httpx.AsyncClient, replicas: list[Replica], traces: Path) -> None:
        self.client, self.replicas, self.traces = client, replicas, traces

    async def ask(self, id: str, number: int, seconds: float) -> None:
        """Ask, and wait until somebody computes."""
        begun = len(list(self.traces.iterdir()))
        body = {"number": number, "seconds": seconds, "traces": str(self.traces)}
        answer = await self.client.post(f"{self.replicas[0].url}/riddles/{id}", json=body)
        assert answer.status_code == 200, answer.text
        await self.begins(begun + 1)

    async def wish(self, id: str, number: int) -> None:
        """Ask under one key until somebody has taken it."""

        async def taken() -> bool:
            try:
                answer = await self.client.post(
                    f"{self.replicas[0].url}/riddles/{id}", json={"number": number}, headers={"Idempotency-Key": id}
                )
            except httpx.HTTPError:
                return False
            return answer.status_code == 200

        await until(taken, f"{id} is asked")

    async def begins(self, count: int) -> None:
        """Wait until so many workers have begun in all."""

        async def enough() -> bool:
            return len(list(self.traces.iterdir())) >= count

        await until(enough, f"{count} workers have begun")

    async def riddle(self, id: str) -> Any:
        """What is known of it."""
        for replica in self.replicas:
            try:
                answer = await self.client.get(f"{replica.url}/riddles/{id}")
            except httpx.HTTPError:
                continue
            if answer.status_code == 200:
                return answer.json()
        return {"answers": None}

    async def answered(self, id: str, *answers: int) -> None:
        """Wait until exactly these were recorded, and nothing is asked any more."""

        async def known() -> bool:
            return (await self.riddle(id))["answers"] == list(answers)

        await until(known, f"{id} is answered with {answers}")
        assert (await self.riddle(id))["asked"] == []


@asynccontextmanager
async def askers(stack: Stack, tmp_path: Path, *instances: str) -> AsyncGenerator[Asker]:
    """Replicas that serve, and somebody who asks them; no worker is left in the end."""
    await create_topics(access(stack), SERVICE.topics, 12)
    traces = tmp_path / "traces"
    traces.mkdir()
    replicas = [Replica(stack, tmp_path, instance, module="tests.support.riddles_app") for instance in instances]
    try:
        for replica in replicas:
            replica.start()
        for replica in replicas:
            await replica.ready()
        async with httpx.AsyncClient(headers=HEADERS, timeout=10.0) as client:
            yield Asker(client, replicas, traces)
    finally:
        for replica in replicas:
            replica.stop()

    async def ended() -> bool:
        return not running(traces)

    await until(ended, "every worker has ended", 10)


async def test_killed_while_computing_and_while_recording_each_answer_is_recorded_once(
    servers: Stack, tmp_path: Path
) -> None:
    async with askers(servers, tmp_path, "a") as asker:
        (replica,) = asker.replicas
        await asker.ask("r1", 6, seconds=3)
        (worker,) = running(asker.traces)
        replica.kill()

        async def gone() -> bool:
            return not Path(f"/proc/{worker.name}").exists()

        await until(gone, "a worker ends with its service", 5)
        replica.start()
        await asker.answered("r1", 42)
        assert len(list(asker.traces.iterdir())) == 2
        for point in ("before_commit", "after_commit", "after_publish"):
            for count in (1, 2):
                # Each commit and publication on the way is met: of the ask, of what comes back, of the answer.
                replica.kill()
                replica.start(OWLBUS_CRASH_AT=f"{point}:{count}")
                asking = asyncio.create_task(asker.wish(f"{point}-{count}", 6))
                await replica.died()
                replica.start()
                await asking
                await asker.answered(f"{point}-{count}", 42)


async def test_the_next_owner_computes_what_the_last_one_began(servers: Stack, tmp_path: Path) -> None:
    async with askers(servers, tmp_path, "a", "b") as asker:
        for n in range(6):
            await asker.ask(f"r{n}", n, seconds=0.5)
        for n in range(6):
            await asker.answered(f"r{n}", 7 * n)
        begun = len(list(asker.traces.iterdir()))
        assert begun == 6, "each by one owner, while nobody dies"
        await asker.ask("last", 6, seconds=20)
        for replica in list(asker.replicas):
            replica.kill()
            asker.replicas.remove(replica)
            if not asker.replicas:
                break
            await asker.replicas[0].ready(owning=12)
            if len(list(asker.traces.iterdir())) > begun + 1:
                break
            # It was not this one's: it goes on with the other, which is then killed instead.
            replica.start()
            asker.replicas.append(replica)
        await asker.begins(begun + 2)
        await asker.client.post(f"{asker.replicas[0].url}/riddles/last/end", json={})

        async def dropped() -> bool:
            return not running(asker.traces)

        await until(dropped, "what nobody wants is ended", 10)
        assert (await asker.riddle("last"))["answers"] == []
