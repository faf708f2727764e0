"""Duplicates, merges and shares as people meet them over HTTP; the ideas lie in different partitions."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.ideas.domain import IDEA
from services.ideas.service import SERVICE as IDEAS
from shared.contracts.types import Author
from shared.engine.message import Actor
from shared.engine.partition import partition_of
from tests.support.house import PARTITIONS, House
from tests.unit.ideas.support import (
    AUDITOR,
    CO_AUTHOR,
    HEAD,
    LEAD,
    OPEN_CALL,
    RECEIVER,
    SEOUL,
    STRANGER,
    authors,
    submission,
)

OTHER_LEAD = Actor("p-3", "author", "d-2")
CITIZENS = [Actor(f"c-{number}", "citizen") for number in range(4)]
BIN = "쓰레기통에 감지기를 달아 가득 차면 알린다. " * 9
TEXT = "막차가 끊긴 뒤 새벽에 일하러 가는 시민이 택시 말고는 탈 것이 없으므로 심야 통화량으로 노선을 그린다. " * 3


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await House(tmp_path, IDEAS).open()


async def received(
    house: House, lead: Actor, by: tuple[Author, ...], text: str = TEXT, pack: str = SEOUL, **changes: Any
) -> str:
    sections = dict.fromkeys(submission(pack).sections, text)
    body = submission(pack, authors=by, sections=sections, **changes).model_dump(mode="json")
    idea = await house.must(lead, "POST", "/ideas", body)
    await house.must(RECEIVER, "POST", f"/ideas/{idea['id']}/receipt", {})
    return str(idea["id"])


async def two_apart(house: House, pack: str = SEOUL) -> tuple[str, str]:
    """Two ideas of different partitions, with authors of their own."""
    first = await received(house, LEAD, authors(("p-1", "60"), ("p-2", "40")), pack=pack)
    while True:
        other = await received(house, OTHER_LEAD, authors(("p-3", "100")), pack=pack)
        if partition_of(other, PARTITIONS) != partition_of(first, PARTITIONS):
            return first, other


async def alike_of(house: House, idea_id: str) -> list[str]:
    stored = await house.rooms["ideas"].reader.state(IDEA, idea_id)
    assert stored is not None
    return [one["idea_id"] for one in stored.state.model_dump(mode="json")["alike"]]


async def test_what_reads_alike_is_found_at_the_receipt_and_on_demand(house: House) -> None:
    first, other = await two_apart(house)
    different = await received(house, STRANGER, authors(("p-9", "100")), BIN)
    assert first in await alike_of(house, other) and await alike_of(house, different) == []
    seen = await house.must(AUDITOR, "GET", f"/ideas/{other}/duplicates")
    item = next(one for one in seen["items"] if one["idea_id"] == first)
    assert (item["similarity"], item["received_first"], item["noted"]) == ("100.0", True, True)
    assert (await house.must(RECEIVER, "GET", f"/ideas/{different}/duplicates"))["items"] == []
    body = {"first_id": first, "reason": "먼저 접수된 제안과 같다"}
    closed = await house.must(RECEIVER, "POST", f"/ideas/{other}/duplicates/closing", body)
    assert (closed["stage"], closed["ending"]["ground"]) == ("closed", "duplicate")


async def test_what_a_supplement_brought_is_found_too(house: House) -> None:
    first = await received(house, LEAD, authors(("p-1", "100")), BIN)
    later = await received(house, OTHER_LEAD, authors(("p-3", "100")))
    assert first not in await alike_of(house, later)
    await house.must(RECEIVER, "POST", f"/ideas/{first}/supplement", {"missing": ["effect"], "reason": "효과가 없다"})
    await house.must(LEAD, "POST", f"/ideas/{first}/supplement/answer", {"sections": {"effect": TEXT}})
    await house.must(RECEIVER, "POST", f"/ideas/{later}/duplicates")
    assert first in await alike_of(house, later)


async def test_what_was_imported_is_found_and_searched_for_on_demand(house: House) -> None:
    line = submission(OPEN_CALL, sections={"content": TEXT}).model_dump(mode="json") | {
        "key": "a/1", "submitted_on": "2019-04-01", "received_on": "2019-04-02", "source": "a", "source_id": "1",
    }  # fmt: skip
    answers = await house.send_lines(RECEIVER, "/ideas/imports", [line, line | {"key": "a/2", "source_id": "2"}])
    assert all(answer.get("code", "") == "" for answer in answers)
    page = await house.rooms["ideas"].reader.find(IDEA, {})
    imported = [stored.state.id for stored in page.items]
    assert [await alike_of(house, one) for one in imported] == [[], []], "history is not checked again"
    live = await received(house, LEAD, authors(("p-1", "100")), pack=OPEN_CALL)
    assert sorted(await alike_of(house, live)) == sorted(imported)
    await house.must(RECEIVER, "POST", f"/ideas/{imported[0]}/duplicates")
    assert sorted(await alike_of(house, imported[0])) == sorted([imported[1], live])


async def test_a_merge_across_partitions_counts_nobody_twice_and_is_taken_back(house: House) -> None:
    first, other = await two_apart(house)
    for voter, idea_id, choice in (
        (CITIZENS[0], first, "endorse"),
        (CITIZENS[0], other, "object"),
        (CITIZENS[1], other, "endorse"),
        (CITIZENS[2], first, "endorse"),
        (CITIZENS[3], other, "pass"),
        (OTHER_LEAD, first, "endorse"),
    ):
        house.clock.time = house.clock.time.replace(microsecond=house.clock.time.microsecond + 1)
        await house.must(voter, "PUT", f"/ideas/{idea_id}/vote", {"choice": choice})
    separate = [await house.must(CITIZENS[0], "GET", f"/ideas/{one}/votes") for one in (first, other)]
    body = {"other_id": other, "reason": "같은 노선이다"}
    await house.must(RECEIVER, "POST", f"/ideas/{first}/merges", body)
    path = f"/ideas/{first}/merges/{other}"
    told = await house.must(OTHER_LEAD, "GET", "/me/notices")
    assert "merge_proposed" in [notice["notice"] for notice in told["items"]]
    assert [one["phase"] for one in (await house.must(OTHER_LEAD, "GET", "/me/merges"))["items"]] == ["open"]
    assert (await house.ask(STRANGER, "GET", path)).status_code == 404
    await house.must(LEAD, "POST", f"{path}/answer", {"consents": True})
    await house.must(OTHER_LEAD, "POST", f"{path}/answer", {"consents": True})
    assert (await house.must(OTHER_LEAD, "GET", f"/ideas/{first}"))["merged_from"][0]["other_id"] == other
    assert (await house.must(OTHER_LEAD, "GET", f"/ideas/{other}"))["stage"] == "merged"
    tally = await house.must(CITIZENS[0], "GET", f"/ideas/{first}/votes")
    assert tally["votes"] == {"endorse": 2, "object": 1, "pass": 1}, "the latest vote of each, and no author's"
    history = await house.must(OTHER_LEAD, "GET", f"/ideas/{other}/history")
    assert history["items"][0]["type"] == "ideas.IdeaSubmitted", "its history stays"
    await house.must(RECEIVER, "POST", f"{path}/undoing", {"reason": "다른 노선이다"})
    assert [await house.must(CITIZENS[0], "GET", f"/ideas/{one}/votes") for one in (first, other)] == separate
    assert (await house.must(OTHER_LEAD, "GET", f"/ideas/{other}"))["stage"] == "received"
    steps = await house.must(LEAD, "GET", f"{path}/history")
    assert [one["type"].rpartition(".")[2] for one in steps["items"]] == [
        "MergeProposed", "MergeOpened", "MergeAnswered", "MergeAnswered", "MergeEnded", "MergeRevoked", "MergeEnded",
    ]  # fmt: skip


async def test_packs_differ_in_whether_authors_votes_count_after_a_merge(house: House) -> None:
    first, other = await two_apart(house, OPEN_CALL)
    await house.must(OTHER_LEAD, "PUT", f"/ideas/{first}/vote", {"choice": "endorse"})
    await house.must(RECEIVER, "POST", f"/ideas/{first}/merges", {"other_id": other, "reason": "같다"})
    for lead in (LEAD, OTHER_LEAD):
        await house.must(lead, "POST", f"/ideas/{first}/merges/{other}/answer", {"consents": True})
    tally = await house.must(LEAD, "GET", f"/ideas/{first}/votes")
    assert tally["votes"]["endorse"] == 1, "this pack lets authors vote on their own idea"


async def test_an_unknown_idea_is_not_merged(house: House) -> None:
    first, _ = await two_apart(house)
    answer = await house.ask(RECEIVER, "POST", f"/ideas/{first}/merges", {"other_id": "i-none", "reason": "없다"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_shares_are_confirmed_disputed_and_set_over_http(house: House) -> None:
    idea_id = await received(house, LEAD, authors(("p-1", "60"), ("p-2", "40")))
    disputed = await house.must(CO_AUTHOR, "POST", f"/ideas/{idea_id}/shares/dispute", {"reason": "절반은 내 몫"})
    assert disputed["shares"]["disputed_by"] == ["p-2"]
    half = [{"person_id": "p-1", "share": "50"}, {"person_id": "p-2", "share": "50"}]
    await house.must(LEAD, "POST", f"/ideas/{idea_id}/shares/proposal", {"authors": half})
    refused = await house.ask(CO_AUTHOR, "POST", f"/ideas/{idea_id}/shares/confirmation", {})
    assert (refused.status_code, refused.json()["code"]) == (422, "lead_required")
    await house.must(CO_AUTHOR, "POST", f"/ideas/{idea_id}/shares/confirmation", {"lead": "p-1"})
    settled = await house.must(LEAD, "GET", f"/ideas/{idea_id}")
    assert (settled["shares"]["open"], settled["shares"]["settled_by"]) == (False, "authors")
    more = [*half[:1], {"person_id": "p-2", "share": "30"}, {"person_id": "p-30", "share": "20"}]
    body = {"authors": more, "reason": "노선을 보완했다"}
    await house.must(HEAD, "PUT", f"/ideas/{idea_id}/shares", body)
    seen = await house.must(LEAD, "GET", f"/ideas/{idea_id}")
    assert [author["person_id"] for author in seen["authors"]] == ["p-1", "p-2", "p-30"]
