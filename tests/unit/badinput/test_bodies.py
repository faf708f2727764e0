"""Bodies that are wrong in themselves, sent to every operation that takes one: the answer names what and where.

The operations are read off the OpenAPI documents, so that a new one is asked too.
"""

import asyncio
import json
from typing import Any

import httpx
import pytest

from shared.engine.message import Actor
from shared.runtime.middleware import MAX_BODY_BYTES
from tests.support.house import House
from tests.unit.badinput.support import NAMES, Operation, entries, opened, operations, problem


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """One for all: nothing that is sent here changes anything."""
    return asyncio.run(opened(tmp_path_factory.mktemp("house")))


async def send(house: House, operation: Operation, content: bytes, kind: str = "application/json") -> httpx.Response:
    """The bytes, in a role that may."""
    token = house.issuer.mint("p-1", operation.roles, "d-1")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
    transport = httpx.ASGITransport(house.apps[operation.service])
    async with httpx.AsyncClient(transport=transport, base_url="http://house") as client:
        return await client.request(operation.method, operation.at("x-1", number="1"), content=content, headers=headers)


def taking_json(house: House, name: str) -> list[Operation]:
    """Operations of a service with a JSON body."""
    found = [operation for operation in operations(name, house.apps[name]) if operation.takes_json]
    assert found
    return found


MALFORMED = {
    "nothing": b"",
    "half an object": b'{"title": "',
    "a comma too many": b'{"a": 1,}',
    "single quotes": b"{'a': 1}",
    "not UTF-8": b'{"a": "\xbf\xc0\xbb\xfd"}',
    "endless brackets": b"[" * 200_000,
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("what", MALFORMED)
async def test_what_is_no_json(house: House, name: str, what: str) -> None:
    for operation in taking_json(house, name):
        answer = await send(house, operation, MALFORMED[what])
        if what == "nothing":
            assert problem(answer, 422, "invalid_request")["errors"][0]["code"] == "missing", operation.label
        else:
            problem(answer, 400, "malformed_body")
    assert entries(house) == 0


@pytest.mark.parametrize("name", NAMES)
async def test_other_media_types(house: House, name: str) -> None:
    for operation in taking_json(house, name):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
            problem(
                await send(house, operation, json.dumps(operation.least()).encode(), kind),
                415,
                "unsupported_media_type",
            )


WRONG: dict[str, tuple[Any, str, str]] = {
    "a field nobody knows": ({"wholly_unknown": 1}, "wholly_unknown", "extra_forbidden"),
    "NUL in a text": ({"wholly_unknown": "a\0b"}, "wholly_unknown", "invalid_character"),
    "NUL in a name": ({"wholly\0unknown": 1}, "wholly?unknown", "invalid_character"),
    "half a surrogate pair": ({"wholly_unknown": "\ud83e"}, "wholly_unknown", "invalid_character"),
    "an endless number": ({"wholly_unknown": 10**40}, "wholly_unknown", "number_too_large"),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("what", WRONG)
async def test_fields_that_can_not_be(house: House, name: str, what: str) -> None:
    more, field, code = WRONG[what]
    for operation in taking_json(house, name):
        body = {**operation.least(), **more}
        found = problem(await send(house, operation, json.dumps(body).encode()), 422, "invalid_request")
        assert {"in": "body", "field": field, "code": code}.items() <= found["errors"][-1].items(), operation.label
    assert entries(house) == 0


@pytest.mark.parametrize("name", NAMES)
async def test_what_is_no_object(house: House, name: str) -> None:
    for operation in taking_json(house, name):
        for content in (b"[]", b"null", b'"text"', b"17"):
            problem(await send(house, operation, content), 422, "invalid_request")


@pytest.mark.parametrize("name", NAMES)
async def test_every_field_that_is_needed_is_named(house: House, name: str) -> None:
    for operation in taking_json(house, name):
        for field in operation.least():
            body = {key: value for key, value in operation.least().items() if key != field}
            found = problem(await send(house, operation, json.dumps(body).encode()), 422, "invalid_request")
            assert (found["errors"][0]["field"], found["errors"][0]["code"]) == (field, "missing"), operation.label


@pytest.mark.parametrize("name", NAMES)
async def test_bodies_over_the_limit_name_it(house: House, name: str) -> None:
    for operation in taking_json(house, name):
        found = problem(await send(house, operation, b" " * (MAX_BODY_BYTES + 1)), 413, "body_too_large")
        assert found["facts"] == {"limit": MAX_BODY_BYTES} and str(MAX_BODY_BYTES) in found["detail"]


@pytest.mark.parametrize("name", NAMES)
async def test_addresses_that_can_not_be(house: House, name: str) -> None:
    actor = Actor("p-1", "auditor")
    for path, status, code in (
        ("/nowhere", 404, "no_such_route"),
        ("/ops/quarantine?key=a%00b", 422, "invalid_request"),
        ("/ops/quarantine?partition=x", 422, "invalid_request"),
        ("/ops/quarantine?partition=-1", 422, "invalid_request"),
    ):
        problem(await house.ask(actor, "GET", path, service=name), status, code)
    for operation in operations(name, house.apps[name]):
        if "{" in operation.path:
            strange = Actor("p-1", operation.roles[0])
            body = operation.least() if operation.takes_json else None
            for id in ("a%00b", "x" * 129):
                answer = await house.ask(strange, operation.method, operation.at(id), body, service=name)
                problem(answer, 422, "invalid_request")
            answer = await house.ask(strange, "PATCH", operation.at("x-1"), body, service=name)
            problem(answer, 405, "method_not_allowed")
