"""The register of receipts over several replicas: no number twice and none left out, also when one is killed."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from owlbus.client import until
from owlbus.fleet import Fleet, Replica
from owlbus.stack import running

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

SETTINGS = {"KAFKA_SESSION_TIMEOUT_MS": "6000"}
IDEAS = 90


def _idea(number: int) -> dict[str, Any]:
    return {
        "pack": "open-call",
        "kind": "create",
        "department": "plaza",
        "title": f"제안 {number}",
        "sections": {"content": "글"},
        "authors": [{"person_id": f"p-{number}", "share": "100"}],
    }


class Office:
    """The office, which asks any replica and asks again until it has an answer."""

    def __init__(self, client: httpx.AsyncClient, replicas: list[Replica]) -> None:
        self.client = client
        self.replicas = replicas

    async def post(self, path: str, body: Any, key: str) -> Any:
        """The first answer to this wish, whichever replica gives it and however often it takes."""
        for turn in range(600):
            replica = self.replicas[(hash(key) + turn) % len(self.replicas)]
            try:
                answer = await self.client.post(f"{replica.url}{path}", json=body, headers={"Idempotency-Key": key})
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code < 500:
                assert answer.is_success, answer.text
                return answer.json()
            await asyncio.sleep(0.2)
        raise AssertionError(f"{path} was never answered")

    async def shown(self, path: str) -> Any:
        """What the first replica says."""
        answer = await self.client.get(f"{self.replicas[0].url}{path}")
        assert answer.is_success, answer.text
        return answer.json()

    async def received(self, number: int) -> str:
        """An idea that was submitted and received; its id."""
        idea = await self.post("/ideas", _idea(number), f"idea-{number}")
        await self.post(f"/ideas/{idea['id']}/receipt", {}, f"receipt-{number}")
        return str(idea["id"])


def _office(fleet: Fleet, client: httpx.AsyncClient) -> Office:
    return Office(client, list(fleet.of("ideas")))


async def test_receipts_over_replicas_of_which_one_is_killed_are_numbered_without_a_gap(tmp_path: Path) -> None:
    async with running(tmp_path, settings=SETTINGS) as (_, fleet):
        fleet.add("ideas").start()
        token = fleet.issuer.mint("receiver-1", ["receiver"])
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(headers=headers, timeout=20.0, trust_env=False) as client:
            office = _office(fleet, client)
            tasks = [asyncio.create_task(office.received(number)) for number in range(IDEAS)]

            async def some_are_received() -> bool:
                return sum(task.done() for task in tasks) >= IDEAS // 3

            await until(some_are_received, "a third of the receipts", seconds=120)
            killed = office.replicas[1]
            killed.kill()
            killed.start()
            ideas = await asyncio.gather(*tasks)

            async def all_are_numbered() -> bool:
                seen = [await office.shown(f"/ideas/{idea_id}") for idea_id in ideas]
                return all(idea["receipt_number"] for idea in seen)

            await until(all_are_numbered, "every idea has its number", seconds=120)
            seen = [await office.shown(f"/ideas/{idea_id}") for idea_id in ideas]
            [register] = {idea["receipt_number"].rpartition("-")[0] for idea in seen}
            assert sorted(idea["receipt_number"] for idea in seen) == [
                f"{register}-{n:06}" for n in range(1, IDEAS + 1)
            ]
            book = await office.shown(f"/registers/{register}/history?limit=200")
            numbers = [event["data"]["number"] for event in book["items"]]
            assert numbers == list(range(1, IDEAS + 1))
            order = [event["data"]["idea_id"] for event in book["items"]]
            assert order == [idea["id"] for idea in sorted(seen, key=lambda idea: str(idea["receipt_number"]))]
