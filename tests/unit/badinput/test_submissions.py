"""What a submission can get wrong, in `ideas` and in a learning group's output: shares, dates, texts over the limit."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.engine.envelope import MAX_BYTES
from shared.engine.message import TEXT_LIMIT, Actor
from shared.rules.loader import pack
from shared.runtime.middleware import MAX_BODY_BYTES
from tests.support.house import House
from tests.unit.badinput.support import SIGNED, entries, json_of, opened, problem, received, submitted
from tests.unit.ideas.support import HEAD, LEAD, RECEIVER, SEOUL, adoption, submission
from tests.unit.learning.support import LEAD as GROUP_LEAD
from tests.unit.learning.support import output, registration


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await opened(tmp_path)


def shares(*parts: tuple[str, Any]) -> dict[str, Any]:
    """Authors with their shares."""
    return {"authors": [{"person_id": person, "share": share} for person, share in parts]}


LEADS = {"ideas": ("p-1", "p-2"), "learning": ("lee", "park")}

SHARES: dict[str, tuple[list[Any], str]] = {
    "too little": (["60", "39.99"], "shares_do_not_total_100"),
    "too much": (["60", "40.01"], "shares_do_not_total_100"),
    "one alone with less": (["99"], "shares_do_not_total_100"),
    "lead with less": (["40", "60"], "lead_without_largest_share"),
    "nothing": (["100", "0"], "invalid_request"),
    "less than nothing": (["150", "-50"], "invalid_request"),
    "more than all": (["100.01"], "invalid_request"),
    "three decimals": (["33.333", "66.667"], "invalid_request"),
    "no number": (["half", "half"], "invalid_request"),
    "not a number": (["NaN", "100"], "invalid_request"),
    "endless": (["Infinity"], "invalid_request"),
    "nobody": ([], "invalid_request"),
}


async def submit(house: House, service: str, body: dict[str, Any]) -> Any:
    """Submit to `ideas`, or hand over as an output."""
    if service == "ideas":
        return await house.ask(LEAD, "POST", "/ideas", body)
    group = await house.must(GROUP_LEAD, "POST", "/groups", json_of(registration(SEOUL)), service="learning")
    return await house.ask(GROUP_LEAD, "POST", f"/groups/{group['id']}/outputs", body, service="learning")


def whole(service: str) -> dict[str, Any]:
    """A body that would be accepted."""
    return json_of(submission(SEOUL)) if service == "ideas" else json_of(output(SEOUL))


@pytest.mark.parametrize("service", ["ideas", "learning"])
@pytest.mark.parametrize("what", SHARES)
async def test_shares_that_do_not_add_up(house: House, service: str, what: str) -> None:
    given, code = SHARES[what]
    body = whole(service) | shares(*zip(LEADS[service], given, strict=False))
    found = problem(await submit(house, service, body), 422, code)
    if code == "shares_do_not_total_100":
        assert found["facts"]["total"] in found["detail"]
    assert await house.must(RECEIVER, "GET", "/ideas") == {"items": [], "next": None}


@pytest.mark.parametrize("service", ["ideas", "learning"])
async def test_an_author_named_twice(house: House, service: str) -> None:
    lead = LEADS[service][0]
    body = whole(service) | shares((lead, "50"), (lead, "50"))
    problem(await submit(house, service, body), 422, "author_named_twice")


# --- texts


@pytest.mark.parametrize("service", ["ideas", "learning"])
async def test_texts_over_the_limit_are_refused_with_it(house: House, service: str) -> None:
    body = whole(service)
    section = next(iter(body["sections"]))
    for length in (TEXT_LIMIT + 1, TEXT_LIMIT * 3):
        long = {**body["sections"], section: "가" * length}
        found = problem(await submit(house, service, body | {"sections": long}), 422, "invalid_request")
        assert found["errors"][0]["field"] == f"sections.{section}"
        assert found["errors"][0]["limits"] == {"max_length": TEXT_LIMIT}
    found = problem(await submit(house, service, body | {"title": "가" * 301}), 422, "title_too_long")
    assert found["facts"] == {"limit": 300} and "300" in found["detail"]
    found = problem(await submit(house, service, body | {"title": "가" * 501}), 422, "invalid_request")
    assert found["errors"][0]["limits"] == {"max_length": 500}


@pytest.mark.parametrize("service", ["ideas", "learning"])
async def test_sections_that_are_missing_empty_or_unknown(house: House, service: str) -> None:
    body = whole(service)
    first, *others = body["sections"]
    for sections, code in (
        ({name: "글" for name in others}, "section_missing"),
        ({**body["sections"], first: " \n"}, "section_empty"),
        ({**body["sections"], "poem": "글"}, "section_unknown"),
    ):
        found = problem(await submit(house, service, body | {"sections": sections}), 422, code)
        assert found["facts"]["section"] in found["detail"]


async def test_the_longest_texts_are_taken_whole(house: House) -> None:
    longest = {name: "🚌" * TEXT_LIMIT for name in whole("ideas")["sections"]}
    idea_id = await submitted(house, sections=longest, title="🦉" * 300)
    idea = await house.must(LEAD, "GET", f"/ideas/{idea_id}")
    assert idea["sections"]["value"] == longest and idea["title"]["value"] == "🦉" * 300


async def test_scores_with_more_text_than_an_event_holds(house: House) -> None:
    """Each text is within its limit; seven reasons and a comment of four bytes a character are too much together."""
    idea_id = await received(house, pack="expert-review")
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/completeness", {"outcome": "complete"})
    where = f"/evaluations/{idea_id}"
    chair = Actor("p-20", "chair")
    await house.must(chair, "POST", f"{where}/ideation/closing", {}, service="evaluation")
    stage = pack("expert-review").evaluation.stage("execution")
    assert stage is not None and len(stage.criteria) == 7
    number = entries(house)
    for reason, status in (("🚌" * TEXT_LIMIT, 413), ("🚌" * (TEXT_LIMIT // 2), 200)):
        best = [(one.code, str(one.scale.value.max)) for one in stage.criteria]
        scores = [{"criterion": code, "points": points, "reason": reason} for code, points in best]
        body = json.dumps({"scores": scores, "comment": reason, "confidence": 3}, ensure_ascii=False).encode()
        assert len(body) < MAX_BODY_BYTES
        token = house.issuer.mint("r-1", ["rater"])
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        transport = httpx.ASGITransport(house.apps["evaluation"])
        async with httpx.AsyncClient(transport=transport, base_url="http://house") as client:
            answer = await client.post(f"{where}/execution/scores", content=body, headers=headers)
        if status == 413:
            assert problem(answer, 413, "too_large")["facts"] == {"limit": MAX_BYTES}
            assert entries(house) == number
        else:
            assert answer.status_code == 200, answer.text


# --- dates

NO_DATES = ("2025-02-30", "2025-13-01", "30.02.2025", "20250230", "yesterday", "", "2025-03-03T00:00:00Z", "0", 0, 1.5)


@pytest.mark.parametrize("wrong", NO_DATES)
async def test_what_is_no_date(house: House, wrong: Any) -> None:
    body = whole("ideas") | {"submitted_on": wrong}
    found = problem(await house.ask(RECEIVER, "POST", "/ideas", body), 422, "invalid_request")
    assert found["errors"][0]["field"] == "submitted_on"
    idea_id = await submitted(house)
    for actor, path, field, more in (
        (RECEIVER, "receipt", "received_on", {}),
        (HEAD, "adoption", "planned_date", json_of(adoption())),
        (HEAD, "implementation/start", "started_on", {}),
    ):
        answer = await house.ask(actor, "POST", f"/ideas/{idea_id}/{path}", more | {field: wrong})
        assert problem(answer, 422, "invalid_request")["errors"][0]["field"] == field


async def test_dates_to_come_and_dates_too_early(house: House) -> None:
    before = entries(house)
    for date, actor, status, code in (
        ("2025-03-04", RECEIVER, 422, "date_in_future"),
        ("9999-12-31", RECEIVER, 422, "date_in_future"),
        ("2025-03-02", LEAD, 403, "backdating_not_allowed"),
        ("0001-01-01", RECEIVER, 422, "pack_not_in_force"),
    ):
        body = whole("ideas") | {"submitted_on": date}
        problem(await house.ask(actor, "POST", "/ideas", body), status, code)
    assert entries(house) == before + 1, "the author's attempt is on record, nothing else"
    idea_id = await submitted(house)
    for date, code in (("2025-03-04", "date_in_future"), ("2025-03-02", "received_before_submission")):
        answer = await house.ask(RECEIVER, "POST", f"/ideas/{idea_id}/receipt", {"received_on": date})
        problem(answer, 422, code)
    assert (await house.must(LEAD, "GET", f"/ideas/{idea_id}"))["stage"] == "submitted"


async def test_moments_of_votes(house: House) -> None:
    idea_id = await received(house)
    for moment, status, code in (
        ("2025-03-03", 422, "invalid_voted_at"),
        ("2025-02-30T10:00:00Z", 422, "invalid_request"),
        ("2025-03-03T10:00:00", 422, "invalid_voted_at"),
        ("2025-03-03T12:00:01+09:00", 422, "date_in_future"),
        ("soon", 422, "invalid_request"),
    ):
        body = {"choice": "endorse", "voted_at": moment}
        problem(await house.ask(RECEIVER, "PUT", f"/ideas/{idea_id}/votes/v-1", body), status, code)
    citizen = Actor("c-1", "citizen")
    dated = {"choice": "endorse", "voted_at": "2025-03-03T02:00:00Z"}
    problem(await house.ask(citizen, "PUT", f"/ideas/{idea_id}/vote", dated), 403, "backdating_not_allowed")
    tally = await house.must(citizen, "GET", f"/ideas/{idea_id}/votes")
    assert sum(tally["votes"].values()) == 0


async def test_a_signature_of_tomorrow(house: House) -> None:
    idea_id = await received(house)
    ending = {
        "outcome": "closed",
        "ground": "complaint",
        "reason": "민원이다",
        "authority": SIGNED | {"at": "2025-03-04"},
    }
    answer = await house.ask(RECEIVER, "POST", f"/ideas/{idea_id}/completeness", ending)
    assert problem(answer, 422, "date_in_future")["facts"]["field"] == "authority.at"
