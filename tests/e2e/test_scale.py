"""Several replicas of one service: partitions move, every replica gives the same answers, also to bulk requests."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any, Self

import httpx
import orjson
import pytest

from owlbus.client import until
from owlbus.fleet import Fleet, Replica
from owlbus.stack import running

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

SETTINGS = {"KAFKA_SESSION_TIMEOUT_MS": "6000", "OWLBUS_FORWARD_TIMEOUT_SECONDS": "5"}
"""A slow machine is no reason here to decide what another replica owns."""

LINES = 700
IDEAS = 60


def _idea(number: int, **more: Any) -> dict[str, Any]:
    return {
        "pack": "open-call",
        "kind": "create",
        "department": "plaza",
        "title": f"제안 {number}",
        "sections": {"content": "글"},
        "authors": [{"person_id": f"p-{number}", "share": "100"}],
        **more,
    }


def _line(number: int) -> dict[str, Any]:
    imported = {"submitted_on": "2024-03-01", "source": "elsewhere", "source_id": str(number)}
    return _idea(number, key=f"line-{number}", **imported)


class Office:
    """The office, asking one replica at a time."""

    def __init__(self, fleet: Fleet) -> None:
        token = fleet.issuer.mint("receiver-1", ["receiver"])
        self.client = httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60.0, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()

    async def owned(self, replica: Replica) -> set[int]:
        return set((await replica.health(self.client)).get("details", {}).get("owned", ()))

    async def imported(self, replica: Replica) -> list[dict[str, Any]]:
        content = b"\n".join(orjson.dumps(_line(number)) for number in range(LINES))
        answer = await self.client.post(
            f"{replica.url}/ideas/imports", content=content, headers={"Content-Type": "application/x-ndjson"}
        )
        assert answer.status_code == 200, answer.text
        return [orjson.loads(line) for line in answer.content.splitlines()]

    async def submitted(self, replica: Replica, number: int) -> dict[str, Any]:
        answer = await self.client.post(
            f"{replica.url}/ideas", json=_idea(number), headers={"Idempotency-Key": f"idea-{number}"}
        )
        assert answer.status_code == 201, answer.text
        return answer.json() | {"etag": answer.headers["ETag"]}

    async def shown(self, replica: Replica, id: str) -> tuple[str, Any]:
        answer = await self.client.get(f"{replica.url}/ideas/{id}")
        assert answer.status_code == 200, answer.text
        return answer.headers["ETag"], answer.json()

    async def figure(self, replica: Replica, name: str) -> float:
        text = (await self.client.get(f"{replica.url}/metrics")).text
        return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(f"{name}_total"))


async def _shared(office: Office, replicas: list[Replica]) -> None:
    async def each_owns_some() -> bool:
        owned = [await office.owned(replica) for replica in replicas]
        return all(owned) and sum(map(len, owned)) == 12 and len(set[int]().union(*owned)) == 12

    await until(each_owns_some, f"{len(replicas)} replicas share the partitions", seconds=90)


async def test_three_replicas_answer_as_one(tmp_path: Path) -> None:
    async with running(tmp_path, settings=SETTINGS) as (_, fleet), Office(fleet) as office:
        replicas = fleet.of("ideas")
        for _ in range(2):
            fleet.add("ideas").start()
            replicas = fleet.of("ideas")
            await _shared(office, replicas)

        first = [await office.submitted(replicas[n % 3], n) for n in range(IDEAS)]
        for turn in (1, 2):
            again = await asyncio.gather(*(office.submitted(replicas[(n + turn) % 3], n) for n in range(IDEAS)))
            assert again == first
        for idea in first[:12]:
            assert len({str(await office.shown(replica, idea["id"])) for replica in replicas}) == 1

        before = [await office.figure(replica, "owlbus_events") for replica in replicas]
        answers = await office.imported(replicas[0])
        assert [one["line"] for one in answers] == list(range(1, LINES + 1))
        assert Counter(one["outcome"] for one in answers) == {"done": LINES}
        decided = [
            await office.figure(replica, "owlbus_events") - past for replica, past in zip(replicas, before, strict=True)
        ]
        assert all(count > LINES / 10 for count in decided), f"events by replica: {decided}"
        for replica in replicas[1:]:
            assert Counter(one["outcome"] for one in await office.imported(replica)) == {"known": LINES}
        await fleet.drained()
