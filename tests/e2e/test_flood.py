"""Ten thousand people vote on one idea in the same moment: each is answered, none is lost, others are served."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from deploy.embedded.stack import Stack
from owlbus.fleet import Fleet, Replica
from shared.engine.message import Actor
from shared.engine.partition import partition_of
from tests.support.flood import Flood, Sent, raise_file_limit
from tests.unit.ideas.support import LEAD, RECEIVER, SEOUL, submission

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

VOTES = 10_000


@pytest.fixture
def room() -> int:
    """For how many connections there is room, here and in what is started from here."""
    return raise_file_limit()


@pytest.fixture
async def fleet(tmp_path: Path, room: int) -> AsyncIterator[Fleet]:
    with Stack(tmp_path / "servers") as stack:
        fleet = Fleet(tmp_path, stack)
        try:
            await fleet.prepare()
            await fleet.start(["ideas"])
            yield fleet
        finally:
            await asyncio.to_thread(fleet.stop)


class Person:
    """Somebody with patience."""

    def __init__(self, fleet: Fleet, client: httpx.AsyncClient, actor: Actor) -> None:
        self._url = fleet.of("ideas")[0].url
        token = fleet.issuer.mint(actor.id, [actor.role], actor.department)
        self._headers = {"Authorization": f"Bearer {token}"}
        self._client = client

    async def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """One request."""
        return await self._client.request(method, f"{self._url}{path}", json=body, headers=self._headers, timeout=60.0)

    async def patiently(self, method: str, path: str, body: Any = None) -> None:
        """One request, again while the answer is to come again."""
        while (answer := await self.ask(method, path, body)).status_code == 503:
            await asyncio.sleep(float(answer.headers["retry-after"]))
        assert answer.is_success, answer.text

    async def must(self, method: str, path: str, body: Any = None) -> Any:
        """One request that succeeds; its body."""
        answer = await self.ask(method, path, body)
        assert answer.is_success, answer.text
        return answer.json()


async def received(author: Person, office: Person) -> str:
    """An idea that takes votes."""
    idea = await author.must("POST", "/ideas", submission(SEOUL).model_dump(mode="json"))
    await office.must("POST", f"/ideas/{idea['id']}/receipt", {})
    return str(idea["id"])


async def elsewhere(author: Person, office: Person, idea_id: str, partitions: int) -> str:
    """An idea that takes votes, in another partition than `idea_id`."""
    while True:
        other = await received(author, office)
        if partition_of(other, partitions) != partition_of(idea_id, partitions):
            return other


async def probe(people: list[Person], idea_id: str, done: asyncio.Event) -> list[float]:
    """Vote on another idea and read it, again and again; how long each took until it was answered, in seconds."""
    took: list[float] = []
    while not done.is_set():
        for person in people:
            began = time.monotonic()
            await person.patiently("PUT", f"/ideas/{idea_id}/vote", {"choice": "object"})
            await person.patiently("GET", f"/ideas/{idea_id}/votes")
            took.append(time.monotonic() - began)
    return took


def vote(fleet: Fleet, idea_id: str, number: int) -> Sent:
    """One citizen's vote."""
    token = fleet.issuer.mint(f"c-{number}", ["citizen"])
    headers = {
        "Authorization": f"Bearer {token}",
        "Idempotency-Key": f"flood-{number}",
        "Content-Type": "application/json",
    }
    return Sent("PUT", f"/ideas/{idea_id}/vote", headers, orjson.dumps({"choice": "endorse"}))


async def live(replica: Replica, client: httpx.AsyncClient) -> bool:
    """Whether the process says that its loops advance."""
    return (await client.get(f"{replica.url}/health/live", timeout=60.0)).status_code == 200


async def test_ten_thousand_votes_on_one_idea_at_once(fleet: Fleet, room: int) -> None:
    replica = fleet.of("ideas")[0]
    pid = replica.pid
    async with httpx.AsyncClient(trust_env=False) as client:
        author, office = Person(fleet, client, LEAD), Person(fleet, client, RECEIVER)
        idea_id = await received(author, office)
        other = await elsewhere(author, office, idea_id, fleet.partitions)
        votes = [vote(fleet, idea_id, number) for number in range(VOTES)]
        flood, done = Flood("127.0.0.1", replica.port, min(VOTES, room)), asyncio.Event()
        sending = [flood.send(votes[n :: flood.connections]) for n in range(flood.connections)]
        others = [Person(fleet, client, Actor(f"o-{number}", "citizen")) for number in range(3)]
        probing = asyncio.create_task(probe(others, other, done))
        await asyncio.gather(*sending)
        seconds = time.monotonic() - flood.began
        done.set()
        took = sorted(await probing)
        assert flood.wrong == [] and flood.statuses[200] == VOTES
        tally = await author.must("GET", f"/ideas/{idea_id}/votes")
        assert tally["votes"] == {"endorse": VOTES, "object": 0, "pass": 0}
        beside = await author.must("GET", f"/ideas/{other}/votes")
        assert beside["votes"] == {"endorse": 0, "object": len(others), "pass": 0}
        assert took, "another idea was served meanwhile"
        assert await live(replica, client) and replica.pid == pid
        await fleet.drained()
    print(
        f"\n{VOTES} votes on one idea over {flood.connections} connections, at most {flood.most} outstanding, "
        f"in {seconds:.1f} s; answers {dict(flood.statuses)}, broken connections {dict(flood.broken)}; "
        f"a vote on and a look at another idea meanwhile ({len(took)} times): "
        f"median {took[len(took) // 2]:.2f} s, longest {took[-1]:.2f} s"
    )
