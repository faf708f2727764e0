"""The four services get more partitions by the command that the runbook names, and go on."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded.stack import Stack
from owlbus.errors import OwlbusError
from owlbus.fleet import SERVICES, Fleet
from owlbus.stack import running
from tests.support.cli import owlbus
from tests.unit.ideas.support import LEAD, submission

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
PACK = "open-call"


async def _told(fleet: Fleet, *arguments: str, code: int = 0) -> Any:
    told = {**fleet.environment("ideas", "owlbus-tools", 1), "MONGODB_DATABASE": ""}
    done = await asyncio.to_thread(lambda: owlbus(*arguments, "--json", seconds=200, **told))
    assert done.returncode == code, done.stderr + done.stdout
    return json.loads(done.stdout)


async def _submitted(fleet: Fleet, count: int) -> set[str]:
    author = fleet.api().acting(LEAD.id, "author", LEAD.department)
    body = submission(PACK).model_dump(mode="json")
    return {(await author.post("ideas", "/ideas", body))["id"] for _ in range(count)}


async def _all_there(fleet: Fleet, ids: set[str]) -> None:
    auditor = fleet.api().acting("a-1", "auditor")
    found = [item["id"] for item in await auditor.items("ideas", "/ideas?limit=200")]
    assert len(found) == len(set(found)) and set(found) == ids
    for id in ids:
        history = (await auditor.get("ideas", f"/ideas/{id}/history"))["items"]
        assert [event["version"] for event in history] == list(range(1, len(history) + 1)) and history


async def _alone(fleet: Fleet) -> None:
    """Start ideas and nothing else."""
    (replica,) = fleet.of("ideas")
    replica.start()
    await replica.ready()


async def test_the_four_services_go_on_with_24_partitions(tmp_path: Path) -> None:
    if os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        pytest.skip("needs servers of its own, so the embedded ones")
    async with running(tmp_path) as (stack, old):
        assert isinstance(stack, Stack)
        ids = await _submitted(old, 25)
        await old.drained()
        await asyncio.to_thread(old.stop)
        dry = await _told(old, "ops", "repartition", "--to", "24")
        assert not dry["done"] and {row["differing"] for row in dry["rows"]} == {0}
        done = await _told(old, "ops", "repartition", "--to", "24", "--yes")
        assert done["done"] and {row["differing"] for row in done["rows"]} == {0}
        print("\n", *done["rows"], sep="\n")
        with pytest.raises(OwlbusError, match=r"ideas can't start: .* has 24 partitions, OWLBUS_PARTITIONS says 12"):
            await _alone(old)
        fleet = Fleet(tmp_path, stack, settings={"OWLBUS_PARTITIONS": "24"})
        await fleet.start()
        try:
            ids |= await _submitted(fleet, 25)
            await fleet.drained()
            await _all_there(fleet, ids)
            verified = await _told(fleet, "log", "verify")
            assert verified["ok"] and verified["types"]["engine.Repartitioned"] == 24 * len(SERVICES)
            for service in SERVICES:
                assert (await _told(fleet, "log", "replay", service))["ok"]
        finally:
            await asyncio.to_thread(fleet.stop)
