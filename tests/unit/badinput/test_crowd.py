"""A crowd at the door: some are served, some wait their turn, the rest is told when to come again."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
from starlette.types import Receive, Scope, Send

from shared.runtime.crowd import InTurn
from shared.runtime.forward import FORWARDED
from shared.runtime.problems import Problems
from tests.unit.badinput.support import problem


class Door:
    """An app that answers whoever is in it when told to, and counts."""

    def __init__(self) -> None:
        self.inside: list[str] = []
        self.most = 0
        self.opened = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.inside.append(scope["path"])
        self.most = max(self.most, len(self.inside))
        await self.opened.wait()
        self.inside.remove(scope["path"])
        await httpx_answer(send)


async def httpx_answer(send: Send) -> None:
    """200, empty."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def client(app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> httpx.AsyncClient:
    """A client of the app."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door")


async def until(condition: Callable[[], bool]) -> None:
    """Let others run until it holds."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0)


async def test_some_at_once_and_the_others_in_turn() -> None:
    door = Door()
    async with client(InTurn(door, Problems(), (), at_once=3)) as http:
        requests = [asyncio.create_task(http.get(f"/{number}")) for number in range(20)]
        await until(lambda: len(door.inside) == 3)
        assert door.inside == ["/0", "/1", "/2"]
        door.opened.set()
        assert [answer.status_code for answer in await asyncio.gather(*requests)] == [200] * 20
    assert door.most == 3


async def test_who_finds_no_place_is_told_when_to_come_again() -> None:
    door = Door()
    async with client(InTurn(door, Problems(), (), at_once=1, waiting=2)) as http:
        requests = [asyncio.create_task(http.get(f"/{number}")) for number in range(3)]
        await until(lambda: door.inside == ["/0"])
        turned_away = await http.get("/late", headers={"Accept-Language": "ko"})
        assert problem(turned_away, 503, "unavailable")["title"] == "잠시 후 다시 시도해 주세요"
        assert int(turned_away.headers["retry-after"]) > 0
        door.opened.set()
        assert [answer.status_code for answer in await asyncio.gather(*requests)] == [200] * 3
        assert (await http.get("/late")).status_code == 200


async def test_a_crowd_around_one_thing_leaves_room_for_others() -> None:
    door = Door()
    async with client(InTurn(door, Problems(), (), at_once=4)) as http:
        requests = [asyncio.create_task(http.get(f"/ideas/hot/{number}")) for number in range(50)]
        await until(lambda: len(door.inside) == 2)
        requests += [asyncio.create_task(http.get(f"/ideas/other/{number}")) for number in range(2)]
        await until(lambda: len(door.inside) == 4)
        assert door.inside == ["/ideas/hot/0", "/ideas/hot/1", "/ideas/other/0", "/ideas/other/1"]
        door.opened.set()
        assert [answer.status_code for answer in await asyncio.gather(*requests)] == [200] * 52


async def test_health_and_what_was_forwarded_do_not_wait() -> None:
    door = Door()
    async with client(InTurn(door, Problems(), ("/health/live",), at_once=1)) as http:
        requests = [asyncio.create_task(http.get(f"/{number}")) for number in range(3)]
        await until(lambda: door.inside == ["/0"])
        requests.append(asyncio.create_task(http.get("/health/live")))
        requests.append(asyncio.create_task(http.get("/forwarded", headers={FORWARDED: "1"})))
        await until(lambda: door.inside == ["/0", "/health/live", "/forwarded"])
        door.opened.set()
        assert [answer.status_code for answer in await asyncio.gather(*requests)] == [200] * 5
