"""The whole line while services are killed: every petition arrives once, and log and services agree in the end."""

import asyncio
import io
import random
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from owlbus.client import until
from owlbus.demo import data, petitions
from owlbus.demo.account import Account
from owlbus.demo.crew import Crew, Days
from owlbus.demo.gather import gather
from owlbus.demo.petitions import Petition
from owlbus.demo.progress import Show
from owlbus.fleet import SERVICES, Fleet, Replica
from owlbus.stack import running
from shared.intake.take import Line, Place
from tests.support.cli import processes_of

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

IDEAS = 200
KILLS = 8


def made_up(count: int) -> list[Petition]:
    return [Petition(Line(Place("made up", n), str(n), _petition(n))) for n in range(count)]


def _petition(number: int) -> dict[str, Any]:
    return {
        "key": str(number),
        "source": "made up",
        "source_id": str(number),
        "pack": petitions.PACK,
        "kind": "create",
        "department": petitions.DEPARTMENT,
        "title": f"청원 {number}",
        "sections": {"content": "글 " * (number % 50)},
        "authors": [{"person_id": f"petitioner-{number}", "share": "100"}],
        "submitted_on": "2019-04-01",
        "received_on": "2019-04-01",
        "endorsements": number * 7 % 101,
    }


async def kill_at_random(fleet: Fleet, chance: random.Random, done: asyncio.Event) -> list[str]:
    """Kill services, each once before any a second time, and bring them back under their own name."""
    killed: list[str] = []
    one_each = [chance.choice(fleet.of(service)) for service in SERVICES]
    chance.shuffle(one_each)
    for replica in [*one_each, *chance.choices(fleet.replicas, k=KILLS - len(one_each))]:
        await asyncio.sleep(chance.uniform(0.2, 1.5))
        if done.is_set() and set(killed) == set(SERVICES):
            break
        replica.kill()
        killed.append(replica.service)
        await asyncio.sleep(chance.uniform(0.0, 0.5))
        replica.start()
        await replica.ready()
    return killed


@pytest.mark.parametrize("seed", [1])
async def test_killed_services_lose_nothing_and_double_nothing(tmp_path: Path, seed: int) -> None:
    quiet = Console(file=io.StringIO())
    account = Account("import", "under kills")
    async with running(tmp_path, settings={"KAFKA_SESSION_TIMEOUT_MS": "6000"}) as (_, fleet):
        fleet.add("ideas").start()
        await fleet.ready()
        done = asyncio.Event()
        async with fleet.api() as api:
            crew = Crew(api, data.cast())
            killing = asyncio.create_task(kill_at_random(fleet, random.Random(seed), done))
            featured = await petitions.scenario(made_up(IDEAS))(crew, Days(fleet.clock), Show(quiet), account)
            done.set()
            killed = await killing
            await fleet.ready()
            await fleet.drained()
            await gather(account, crew, fleet.access, featured)
    assert account.fault_list == []
    assert account.ideas == account.funnel["decided"] == IDEAS
    assert account.funnel["adopted"] == petitions.ADOPTED
    assert account.log["types"]["ideas.IdeaSubmitted"] == account.log["types"]["evaluation.IdeaEvaluated"] == IDEAS
    assert set(killed) == set(SERVICES), killed
    assert processes_of(tmp_path) == []


async def test_two_replicas_share_a_service_and_one_goes_on_alone(tmp_path: Path) -> None:
    async with running(tmp_path, settings={"KAFKA_SESSION_TIMEOUT_MS": "6000"}) as (_, fleet):
        second = fleet.add("ideas")
        second.start()
        await fleet.ready()
        async with httpx.AsyncClient(trust_env=False) as client:

            async def owned(replica: Replica) -> set[int]:
                return set((await replica.health(client)).get("details", {}).get("owned", ()))

            first = fleet.of("ideas")[0]

            async def shared() -> bool:
                return bool(await owned(first)) and bool(await owned(second))

            await until(shared, "both own partitions")
            assert not await owned(first) & await owned(second)
            second.kill()
            since = time.monotonic()

            async def alone() -> bool:
                return len(await owned(first)) == fleet.partitions

            await until(alone, "the other one owns all")
            assert time.monotonic() - since < 30
