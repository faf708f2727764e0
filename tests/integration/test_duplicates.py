"""What reads alike is found by a service on real servers, and after a restart without reading the log anew."""

from pathlib import Path
from typing import Any, cast

import pytest

from deploy.embedded.stack import Stack
from services.ideas.domain import IDEA
from services.ideas.duplicates import AT_RECEIPT, INDEX
from services.ideas.service import SERVICE as IDEAS
from shared.engine.partition import partition_of
from shared.runtime.machine import Machine
from shared.runtime.store.mongo import MongoStore
from tests.support.machines import House, house_of
from tests.support.replica import until
from tests.unit.ideas.support import LEAD, RECEIVER, SEOUL, authors, submission

pytestmark = pytest.mark.integration

TEXT = "막차가 끊긴 뒤 새벽에 일하러 가는 시민이 택시 말고는 탈 것이 없으므로 심야 통화량으로 노선을 그린다. " * 2


async def received(house: House, machine: Machine) -> str:
    sections = dict.fromkeys(submission(SEOUL).sections, TEXT)
    body = submission(SEOUL, sections=sections, authors=authors(), submitted_on=None).model_dump(mode="json")
    made = await house.ask(machine, LEAD, "POST", "/ideas", body)
    assert made.status_code == 201, made.text
    answer = await house.ask(machine, RECEIVER, "POST", f"/ideas/{made.json()['id']}/receipt", {})
    assert answer.status_code == 200, answer.text
    return str(made.json()["id"])


async def alike(machine: Machine, idea_id: str) -> set[str]:
    stored = await machine.reader.state(IDEA, idea_id)
    assert stored is not None
    return {one["idea_id"] for one in stored.state.model_dump(mode="json")["alike"]}


async def test_ideas_that_read_alike_are_told_before_and_after_a_restart(servers: Stack, tmp_path: Path) -> None:
    async with house_of(servers, tmp_path, IDEAS) as house:
        machine = await house.machine()
        first, second = await received(house, machine), await received(house, machine)

        async def found() -> bool:
            return first in await alike(machine, second) and second in await alike(machine, first)

        await until(found, "both were received on one day, and both are told")
        await machine.stop()
        again = await house.machine("b")
        third = await received(house, again)

        async def found_again() -> bool:
            return {first, second} <= await alike(again, third)

        await until(found_again, "what was indexed before is found")
        store = cast(MongoStore, cast(Any, again)._store)
        for name in (INDEX.name, AT_RECEIPT.name):
            number = partition_of(first, again.partitions)
            assert (await store.progress(name, [number]))[number] > 0
