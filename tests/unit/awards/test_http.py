"""From adopted ideas to payments through HTTP; before the disclosure no answer tells how the voting goes."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.awards import domain
from services.awards.service import SERVICE as AWARDS
from services.awards.texts import TEXTS
from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.service import SERVICE as IDEAS
from shared.engine.message import Actor
from tests.support.house import House
from tests.support.line import adopted_idea
from tests.support.refusals import codes_of
from tests.unit.awards.support import (
    APPROVER,
    AUDITOR,
    CITIZEN,
    NATIONAL,
    OFFICER,
    OPEN_CALL,
    PANELISTS,
    SEOUL,
    confirmation,
    main_category,
    opening,
)
from tests.unit.ideas.support import CO_AUTHOR, LEAD

HALF = {SEOUL: "9", NATIONAL: "20", OPEN_CALL: "90"}
BALLOT = {SEOUL: "9", NATIONAL: "91", OPEN_CALL: "85"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await House(tmp_path, IDEAS, EVALUATION, AWARDS).open()


async def must(house: House, actor: Actor, method: str, path: str, body: Any = None) -> Any:
    return await house.must(actor, method, path, body, service="awards")


async def opened(house: House, pack_id: str) -> str:
    body = opening(pack_id, closes_at=None).model_dump(mode="json")
    answer = await house.ask(OFFICER, "POST", "/rounds", body, service="awards")
    assert answer.status_code == 201, answer.text
    await house.settle()
    return answer.headers["Location"]


async def cast(house: House, idea_id: str, pack_id: str, voters: int = 6) -> None:
    for voter in PANELISTS[:voters]:
        path = f"/categories/{main_category(pack_id)}/ballots/{idea_id}"
        await must(house, voter, "PUT", path, {"points": BALLOT[pack_id]})


@pytest.mark.parametrize(
    ("pack_id", "grade", "prize"),
    [(SEOUL, "grand", 3_000_000), (NATIONAL, "gold", 5_000_000), (OPEN_CALL, "top", 1_000_000)],
)
async def test_from_adoption_to_payments(house: House, pack_id: str, grade: str, prize: int) -> None:
    idea_id = await adopted_idea(house, pack_id, HALF[pack_id])
    nomination = await must(house, LEAD, "GET", f"/nominations/{idea_id}")
    assert (nomination["stage"], nomination["category_id"]) == ("nominated", main_category(pack_id))
    where = await opened(house, pack_id)
    await cast(house, idea_id, pack_id)
    await must(house, OFFICER, "POST", f"/categories/{main_category(pack_id)}/closing", {})
    table = await must(house, CITIZEN, "GET", f"{where}/awards")
    assert table["categories"][0]["outcome"] == "to_confirm"
    body = confirmation(main_category(pack_id)).model_dump(mode="json")
    await must(house, APPROVER, "POST", f"{where}/confirmations", body)
    table = await must(house, CITIZEN, "GET", f"{where}/awards")
    (award,) = table["categories"][0]["awards"]
    assert (award["title"], award["grade"], award["prize_won"]) == ("올빼미버스", grade, prize)
    if pack_id != OPEN_CALL:  # this pack asks nobody
        assert (award["held"], award["payments"]) == (True, []), "the other author has not confirmed the share yet"
        assert (await must(house, LEAD, "GET", f"/nominations/{idea_id}"))["stage"] == "held"
        await house.must(CO_AUTHOR, "POST", f"/ideas/{idea_id}/shares/confirmation", {})
        table = await must(house, CITIZEN, "GET", f"{where}/awards")
        (award,) = table["categories"][0]["awards"]
    assert not award["held"]
    assert [part["won"] for part in award["payments"]] == [prize * 6 // 10, prize * 4 // 10]
    mine = await must(house, CO_AUTHOR, "GET", "/me/payments")
    assert [(one["idea_id"], one["won"], one["share"]) for one in mine["items"]] == [(idea_id, prize * 4 // 10, "40")]
    assert (await must(house, LEAD, "GET", f"/nominations/{idea_id}"))["stage"] == "awarded"
    assert (await house.must(LEAD, "GET", f"/ideas/{idea_id}"))["awards"][0]["grade"] == grade


async def test_a_round_without_any_winner_returns_its_budget(house: House) -> None:
    where = await opened(house, SEOUL)
    round_id = where.removeprefix("/rounds/")
    for code in ("creative", "dropped_work", "practice"):
        await must(house, OFFICER, "POST", f"/categories/{round_id}.{code}/closing", {})
        body = confirmation(f"{round_id}.{code}").model_dump(mode="json")
        await must(house, APPROVER, "POST", f"{where}/confirmations", body)
    table = await must(house, OFFICER, "GET", f"{where}/awards")
    assert [one["outcome"] for one in table["categories"]] == ["no_winner"] * 3
    assert (table["stage"], table["returned_won"]) == ("closed", 15_000_000)
    found = await must(house, OFFICER, "GET", "/rounds?stage=closed&pack=seoul-2025-1")
    assert [one["id"] for one in found["items"]] == [round_id]
    assert (await must(house, OFFICER, "GET", "/rounds?stage=open"))["items"] == []


async def test_the_deadline_ends_the_voting_and_a_late_adoption_hears_of_it(house: House) -> None:
    first = await adopted_idea(house, SEOUL, "9")
    where = await opened(house, SEOUL)
    await cast(house, first, SEOUL)
    closes = (await must(house, OFFICER, "GET", where))["closes_at"]
    house.clock.time = house.clock.time.fromisoformat(closes)
    await house.settle()
    found = await must(house, CITIZEN, "GET", f"/categories?round_id={where.removeprefix('/rounds/')}&stage=closed")
    assert [one["id"].rpartition(".")[2] for one in found["items"]] == ["creative", "dropped_work", "practice"]
    late = await adopted_idea(house, SEOUL, "9")
    nomination = await must(house, LEAD, "GET", f"/nominations/{late}")
    assert (nomination["stage"], nomination["reason"]) == ("ended", "category_closed")
    ended = await must(house, CITIZEN, "GET", "/nominations?stage=ended&author=p-1")
    assert [one["id"] for one in ended["items"]] == [late]


async def everything(house: House, idea_id: str) -> list[tuple[int, str, list[tuple[str, str]]]]:
    """All that people can get to know of the voting, headers included."""
    path = f"/categories/{main_category(SEOUL)}"
    seen: list[tuple[int, str, list[tuple[str, str]]]] = []
    for actor in (OFFICER, APPROVER, LEAD, PANELISTS[9], CITIZEN, AUDITOR):
        for query in (path, f"{path}/history", f"{path}/history?limit=1", "/categories", f"/nominations/{idea_id}"):
            answer = await house.ask(actor, "GET", query, service="awards")
            seen.append((answer.status_code, answer.text, sorted(answer.headers.items())))
    headers = {"If_Match": '"3"', "Idempotency_Key": "guess", "traceparent": f"00-{'1' * 32}-{'2' * 16}-01"}
    for actor, method, what, body in (
        (OFFICER, "POST", f"{path}/closing", {}),
        (PANELISTS[9], "PUT", f"{path}/ballots/{idea_id}", {"points": "1"}),
    ):
        answer = await house.ask(actor, method, what, body, service="awards", **headers)
        assert answer.status_code == 422
        seen.append((answer.status_code, answer.text, sorted(answer.headers.items())))
    return seen


async def test_with_none_one_or_many_ballots_all_looks_the_same(house: House) -> None:
    idea_id = await adopted_idea(house, SEOUL, "9")
    await opened(house, SEOUL)
    before = await everything(house, idea_id)
    for voters in (1, 6):
        await cast(house, idea_id, SEOUL, voters)
        assert await everything(house, idea_id) == before


async def test_a_voters_answer_is_the_same_whoever_voted_before(house: House) -> None:
    idea_id = await adopted_idea(house, SEOUL, "9")
    await opened(house, SEOUL)
    path = f"/categories/{main_category(SEOUL)}/ballots/{idea_id}"
    first = await house.ask(PANELISTS[0], "PUT", path, {"points": "9"}, service="awards")
    await cast(house, idea_id, SEOUL)
    again = await house.ask(PANELISTS[0], "PUT", path, {"points": "9"}, service="awards")
    assert again.json() == first.json() and again.json()["own_ballots"] == {idea_id: "9"}
    assert "ETag" not in first.headers and "ETag" not in again.headers


async def test_after_the_disclosure_the_auditor_reads_the_ballots(house: House) -> None:
    idea_id = await adopted_idea(house, SEOUL, "9")
    await opened(house, SEOUL)
    await cast(house, idea_id, SEOUL)
    path = f"/categories/{main_category(SEOUL)}"
    await must(house, OFFICER, "POST", f"{path}/closing", {})
    kinds = [event["type"] for event in (await must(house, AUDITOR, "GET", f"{path}/history"))["items"]]
    assert kinds.count("awards.BallotCast") == 6
    kinds = [event["type"] for event in (await must(house, LEAD, "GET", f"{path}/history"))["items"]]
    assert kinds == ["awards.NomineeListed", "awards.CategoryOpened", "awards.CategoryClosed"]


async def test_authors_do_not_vote_and_officers_do_not_confirm_their_own_draft(house: House) -> None:
    idea_id = await adopted_idea(house, SEOUL, "9")
    where = await opened(house, SEOUL)
    path = f"/categories/{main_category(SEOUL)}/ballots/{idea_id}"
    author = Actor(LEAD.id, "citizen")
    answer = await house.ask(author, "PUT", path, {"points": "9"}, service="awards", Accept_Language="ko")
    assert (answer.status_code, answer.json()["code"]) == (403, "conflict_of_interest")
    await cast(house, idea_id, SEOUL)
    await must(house, OFFICER, "POST", f"/categories/{main_category(SEOUL)}/closing", {})
    body = confirmation(main_category(SEOUL)).model_dump(mode="json")
    answer = await house.ask(OFFICER, "POST", f"{where}/confirmations", body, service="awards")
    assert (answer.status_code, answer.json()["code"]) == (403, "drafter_may_not_confirm")


async def test_the_histories_of_round_and_nomination_are_open(house: House) -> None:
    idea_id = await adopted_idea(house, SEOUL, "9")
    where = await opened(house, SEOUL)
    kinds = [event["type"] for event in (await must(house, CITIZEN, "GET", f"{where}/history"))["items"]]
    assert kinds == ["awards.RoundOpened", *["awards.CategoryAnnounced"] * 3]
    kinds = [e["type"] for e in (await must(house, CITIZEN, "GET", f"/nominations/{idea_id}/history"))["items"]]
    assert kinds == ["awards.IdeaNominated", "awards.SharesAwaited"]


async def test_points_that_are_no_points_are_refused_at_the_door(house: House) -> None:
    path = f"/categories/{main_category(SEOUL)}/ballots/i-1"
    for points in ("1E+1000000", "9.0000001", "NaN", "-1"):
        answer = await house.ask(PANELISTS[0], "PUT", path, {"points": points}, service="awards")
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_every_refusal_has_its_words_and_no_word_is_left_over() -> None:
    assert codes_of(domain) - {"not_found"} == set(TEXTS)
