"""Before the disclosure no answer, header, error, page or list tells how far the scoring is."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.evaluation import domain
from services.evaluation.service import SERVICE as EVALUATION
from services.evaluation.texts import TEXTS
from services.ideas.service import SERVICE as IDEAS
from shared.engine.message import Actor
from tests.support.house import House
from tests.support.refusals import codes_of
from tests.unit.evaluation.support import CHAIR, RECEIVER, rater, scores
from tests.unit.ideas.support import AUDITOR, HEAD, LEAD, NATIONAL, STRANGER, submission


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await House(tmp_path, IDEAS, EVALUATION).open()


async def opened(house: House) -> str:
    """An idea under evaluation; where it is."""
    idea = await house.must(LEAD, "POST", "/ideas", submission(NATIONAL).model_dump(mode="json"))
    await house.must(RECEIVER, "POST", f"/ideas/{idea['id']}/receipt", {})
    await house.must(RECEIVER, "POST", f"/ideas/{idea['id']}/completeness", {"outcome": "complete"})
    return f"/evaluations/{idea['id']}/review"


async def score(house: House, path: str, number: int, points: str = "15") -> Any:
    body = scores(NATIONAL, points).model_dump(mode="json")
    return await house.ask(rater(number), "POST", f"{path}/scores", body, service="evaluation")


async def everything(house: House, path: str) -> list[tuple[int, str, list[tuple[str, str]]]]:
    """All that people who are not the auditor can get to know, headers included."""
    seen: list[tuple[int, str, list[tuple[str, str]]]] = []
    for actor in (rater(9), CHAIR, RECEIVER, HEAD, LEAD, STRANGER, Actor("p-30", "award_officer")):
        for query in (path, f"{path}/history", f"{path}/history?limit=1", "/evaluations", "/evaluations?limit=1"):
            answer = await house.ask(actor, "GET", query, service="evaluation")
            seen.append((answer.status_code, answer.text, sorted(answer.headers.items())))
    for actor, what in ((CHAIR, "closing"), (RECEIVER, "raters"), (rater(9), "scores")):
        bodies: dict[str, Any] = {"closing": {}, "raters": {"raters": ["r-1", "r-2", "r-3"]}}
        body = bodies.get(what) or scores(NATIONAL).model_dump(mode="json")
        headers = {"If_Match": '"1"', "Idempotency_Key": "guess", "traceparent": f"00-{'1' * 32}-{'2' * 16}-01"}
        answer = await house.ask(actor, "POST", f"{path}/{what}", body, service="evaluation", **headers)
        assert answer.status_code == 422
        seen.append((answer.status_code, answer.text, sorted(answer.headers.items())))
    return seen


async def test_with_none_one_or_many_scores_all_looks_the_same(house: House) -> None:
    path = await opened(house)
    before = await everything(house, path)
    for number in (1, 2, 3, 4):
        assert (await score(house, path, number)).status_code == 200
        assert await everything(house, path) == before
    await score(house, path, 5)
    assert await everything(house, path) == before, "closed, and to be disclosed tomorrow"


async def test_a_raters_answer_is_the_same_whoever_scored_before(house: House) -> None:
    path = await opened(house)
    first = await score(house, path, 1)
    await score(house, path, 2)
    again = await score(house, path, 1)
    assert again.json() == first.json() and again.json()["own_scores"]["scores"][0]["points"] == "15"
    assert "ETag" not in first.headers and "ETag" not in again.headers


async def test_a_draft_is_saved_looks_like_nothing_to_others_and_is_submitted(house: House) -> None:
    path = await opened(house)
    before = await everything(house, path)
    body = scores(NATIONAL, "15").model_dump(mode="json")
    half = {"scores": body["scores"][:2]}
    saved = await house.ask(rater(1), "PUT", f"{path}/draft", half, service="evaluation")
    assert (saved.status_code, "ETag" in saved.headers) == (200, False)
    assert len(saved.json()["own_draft"]["scores"]) == 2 and saved.json()["own_scores"] is None
    assert await everything(house, path) == before
    early = await house.ask(rater(1), "POST", f"{path}/draft/submission", {}, service="evaluation")
    assert (early.status_code, early.json()["code"]) == (422, "criterion_missing")
    await house.must(rater(1), "PUT", f"{path}/draft", {"scores": body["scores"]}, service="evaluation")
    done = await house.must(rater(1), "POST", f"{path}/draft/submission", {}, service="evaluation")
    assert done["own_draft"] is None and len(done["own_scores"]["scores"]) == len(body["scores"])
    assert await everything(house, path) == before


async def test_the_result_shows_when_its_time_has_come(house: House) -> None:
    path = await opened(house)
    await house.must(RECEIVER, "POST", f"{path}/raters", {"raters": ["r-1", "r-2", "r-3"]}, service="evaluation")
    mine = await house.must(rater(1), "GET", "/me/evaluations", service="evaluation")
    assert len(mine["items"]) == 1
    for number in (1, 2, 3):
        await score(house, path, number)
    assert (await house.ask(LEAD, "GET", path, service="evaluation")).status_code == 404
    closed = await house.must(AUDITOR, "GET", path, service="evaluation")
    house.clock.time = house.clock.time.fromisoformat(closed["deadlines"]["disclosure"])
    await house.settle()
    result = await house.must(LEAD, "GET", path, service="evaluation")
    assert (result["score"], result["raters_counted"], result["phase"]) == ("75.00", 3, "disclosed")
    history = await house.must(AUDITOR, "GET", f"{path}/history", service="evaluation")
    types = [event["type"].removeprefix("evaluation.") for event in history["items"]]
    assert types == [
        *("EvaluationOpened", "AuthorNamed", "AuthorNamed", "RatersAssigned"),
        *("ScoreRecorded", "ScoreRecorded", "ScoreRecorded", "EvaluationClosed", "IdeaEvaluated"),
    ]
    shown = await house.must(LEAD, "GET", f"{path}/history", service="evaluation")
    assert [event["type"] for event in shown["items"]] == ["evaluation.IdeaEvaluated"]
    assert (await house.must(HEAD, "GET", path.replace("/evaluations", "/ideas").removesuffix("/review")))["score"]


async def test_the_chair_ends_it_early(house: House) -> None:
    path = await opened(house)
    answer = await house.must(CHAIR, "POST", f"{path}/closing", {}, service="evaluation")
    assert "phase" not in answer and "score" not in answer
    refused = await score(house, path, 1)
    assert (refused.status_code, refused.json()["code"]) == (409, "evaluation_closed")


def test_every_refusal_has_its_words_and_no_word_is_left_over() -> None:
    assert codes_of(domain) - {"not_found"} == set(TEXTS)
