"""Whoever is in conflict asks everything there is to ask, before and after others scored, and must see no difference.

Compared are status, headers, body, order and length of every answer of every route of the service, in every role.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.service import SERVICE as IDEAS
from shared.engine.message import Actor
from shared.runtime.openapi import roles_of
from tests.support.house import House
from tests.unit.evaluation.round_house import complete, get, name, opened, score, sheet, sign, submitted, wait
from tests.unit.evaluation.support import AUDITOR, CHAIR, RECEIVER, STAGES, rater
from tests.unit.ideas.support import CO_AUTHOR, LEAD, NATIONAL, SEOUL, authors

Answer = tuple[str, int, str, list[tuple[str, str]]]

TEAM = "t-bus"
NEAR = {
    "its author": LEAD.id,
    "a past co-author": "r-20",
    "of the author's team": "r-21",
    "of the author's department": "r-22",
    "declared": "r-23",
    "stepped back": "r-24",
    "challenged with success": "r-25",
}
DEPARTMENTS = {"r-21": TEAM, "r-22": "t-taxi"}
ASKING = ("author", "citizen", "department", "receiver", "rater", "chair", "award_officer")
"""Roles in which one might ask. The auditor sees all, the operator nothing of content; both are other people."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await House(tmp_path, IDEAS, EVALUATION).open()


async def prepared(house: House, pack_id: str) -> tuple[str, str, str]:
    """An idea in a round with three raters, and people who are near to it in each way; idea, another one, the round."""
    must = house.must
    for unit, parent in (("d-transport", None), (TEAM, "d-transport"), ("t-taxi", "d-transport")):
        await must(RECEIVER, "PUT", f"/departments/{unit}", {"name": unit, "parent": parent})
    for person, team in ((LEAD.id, TEAM), (CO_AUTHOR.id, None), ("r-20", None)):
        await must(RECEIVER, "PUT", f"/people/{person}", {"department": team})
    past = await submitted(house, pack_id, authors=authors((LEAD.id, "60"), ("r-20", "40")))
    await complete(house, past)
    idea, other = await submitted(house, pack_id), await submitted(house, pack_id)
    for one in (idea, other):
        await complete(house, one)
    path = await opened(house, pack_id, idea, other)
    raters = [rater(1), rater(2), rater(3), Actor("r-24", "rater"), Actor("r-25", "rater")]
    await sign(house, path, *raters)
    await sign(house, path, Actor("r-23", "rater"), interests=[{"idea_id": idea, "ground": "kinship"}])
    for one in (idea, other):
        await name(house, path, one, *(actor.id for actor in raters))
    where = f"/evaluations/{idea}/{STAGES[pack_id]}"
    await must(Actor("r-24", "rater"), "POST", f"{where}/recusal", {"reason": "친분"}, service="evaluation")
    body = {"person_id": "r-25", "reason": "편파적이다"}
    await must(LEAD, "POST", f"{where}/challenges", body, service="evaluation")
    for voter in (1, 2, 3)[:2]:
        vote = {"upholds": True}
        await must(rater(voter), "PUT", f"{where}/challenges/r-25/vote", vote, service="evaluation")
    state = await get(house, AUDITOR, where)
    assert state["raters"] == ["r-1", "r-2", "r-3"], state["excluded"]
    return idea, other, path


def bodies(pack_id: str, idea: str) -> dict[str, Any]:
    """Something to send to each route that takes something."""
    stage = STAGES[pack_id]
    return {
        "raters": {"raters": ["r-7", "r-8", "r-9"], "idea_id": idea},
        "scores": sheet(pack_id, stage, "5"),
        "closing": {},
        "recusal": {"reason": "사유"},
        "challenges": {"person_id": "r-1", "reason": "사유"},
        "vote": {"upholds": True},
        "rounds": {"pack": pack_id, "name": "another", "title": "다른 회차"},
        "ideas": {"ideas": [idea]},
        "extension": {"due": "2000-01-01T00:00:00Z", "reason": "사유"},
        "statements": {"complete": False},
        "draft": sheet(pack_id, stage, "5"),
        "submission": {},
        "{number}": {"better": idea},
        "/finals/{round_id}/{stage}": {"judges": ["r-1", "r-2", "r-3", "r-24", "r-25"]},
        "/results/{round_id}/{stage}": {"top": 3},
        "/assignments/{round_id}/{stage}": {
            "raters": [{"person_id": f"r-{number}", "department": "d-9"} for number in (1, 2, 3, 24, 25)]
        },
    }


TRACE = f"00-{'1' * 32}-{'2' * 16}-01"
CHANGES_FOR_ALL = ("POST /rounds", "POST /rounds/{round_id}/raters")
"""These would change the round itself; naming raters is tried of those alone who may not."""


async def everything(house: House, pack_id: str, idea: str, path: str, actor: Actor) -> list[Answer]:
    """The answers of all routes that the actor's role may ask about the idea, its round, or lists they stand in."""
    seen: list[Answer] = []
    params = {"idea_id": idea, "stage": STAGES[pack_id], "round_id": path.rpartition("/")[2], "person_id": "r-1"}
    params |= {"number": "1", "pack_id": pack_id}

    async def ask(method: str, place: str, body: Any = None) -> None:
        answer = await house.ask(
            actor, method, place, body, service="evaluation", Idempotency_Key=actor.role, traceparent=TRACE
        )
        asked = f"{actor.id} as {actor.role}: {method} {place}"
        seen.append((asked, answer.status_code, answer.text, sorted(answer.headers.items())))

    for (method, route), roles in sorted(roles_of(house.apps["evaluation"]).items()):
        known = roles and actor.role in roles and route != "/scores/imports"
        if not known or f"{method} {route}" in CHANGES_FOR_ALL:
            continue
        place, last = route.format(**params), route.rpartition("/")[2]
        if method == "GET":
            for query in ("", "?limit=1", *((f"?idea_id={idea}", f"?pack={pack_id}") if "{" not in route else ())):
                await ask(method, place + query)
        elif last != "closing" or "round_id" not in route or actor.id == LEAD.id:
            given = bodies(pack_id, idea)
            await ask(method, place, given.get(route) or given[last])
    if actor.id in (LEAD.id, "r-23") and actor.role in ("chair", "receiver"):
        await ask("POST", f"{path}/raters", {"idea_id": idea, "raters": ["r-1", "r-2", "r-3"]})
    return seen


def people(pack_id: str) -> list[Actor]:
    """Everybody who is near to the idea, in every role in which one might ask."""
    near = {why: id for why, id in NEAR.items() if why != "of the author's department" or pack_id == NATIONAL}
    return [Actor(id, role, DEPARTMENTS.get(id, "")) for id in near.values() for role in ASKING]


PERSONAL = ("rater", "chair")
"""The roles in which the own team or department is too near."""


def asks(actor: Actor) -> bool:
    """Whether this person is in conflict in this role at all."""
    return actor.id not in DEPARTMENTS or actor.role in PERSONAL


@pytest.mark.parametrize("pack_id", [NATIONAL, SEOUL])
async def test_before_and_after_others_scored_all_answers_are_the_same(house: House, pack_id: str) -> None:
    idea, other, path = await prepared(house, pack_id)
    actors = [actor for actor in people(pack_id) if asks(actor)]

    async def look() -> list[Answer]:
        return [one for actor in actors for one in await everything(house, pack_id, idea, path, actor)]

    stage = STAGES[pack_id]
    await score(house, other, pack_id, stage, "7", 1, 2, 3, 24, 25)
    await look()  # what they ask for may itself change something, once
    await house.settle()
    before = await look()
    statuses = {status for _, status, _, _ in before}
    assert statuses == {200, 403, 404, 422}
    for step in ((1,), (2, 3)):
        await score(house, idea, pack_id, stage, "7", *step)
        after = await look()
        assert [one for one in after if one not in before] == []
        assert after == before
    state = await get(house, AUDITOR, f"/evaluations/{idea}/{stage}")
    assert state["phase"] == "closed" and state["raters_counted"] is None


@pytest.mark.parametrize("pack_id", [NATIONAL, SEOUL])
async def test_after_the_disclosure_only_the_author_sees_the_result_and_nobody_in_conflict_an_order(
    house: House, pack_id: str
) -> None:
    idea, other, path = await prepared(house, pack_id)
    stage = STAGES[pack_id]
    for one in (idea, other):
        await score(house, one, pack_id, stage, "7", 1, 2, 3)
    await score(house, other, pack_id, stage, "7", 24, 25)
    closes_at = datetime.fromisoformat((await get(house, CHAIR, path))["closes_at"])
    await wait(house, closes_at.isoformat())
    await wait(house, (closes_at + timedelta(days=2)).isoformat())
    where = f"/evaluations/{idea}/{stage}"
    assert (await get(house, LEAD, where))["score"] is not None
    assert len((await get(house, CHAIR, f"{path}/rankings"))["items"]) == 1
    for actor in people(pack_id):
        if actor.id != LEAD.id and asks(actor):
            answer = await house.ask(actor, "GET", where, service="evaluation")
            assert answer.status_code in (403, 404), actor
        if actor.role in ("chair", "receiver"):
            answer = await house.ask(actor, "GET", f"{path}/rankings", service="evaluation")
            assert answer.status_code == 404, actor


async def test_no_metric_names_an_idea_a_person_or_a_round(house: House) -> None:
    idea, _, path = await prepared(house, SEOUL)
    await score(house, idea, SEOUL, STAGES[SEOUL], "7", 1)
    told = (await house.ask(Actor("", ""), "GET", "/metrics", service="evaluation")).text
    for word in (idea, path.rpartition("/")[2], *NEAR.values(), "r-1", "first_pass"):
        assert f'"{word}"' not in told
