"""What is told of an idea, a person, a round: everything relevant, in order, with its words, as text always."""

import asyncio
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from owlbus import words
from owlbus.audit.story import Story, is_relevant
from owlbus.audit.telling import as_page, as_text, visible
from shared.engine.envelope import Envelope, decode, encode
from shared.engine.message import Actor
from shared.runtime.kafka.records import Record
from tests.contract.contracts import contracts
from tests.support.lived import lived, records_of
from tests.unit.audit.test_check import FIRST

NASTY = '<script>alert("올빼미")</script>\x1b[2J\u202e'


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Record], list[str]]:
    async def live() -> tuple[list[Record], list[str]]:
        house, ids = await lived(tmp_path_factory.mktemp("issuer"))
        return records_of(house.topics), ids

    return asyncio.run(live())


def told(id: str, records: list[Record]) -> Story:
    story = Story(id)
    for record in records:
        story.add(record)
    for record in records:
        story.add_cause(record)
    return story


def test_every_event_has_its_words_in_both_languages() -> None:
    assert [name for name in contracts() if name not in words.EVENTS] == []


def _event(**changes: Any) -> Envelope:
    return replace(FIRST, key="k", subject="idea/s", data={}, actor=Actor("a", "author"), **changes)


RELEVANT: dict[str, tuple[Envelope, bool]] = {
    "its key": (replace(_event(), key="x"), True),
    "its subject": (replace(_event(), subject="idea/x"), True),
    "part of its subject": (replace(_event(), subject="vote/i/x"), True),
    "its actor": (replace(_event(), actor=Actor("x", "author")), True),
    "a value in its data": (replace(_event(), data={"authors": [{"person_id": "x"}]}), True),
    "a department it acts for": (replace(_event(), actor=Actor("a", "author", "x")), False),
    "the aggregate's kind": (replace(_event(), subject="x/s"), False),
    "a name in its data": (replace(_event(), data={"x": 1}), False),
    "part of a value": (replace(_event(), data={"title": "x and y"}), False),
    "nothing": (_event(), False),
}


@pytest.mark.parametrize("case", RELEVANT)
def test_what_is_relevant_follows_one_rule(case: str) -> None:
    envelope, expected = RELEVANT[case]
    assert is_relevant(envelope, "x") is expected
    story = told("x", [Record("ideas.events", 0, 0, None, encode(envelope))])
    assert bool(story.happenings()) is expected


def test_an_id_in_escapes_is_found_too() -> None:
    value = encode(replace(_event(), key="idea-x")).replace(b'"idea-x"', b'"ide\\u0061-x"')
    assert len(told("idea-x", [Record("ideas.events", 0, 0, None, value)]).happenings()) == 1


def test_an_idea_s_story_has_all_services_in_order_with_rule_authority_and_cause(
    log: tuple[list[Record], list[str]],
) -> None:
    records, (idea, *_) = log
    document = told(idea, [*records, *records[:50]]).document()
    events: list[dict[str, Any]] = document["events"]
    wanted = {decode(r.value or b"").id for r in records if idea.encode() in (r.value or b"")}
    assert {one["position"] for one in events} == wanted and len(events) == len(wanted)
    assert [one["time"] for one in events] == sorted(one["time"] for one in events)
    assert {one["service"] for one in events} == {"ideas", "evaluation", "awards", "learning"}
    by_type = {one["type"]: one for one in events}
    received = by_type["ideas.IdeaReceived"]
    assert received["what"] == {"ko": "접수", "en": "received"} and received["seoul"] == "2025-03-03 12:00:00"
    assert received["who"] == {"id": "p-5", "role": "receiver", "department": "d-office"}
    assert received["rule"]["pack"] == "seoul-2025-1" and len(received["rule"]["hash"]) == 64
    assert received["cause"]["kind"] == "command"
    assert by_type["ideas.IdeaAdopted"]["authority"]["approver"] == "p-50"
    opened = by_type["evaluation.EvaluationOpened"]["cause"]
    assert opened["kind"] == "event" and opened["type"] == "ideas.EvaluationRequested"
    assert {one["cause"]["kind"] for one in events} == {"command", "event"}


CAUSES = {
    "command/c-1": ("command", "c-1"),
    "deadline/idea/s/decision": ("deadline", "idea/s/decision"),
    "redrive/s": ("redrive", "s"),
    "ideas/3/7": ("event", "ideas/3/7"),
}


@pytest.mark.parametrize("causation", CAUSES)
def test_every_kind_of_cause_is_named(causation: str) -> None:
    story = told("s", [Record("ideas.events", 0, 0, None, encode(replace(_event(), causation=causation)))])
    cause = story.document()["events"][0]["cause"]
    assert (cause["kind"], cause["id"]) == CAUSES[causation] and cause["id"] in as_text(story, "ko")


def test_a_person_s_story_has_what_they_did_and_what_names_them(log: tuple[list[Record], list[str]]) -> None:
    records, ids = log
    voter = told("p-30", records).document()["events"]
    assert {one["type"] for one in voter} == {"ideas.VoteCast"} and len(voter) == len(ids) - 1
    co_author = {one["type"] for one in told("p-2", records).document()["events"]}
    assert {"ideas.IdeaSubmitted", "ideas.IdeaAdopted", "ideas.NoticeIssued"} <= co_author


def test_a_cause_outside_the_story_is_named_after_a_second_reading(log: tuple[list[Record], list[str]]) -> None:
    records, _ = log
    story = Story("p-30")
    value = encode(replace(_event(), actor=Actor("p-30", "citizen"), causation=decode(records[0].value or b"").id))
    story.add(Record("ideas.events", 0, 0, None, value))
    assert story.unexplained() == {decode(records[0].value or b"").id}
    for record in records:
        story.add_cause(record)
    assert not story.unexplained() and story.document()["events"][0]["cause"]["type"]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_people_wrote_is_text(language: words.Language) -> None:
    data = {
        "title": {"key": "p", "alg": "none", "value": NASTY},
        "sections": {"key": "p", "alg": "none", "value": {"a": NASTY}},
    }
    value = encode(replace(_event(), type="ideas.IdeaSubmitted", data=data, actor=Actor("<b>x</b>", NASTY)))
    story = told("s", [Record("ideas.events", 0, 0, None, value)])
    page, text = as_page(story, language), as_text(story, language)
    assert "<script" not in page and "<b>x" not in page and page.count("&lt;script&gt;") >= 4
    assert "default-src 'none'" in page and f'<html lang="{language}">' in page
    assert "\x1b" not in text and "\u202e" not in text and "\\u001b[2J\\u202e" in text
    assert "올빼미" in text


class Tags(HTMLParser):
    """The tags of a page, and whether they close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag != "script" and not any(name in ("src", "href") or name.startswith("on") for name, _ in attrs)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["ko", "en"])
def test_page_and_timeline_tell_the_same(language: words.Language, log: tuple[list[Record], list[str]]) -> None:
    records, (idea, *_) = log
    story = told(idea, records)
    page, text = as_page(story, language), as_text(story, language)
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    for one in story.document()["events"]:
        assert one["position"] in page and one["position"] in text and one["sha256"] in page
        assert one["what"][language] in text
    assert ("심사위원 " if language == "ko" else "raters") in text


def test_forged_times_and_data_are_told_and_break_nothing() -> None:
    end = FIRST.time.replace(year=9999, month=12, day=31, hour=23)
    forged = replace(_event(), time=end, type="ideas.IdeaReceived", data={"rule": 7, "authority": []})
    story = told("s", [Record("ideas.events", 0, 0, None, encode(forged))])
    assert "9999-12-31" in as_text(story, "ko") and "9999-12-31" in as_page(story, "en")
    assert story.document()["events"][0]["rule"] == {}


def test_what_a_terminal_shows_by_itself_stays() -> None:
    assert visible("가나\t다\n👨‍👩‍👧 é") == "가나\t다\n👨‍👩‍👧 é"
