"""Bad lines in bulk requests: each is refused with its code in its place, and the good ones around it are done."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.runtime.bulk import MAX_LINE_BYTES, MEDIA_TYPE
from tests.support.house import House
from tests.unit.badinput.support import NAMES, Operation, entries, opened, operations, problem
from tests.unit.ideas.support import OPEN_CALL, RECEIVER


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await opened(tmp_path)


async def send(
    house: House, operation: Operation, content: bytes | AsyncIterator[bytes], kind: str = MEDIA_TYPE, query: str = ""
) -> httpx.Response:
    """The bytes, from the office."""
    token = house.issuer.mint(RECEIVER.id, operation.roles)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
    transport = httpx.ASGITransport(house.apps[operation.service])
    async with httpx.AsyncClient(transport=transport, base_url="http://house") as client:
        return await client.post(operation.path + query, content=content, headers=headers)


def answers_of(answer: httpx.Response) -> list[dict[str, Any]]:
    """The answer's lines."""
    assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA_TYPE), answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def in_bulk(house: House) -> list[Operation]:
    """Every bulk operation of every service."""
    found = [one for name in NAMES for one in operations(name, house.apps[name]) if MEDIA_TYPE in one.content]
    assert len(found) >= 4
    return found


def idea(key: str, **changes: Any) -> bytes:
    """A line that would be done."""
    whole: dict[str, Any] = {
        "key": key,
        "source": "국민청원",
        "source_id": key,
        "pack": OPEN_CALL,
        "kind": "improve",
        "department": "d-1",
        "title": "제목",
        "sections": {"content": "글"},
        "authors": [{"person_id": "p-1", "share": 100}],
        "submitted_on": "2025-03-03",
    }
    return json.dumps(whole | changes).encode()


BAD: dict[str, tuple[bytes, str, str, str]] = {
    "no JSON": (b'{"key": "b", ', "malformed_line", "", ""),
    "text": (b"hello", "malformed_line", "", ""),
    "not UTF-8": (b'{"key": "\xbf\xc0"}', "malformed_line", "", ""),
    "a raw surrogate": (b'{"key": "\xed\xa0\x80"}', "malformed_line", "", ""),
    "endless brackets": (b"[" * 5_000, "malformed_line", "", ""),
    "no object": (b"[1]", "invalid_request", "", "model_type"),
    "nothing in it": (b"{}", "invalid_request", "key", "missing"),
    "an unknown field": (idea("b", wholly_unknown=1), "invalid_request", "wholly_unknown", "extra_forbidden"),
    "NUL": (idea("b", title="a\0b"), "invalid_request", "title", "invalid_character"),
    "a key that is none": (idea(""), "invalid_request", "key", "string_too_short"),
    "a key too long": (idea("k" * 201, source_id="b"), "invalid_request", "key", "string_too_long"),
    "a day that is none": (idea("b", submitted_on="2025-02-30"), "invalid_request", "submitted_on", ""),
    "a number for a day": (idea("b", submitted_on=0), "invalid_request", "submitted_on", "value_error"),
    "a day to come": (idea("b", submitted_on="2025-03-04"), "date_in_future", "", ""),
    "shares": (idea("b", authors=[{"person_id": "p", "share": 0}]), "invalid_request", "authors.0.share", ""),
    "a text too long": (idea("b", title="가" * 501), "invalid_request", "title", "string_too_long"),
    "a line too long": (idea("b", title="a" * MAX_LINE_BYTES), "line_too_long", "", ""),
}


@pytest.mark.parametrize("what", BAD)
async def test_a_bad_line_is_refused_and_its_neighbours_are_done(house: House, what: str) -> None:
    line, code, field, its_code = BAD[what]
    (operation,) = [one for one in in_bulk(house) if one.path == "/ideas/imports"]
    first, bad, last = answers_of(await send(house, operation, b"\n".join([idea("a"), line, idea("c")])))
    assert (first["outcome"], last["outcome"]) == ("done", "done")
    assert (first["line"], bad["line"], last["line"]) == (1, 2, 3)
    assert (bad["outcome"], bad["problem"]["code"]) == ("refused", code), bad
    assert bad["problem"]["status"] in (400, 413, 422) and bad["problem"]["title"]
    found = {(error["field"], error["code"] if its_code else "") for error in bad["problem"].get("errors", ())}
    assert not field or (field, its_code) in found, bad
    if code == "line_too_long":
        assert bad["problem"]["facts"] == {"limit": MAX_LINE_BYTES} and str(MAX_LINE_BYTES) in bad["problem"]["detail"]


async def test_what_fits_no_path_is_refused_at_every_path(house: House) -> None:
    for operation in in_bulk(house):
        lines = [b"{", b'{"key": "k", "wholly_unknown": 1}', b'{"key": "a\\u0000"}', b"7", b" " * 9, b"\xff"]
        answers = answers_of(await send(house, operation, b"\n".join(lines)))
        assert [one["line"] for one in answers] == [1, 2, 3, 4, 6], "blank lines are counted and left out"
        assert {one["outcome"] for one in answers} == {"refused"}
        fields = [error["field"] for error in answers[1]["problem"]["errors"]]
        assert "wholly_unknown" in fields, operation.label
    assert entries(house) == 0


async def test_a_body_of_another_kind(house: House) -> None:
    for operation in in_bulk(house):
        for kind in ("application/json", "text/plain", ""):
            problem(await send(house, operation, b"{}", kind), 415, "lines_expected")
    assert entries(house) == 0


async def test_a_line_without_an_end_is_cut_and_refused(house: House) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 100_000
        yield b"\n" + idea("z")

    (operation,) = [one for one in in_bulk(house) if one.path == "/ideas/imports"]
    long, good = answers_of(await send(house, operation, endless()))
    assert (long["problem"]["code"], good["outcome"]) == ("line_too_long", "done")


async def test_the_same_key_with_other_content(house: House) -> None:
    (operation,) = [one for one in in_bulk(house) if one.path == "/ideas/imports"]
    done, known, other = answers_of(
        await send(house, operation, b"\n".join([idea("a"), idea("a"), idea("a", title="다른 제목")]))
    )
    assert (done["outcome"], known["outcome"], other["problem"]["code"]) == ("done", "known", "idempotency_conflict")
    number = entries(house)
    (dry,) = answers_of(await send(house, operation, idea("d"), query="?dry_run=true"))
    assert dry["outcome"] == "done" and entries(house) == number
