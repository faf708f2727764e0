"""Forwarding: once, to the owner, with a circuit breaker; and the same command either way."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import Request

from owlbus.tokens import Issuer
from shared.runtime.forward import FAILURES_TO_OPEN, OPEN_SECONDS, Forwarder
from tests.support.desk import DeskEngine, Memory, desk_app


class Peers:
    """Two replicas of one service over one store; `first` believes that `second` owns everything."""

    def __init__(self, directory: Path) -> None:
        self.issuer = Issuer(directory)
        memory = Memory()
        self.first, self.second = DeskEngine(memory), DeskEngine(memory)
        self.first.elsewhere = "http://second"
        self.second.elsewhere = "http://first"
        self.seen: list[httpx.Request] = []
        self.fault: Exception | None = None
        self.now = 0.0
        self._peer = httpx.ASGITransport(desk_app(self.second, self.issuer.jwks))
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._to_second))
        app = desk_app(self.first, self.issuer.jwks, Forwarder(0.3, client, lambda: self.now))
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://first")

    async def _to_second(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        if self.fault is not None:
            raise self.fault
        answer = await self._peer.handle_async_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

    async def write(self, title: str = "owl", **headers: str) -> httpx.Response:
        token = self.issuer.mint("p-1", ["author"])
        everything = {"Authorization": f"Bearer {token}", **headers}
        return await self.client.post("/notes?x=1", json={"title": title}, headers=everything)


@pytest.fixture
async def peers(tmp_path: Path) -> AsyncIterator[Peers]:
    peers = Peers(tmp_path)
    async with peers.client:
        yield peers


async def test_a_command_runs_at_its_owner_and_the_answer_comes_back_whole(peers: Peers) -> None:
    answer = await peers.write(**{"Idempotency-Key": "k", "X-Correlation-ID": "c-1", "Accept-Language": "ko"})
    assert (len(peers.first.calls), len(peers.second.calls)) == (0, 1)
    assert answer.status_code == 201 and answer.headers["etag"] == '"2"'
    assert answer.headers["location"] == f"/notes/{answer.json()['id']}"
    assert answer.headers["idempotency-key"] == "k"
    assert peers.seen[0].url == "http://second/notes?x=1"
    assert peers.seen[0].headers["x-owlbus-forwarded"] == "1"
    assert peers.second.calls[0].correlation == "c-1"
    assert peers.second.calls[0].traceparent == answer.headers["traceparent"]


async def test_a_refusal_of_the_owner_is_the_answer(peers: Peers) -> None:
    await peers.write(**{"Idempotency-Key": "k"})
    answer = await peers.write("another", **{"Idempotency-Key": "k", "Accept-Language": "ko"})
    assert answer.status_code == 422 and answer.json()["code"] == "idempotency_conflict"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == "ko"
    assert not peers.first.calls


async def test_it_is_never_forwarded_twice(peers: Peers) -> None:
    await peers.write(**{"X-Owlbus-Forwarded": "1"})
    assert not peers.seen and len(peers.first.calls) == 1


async def test_an_unknown_owner_is_not_looked_for(peers: Peers) -> None:
    peers.first.unknown = True
    await peers.write()
    assert not peers.seen and len(peers.first.calls) == 1


async def test_where_forwarding_fails_it_runs_here_once_and_for_all(peers: Peers) -> None:
    """The owner did run it, but its answer was lost: the second run gets the first one's answer."""
    token = peers.issuer.mint("p-1", ["author"])
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
    peer = httpx.AsyncClient(transport=peers._peer, base_url="http://second")  # pyright: ignore[reportPrivateUsage]
    there = await peer.post("/notes", json={"title": "owl"}, headers={**headers, "X-Owlbus-Forwarded": "1"})
    peers.fault = httpx.ReadTimeout("no answer")
    here = await peers.client.post("/notes", json={"title": "owl"}, headers=headers)
    assert here.status_code == there.status_code == 201
    assert here.json() == there.json()
    assert len(peers.first.memory.entries) == 2


async def test_the_breaker_opens_and_closes(peers: Peers) -> None:
    peers.fault = httpx.ConnectError("refused")
    for _ in range(FAILURES_TO_OPEN + 2):
        assert (await peers.write()).status_code == 201
    assert len(peers.seen) == FAILURES_TO_OPEN
    peers.now += OPEN_SECONDS
    await peers.write()
    await peers.write()
    assert len(peers.seen) == FAILURES_TO_OPEN + 1, "one more failure opens it again"
    peers.now += OPEN_SECONDS
    peers.fault = None
    await peers.write()
    peers.fault = httpx.ConnectError("refused")
    await peers.write()
    await peers.write()
    assert len(peers.seen) == FAILURES_TO_OPEN + 4, "a success closes it"


async def _say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def test_its_own_client_gives_up_in_time() -> None:
    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/notes", "query_string": b"", "headers": []}
    request = Request({**scope, "server": ("first", 80)})
    request._body = b""  # pyright: ignore[reportPrivateUsage]
    forwarder = Forwarder(0.1)
    silent = await asyncio.start_server(_say_nothing, "127.0.0.1", 0)
    try:
        begun = time.monotonic()
        port = silent.sockets[0].getsockname()[1]
        assert await forwarder.send(f"http://127.0.0.1:{port}", request, {}) is None
        assert time.monotonic() - begun < 2
    finally:
        await forwarder.close()
        silent.close()
        await asyncio.sleep(0.05)
