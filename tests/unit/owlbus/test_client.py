"""The client repeats what nobody answered, under the same key, and tells a refusal by its code."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from owlbus.client import Api, ApiError
from owlbus.tokens import Issuer

Handler = Callable[[httpx.Request], httpx.Response]


def api(tmp_path: Path, handler: Handler) -> Api:
    return Api({"ideas": ["http://a", "http://b"]}, Issuer(tmp_path), transport=httpx.MockTransport(handler))


async def test_an_unanswered_command_is_repeated_elsewhere_under_its_key(tmp_path: Path) -> None:
    seen: list[tuple[str, str]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append((request.url.host, request.headers["Idempotency-Key"]))
        if len(seen) == 1:
            raise httpx.ConnectError("gone")
        return httpx.Response(503 if len(seen) == 2 else 201, json={"id": "i-1"})

    async with api(tmp_path, handler) as client:
        assert await client.acting("p-1", "author").post("ideas", "/ideas", {}) == {"id": "i-1"}
        assert client.retries == 2
    assert len({key for _, key in seen}) == 1 and {host for host, _ in seen} == {"a", "b"}


async def test_a_refusal_is_not_repeated_and_carries_code_and_facts(tmp_path: Path) -> None:
    document = {"code": "wrong_stage", "title": "지금은 할 수 없습니다", "facts": {"stage": "refused"}}

    async with api(tmp_path, lambda _: httpx.Response(409, json=document)) as client:
        with pytest.raises(ApiError, match="409 wrong_stage") as caught:
            await client.acting("p-1", "author").post("ideas", "/ideas", {})
        assert caught.value.facts == {"stage": "refused"} and client.requests == 1


async def test_what_is_not_there_is_none_and_lists_are_read_to_their_end(tmp_path: Path) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/ideas/none":
            return httpx.Response(404, json={"code": "not_found"})
        page = int(request.url.params.get("cursor", "0"))
        assert request.url.params["limit"] == "2"
        return httpx.Response(200, json={"items": [{"n": page}], "next": str(page + 1) if page < 2 else None})

    async with api(tmp_path, handler) as client:
        reader = client.acting("p-1", "auditor")
        assert await reader.find("ideas", "/ideas/none") is None
        assert await reader.items("ideas", "/ideas?limit=2") == [{"n": 0}, {"n": 1}, {"n": 2}]


async def test_the_token_is_for_that_person_and_role_alone(tmp_path: Path) -> None:
    tokens: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        tokens.append(request.headers["Authorization"])
        assert request.headers["X-Owlbus-Role"] == "rater"
        return httpx.Response(200, json={})

    async with api(tmp_path, handler) as client:
        for person in ("r-1", "r-1", "r-2"):
            await client.acting(person, "rater").get("ideas", "/ideas")
    assert len(set(tokens)) == 2
