"""Groups, outputs that become ideas, and cases that spread, through HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.service import SERVICE as IDEAS
from services.learning import domain
from services.learning.service import SERVICE as LEARNING
from services.learning.texts import TEXTS
from shared.engine.message import Actor
from tests.support.house import House
from tests.support.line import adopted_idea, decided
from tests.support.refusals import codes_of
from tests.unit.ideas.support import HEAD as IDEA_HEAD
from tests.unit.ideas.support import LEAD as AUTHOR
from tests.unit.learning.support import LEAD, NATIONAL, OFFICER, OWNER, SEOUL, TARGET_HEAD, output, registration

STAFF = Actor("anybody", "author", "parks")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await House(tmp_path, IDEAS, EVALUATION, LEARNING).open()


async def must(house: House, actor: Actor, method: str, path: str, body: Any = None) -> Any:
    return await house.must(actor, method, path, body, service="learning")


async def registered(house: House, pack_id: str) -> str:
    body = registration(pack_id).model_dump(mode="json")
    answer = await house.ask(LEAD, "POST", "/groups", body, service="learning")
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


@pytest.mark.parametrize("pack_id", [SEOUL, NATIONAL])
async def test_an_output_becomes_an_idea_and_then_a_case(house: House, pack_id: str) -> None:
    where = await registered(house, pack_id)
    body = output(pack_id, department=IDEA_HEAD.department).model_dump(mode="json")
    group = await must(house, LEAD, "POST", f"{where}/outputs", body)
    idea_id = group["outputs"][-1]["idea_id"]
    author = Actor("lee", "author", "transport")
    idea = await house.must(author, "GET", f"/ideas/{idea_id}")
    assert idea["stage"] == "submitted"
    assert idea["origin"] == {"kind": "group_output", "id": group["id"], "label": "밤길 연구모임"}
    assert (await house.ask(STAFF, "GET", f"/cases/{idea_id}", service="learning")).status_code == 404
    await decided(house, idea_id, pack_id, {SEOUL: "9", NATIONAL: "20"}[pack_id])
    case = await must(house, STAFF, "GET", f"/cases/{idea_id}")
    assert (case["stage"], case["pack"], case["department"]) == ("open", pack_id, IDEA_HEAD.department)


async def test_members_activities_and_the_end(house: House) -> None:
    where = await registered(house, SEOUL)
    await must(house, LEAD, "POST", f"{where}/members", {"person_id": "choi"})
    group = await must(house, LEAD, "DELETE", f"{where}/members/park")
    assert group["members"] == ["kim", "lee", "choi"]
    day = {"held_on": "2025-03-03", "title": "현장 답사", "attendees": ["kim", "choi"]}
    await must(house, LEAD, "POST", f"{where}/activities", day)
    found = await must(house, STAFF, "GET", "/groups?member=choi&stage=active&department=transport&pack=seoul-2025-1")
    assert [one["name"] for one in found["items"]] == ["밤길 연구모임"]
    assert (await must(house, STAFF, "GET", "/groups?member=park"))["items"] == []
    await must(house, LEAD, "POST", f"{where}/closing", {"reason": "활동 종료"})
    kinds = [event["type"] for event in (await must(house, STAFF, "GET", f"{where}/history"))["items"]]
    assert [kind.removeprefix("learning.") for kind in kinds] == [
        *("GroupRegistered", "MemberJoined", "MemberLeft", "ActivityRecorded", "GroupClosed")
    ]
    assert (await must(house, STAFF, "GET", where))["stage"] == "closed"


async def test_a_case_spreads_and_the_idea_hears_of_it(house: House) -> None:
    idea_id = await adopted_idea(house, SEOUL, "9")
    for target, owner in (("parks", OWNER.id), ("housing", "o-2"), ("water", "o-3"), ("fire", "o-4")):
        body = {"target": target, "owner": owner}
        answer = await house.ask(OFFICER, "POST", f"/cases/{idea_id}/offers", body, service="learning")
        assert answer.headers["Location"] == f"/cases/{idea_id}/offers/{target}"
    path = f"/cases/{idea_id}/offers"
    await must(house, TARGET_HEAD, "POST", f"{path}/parks/answer", {"answer": "adopted"})
    housing = Actor("h-2", "department", "housing")
    await must(house, housing, "POST", f"{path}/housing/answer", {"answer": "adapted", "reason": "단지 안에서만"})
    declined = {"answer": "declined", "reason": "해당 업무 없음"}
    await must(house, Actor("o-3", "author", "water"), "POST", f"{path}/water/answer", declined)
    due = (await must(house, STAFF, "GET", f"{path}/fire"))["due_at"]
    house.clock.time = house.clock.time.fromisoformat(due)
    await house.settle()
    found = await must(house, STAFF, "GET", f"/cases/{idea_id}/spread")
    assert found["counts"] == {"adopted": 1, "adapted": 1, "declined": 1, "offered": 0, "overdue": 1}
    assert found["targets"]["declined"][0]["reason"] == "해당 업무 없음"
    idea = await house.must(AUTHOR, "GET", f"/ideas/{idea_id}")
    assert sorted(idea["spread_to"]) == ["housing", "parks"]
    kinds = [event["type"] for event in (await must(house, STAFF, "GET", f"{path}/fire/history"))["items"]]
    assert kinds == ["learning.CaseOffered", "learning.OfferOverdue"]
    waiting = await must(house, Actor("o-4", "member", "fire"), "GET", "/me/offers?stage=overdue")
    assert [one["target"] for one in waiting["items"]] == ["fire"]
    assert len((await must(house, STAFF, "GET", f"{path}?stage=answered"))["items"]) == 3
    kinds = [event["type"] for event in (await must(house, STAFF, "GET", f"/cases/{idea_id}/history"))["items"]]
    assert kinds == ["learning.CaseOpened"]


async def test_cases_are_filtered_and_unknown_ones_not_offered(house: House) -> None:
    idea_id = await adopted_idea(house, SEOUL, "9")
    query = f"/cases?department={IDEA_HEAD.department}&kind=create&pack=seoul-2025-1"
    assert [one["id"] for one in (await must(house, STAFF, "GET", query))["items"]] == [idea_id]
    assert (await must(house, STAFF, "GET", "/cases?department=parks"))["items"] == []
    body = {"target": "parks", "owner": OWNER.id}
    answer = await house.ask(OFFICER, "POST", "/cases/nowhere/offers", body, service="learning", Accept_Language="ko")
    assert (answer.status_code, answer.json()["title"]) == (404, "찾을 수 없습니다")


def test_every_refusal_has_its_words_and_no_word_is_left_over() -> None:
    assert codes_of(domain) - {"not_found"} == set(TEXTS)
