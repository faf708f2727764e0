"""The process as people meet it over HTTP, through topics and time: numbers, clocks that moved, calls, drafts."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.domain import IDEA
from services.ideas.service import SERVICE as IDEAS
from shared.engine.message import Actor
from tests.support.house import House
from tests.unit.ideas.support import (
    AUDITOR,
    CITIZENS,
    CO_AUTHOR,
    HEAD,
    LEAD,
    NATIONAL,
    OTHER_HEAD,
    RECEIVER,
    SEOUL,
    STRANGER,
    authors,
    noon,
    submission,
)

CITIZEN = Actor("c-1", "citizen")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = await House(tmp_path, IDEAS, EVALUATION).open()
    made.clock.time = noon(date(2025, 3, 3))
    yield made


def body_of(command: Any) -> Any:
    return command.model_dump(mode="json")


async def submitted(house: House, pack_id: str = NATIONAL, **changes: Any) -> str:
    return str((await house.must(LEAD, "POST", "/ideas", body_of(submission(pack_id, **changes))))["id"])


async def received(house: House, pack_id: str = NATIONAL, **changes: Any) -> str:
    idea_id = await submitted(house, pack_id, **changes)
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/receipt", {})
    return idea_id


# --- numbers


async def test_receipts_that_come_at_once_from_all_partitions_are_numbered_without_a_gap(house: House) -> None:
    ideas = [await submitted(house, SEOUL) for _ in range(40)]
    receipts = (house.ask(RECEIVER, "POST", f"/ideas/{idea_id}/receipt", {}) for idea_id in ideas)
    assert {answer.status_code for answer in await asyncio.gather(*receipts)} == {200}
    await house.settle()
    seen = [await house.must(RECEIVER, "GET", f"/ideas/{idea_id}") for idea_id in ideas]
    numbers = sorted(idea["receipt_number"] for idea in seen)
    assert numbers == [f"seoul.2025-{number:06}" for number in range(1, 41)]
    book = await house.must(AUDITOR, "GET", "/registers/seoul.2025/history")
    order = [event["data"]["idea_id"] for event in book["items"]]
    by_number = sorted(seen, key=lambda idea: idea["receipt_number"])
    assert order == [idea["id"] for idea in by_number]
    assert (await house.must(RECEIVER, "GET", "/registers/seoul.2025"))["last"] == 40
    found = await house.must(RECEIVER, "GET", f"/ideas?receipt_number={numbers[6]}")
    assert [idea["receipt_number"] for idea in found["items"]] == [numbers[6]]


# --- clocks


async def test_the_clocks_say_when_they_are_due_and_by_which_events_they_moved(house: House) -> None:
    idea_id = await received(house)
    house.clock.time = noon(date(2025, 3, 5))
    ask = {"reason": "노선이 없다", "missing": ["improvement"]}
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/supplement", ask)
    held = (await house.must(LEAD, "GET", f"/ideas/{idea_id}/clocks"))["clocks"]["decision"]
    assert (held["due"], held["last_day"], held["waits_for"]) == (None, None, ["supplement.1"])
    house.clock.time = noon(date(2025, 3, 19))
    answer = {"sections": {"improvement": "심야 N13 노선"}}
    await house.must(LEAD, "POST", f"/ideas/{idea_id}/supplement/answer", answer)
    clock = (await house.must(LEAD, "GET", f"/ideas/{idea_id}/clocks"))["clocks"]["decision"]
    # 13 days still from 6 to 18 March: 15 April.
    assert (clock["last_day"], clock["waits_for"]) == ("2025-04-15", [])
    [move] = clock["moves"]
    history = await house.must(LEAD, "GET", f"/ideas/{idea_id}/history")
    named = {event["id"]: event["type"] for event in history["items"]}
    assert named[clock["started_by"]] == "ideas.IdeaReceived"
    assert [named[id] for id in move["events"]] == ["ideas.SupplementRequested", "ideas.SupplementAnswered"]
    assert (move["why"], move["days"], move["to"]) == ("supplement.1", 13, "2025-04-15")


async def test_clocks_are_for_those_to_whom_the_idea_opens(house: House) -> None:
    idea_id = await received(house, SEOUL)
    assert (await house.ask(STRANGER, "GET", f"/ideas/{idea_id}")).status_code == 200
    assert (await house.ask(STRANGER, "GET", f"/ideas/{idea_id}/clocks")).status_code == 404
    assert (await house.ask(CO_AUTHOR, "GET", f"/ideas/{idea_id}/clocks")).status_code == 200


async def test_deadlines_that_passed_while_nobody_served_fire_in_their_legal_order(house: House) -> None:
    idea_id = await received(house)
    ask = {"reason": "노선이 없다"}
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/supplement", ask)
    house.clock.time = datetime(2025, 8, 1, tzinfo=UTC)
    await house.settle()
    history = await house.must(RECEIVER, "GET", f"/ideas/{idea_id}/history")
    happened = [event for event in history["items"] if event["type"] != "ideas.NoticeIssued"]
    assert [event["type"].removeprefix("ideas.") for event in happened][-4:] == [
        "SupplementRequested",
        "SupplementReminded",
        "SupplementUnmet",
        "DecisionOverdue",
    ]
    # Asked on 3 March, 14 days, reminded for 10 more: still from 4 to 27 March, and 24 days after 2 April.
    assert happened[-2]["data"]["due"] == "2025-03-27T15:00:00.000000Z"
    assert happened[-1]["data"]["due"] == "2025-04-28T15:00:00.000000Z"


async def test_what_came_in_time_is_heard_before_the_deadline_that_was_missed_meanwhile(house: House) -> None:
    idea_id = await received(house)
    await house.must(HEAD, "POST", f"/ideas/{idea_id}/opinions", {"departments": ["d-parks"], "question": "되는가"})
    house.clock.time = noon(date(2025, 3, 24))
    await house.ask(OTHER_HEAD, "POST", f"/ideas/{idea_id}/opinions/answer", {"opinion": "된다"})
    house.clock.time = noon(date(2025, 3, 25))
    await house.settle()
    seen = await house.must(HEAD, "GET", f"/ideas/{idea_id}")
    assert [opinion["status"] for opinion in seen["opinions"]] == ["given"]
    # 20 days still from 4 to 23 March: 22 April.
    assert seen["decision_due"] == "2025-04-22T15:00:00.000000Z"


# --- what is handed in again and again

CLOSING = {"outcome": "closed", "ground": "complaint", "reason": "불만에 그친다"}


async def test_what_was_told_twice_may_be_closed_as_repeated(house: House) -> None:
    earlier = [await received(house, SEOUL) for _ in range(2)]
    again = await received(house, SEOUL)

    async def close(*repeats: str) -> Any:
        body = {**CLOSING, "ground": "repeated", "repeats": repeats}
        return (await house.ask(RECEIVER, "POST", f"/ideas/{again}/completeness", body)).json()

    assert (await close())["code"] == "repeats_required"
    assert (await close(*earlier))["code"] == "not_a_repeat", "their results were not told"
    for idea_id in earlier:
        await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/completeness", CLOSING)
    assert (await close(earlier[0], earlier[0]))["code"] == "repeats_required"
    assert (await close(earlier[0], again))["code"] == "not_a_repeat"
    body = body_of(submission(SEOUL, authors=authors((STRANGER.id, "100"))))
    theirs = str((await house.must(STRANGER, "POST", "/ideas", body))["id"])
    await house.must(RECEIVER, "POST", f"/ideas/{theirs}/receipt", {})
    await house.must(RECEIVER, "POST", f"/ideas/{theirs}/completeness", CLOSING)
    assert (await close(earlier[0], theirs))["code"] == "not_a_repeat"
    assert (await close(*earlier))["ending"]["ground"] == "repeated"


async def test_packs_differ_in_whether_repeating_is_a_ground(house: House) -> None:
    idea_id = await received(house, CITIZENS)
    answer = await house.ask(RECEIVER, "POST", f"/ideas/{idea_id}/completeness", {**CLOSING, "ground": "repeated"})
    assert answer.json()["code"] == "unknown_ground"


# --- calls


async def test_a_call_that_is_extended_starts_the_clocks_of_its_ideas_when_it_closes(house: House) -> None:
    call = {"pack": CITIZENS, "title": "봄 공모", "closes_on": "2025-03-10"}
    call_id = (await house.must(RECEIVER, "POST", "/calls", call))["id"]
    ideas = [await received(house, CITIZENS, call=call_id) for _ in range(3)]
    extension = {"closes_on": "2025-03-20", "reason": "접수가 적다"}
    await house.must(RECEIVER, "POST", f"/calls/{call_id}/extension", extension)
    house.clock.time = noon(date(2025, 3, 15))
    await house.settle()
    assert (await house.must(LEAD, "GET", f"/ideas/{ideas[0]}"))["decision_due"] is None
    house.clock.time = noon(date(2025, 3, 21))
    await house.settle()
    for idea_id in ideas:
        clock = (await house.must(LEAD, "GET", f"/ideas/{idea_id}/clocks"))["clocks"]["decision"]
        assert (clock["started_on"], clock["last_day"]) == ("2025-03-20", "2025-04-21")
    announced = await house.must(CITIZEN, "GET", f"/calls/{call_id}/history")
    assert [event["type"] for event in announced["items"]] == ["ideas.CallOpened", "ideas.CallExtended"]


async def test_a_submission_names_a_call_that_takes_it(house: House) -> None:
    call = {"pack": CITIZENS, "title": "봄 공모", "closes_on": "2025-03-10"}
    call_id = (await house.must(RECEIVER, "POST", "/calls", call))["id"]

    async def code(pack_id: str, call_id: str) -> Any:
        answer = await house.ask(LEAD, "POST", "/ideas", body_of(submission(pack_id, call=call_id)))
        return answer.json().get("code")

    assert await code(CITIZENS, "nothing") == "unknown_call"
    assert await code(NATIONAL, call_id) == "call_of_another_pack"
    assert await code(CITIZENS, call_id) is None
    house.clock.time = noon(date(2025, 3, 11))
    assert await code(CITIZENS, call_id) == "call_closed"
    on_paper = submission(CITIZENS, call=call_id, submitted_on=date(2025, 3, 10))
    assert (await house.ask(RECEIVER, "POST", "/ideas", body_of(on_paper))).status_code == 201


# --- drafts


async def test_a_draft_grows_from_one_line_into_an_idea_of_the_same_id(house: House) -> None:
    draft = await house.must(LEAD, "POST", "/drafts", {"title": "밤에 다니는 버스"})
    where = f"/drafts/{draft['id']}"
    early = await house.ask(LEAD, "POST", f"{where}/submission")
    assert (early.status_code, early.json()["code"]) == (422, "draft_incomplete")
    assert {error["field"] for error in early.json()["errors"]} == {"pack", "kind", "department", "authors"}
    for actor in (CO_AUTHOR, RECEIVER, HEAD):
        for method, path in (("GET", where), ("PUT", where), ("DELETE", where), ("POST", f"{where}/submission")):
            body = {"title": "가로채기"} if method == "PUT" else None
            assert (await house.ask(actor, method, path, body)).status_code == 404, (actor, method)
    whole = body_of(submission(SEOUL))
    await house.must(LEAD, "PUT", where, {name: whole[name] for name in whole if name != "submitted_on"})
    assert [one["id"] for one in (await house.must(LEAD, "GET", "/me/drafts"))["items"]] == [draft["id"]]
    assert (await house.must(CO_AUTHOR, "GET", "/me/drafts"))["items"] == []
    idea = await house.must(LEAD, "POST", f"{where}/submission")
    assert (idea["id"], idea["stage"], idea["title"]["value"]) == (draft["id"], "submitted", "올빼미버스")
    assert (await house.ask(LEAD, "GET", where)).status_code == 404
    again = await house.must(LEAD, "POST", f"{where}/submission")
    assert again["id"] == idea["id"]
    assert len((await house.rooms["ideas"].reader.find(IDEA, {})).items) == 1


async def test_a_draft_is_thrown_away_by_its_author(house: House) -> None:
    draft = await house.must(LEAD, "POST", "/drafts", {"title": "밤에 다니는 버스"})
    await house.must(LEAD, "DELETE", f"/drafts/{draft['id']}")
    assert (await house.ask(LEAD, "GET", f"/drafts/{draft['id']}")).status_code == 404
    assert (await house.ask(LEAD, "POST", f"/drafts/{draft['id']}/submission")).status_code == 404


async def test_a_draft_that_nobody_began_cannot_be_saved_at_an_id_of_ones_choice(house: House) -> None:
    idea_id = await submitted(house, SEOUL, authors=authors())
    answer = await house.ask(STRANGER, "PUT", f"/drafts/{idea_id}", {"title": "내 것"})
    assert answer.status_code == 404
    house.clock.time += timedelta(seconds=1)
