"""Somebody else's idea: whatever a person tries, status, body, headers and log are those for an id nobody ever used.

The routes are read off the OpenAPI document of `ideas`, so that a new one is tried too.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.engine.message import Actor
from tests.support.house import House
from tests.unit.badinput.support import (
    Operation,
    closed,
    entries,
    json_of,
    opened,
    operations,
    park,
    problem,
    received,
    submitted,
    withdrawn,
)
from tests.unit.evaluation.support import rater, scores
from tests.unit.ideas.support import HEAD, LEAD, NATIONAL, RECEIVER, SEOUL, STRANGER

NOBODY = "00000000-0000-5000-8000-000000000000"
SEES_ALL = ("receiver", "auditor")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await opened(tmp_path)


async def parked(house: House) -> str:
    """An idea that waits for repair."""
    idea_id = await submitted(house)
    await park(house, idea_id)
    return idea_id


async def parked_while_it_took_votes(house: House) -> str:
    """An idea under a pack without votes, so that nobody else sees it, that waits for repair."""
    idea_id = await submitted(house, pack=NATIONAL)
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/receipt", {})
    await park(house, idea_id)
    return idea_id


HIDDEN: dict[str, Callable[[House], Awaitable[str]]] = {
    "submitted": submitted,
    "closed": closed,
    "withdrawn": withdrawn,
    "waiting for repair": parked,
    "received and waiting for repair": parked_while_it_took_votes,
}


def of_one_idea(house: House) -> list[tuple[Operation, str]]:
    """Every operation on one idea, in every role that does not see all ideas anyway."""
    return [
        (operation, role)
        for operation in operations("ideas", house.apps["ideas"])
        if "{idea_id}" in operation.path
        for role in operation.roles
        if role not in SEES_ALL
    ]


async def tried(house: House, operation: Operation, actor: Actor, idea_id: str, **headers: str) -> httpx.Response:
    """The operation, with a body that its schema allows."""
    body = operation.least() if operation.takes_json else None
    path = operation.path.replace("{idea_id}", idea_id)
    return await house.ask(actor, operation.method, path, body, service=operation.service, **headers)


def told(answer: httpx.Response, idea_id: str) -> tuple[int, str, list[tuple[str, str]]]:
    """All that an answer tells, without the id that was asked for."""
    return answer.status_code, answer.text.replace(idea_id, "ID"), sorted(answer.headers.items())


@pytest.mark.parametrize("state", HIDDEN)
async def test_nothing_tells_it_from_an_idea_that_never_was(house: House, state: str) -> None:
    idea_id = await HIDDEN[state](house)
    number, seen = entries(house), 0
    for operation, role in of_one_idea(house):
        stranger = Actor("p-9", role, "d-9")
        for headers in ({}, {"If_Match": '"1"'}, {"If_Match": '"7"', "If_None_Match": '"1"'}):
            there = await tried(house, operation, stranger, idea_id, **headers)
            nowhere = await tried(house, operation, stranger, NOBODY, **headers)
            assert told(there, idea_id) == told(nowhere, NOBODY), (operation.label, role, headers)
            problem(there, 404, "not_found")
            assert entries(house) == number, f"{operation.label} as {role} left a trace"
            seen += 1
    assert seen > 100
    assert ((await house.ask(LEAD, "GET", f"/ideas/{idea_id}")).json())["id"] == idea_id, "its author sees it"


async def test_lists_do_not_lead_to_it(house: House) -> None:
    mine = [await submitted(house, author=STRANGER, authors=[{"person_id": "p-9", "share": 100}]) for _ in range(3)]
    hidden = [await submitted(house) for _ in range(7)]
    for role in ("author", "citizen", "department", "rater"):
        stranger = Actor("p-9", role, "d-9")
        for limit in (1, 2, 3, 200):
            found: list[str] = []
            cursor = ""
            while cursor is not None:
                page = (await house.ask(stranger, "GET", f"/ideas?limit={limit}{cursor and '&cursor='}{cursor}")).json()
                assert len(page["items"]) == limit or page["next"] is None
                found += [idea["id"] for idea in page["items"]]
                assert page["next"] not in hidden
                cursor = page["next"]
            assert found == sorted(mine), (role, limit)
        nothing = await house.ask(stranger, "GET", "/ideas?department=d-transport&stage=refused&limit=1")
        assert nothing.json() == {"items": [], "next": None}


async def test_an_idea_that_is_closed_to_its_voters_again(house: House) -> None:
    idea_id = await received(house)
    citizen = Actor("c-1", "citizen")
    await house.must(citizen, "PUT", f"/ideas/{idea_id}/vote", {"choice": "endorse"})
    await house.must(LEAD, "POST", f"/ideas/{idea_id}/withdrawal", {})
    number = entries(house)
    problem(await house.ask(citizen, "PUT", f"/ideas/{idea_id}/vote", {"choice": "object"}), 404, "not_found")
    assert entries(house) == number
    assert (await house.must(citizen, "GET", f"/ideas/{idea_id}/vote"))["choice"] == "endorse", (
        "the own vote is one's own"
    )


async def test_what_one_may_see_is_refused_with_the_reason(house: House) -> None:
    idea_id = await received(house)
    other = Actor("p-7", "department", "d-parks")
    number = entries(house)
    answer = await house.ask(other, "POST", f"/ideas/{idea_id}/adoption", {})
    problem(answer, 403, "not_in_charge")
    assert entries(house) == number + 1, "and the attempt is on record"
    stale = await house.ask(HEAD, "POST", f"/ideas/{idea_id}/adoption", {}, If_Match='"1"')
    problem(stale, 412, "stale_version")


# --- the other services


async def under_evaluation(house: House, *raters: str) -> str:
    """Where an idea is being evaluated, by these raters or by any."""
    idea_id = await received(house)
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/completeness", {"outcome": "complete"})
    path = f"/evaluations/{idea_id}/first_pass"
    if raters:
        await house.must(RECEIVER, "POST", f"{path}/raters", {"raters": raters}, service="evaluation")
    return path


async def test_an_evaluation_that_is_for_others(house: House) -> None:
    path = await under_evaluation(house, "r-1", "r-2", "r-3")
    nowhere = path.replace(path.split("/")[2], NOBODY)
    body: Any = json_of(scores(SEOUL))
    number = entries(house)
    for actor in (rater(9), Actor("r-8", "rater")):
        there = await house.ask(actor, "POST", f"{path}/scores", body, service="evaluation")
        absent = await house.ask(actor, "POST", f"{nowhere}/scores", body, service="evaluation")
        assert told(there, path) == told(absent, nowhere)
        for query in (path, f"{path}/history"):
            there = await house.ask(actor, "GET", query, service="evaluation")
            absent = await house.ask(actor, "GET", query.replace(path, nowhere), service="evaluation")
            assert told(there, path) == told(absent, nowhere)
    assert entries(house) == number


async def test_an_author_hears_of_the_conflict(house: House) -> None:
    path = await under_evaluation(house)
    author = Actor(LEAD.id, "rater")
    number = entries(house)
    answer = await house.ask(author, "POST", f"{path}/scores", json_of(scores(SEOUL)), service="evaluation")
    problem(answer, 403, "conflict_of_interest")
    assert entries(house) == number + 1


async def test_a_body_that_is_wrong_is_refused_before_anything_is_looked_up(house: House) -> None:
    idea_id = await submitted(house)
    for id in (idea_id, NOBODY):
        answer = await house.ask(STRANGER, "POST", f"/ideas/{id}/withdrawal", {"reason": 7})
        assert problem(answer, 422, "invalid_request")["errors"][0]["field"] == "reason"
