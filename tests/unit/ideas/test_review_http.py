"""The time after a decision as people meet it over HTTP: re-examination, rights, panels, and the watch over the log."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.service import SERVICE as IDEAS
from services.ideas.watch import _blocks  # pyright: ignore[reportPrivateUsage]
from services.learning.service import SERVICE as LEARNING
from shared.engine.message import Actor
from tests.support.house import House
from tests.unit.evaluation.support import CHAIR, STAGES, rater, scores
from tests.unit.ideas.support import (
    AUDITOR,
    CO_AUTHOR,
    HEAD,
    LEAD,
    NATIONAL,
    OPEN_CALL,
    OTHER_HEAD,
    RECEIVER,
    SEOUL,
    STRANGER,
    authority,
    authors,
    noon,
    submission,
)
from tests.unit.learning.support import LEAD as GROUP_LEAD
from tests.unit.learning.support import registration

TEXT = (
    "막차가 끊긴 뒤 자정부터 다섯 시까지 다니는 버스를 만들자. 심야에 택시를 부르는 통화가 많은 길을 지도에 그리고, "
    "그 길을 따라 여덟 개 노선을 놓으면 학생과 야간 근로자가 안전하게 돌아갈 수 있다."
)
OTHER_TEXT = "도서관 반납함을 지하철역마다 두어 퇴근길에 책을 돌려줄 수 있게 하자. 반납한 책은 다음 날 아침에 모은다."
SIX = [f"v-{number}" for number in range(1, 7)]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = await House(tmp_path, IDEAS, EVALUATION, LEARNING).open()
    made.clock.time = noon(date(2025, 3, 3))
    yield made


async def pending(house: House, pack_id: str, author: Actor = LEAD, text: str = TEXT, title: str = "올빼미버스") -> str:
    sections = {key: text for key in submission(pack_id).sections}
    changes = {"sections": sections, "title": title, "authors": authors((author.id, "100"))}
    body = submission(pack_id, **changes).model_dump(mode="json")
    idea_id = str((await house.must(author, "POST", "/ideas", body))["id"])
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/receipt", {})
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/completeness", {"outcome": "complete"})
    stage = STAGES[pack_id]
    raters = [rater(number) for number in (1, 2, 3)]
    where = f"/evaluations/{idea_id}/{stage}"
    if pack_id != OPEN_CALL:
        named = {"raters": [one.id for one in raters]}
        await house.must(CHAIR, "POST", f"{where}/raters", named, service="evaluation")
    for one in raters if pack_id != OPEN_CALL else raters[:1]:
        body = scores(pack_id, "9", comment="좋다").model_dump(mode="json")
        await house.must(one, "POST", f"{where}/scores", body, service="evaluation")
    if pack_id == NATIONAL:  # its results are disclosed a day later
        house.clock.time += timedelta(days=2)
        await house.settle()
    return idea_id


def grounds(**more: Any) -> dict[str, Any]:
    return {"reason": "까닭이 있다", "authority": authority().model_dump(mode="json"), **more}


async def refused(house: House, pack_id: str = SEOUL, **more: Any) -> str:
    idea_id = await pending(house, pack_id, **more)
    await house.must(HEAD, "POST", f"/ideas/{idea_id}/refusal", grounds())
    return idea_id


async def adopted(house: House, pack_id: str = SEOUL, **more: Any) -> str:
    idea_id = await pending(house, pack_id, STRANGER, **more)
    planned = str(house.clock.now().date() + timedelta(days=90))
    await house.must(HEAD, "POST", f"/ideas/{idea_id}/adoption", grounds(planned_date=planned))
    return idea_id


async def told(house: House, idea_id: str, who: Actor = LEAD) -> list[str]:
    notices = (await house.must(who, "GET", "/me/notices"))["items"]
    return [f"{one['facts']['matched']} {one['facts']['matched_id']}" for one in notices if _is_match(one, idea_id)]


def _is_match(notice: dict[str, Any], idea_id: str) -> bool:
    return bool(notice["notice"] == "match_found" and notice["idea_id"] == idea_id)


# --- re-examination and rights


async def test_a_refusal_is_reexamined_by_a_panel_and_becomes_an_adoption_that_is_carried_out(house: House) -> None:
    idea_id = await refused(house, NATIONAL)
    [own] = (await house.must(LEAD, "GET", "/me/rights"))["items"]
    assert [(one["right"], one["status"], one["until"]) for one in own["rights"]] == [
        ("reexamination", "open", "2025-03-20"),
        ("claim", "open", "2027-03-05"),
    ]
    assert own["rights"][0]["article"] == "공무원 제안 규정 제11조제1항" and own["rights"][0]["panel"]
    assert own["watched_until"] == "2027-03-05"
    await house.must(LEAD, "POST", f"/ideas/{idea_id}/reexamination", {"reason": "통화량을 보지 않았다"})
    body = {"matter": "reexamination", "members": SIX, "non_officials": SIX[:3]}
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/panels", body)
    said = {"matter": "reexamination", "attended": SIX, "votes_for": 5, "votes_against": 1, "reason": "타당하다"}
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/panels/finding", said)
    change = grounds(outcome="adopted", planned_date="2025-12-01")
    seen = await house.must(HEAD, "POST", f"/ideas/{idea_id}/reexamination/decision", change)
    assert (seen["stage"], seen["decisions_before"][0]["outcome"]) == ("adopted", "refused")
    assert (await house.must(HEAD, "GET", f"/ideas/{idea_id}/implementation"))["phase"] == "planned"
    [own] = (await house.must(LEAD, "GET", "/me/rights"))["items"]
    assert [one["status"] for one in own["rights"]] == ["used", "none"]
    assert (own["watched_until"], own["followed_up_until"]) == (None, "2028-03-06")
    history = [event["type"] for event in (await house.must(LEAD, "GET", f"/ideas/{idea_id}/history"))["items"]]
    assert [kind for kind in history if kind in ("ideas.IdeaRefused", "ideas.IdeaReexamined", "ideas.IdeaAdopted")] == [
        "ideas.IdeaRefused",
        "ideas.IdeaReexamined",
        "ideas.IdeaAdopted",
    ]


async def test_authors_learn_what_a_panel_found_and_not_who_sat_on_it(house: House) -> None:
    idea_id = await refused(house)
    await house.must(LEAD, "POST", f"/ideas/{idea_id}/reexamination", {"reason": "다시"})
    body = {"matter": "reexamination", "members": SIX, "non_officials": SIX[:3]}
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/panels", body)
    for who in (RECEIVER, HEAD, AUDITOR):
        assert (await house.must(who, "GET", f"/ideas/{idea_id}/panels"))["panels"][0]["members"] == SIX
    for who in (Actor(LEAD.id, "receiver"), Actor(LEAD.id, "department", HEAD.department), OTHER_HEAD):
        assert (await house.ask(who, "GET", f"/ideas/{idea_id}/panels")).status_code == 404
    for path in (f"/ideas/{idea_id}", f"/ideas/{idea_id}/history", "/me/notices", "/me/rights"):
        answer = await house.ask(LEAD, "GET", path)
        assert answer.status_code == 200 and "v-1" not in answer.text, path


async def test_whom_the_directory_lists_as_staff_is_an_official(house: House) -> None:
    await house.must(RECEIVER, "PUT", f"/departments/{HEAD.department}", {"name": "버스정책과"})
    await house.must(RECEIVER, "PUT", "/people/v-1", {"department": HEAD.department})
    for who in (LEAD, STRANGER):
        await house.must(RECEIVER, "PUT", f"/people/{who.id}", {})
    idea_id = await refused(house)
    await house.must(LEAD, "POST", f"/ideas/{idea_id}/reexamination", {"reason": "다시"})
    body = {"matter": "reexamination", "members": SIX, "non_officials": SIX[:3]}
    answer = await house.ask(RECEIVER, "POST", f"/ideas/{idea_id}/panels", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "official_in_directory")
    assert answer.json()["errors"][0]["field"] == "non_officials.0"
    body["non_officials"] = SIX[1:4]
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/panels", body)


async def test_rights_are_told_as_over_and_as_awaiting_delivery(house: House) -> None:
    await refused(house, OPEN_CALL)
    house.clock.time = noon(date(2025, 4, 3))
    [own] = (await house.must(LEAD, "GET", "/me/rights"))["items"]
    assert [(one["status"], one["until"]) for one in own["rights"]] == [("over", "2025-04-02"), ("open", "2026-03-03")]
    on_paper = await house.must(
        RECEIVER, "POST", "/ideas", submission(NATIONAL, authors=authors(("p-3", "100"))).model_dump(mode="json")
    )
    receipt = {"channel": "paper", "reason": "온라인을 쓰지 못한다", "document": "접수-12"}
    await house.must(RECEIVER, "POST", f"/ideas/{on_paper['id']}/receipt", receipt)
    assert (await house.must(Actor("p-3", "author"), "GET", "/me/rights"))["items"] == []


# --- the watch


@pytest.mark.parametrize("copies", [1, 5])
async def test_a_later_adoption_is_told_to_the_authors_of_refused_ideas_in_all_partitions(
    house: House, copies: int
) -> None:
    alike = [await refused(house, title=f"올빼미버스 {number}") for number in range(copies)]
    other = await refused(house, text=OTHER_TEXT, title="반납함")
    house.clock.time = noon(date(2025, 9, 1))
    news = await adopted(house, text=TEXT + " 요금은 낮보다 조금 높게 한다.", title="심야버스 노선")
    await house.settle()
    for idea_id in alike:
        assert await told(house, idea_id) == [f"adoption {news}"]
    assert await told(house, other) == []
    [match] = (await house.must(LEAD, "GET", f"/ideas/{alike[0]}"))["matches"]
    assert (match["matched_id"], match["matched_on"]) == (news, "2025-09-01")
    claim = {"reason": "같은 노선이 다닌다", "match_id": news}
    await house.must(LEAD, "POST", f"/ideas/{alike[0]}/claims", claim)


async def test_packs_differ_in_how_long_an_idea_is_watched(house: House) -> None:
    long, short = await refused(house, NATIONAL), await refused(house, OPEN_CALL)
    house.clock.time = noon(date(2026, 9, 1))
    await house.settle()
    news = await adopted(house, OPEN_CALL)
    await house.settle()
    assert await told(house, long) == [f"adoption {news}"]
    assert await told(house, short) == []


async def test_a_policy_entered_by_hand_is_told_also_where_the_idea_is_a_small_part_of_it(house: House) -> None:
    alike = await refused(house)
    house.clock.time = noon(date(2025, 9, 1))
    filler = "".join(
        f"{number}호 사업은 {number * 7919}명에게 {number * 104729}원을 지원한다. " for number in range(120)
    )
    body = {
        "title": "시정 4개년 계획",
        "text": filler[:3000] + TEXT + filler[3000:],
        "department": HEAD.department,
        "in_force_on": "2025-08-01",
        "source": "시보 제4001호",
    }
    policy = (await house.must(HEAD, "POST", "/policies", body))["id"]
    await house.settle()
    assert await told(house, alike) == [f"policy {policy}"]
    assert (await house.must(LEAD, "GET", f"/policies/{policy}"))["title"]["value"] == "시정 4개년 계획"
    early = body | {"in_force_on": "2025-02-03"}
    await house.must(HEAD, "POST", "/policies", early)
    await house.settle()
    assert len(await told(house, alike)) == 1


async def test_a_learning_groups_output_is_told_and_what_people_hand_in_is_not(house: House) -> None:
    alike = await refused(house)
    house.clock.time = noon(date(2025, 9, 1))
    await pending(house, SEOUL, STRANGER)
    await house.settle()
    assert await told(house, alike) == []
    output = await _output(house)
    await house.settle()
    assert await told(house, alike) == [f"output {output}"]


async def _output(house: House) -> str:
    body = registration(SEOUL).model_dump(mode="json")
    group = (await house.must(GROUP_LEAD, "POST", "/groups", body, service="learning"))["id"]
    output = {
        "pack": SEOUL,
        "kind": "create",
        "department": HEAD.department,
        "title": "심야버스",
        "sections": {key: TEXT for key in submission(SEOUL).sections},
        "authors": [{"person_id": "kim", "share": "100"}],
    }
    await house.must(GROUP_LEAD, "POST", f"/groups/{group}/outputs", output, service="learning")
    group_now = await house.must(GROUP_LEAD, "GET", f"/groups/{group}", service="learning")
    return str(group_now["outputs"][0]["idea_id"])


def test_a_long_text_is_looked_up_in_blocks_that_overlap() -> None:
    assert list(_blocks("가" * 400)) == []
    assert [len(block) for block in _blocks("가" * 1000)] == [400, 400, 400, 400, 200]
    assert len(list(_blocks("가" * 100_000))) == 40


async def test_what_was_imported_is_no_news(house: House) -> None:
    alike = await refused(house)
    line = {
        "key": "1",
        "pack": OPEN_CALL,
        "kind": "create",
        "department": HEAD.department,
        "title": "올빼미버스",
        "sections": {"content": TEXT},
        "authors": [{"person_id": CO_AUTHOR.id, "share": "100"}],
        "submitted_on": "2024-05-01",
        "received_on": "2024-05-02",
        "source": "옛 게시판",
        "source_id": "1",
    }
    await house.send_lines(RECEIVER, "/ideas/imports", [line])
    decided = {
        "key": "2",
        "source": "옛 게시판",
        "source_id": "1",
        "outcome": "adopted",
        "decided_on": "2025-03-03",
        "decided_by": "p-70",
        "planned_date": "2025-12-01",
    }
    answers = await house.send_lines(RECEIVER, "/decisions/imports", [decided])
    assert "code" not in answers[0], answers
    await house.settle()
    assert await told(house, alike) == []
