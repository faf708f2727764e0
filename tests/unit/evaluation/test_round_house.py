"""Rounds over HTTP, with `ideas` beside them: admission in any order, extension, two stages, withdrawal, progress."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.service import SERVICE as IDEAS
from shared.engine.message import Actor
from tests.support.house import House
from tests.unit.evaluation.round_house import complete, get, name, opened, score, scored, sign, submitted, wait
from tests.unit.evaluation.support import AUDITOR, CHAIR, RECEIVER, rater
from tests.unit.ideas.support import HEAD, LEAD, NATIONAL, OPEN_CALL, SEOUL

WEEK = timedelta(days=7)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await House(tmp_path, IDEAS, EVALUATION).open()


async def test_admitted_before_or_after_it_is_asked_for_an_evaluation_joins(house: House) -> None:
    early, late = await submitted(house, SEOUL), await submitted(house, SEOUL)
    await complete(house, late)
    path = await opened(house, SEOUL, early, late)
    await complete(house, early)
    seen = await get(house, AUDITOR, path)
    assert {entry["idea_id"]: entry["standing"] for entry in seen["entries"]} == {early: "scoring", late: "scoring"}
    for idea in (early, late):
        evaluation = await get(house, CHAIR, f"/evaluations/{idea}/first_pass")
        assert evaluation["closes_at"] == seen["closes_at"]


async def test_two_stages_and_the_idea_hears_of_the_last(house: House) -> None:
    ideas = [await submitted(house, SEOUL) for _ in range(2)]
    for idea in ideas:
        await complete(house, idea)
    path = await opened(house, SEOUL, *ideas)
    for idea, points in zip(ideas, ("9", "7"), strict=True):
        await scored(house, path, idea, SEOUL, "first_pass", points, 1, 2, 3)
    assert (await house.must(HEAD, "GET", f"/ideas/{ideas[0]}"))["stage"] == "under_evaluation"
    await wait(house, (await get(house, CHAIR, path))["closes_at"])
    seen = await get(house, CHAIR, path)
    orders = (await get(house, CHAIR, f"{path}/rankings"))["items"]
    assert seen["stage"] == "second_pass" and [one["rank"] for one in orders[0]["ideas"]] == [1, 2]
    first = await get(house, CHAIR, f"/evaluations/{ideas[0]}/first_pass")
    assert (first["phase"], first["score"], first["rank"]) == ("disclosed", "90.00", 1)
    assert (await house.must(HEAD, "GET", f"/ideas/{ideas[0]}"))["stage"] == "under_evaluation"
    for idea, points in zip(ideas, ("5", "8"), strict=True):
        await scored(house, path, idea, SEOUL, "second_pass", points, *range(1, 8))
    await wait(house, seen["closes_at"])
    assert (await get(house, CHAIR, path))["phase"] == "ended"
    for idea, points in zip(ideas, ("50.00", "80.00"), strict=True):
        idea_now = await house.must(HEAD, "GET", f"/ideas/{idea}")
        assert (idea_now["stage"], idea_now["score"]) == ("decision_pending", points)


async def test_a_pack_of_one_stage_ends_the_round_with_it(house: House) -> None:
    idea = await submitted(house, OPEN_CALL)
    await complete(house, idea)
    path = await opened(house, OPEN_CALL, idea)
    await score(house, idea, OPEN_CALL, "review", "81", 1)
    assert (await house.must(HEAD, "GET", f"/ideas/{idea}"))["stage"] == "under_evaluation"
    await house.must(CHAIR, "POST", f"{path}/closing", {}, service="evaluation")
    assert (await house.must(HEAD, "GET", f"/ideas/{idea}"))["score"] == "81.00"
    assert (await get(house, CHAIR, path))["phase"] == "ended"


async def test_an_extension_reopens_what_the_old_deadline_would_have_ended(house: House) -> None:
    idea = await submitted(house, SEOUL)
    await complete(house, idea)
    path = await opened(house, SEOUL, idea)
    closes_at = datetime.fromisoformat((await get(house, CHAIR, path))["closes_at"])
    later = (closes_at + WEEK).isoformat()
    body = {"due": later, "reason": "응모가 많아"}
    await house.must(CHAIR, "POST", f"{path}/extension", body, service="evaluation")
    await wait(house, closes_at.isoformat())
    await scored(house, path, idea, SEOUL, "first_pass", "8", 1, 2)
    history = await get(house, Actor("c-1", "citizen"), f"{path}/history")
    assert [event["type"].partition(".")[2] for event in history["items"]] == [
        *("RoundBegun", "IdeaAdmitted", "StageExtended")
    ]
    notices = await house.must(LEAD, "GET", "/me/notices")
    assert "evaluation_extended" in {notice["notice"] for notice in notices["items"]}


async def test_a_withdrawn_idea_holds_nobody_up(house: House) -> None:
    stays, goes = await submitted(house, SEOUL), await submitted(house, SEOUL)
    for idea in (stays, goes):
        await complete(house, idea)
    path = await opened(house, SEOUL, stays, goes)
    await house.must(LEAD, "POST", f"/ideas/{goes}/withdrawal", {"reason": "다시 쓰겠다"})
    assert (await get(house, CHAIR, path))["ideas"] == [stays]
    await scored(house, path, stays, SEOUL, "first_pass", "8", 1, 2, 3)
    await house.must(CHAIR, "POST", f"{path}/closing", {}, service="evaluation")
    await house.must(LEAD, "POST", f"/ideas/{stays}/withdrawal", {"reason": "다시 쓰겠다"})
    second = await get(house, CHAIR, f"/evaluations/{stays}/second_pass")
    assert second["phase"] == "cancelled" and (await get(house, CHAIR, path))["phase"] == "open"


async def test_an_idea_that_was_never_asked_for_is_dropped_and_evaluated_without_the_round(house: House) -> None:
    idea = await submitted(house, NATIONAL)
    path = await opened(house, NATIONAL, idea)
    closes_at = datetime.fromisoformat((await get(house, CHAIR, path))["closes_at"])
    await wait(house, closes_at.isoformat())
    assert (await get(house, CHAIR, path))["phase"] == "open", "its order is to be disclosed tomorrow"
    await wait(house, (closes_at + timedelta(days=1)).isoformat())
    assert (await get(house, CHAIR, path))["phase"] == "ended"
    await complete(house, idea)
    evaluation = await get(house, AUDITOR, f"/evaluations/{idea}/review")
    assert evaluation["round_id"] == "" and evaluation["phase"] == "open"


async def everything(house: House, path: str) -> list[tuple[int, str, list[tuple[str, str]]]]:
    seen: list[tuple[int, str, list[tuple[str, str]]]] = []
    people = (rater(9), CHAIR, RECEIVER, HEAD, LEAD, Actor("c-1", "citizen"), Actor("p-30", "award_officer"))
    for actor in people:
        for query in (path, f"{path}/history", f"{path}/history?limit=1", "/rounds", "/rounds?limit=1"):
            answer = await house.ask(actor, "GET", query, service="evaluation")
            seen.append((answer.status_code, answer.text, sorted(answer.headers.items())))
    for what, body in (("closing", {}), ("ideas", {"ideas": ["i-1"]}), ("extension", {"due": None})):
        answer = await house.ask(CHAIR, "POST", f"{path}/{what}", body, service="evaluation", If_Match='"1"')
        seen.append((answer.status_code, answer.text, sorted(answer.headers.items())))
    return seen


async def test_a_rounds_answers_do_not_tell_how_far_the_scoring_is(house: House) -> None:
    ideas = [await submitted(house, NATIONAL) for _ in range(3)]
    for idea in ideas:
        await complete(house, idea)
    path = await opened(house, NATIONAL, *ideas)
    await sign(house, path, *(rater(number) for number in range(1, 6)))
    for idea in ideas[:2]:
        await name(house, path, idea, *(f"r-{number}" for number in range(1, 6)))
    before = await everything(house, path)
    for idea in ideas[:2]:
        await score(house, idea, NATIONAL, "review", "15", *range(1, 6))
        assert await everything(house, path) == before
    assert Decimal((await get(house, AUDITOR, path))["entries"][0]["score"]) == 75
