"""Hangul in its letters, emoji, HTML: kept as they were written, compared as they look, shown as text.

The demo's page has its own test of this in `tests/unit/owlbus/test_page.py`.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast
from unicodedata import normalize

import pytest

from shared.contracts.types import imported_idea_id
from shared.engine.aggregate import derive_id
from shared.engine.message import Actor
from shared.runtime import pages
from tests.support.house import House
from tests.unit.badinput.support import json_of, opened, problem, received, submitted
from tests.unit.ideas.support import HEAD, LEAD, RECEIVER, SEOUL, adoption, submission
from tests.unit.learning.support import LEAD as GROUP_LEAD
from tests.unit.learning.support import registration


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await opened(tmp_path)


def typed(text: str) -> str:
    """As some keyboards and file systems send it: every syllable in its letters."""
    apart = normalize("NFD", text)
    assert apart != text
    return apart


async def test_what_was_written_is_kept_and_found_however_it_was_typed(house: House) -> None:
    whole: dict[str, Any] = {"category": typed("교통"), "title": typed("올빼미버스")}
    sections = {name: typed("심야에 버스가 없다") for name in json_of(submission(SEOUL))["sections"]}
    apart = await submitted(house, **whole, sections=sections)
    together = await submitted(house, category="교통")
    await submitted(house, category="주거")
    idea = await house.must(LEAD, "GET", f"/ideas/{apart}")
    assert (idea["category"], idea["title"]["value"]) == (whole["category"], whole["title"])
    assert idea["sections"]["value"] == sections and "category_sought" not in idea
    published = [value for records in house.topics.values() for value in records]
    assert any(typed("올빼미버스").encode() in value for value in published), "in the log, byte for byte"
    for category in ("교통", typed("교통")):
        found = await house.must(RECEIVER, "GET", f"/ideas?category={category}")
        assert {one["id"] for one in found["items"]} == {apart, together}


async def test_departments_and_people_are_the_same_however_they_were_typed(house: House) -> None:
    body: dict[str, Any] = {"authors": [{"person_id": typed("홍길동"), "share": 100}], "department": typed("교통과")}
    author = Actor("홍길동", "author", "교통과")
    idea_id = await submitted(house, author=author, **body)
    for department in ("교통과", typed("교통과")):
        head = Actor("과장", "department", department)
        assert (await house.must(head, "GET", f"/ideas/{idea_id}"))["department"] == "교통과"
        found = await house.must(RECEIVER, "GET", f"/ideas?department={department}")
        assert [one["id"] for one in found["items"]] == [idea_id]
    for person in ("홍길동", typed("홍길동")):
        mine = await house.must(Actor(person, "author"), "GET", "/me/ideas")
        assert [one["id"] for one in mine["items"]] == [idea_id]
    twice = {"authors": [{"person_id": name, "share": 50} for name in ("홍길동", typed("홍길동"))]}
    answer = await house.ask(author, "POST", "/ideas", json_of(submission(SEOUL)) | twice)
    problem(answer, 422, "author_named_twice")


async def test_a_person_has_one_vote_however_the_name_was_typed(house: House) -> None:
    idea_id = await received(house)
    for person, choice in (("홍길동", "endorse"), (typed("홍길동"), "object")):
        await house.must(Actor(person, "citizen"), "PUT", f"/ideas/{idea_id}/vote", {"choice": choice})
        house.clock.time = house.clock.time.replace(minute=house.clock.time.minute + 1)
    tally = await house.must(LEAD, "GET", f"/ideas/{idea_id}/votes")
    assert tally["votes"] == {"endorse": 0, "object": 1, "pass": 0}


async def test_a_member_is_a_member_however_the_name_was_typed(house: House) -> None:
    body = json_of(registration(SEOUL)) | {"members": ["이순신", "강감찬"], "name": typed("밤길")}
    group = await house.must(GROUP_LEAD, "POST", "/groups", body, service="learning")
    assert group["name"] == typed("밤길")
    again = {"person_id": typed("이순신")}
    answer = await house.ask(GROUP_LEAD, "POST", f"/groups/{group['id']}/members", again, service="learning")
    problem(answer, 409, "already_a_member")
    found = await house.must(GROUP_LEAD, "GET", f"/groups?member={typed('강감찬')}", service="learning")
    assert [one["id"] for one in found["items"]] == [group["id"]]


def test_ids_do_not_depend_on_how_a_text_was_typed() -> None:
    assert derive_id("a", typed("청원")) == derive_id("a", "청원") != derive_id("a", "청")
    assert imported_idea_id(typed("국민청원"), "1") == imported_idea_id(" 국민청원", "1")


@pytest.mark.parametrize(
    "text",
    [
        "🦉🚌",
        "👩‍👩‍👧‍👦",
        "𠮷野家",
        "\U0010fffd",
        "e\u0301 \u200d \u202e",
        "&amp; &lt;b&gt; \\u0000 %00",
        "탭\t줄\n끝\r\n",
    ],
)
async def test_characters_of_every_kind_are_kept(house: House, text: str) -> None:
    sections = {name: text for name in json_of(submission(SEOUL))["sections"]}
    title = text.replace("\t", " ")
    idea_id = await submitted(house, title=title, sections=sections)
    idea = await house.must(LEAD, "GET", f"/ideas/{idea_id}")
    assert idea["title"]["value"] == title and idea["sections"]["value"] == sections
    history = await house.must(LEAD, "GET", f"/ideas/{idea_id}/history")
    assert history["items"][0]["data"]["sections"]["value"] == sections


@pytest.mark.parametrize("control", ["\x01", "\x08", "\x0b", "\x1b", "\x7f"])
async def test_control_characters_are_refused(house: House, control: str) -> None:
    body = json_of(submission(SEOUL)) | {"title": f"제목{control}"}
    found = problem(await house.ask(LEAD, "POST", "/ideas", body), 422, "invalid_request")
    assert (found["errors"][0]["field"], found["errors"][0]["code"]) == ("title", "string_pattern_mismatch")


# --- HTML

HTML = '<script>alert("1")</script><img src=x onerror=alert(1)>&'


async def test_html_is_text_in_every_answer(house: House) -> None:
    idea_id = await submitted(house, title=HTML, category=HTML)
    answers = [await house.ask(LEAD, "GET", path) for path in (f"/ideas/{idea_id}", "/me/ideas", "/me/notices")]
    answers.append(await house.ask(LEAD, "POST", "/ideas", {"title": HTML}))
    answers.append(await house.ask(LEAD, "GET", "/ideas/%3Cscript%3E"))
    answers.append(await house.ask(HEAD, "POST", f"/ideas/{idea_id}/adoption", json_of(adoption(reason=HTML))))
    for answer in answers:
        assert answer.headers["content-type"] in ("application/json", "application/problem+json")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answers[0].json()["title"]["value"] == HTML


def _hostile(value: Any) -> Any:
    """A document with HTML in every text and name."""
    if isinstance(value, dict):
        return {name: _hostile(part) for name, part in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_hostile(part) for part in cast("list[Any]", value)]
    return HTML if isinstance(value, str) else value


@pytest.mark.parametrize("name", ["ideas", "learning"])
async def test_pages_of_interfaces_show_html_as_text(house: House, name: str) -> None:
    openapi = _hostile(house.apps[name].openapi())
    properties = {HTML: {"type": HTML}, "enum": {"enum": [HTML]}, "list": {"type": "array", "items": {"format": HTML}}}
    content = {"application/json": {"schema": {"properties": properties}}}
    openapi["paths"] = {HTML: {HTML: {"description": HTML, "x-roles": [HTML], "requestBody": {"content": content}}}}
    answer = (await house.ask(LEAD, "GET", "/asyncapi", service=name, Accept="application/json")).json()
    for channel in answer["components"]["messages"].values():
        channel |= {"name": HTML, "summary": HTML}
    answer["info"]["title"] = HTML
    for page in (pages.operations(openapi), pages.events(answer)):
        assert "&lt;script&gt;" in page
        assert "<script" not in page and "<img" not in page
