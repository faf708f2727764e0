"""Bulk requests over the real services: an answer a line, in order; nothing stops anything else; again is harmless."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.service import SERVICE as IDEAS
from shared.engine.inputs import Answer, Call
from shared.engine.message import Actor
from shared.runtime import bulk
from shared.runtime.engine_port import Unavailable
from tests.support.house import House

RECEIVER = Actor("p-5", "receiver", "d-office")
COLLEAGUE = Actor("p-6", "receiver", "d-office")
CHAIR = Actor("p-20", "chair")
AUDITOR = Actor("p-8", "auditor")
SOURCE = "대장"


@pytest.fixture
async def house(tmp_path: Path) -> House:
    """Ideas and evaluation."""
    return await House(tmp_path, IDEAS, EVALUATION).open()


def idea(number: int, **changes: Any) -> dict[str, Any]:
    """One idea of the file."""
    return {
        "key": f"{SOURCE}/{number}",
        "source": SOURCE,
        "source_id": str(number),
        "pack": "expert-review",
        "kind": "create",
        "department": "lab",
        "sections": {"content": f"제안 {number}"},
        "authors": [{"person_id": f"a-{number}", "share": "100"}],
        "submitted_on": "2019-04-01",
        "received_on": "2019-04-01",
    } | changes


def vote(row: int, number: int, voter: str, choice: str = "endorse", day: str = "2019-05-01") -> dict[str, Any]:
    """One vote of the file."""
    return {
        "key": f"votes/{row}",
        "source": SOURCE,
        "source_id": str(number),
        "voter_id": voter,
        "choice": choice,
        "voted_at": f"{day}T00:00:00Z",
    }


def sheet(row: int, number: int, points: str = "7", **changes: Any) -> dict[str, Any]:
    """One rater's scores of the file."""
    criteria = ("novelty", "feasibility", "effectiveness", "excitement", "overall")
    return {
        "key": f"scores/{row}",
        "source": SOURCE,
        "source_id": str(number),
        "stage": "ideation",
        "rater_id": f"synthetic-rater-{row}",
        "scores": [{"criterion": code, "points": points, "reason": "이유"} for code in criteria],
        "confidence": 4,
        "scored_at": "2019-06-01T00:00:00+09:00",
    } | changes


def said(answers: list[Any]) -> list[str]:
    """Outcome or code of each answer."""
    return [one["problem"]["code"] if "problem" in one else one["outcome"] for one in answers]


async def complete(house: House, *numbers: int) -> None:
    """Import ideas and have them checked."""
    await house.send_lines(RECEIVER, "/ideas/imports", map(idea, numbers))
    checks = [
        {"key": f"c/{n}", "source": SOURCE, "source_id": str(n), "outcome": "complete", "decided_on": "2019-04-02"}
        for n in numbers
    ]
    assert said(await house.send_lines(RECEIVER, "/decisions/imports", checks)) == ["done"] * len(numbers)


async def test_every_line_gets_its_answer_in_order_and_none_stops_another(house: House) -> None:
    good = orjson.dumps(idea(1))
    lines = [
        good,
        b"{not json",
        b'{"key": "x"}',
        orjson.dumps(idea(2, title="\0")),
        b'{"key": "\xff"}',
        orjson.dumps(idea(3, shade="blue")),
        b" " * 10 + b"x" * bulk.MAX_LINE_BYTES,
        b"",
        orjson.dumps(idea(4, submitted_on="2031-01-01", received_on=None)),
        b"[1, 2]",
        orjson.dumps(idea(5)),
    ]
    answers = await house.send_lines(RECEIVER, "/ideas/imports", b"\n".join(lines))
    assert [one["line"] for one in answers] == [1, 2, 3, 4, 5, 6, 7, 9, 10, 11]
    assert said(answers) == [
        *("done", "malformed_line", "invalid_request", "invalid_request", "malformed_line", "invalid_request"),
        *("line_too_long", "date_in_future", "invalid_request", "done"),
    ]
    assert answers[6]["problem"]["facts"] == {"limit": bulk.MAX_LINE_BYTES} and answers[6]["problem"]["status"] == 413
    assert answers[5]["problem"]["errors"][0]["field"] == "shade" and answers[5]["key"] == f"{SOURCE}/3"
    assert "blue" not in str(answers[5])


async def test_a_second_run_changes_nothing_whoever_sends_it(house: House) -> None:
    lines = [idea(n) for n in range(1, 4)]
    first = await house.send_lines(RECEIVER, "/ideas/imports", lines)
    before = {place: list(values) for place, values in house.topics.items()}
    again = await house.send_lines(COLLEAGUE, "/ideas/imports", lines)
    assert said(first) == ["done"] * 3 and said(again) == ["known"] * 3
    assert [one["id"] for one in again] == [one["id"] for one in first]
    assert house.topics == before
    changed = await house.send_lines(RECEIVER, "/ideas/imports", [idea(1, title="다른 제목")])
    assert said(changed) == ["idempotency_conflict"]


async def test_an_idea_under_another_key_is_still_the_same_idea(house: House) -> None:
    await house.send_lines(RECEIVER, "/ideas/imports", [idea(1)])
    assert said(await house.send_lines(RECEIVER, "/ideas/imports", [idea(1, key="other")])) == ["already_submitted"]


async def test_a_dry_run_says_the_same_and_writes_nothing(house: House) -> None:
    lines = [idea(1), idea(2, pack="no-such"), idea(1, key="other")]
    answers = await house.send_lines(RECEIVER, "/ideas/imports?dry_run=true", lines)
    assert said(answers) == ["done", "unknown_pack", "already_submitted"]
    assert not any(house.topics.values())
    assert said(await house.send_lines(RECEIVER, "/ideas/imports", lines)) == said(answers)


async def test_the_latest_vote_counts_by_its_moment_then_by_its_order(house: House) -> None:
    await complete(house, 1)
    lines = [
        vote(1, 1, "v-1", "object", "2019-05-03"),
        vote(2, 1, "v-1", "endorse", "2019-05-02"),
        vote(3, 1, "v-2", "endorse"),
        vote(4, 1, "v-2", "pass"),
        vote(5, 1, "v-2", "pass"),
        vote(6, 2, "v-1"),
    ]
    answers = await house.send_lines(RECEIVER, "/votes/imports", lines)
    assert said(answers) == ["done"] * 5 + ["not_found"]
    tally = await house.must(AUDITOR, "GET", f"/ideas/{answers[0]['id'].partition('/')[0]}/votes")
    assert tally["votes"] == {"endorse": 0, "object": 1, "pass": 1}
    cast = [value for values in house.topics.values() for value in values if b"ideas.VoteCast" in value]
    assert len(cast) == 5


async def test_imported_scores_close_nothing_until_the_chair_does(house: House) -> None:
    await complete(house, 1)
    lines = [sheet(row, 1, points) for row, points in enumerate(("7", "8", "6", "4", "5"))]
    answers = await house.send_lines(RECEIVER, "/scores/imports", lines, service="evaluation")
    assert said(answers) == ["done"] * 5
    place = f"/evaluations/{answers[0]['id']}"
    seen = await house.must(AUDITOR, "GET", place, service="evaluation")
    assert (seen["phase"], len(seen["sheets"]), seen["closes_at"], seen["deadlines"]) == ("open", 5, None, {})
    assert seen["sheets"][0]["scored_at"] == "2019-05-31T15:00:00.000000Z"
    await house.must(CHAIR, "POST", f"{place}/closing", {}, service="evaluation")
    closed = await house.must(AUDITOR, "GET", place, service="evaluation")
    assert {mean["mean"] for mean in closed["means"]} == {"6"}
    following = await house.must(
        AUDITOR, "GET", f"/evaluations/{answers[0]['id'].partition('/')[0]}/execution", service="evaluation"
    )
    assert (following["phase"], following["closes_at"]) == ("open", None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"source_id": "77"}, "not_found"),
        ({"stage": "execution"}, "not_found"),
        ({"rater_id": "a-1"}, "conflict_of_interest"),
        ({"scored_at": "2031-01-01T00:00:00Z"}, "date_in_future"),
        ({"scored_at": "2019-06-01T00:00:00"}, "invalid_scored_at"),
        ({"scores": [{"criterion": "novelty", "points": "7", "reason": "이유"}]}, "criterion_missing"),
        ({"idea_id": "also"}, "invalid_request"),
        ({"source_id": None}, "invalid_request"),
    ],
)
async def test_scores_that_can_not_be(house: House, changes: dict[str, Any], code: str) -> None:
    await complete(house, 1)
    answers = await house.send_lines(RECEIVER, "/scores/imports", [sheet(1, 1, **changes)], service="evaluation")
    assert said(answers) == [code]


async def test_another_type_of_body_is_refused_before_it_is_read(house: House) -> None:
    answer = await house.ask(RECEIVER, "POST", "/ideas/imports", idea(1))
    assert (answer.status_code, answer.json()["code"]) == (415, "lines_expected")
    answer = await house.ask(CHAIR, "POST", "/ideas/imports", idea(1))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_a_department_that_is_not_listed_is_refused_but_what_was_taken_stays_taken(house: House) -> None:
    await house.send_lines(RECEIVER, "/ideas/imports", [idea(1)])
    await house.must(RECEIVER, "PUT", "/departments/transport", {"name": "교통실"})
    lines = [idea(1), idea(2), idea(3, department="transport")]
    answers = await house.send_lines(RECEIVER, "/ideas/imports", lines)
    assert said(answers) == ["known", "unknown_department", "done"]
    assert answers[1]["problem"]["errors"][0]["field"] == "department"


async def test_an_unavailable_line_says_so_and_the_others_are_done(house: House) -> None:
    room = house.rooms["ideas"]
    decided = room.execute

    async def execute(call: Call) -> Answer:
        if call.id == first:
            raise Unavailable("partition_stopped")
        return await decided(call)

    first = (await house.send_lines(RECEIVER, "/ideas/imports?dry_run=true", [idea(1)]))[0]["id"]
    room.execute = execute
    answers = await house.send_lines(RECEIVER, "/ideas/imports", [idea(1), idea(2)])
    assert [one["outcome"] for one in answers] == ["unavailable", "done"]
    assert answers[0]["problem"]["code"] == "partition_stopped"


async def test_lines_are_answered_while_others_are_still_to_come(house: House) -> None:
    sent, answered = asyncio.Event(), asyncio.Event()

    async def body() -> AsyncGenerator[bytes]:
        yield orjson.dumps(idea(1)) + b"\n" + orjson.dumps(idea(2))[:20]
        sent.set()
        await asyncio.wait_for(answered.wait(), 10)
        yield orjson.dumps(idea(2))[20:]

    async def read() -> list[bytes]:
        lines: list[bytes] = []
        scope_headers = house_headers(house)
        messages = body()
        app = house.apps["ideas"]

        async def receive() -> dict[str, Any]:
            try:
                return {"type": "http.request", "body": await anext(messages), "more_body": True}
            except StopAsyncIteration:
                return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.body" and message.get("body"):
                lines.append(message["body"])
                answered.set()

        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "path": "/ideas/imports",
            "raw_path": b"/ideas/imports",
            "query_string": b"",
            "headers": scope_headers,
            "scheme": "http",
            "server": ("house", 80),
            "client": ("127.0.0.1", 1),
        }
        await app(scope, receive, send)
        return lines

    lines = await asyncio.wait_for(read(), 30)
    assert sent.is_set() and said([orjson.loads(line) for line in lines]) == ["done", "done"]


def house_headers(house: House) -> list[tuple[bytes, bytes]]:
    """The receiver's headers for a raw request."""
    token = house.issuer.mint(RECEIVER.id, [RECEIVER.role], RECEIVER.department)
    headers = httpx.Headers({"authorization": f"Bearer {token}", "content-type": bulk.MEDIA_TYPE})
    return headers.raw
