"""What comes after a decision as people meet it over HTTP: outcomes, failures that teach, grounds for protection."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from pathlib import Path

import pytest

from services.awards.service import SERVICE as AWARDS
from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.service import SERVICE as IDEAS
from services.learning.service import SERVICE as LEARNING
from shared.contracts.types import Kind
from shared.engine.message import Actor
from tests.support.house import House
from tests.support.line import adopted_idea
from tests.support.line import decided as decide
from tests.unit.ideas.support import (
    AUDITOR,
    CO_AUTHOR,
    HEAD,
    LEAD,
    NATIONAL,
    OTHER_HEAD,
    RECEIVER,
    SEOUL,
    STRANGER,
    authority,
    noon,
    submission,
)

OFFICER = Actor("officer", "award_officer", "creative")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = await House(tmp_path, IDEAS, EVALUATION, LEARNING, AWARDS).open()
    made.clock.time = noon(date(2025, 3, 3))
    yield made


async def test_an_outcome_is_measured_for_a_year_and_graded(house: House) -> None:
    idea_id = await adopted_idea(house, SEOUL, "9")
    path = f"/ideas/{idea_id}"
    await house.must(HEAD, "POST", f"{path}/implementation/milestones", {"title": "차량", "due_on": "2025-05-30"})
    await house.must(HEAD, "POST", f"{path}/implementation/start", {})
    await house.must(HEAD, "POST", f"{path}/implementation/milestones/reached", {"number": 1})
    gains = [{"what": "택시비 절감", "won": 100_000_000}]
    await house.must(HEAD, "POST", f"{path}/outcome/forecasts", {"gains": gains, "basis": "하루 300명"})
    begun = await house.must(HEAD, "POST", f"{path}/outcome/effect", {})
    house.clock.time = datetime.fromisoformat(begun["deadlines"]["measure"])
    await house.settle()
    body = {"begins": begun["effect_on"], "ends": begun["measured_until"], "gains": gains, "evidence": "집계"}
    await house.must(HEAD, "POST", f"{path}/outcome/benefits", body)
    points = {"service": "80", "scope": "70", "continuity": "60"}
    grade = {"points": points, "authority": authority().model_dump(mode="json")}
    await house.must(RECEIVER, "POST", f"{path}/outcome/grade", grade)
    await house.settle()
    seen = await house.must(STRANGER, "GET", f"{path}/outcome")
    assert (seen["grade"]["attained"], seen["grade"]["grade"], seen["grade"]["actual_won"]) == (100, "u", 100_000_000)
    history = await house.must(LEAD, "GET", f"{path}/outcome/history")
    kinds = [event["type"].removeprefix("ideas.") for event in history["items"]]
    assert kinds == ["ForecastMade", "FirstEffectNoted", "MeasurementEnded", "BenefitsRecorded", "OutcomeGraded"]
    told = await house.must(CO_AUTHOR, "GET", "/me/notices")
    assert {"milestone_reached", "first_effect", "outcome_graded"} <= {one["notice"] for one in told["items"]}


async def test_an_honest_failure_is_a_case_to_learn_from(house: House) -> None:
    idea_id = await adopted_idea(house, SEOUL, "9")
    path = f"/ideas/{idea_id}/implementation"
    given_up = {"reason": "수요가 없다", "learnt": "시범 노선으로 먼저 재야 한다"}
    await house.must(HEAD, "POST", f"{path}/abandonment", given_up)
    await house.must(RECEIVER, "POST", f"{path}/failure", {"reason": "검토와 시범을 거쳤다"})
    await house.settle()
    case = await house.must(OTHER_HEAD, "GET", f"/cases/{idea_id}", service="learning")
    assert (case["stage"], case["learnt"]["value"]) == ("failed", "시범 노선으로 먼저 재야 한다")
    offer = {"target": "d-parks", "owner": "p-7"}
    refused = await house.ask(OFFICER, "POST", f"/cases/{idea_id}/offers", offer, service="learning")
    assert refused.json()["code"] == "case_failed"


async def test_a_checked_practice_is_a_case_and_a_nomination(house: House) -> None:
    body = submission(NATIONAL, kind=Kind.PRACTICE).model_dump(mode="json")
    idea_id = (await house.must(LEAD, "POST", "/ideas", body))["id"]
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/receipt", {})
    check = {
        "outcome": "confirmed",
        "running_since": "2024-01-02",
        "findings": "현장에서 확인함",
        "document": "현장-2025-3",
        "authority": authority().model_dump(mode="json"),
    }
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/facts", check)
    await house.settle()
    assert (await house.must(STRANGER, "GET", f"/ideas/{idea_id}"))["stage"] == "confirmed"
    assert (await house.must(OTHER_HEAD, "GET", f"/cases/{idea_id}", service="learning"))["stage"] == "open"
    nomination = await house.must(OFFICER, "GET", f"/nominations/{idea_id}", service="awards")
    assert (nomination["stage"], nomination["score"]) == ("nominated", None)


async def consulted(house: House) -> str:
    """An idea that was consulted on before its adoption; its id."""
    body = submission(SEOUL, title="올빼미버스 | *심야* 노선").model_dump(mode="json")
    idea_id = str((await house.must(LEAD, "POST", "/ideas", body))["id"])
    ask = {"question": "한정면허로 되는가", "facts": "규정이 없다"}
    await house.must(HEAD, "POST", f"/ideas/{idea_id}/consultations", ask)
    opinion = {"number": 1, "stance": "agrees_if", "opinion": "시범이면 된다", "document": "감사-9", "adviser": "p-70"}
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/consultations/answer", opinion)
    return idea_id


async def decided(house: House, idea_id: str) -> None:
    """The idea is adopted."""
    await decide(house, idea_id, SEOUL, "9")


async def test_the_grounds_for_protection_say_what_was_known_who_advised_and_why_it_was_decided(house: House) -> None:
    idea_id = await consulted(house)
    await decided(house, idea_id)
    found = await house.must(HEAD, "GET", f"/ideas/{idea_id}/protection")
    types = {name: [line["type"].removeprefix("ideas.") for line in lines] for name, lines in found["sections"].items()}
    assert types["known"] == ["IdeaSubmitted", "DecisionRequested"]
    assert types["advised"] == ["ConsultationAsked", "ConsultationAnswered"]
    assert types["decided"] == ["IdeaFoundComplete", "IdeaAdopted"]
    adopted = found["sections"]["decided"][-1]
    assert adopted["advised_by"] == [line["event"] for line in found["sections"]["advised"]]
    assert (adopted["data"]["reason"]["value"], adopted["by"]["id"]) == ("효과가 크다", HEAD.id)
    history = await house.must(LEAD, "GET", f"/ideas/{idea_id}/history")
    ids = {event["id"]: event["type"] for event in history["items"]}
    assert ids[adopted["event"]] == "ideas.IdeaAdopted"


async def test_advice_that_came_later_is_not_named_by_what_was_decided_before(house: House) -> None:
    idea_id = await adopted_idea(house, SEOUL, "9")
    ask = {"question": "한정면허로 되는가", "facts": "규정이 없다"}
    await house.must(HEAD, "POST", f"/ideas/{idea_id}/consultations", ask)
    moved = {"planned_date": "2026-01-05", "reason": "차량 납품이 늦다"}
    await house.must(HEAD, "POST", f"/ideas/{idea_id}/implementation/reschedule", moved)
    sections = (await house.must(AUDITOR, "GET", f"/ideas/{idea_id}/protection"))["sections"]
    advised = {line["type"]: line["advised_by"] for line in sections["decided"]}
    [asked] = [line["event"] for line in sections["advised"]]
    assert (advised["ideas.IdeaAdopted"], advised["ideas.ImplementationRescheduled"]) == ([], [asked])


async def test_the_document_is_in_both_languages_and_takes_no_text_for_markup(house: House) -> None:
    idea_id = await consulted(house)
    path = f"/ideas/{idea_id}/protection?form=document"
    korean, english = [(await house.ask(LEAD, "GET", f"{path}&language={language}")).text for language in ("ko", "en")]
    assert (
        korean.startswith("# 면책 소명자료: 올빼미버스 \\| \\*심야\\* 노선")
        and "## 3. 결정과 그 사유\n\n해당 없음" in korean
    )
    assert english.startswith("# Grounds for protection") and "The opinion of the audit office" in english
    assert "- Opinion: 시범이면 된다" in english


async def test_consultations_and_grounds_are_for_those_to_whom_the_idea_opens(house: House) -> None:
    idea_id = await consulted(house)
    await decided(house, idea_id)
    for what in ("consultations", "protection"):
        path = f"/ideas/{idea_id}/{what}"
        for person in (LEAD, CO_AUTHOR, HEAD, RECEIVER, AUDITOR):
            await house.must(person, "GET", path)
        for person in (STRANGER, OTHER_HEAD, OFFICER):
            assert (await house.ask(person, "GET", path)).status_code == 404
    assert (await house.must(STRANGER, "GET", f"/ideas/{idea_id}"))["stage"] == "adopted"
