"""Ideas as people meet them over HTTP, evaluation beside them; only Kafka is a list."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.evaluation.service import SERVICE as EVALUATION
from services.ideas import domain
from services.ideas.directory import CODES
from services.ideas.domain.clocks import DECISION
from services.ideas.service import SERVICE as IDEAS
from services.ideas.texts import TEXTS
from shared.engine.message import Actor
from tests.support.house import House
from tests.support.refusals import codes_of
from tests.unit.evaluation.support import rater, scores
from tests.unit.ideas.support import (
    AUDITOR,
    CO_AUTHOR,
    HEAD,
    LEAD,
    OPEN_CALL,
    RECEIVER,
    SEOUL,
    STRANGER,
    adoption,
    submission,
)

CITIZEN = Actor("c-1", "citizen")

EDGE_CODES = {
    "unknown_call",
    "call_of_another_pack",
    "call_closed",
    "draft_incomplete",
    "not_a_repeat",
    "official_in_directory",
}
"""Refusals that the edge gives itself."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await House(tmp_path, IDEAS, EVALUATION).open()


def body_of(command: Any) -> Any:
    return command.model_dump(mode="json")


async def submitted(house: House, **changes: Any) -> str:
    idea = await house.must(LEAD, "POST", "/ideas", body_of(submission(SEOUL, **changes)))
    return str(idea["id"])


async def received(house: House, **changes: Any) -> str:
    idea_id = await submitted(house, **changes)
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/receipt", {})
    return idea_id


async def pending(house: House) -> str:
    idea_id = await received(house)
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/completeness", {"outcome": "complete"})
    for number in (1, 2, 3):
        await house.must(
            rater(number),
            "POST",
            f"/evaluations/{idea_id}/first_pass/scores",
            body_of(scores(SEOUL, "9")),
            service="evaluation",
        )
    return idea_id


async def test_from_submission_to_implementation(house: House) -> None:
    idea_id = await pending(house)
    idea = await house.must(HEAD, "GET", f"/ideas/{idea_id}")
    assert (idea["stage"], idea["score"]) == ("decision_pending", "90.00")
    await house.must(HEAD, "POST", f"/ideas/{idea_id}/adoption", body_of(adoption()))
    await house.must(HEAD, "POST", f"/ideas/{idea_id}/implementation/start", {})
    moved = {name: body_of(adoption())[name] for name in ("reason", "authority")} | {"planned_date": "2026-01-05"}
    await house.must(HEAD, "POST", f"/ideas/{idea_id}/implementation/reschedule", moved)
    await house.must(HEAD, "POST", f"/ideas/{idea_id}/implementation/completion", {"result": "8개 노선"})
    implementation = await house.must(STRANGER, "GET", f"/ideas/{idea_id}/implementation")
    assert (implementation["phase"], implementation["planned_date"]) == ("completed", "2026-01-05")
    told = await house.must(CO_AUTHOR, "GET", "/me/notices")
    assert [notice["notice"] for notice in reversed(told["items"])] == [
        "submitted",
        "received",
        "numbered",
        "adopted",
        "implementation_started",
        "implementation_rescheduled",
        "implementation_completed",
    ]
    assert (await house.must(LEAD, "GET", "/me/notices"))["items"][-1]["notice"] == "received"
    funnel = await house.must(CITIZEN, "GET", "/funnel")
    assert funnel == {
        "ideas": 1,
        "stages": {"adopted": 1},
        "implementation": {"completed": 1},
        "awarded": 0,
        "spread": 0,
    }
    history = await house.must(LEAD, "GET", f"/ideas/{idea_id}/history")
    assert [event["type"] for event in history["items"]][:2] == ["ideas.IdeaSubmitted", "ideas.SharesOpened"]
    steps = await house.must(LEAD, "GET", f"/ideas/{idea_id}/implementation/history")
    assert len(steps["items"]) == 4


async def test_the_answer_says_where_the_new_idea_is(house: House) -> None:
    answer = await house.ask(LEAD, "POST", "/ideas", body_of(submission(SEOUL)))
    assert answer.status_code == 201
    assert (await house.ask(LEAD, "GET", answer.headers["Location"])).json()["stage"] == "submitted"


async def test_an_import_says_where_it_is_and_carries_its_total(house: House) -> None:
    line = body_of(submission(OPEN_CALL, title="", sections={"content": ""})) | {
        "key": "국민청원/579846",
        "submitted_on": "2019-04-01",
        "received_on": "2019-04-02",
        "source": "국민청원",
        "source_id": "579846",
        "endorsements": 352,
    }
    answers = await house.send_lines(RECEIVER, "/ideas/imports", [line])
    where = f"/ideas/{answers[0]['id']}"
    seen = await house.must(RECEIVER, "GET", where)
    assert (seen["stage"], seen["submitted_on"], seen["received_on"]) == ("received", "2019-04-01", "2019-04-02")
    dated = {"choice": "endorse", "voted_at": "2019-04-02T00:00:00Z"}
    await house.must(RECEIVER, "PUT", f"{where}/votes/v-1", dated)
    await house.must(CITIZEN, "PUT", f"{where}/vote", {"choice": "object"})
    tally = await house.must(CITIZEN, "GET", f"{where}/votes")
    assert tally["votes"] == {"endorse": 1, "object": 1, "pass": 0}
    assert (tally["declared_endorsements"], tally["endorsements"]) == (352, 353)


async def test_a_person_votes_again_and_only_the_latest_counts(house: House) -> None:
    idea_id = await received(house)
    for choice in ("endorse", "object", "pass"):
        await house.must(CITIZEN, "PUT", f"/ideas/{idea_id}/vote", {"choice": choice})
        house.clock.time += timedelta(seconds=1)
    tally = await house.must(STRANGER, "GET", f"/ideas/{idea_id}/votes")
    assert tally["votes"] == {"endorse": 0, "object": 0, "pass": 1}
    assert (await house.must(CITIZEN, "GET", f"/ideas/{idea_id}/vote"))["choice"] == "pass"
    mine = await house.must(CITIZEN, "GET", f"/ideas/{idea_id}/vote/history")
    seen = await house.must(AUDITOR, "GET", f"/ideas/{idea_id}/votes/c-1/history")
    assert len(mine["items"]) == 3 == len(seen["items"])


async def test_somebody_elses_idea_is_as_if_it_were_not_there(house: House) -> None:
    idea_id = await submitted(house)
    absent = (await house.ask(STRANGER, "GET", "/ideas/nowhere")).json()
    for path in ("", "/history", "/votes"):
        answer = await house.ask(STRANGER, "GET", f"/ideas/{idea_id}{path}")
        assert answer.status_code == 404 and answer.json()["title"] == absent["title"]
    answer = await house.ask(STRANGER, "POST", f"/ideas/{idea_id}/withdrawal", {})
    assert answer.status_code == 404 and answer.json()["code"] == "not_found"
    assert (await house.must(STRANGER, "GET", "/ideas"))["items"] == []
    assert len((await house.must(LEAD, "GET", "/me/ideas"))["items"]) == 1


async def test_lists_are_filtered(house: House) -> None:
    idea_id = await received(house, category="교통")
    await submitted(house, category="주거")
    found = await house.must(RECEIVER, "GET", "/ideas?category=교통&stage=received&kind=create&pack=seoul-2025-1")
    assert [idea["id"] for idea in found["items"]] == [idea_id]
    assert (await house.must(RECEIVER, "GET", "/ideas?department=d-parks"))["items"] == []


async def test_a_withdrawal_reaches_the_evaluation(house: House) -> None:
    idea_id = await received(house)
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/completeness", {"outcome": "complete"})
    await house.must(LEAD, "POST", f"/ideas/{idea_id}/withdrawal", {"reason": "다시 쓰겠다"})
    path = f"/evaluations/{idea_id}/first_pass"
    assert (await house.must(RECEIVER, "GET", path, service="evaluation"))["phase"] == "cancelled"
    answer = await house.ask(rater(1), "POST", f"{path}/scores", body_of(scores(SEOUL)), service="evaluation")
    assert answer.json()["code"] == "evaluation_closed"


async def test_deadlines_fire_and_an_idea_without_raters_still_comes_to_its_decision(house: House) -> None:
    idea_id = await received(house)
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/completeness", {"outcome": "complete"})
    due = datetime.fromisoformat((await house.must(LEAD, "GET", f"/ideas/{idea_id}"))["deadlines"][DECISION])
    house.clock.time = due
    await house.settle()
    idea = await house.must(LEAD, "GET", f"/ideas/{idea_id}")
    assert (idea["stage"], idea["score"], idea["deadlines"]) == ("decision_pending", None, {})
    types = [e["type"] for e in (await house.must(LEAD, "GET", f"/ideas/{idea_id}/history"))["items"]]
    assert types.count("ideas.DecisionOverdue") == 1


async def test_refusals_are_explained_in_the_callers_language(house: House) -> None:
    body = body_of(submission(SEOUL, sections={"problem": "느리다"}))
    korean = await house.ask(LEAD, "POST", "/ideas", body, Accept_Language="ko")
    assert (korean.status_code, korean.json()["title"]) == (422, "빠진 항목이 있습니다")
    assert korean.json()["facts"] == {"section": "improvement"}
    answer = await house.ask(CITIZEN, "POST", f"/ideas/{await submitted(house)}/adoption", {})
    assert answer.status_code == 403


def test_every_refusal_has_its_words_and_no_word_is_left_over() -> None:
    assert (codes_of(domain) | set(CODES.values()) | EDGE_CODES) - {"not_found"} == set(TEXTS)
