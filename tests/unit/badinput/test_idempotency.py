"""One Idempotency-Key with another body, another person, another address: each gets what is its own."""

from collections.abc import AsyncIterator
from pathlib import Path
from unicodedata import normalize

import pytest

from shared.engine.message import Actor
from tests.support.house import House
from tests.unit.badinput.support import entries, json_of, opened, problem, received, submitted
from tests.unit.ideas.support import CO_AUTHOR, LEAD, RECEIVER, SEOUL, submission


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await opened(tmp_path)


async def test_the_same_key_and_body_get_the_first_answer(house: House) -> None:
    body = json_of(submission(SEOUL))
    first = await house.ask(LEAD, "POST", "/ideas", body, Idempotency_Key="k-1")
    before = entries(house)
    again = await house.ask(LEAD, "POST", "/ideas", body, Idempotency_Key="k-1")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["location"] == first.headers["location"] and entries(house) == before


async def test_another_body_under_the_same_key(house: House) -> None:
    body = json_of(submission(SEOUL))
    first = await house.ask(LEAD, "POST", "/ideas", body, Idempotency_Key="k-1")
    before = entries(house)
    for change in ({"title": "다른 제목"}, {"category": ""}, {"submitted_on": "2025-03-03"}):
        answer = await house.ask(LEAD, "POST", "/ideas", body | change, Idempotency_Key="k-1")
        problem(answer, 422, "idempotency_conflict")
        assert "다른 제목" not in answer.text
    assert entries(house) == before
    assert (await house.ask(LEAD, "GET", first.headers["location"])).json() == first.json()


async def test_the_same_key_of_another_person_is_another_wish(house: House) -> None:
    body = json_of(submission(SEOUL))
    first = await house.ask(LEAD, "POST", "/ideas", body, Idempotency_Key="k-1")
    other = await house.ask(CO_AUTHOR, "POST", "/ideas", body, Idempotency_Key="k-1")
    assert other.status_code == 201 and other.json()["id"] != first.json()["id"]
    idea_id = await received(house)
    for number in range(3):
        voter = Actor(f"c-{number}", "citizen")
        answer = await house.ask(voter, "PUT", f"/ideas/{idea_id}/vote", {"choice": "endorse"}, Idempotency_Key="k-1")
        assert answer.status_code == 200
    tally = await house.must(LEAD, "GET", f"/ideas/{idea_id}/votes")
    assert tally["votes"]["endorse"] == 3


async def test_the_same_key_at_another_address_is_another_wish(house: House) -> None:
    for idea_id in [await submitted(house), await submitted(house)]:
        answer = await house.ask(RECEIVER, "POST", f"/ideas/{idea_id}/receipt", {}, Idempotency_Key="k-1")
        assert (answer.status_code, answer.json()["id"]) == (200, idea_id)


async def test_a_refusal_is_decided_again_under_its_key(house: House) -> None:
    idea_id = await submitted(house)
    early = await house.ask(
        RECEIVER, "POST", f"/ideas/{idea_id}/completeness", {"outcome": "complete"}, Idempotency_Key="k"
    )
    problem(early, 409, "wrong_stage")
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/receipt", {})
    answer = await house.ask(
        RECEIVER, "POST", f"/ideas/{idea_id}/completeness", {"outcome": "complete"}, Idempotency_Key="k"
    )
    assert answer.status_code == 200


async def test_the_same_text_however_it_was_typed_is_the_same_wish(house: House) -> None:
    body = json_of(submission(SEOUL))
    first = await house.ask(LEAD, "POST", "/ideas", body, Idempotency_Key="k-1")
    typed = body | {"title": normalize("NFD", body["title"])}
    assert typed["title"] != body["title"]
    again = await house.ask(LEAD, "POST", "/ideas", typed, Idempotency_Key="k-1")
    assert (again.status_code, again.json()) == (201, first.json())


@pytest.mark.parametrize("key", ["a b", "x" * 256, "\x7f"])
async def test_keys_that_are_none(house: House, key: str) -> None:
    answer = await house.ask(LEAD, "POST", "/ideas", json_of(submission(SEOUL)), Idempotency_Key=key)
    assert problem(answer, 422, "invalid_request")["errors"][0]["field"] == "Idempotency-Key"
    assert entries(house) == 0
