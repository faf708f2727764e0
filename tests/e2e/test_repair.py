"""One person at night: the doctor names what is wrong, and the command that it prints repairs it."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from deploy.embedded.stack import Stack
from owlbus.client import Acting
from owlbus.fleet import SERVICES, Fleet
from owlbus.stack import running
from tests.support.cli import ROOT, environment
from tests.support.drills import Drill, copy_database, lose_kafka
from tests.support.replica import until
from tests.unit.ideas.support import LEAD, submission

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
PACK = "open-call"


def _told(fleet: Fleet, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `owlbus ops` as somebody does who has a token and knows where the services are."""
    urls = {f"OWLBUS_{service.upper()}_URL": ",".join(r.url for r in fleet.of(service)) for service in SERVICES}
    token = fleet.issuer.mint("night", ["operator"])
    tools = {**fleet.environment("ideas", "owlbus-tools", 1), **urls, "OWLBUS_TOKEN": token}
    return subprocess.run(
        [sys.executable, "-m", "owlbus", "ops", *arguments],
        cwd=ROOT,
        env=environment(**tools),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


async def _ops(fleet: Fleet, *arguments: str, code: int = 0) -> Any:
    told = await asyncio.to_thread(_told, fleet, *arguments, "--json")
    assert told.returncode == code, told.stderr + told.stdout
    return json.loads(told.stdout)


async def _findings(fleet: Fleet) -> list[dict[str, Any]]:
    told = await asyncio.to_thread(_told, fleet, "doctor", "--json")
    assert told.returncode in (0, 1), told.stderr
    findings: list[dict[str, Any]] = json.loads(told.stdout)
    assert bool(findings) == bool(told.returncode)
    return findings


async def _named(fleet: Fleet, runbook: str) -> None:
    found: list[dict[str, Any]] = []

    async def named() -> bool:
        found[:] = await _findings(fleet)
        return runbook in {one["runbook"] for one in found}

    try:
        await until(named, f"the doctor names {runbook}", 90)
    except AssertionError as error:
        raise AssertionError(f"{error}, but {found}") from None


async def _repaired_as_told(fleet: Fleet, drill: Drill, runbook: str) -> None:
    """Run what the doctor prints, each command once a visit, until it finds nothing of this kind."""
    async with drill.timed("repair"):
        while findings := [one for one in await _findings(fleet) if one["runbook"] == runbook]:
            for command in dict.fromkeys(part for one in findings for part in one["command"].split(" && ")):
                told = await asyncio.to_thread(_told, fleet, *command.split()[2:])
                assert told.returncode == 0, told.stderr

    async def well() -> bool:
        left[:] = await _findings(fleet)
        return not left

    left: list[dict[str, Any]] = []
    try:
        await until(well, "the doctor finds nothing", 90)
    except AssertionError as error:
        raise AssertionError(f"{error}: {left}") from None


async def _submitted(author: Acting, count: int) -> set[str]:
    body = submission(PACK).model_dump(mode="json")
    return {(await author.post("ideas", "/ideas", body))["id"] for _ in range(count)}


async def _all_there(fleet: Fleet, ids: set[str]) -> dict[str, int]:
    auditor = fleet.api().acting("a-1", "auditor")
    found = [item["id"] for item in await auditor.items("ideas", "/ideas?limit=200")]
    assert len(found) == len(set(found)) and set(found) == ids
    return {"accepted": len(ids), "lost": len(ids - set(found)), "doubled": len(found) - len(set(found))}


async def test_what_the_doctor_prints_repairs_it(tmp_path: Path) -> None:
    if os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        pytest.skip("needs servers of its own, so the embedded ones")
    with patch.dict(os.environ, {"OWLBUS_HOME": str(tmp_path / "nowhere")}):
        async with running(tmp_path) as (stack, fleet):
            assert isinstance(stack, Stack)
            author = fleet.api().acting(LEAD.id, "author", LEAD.department)
            ids = await _submitted(author, 20)
            await fleet.drained()
            assert await _findings(fleet) == []
            rows = await _ops(fleet, "top", "--once")
            assert len(rows) == 48 and {row["standing"] for row in rows} == {"serving"}

            drill = Drill("an older dump of ideas is restored")
            await asyncio.to_thread(copy_database, stack.mongo_uri, "owlbus_ideas", "dump")
            ids |= await _submitted(author, 40)
            await fleet.drained()
            (replica,) = fleet.of("ideas")
            await asyncio.to_thread(replica.stop)
            await asyncio.to_thread(copy_database, stack.mongo_uri, "dump", "owlbus_ideas")
            replica.start()

            await _named(fleet, "older-store")
            await _repaired_as_told(fleet, drill, "older-store")
            drill.tell(**await _all_there(fleet, ids))

            drill = Drill("Kafka's data are lost")
            await asyncio.to_thread(lose_kafka, stack)
            created = await asyncio.to_thread(_told, fleet, "topics", "create")
            assert created.returncode == 0, created.stderr

            await _named(fleet, "topic-truncated")
            await _repaired_as_told(fleet, drill, "topic-truncated")
            ids |= await _submitted(author, 10)
            await fleet.drained()
            drill.tell(**await _all_there(fleet, ids))

            assert (await _ops(fleet, "rebuild", "ideas", "--dry-run"))[0]["differing"] == 0
            assert (await _ops(fleet, "capacity", "--rate", "50"))["mongodb_bytes_a_year"] > 0
            assert await _ops(fleet, "quarantine", "list") == []
