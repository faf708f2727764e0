"""Drafts: one line to begin with, completed later, nobody's but the author's, and over when the idea is submitted."""

import pytest

from services.ideas.domain import DRAFT
from services.ideas.domain.draft import DiscardDraft, SaveDraft
from shared.contracts.ideas import IdeaSubmitted
from shared.contracts.ideas_process import DraftDiscarded, DraftSaved, DraftSubmitted
from shared.engine.message import Actor
from tests.support.given import Given
from tests.unit.ideas.support import (
    AUDITOR,
    CO_AUTHOR,
    HEAD,
    LEAD,
    RECEIVER,
    SEOUL,
    STRANGER,
    SYSTEM,
    authors,
    given_idea,
    submission,
)

given_draft = Given(DRAFT, "i-1", actor=LEAD)
LINE = SaveDraft(title="밤에 다니는 버스")
SUBMITTED = given_idea().when(submission(SEOUL), actor=LEAD).event(IdeaSubmitted)


def begun() -> Given:
    return given_draft(*given_draft().when(LINE).emits(DraftSaved).events)


def test_one_line_is_enough_and_nothing_is_not() -> None:
    assert begun().state.title.value == "밤에 다니는 버스"
    given_draft().when(SaveDraft(title=" ", sections={"content": " "})).refused("draft_empty")
    given_draft().when(SaveDraft(sections={"content": "버스"})).emits(DraftSaved)


def test_it_is_completed_later_and_each_saving_replaces_the_one_before() -> None:
    given = begun()
    more = SaveDraft(title="올빼미버스", pack=SEOUL, sections={"problem": "막차"}, authors=authors())
    state = given(*given.past, *given.when(more).events).state
    assert (state.title.value, state.pack, state.sections.value) == ("올빼미버스", SEOUL, {"problem": "막차"})


@pytest.mark.parametrize(
    "actor",
    [CO_AUTHOR, STRANGER, RECEIVER, HEAD, AUDITOR, Actor("o-1", "operator"), SYSTEM],
    ids=lambda a: a.role + a.id,
)
def test_only_its_author_sees_it_or_knows_of_it(actor: Actor) -> None:
    given = begun()
    more = SaveDraft(title="올빼미버스", authors=authors(("p-1", "60"), ("p-2", "40")))
    state = given(*given.past, *given.when(more).events).state
    assert not state.known_to(actor) and state.visible_to(actor) == {} and not state.shows(DraftSaved, actor)
    assert state.visible_to(Actor(LEAD.id, "member"))["title"]["value"] == "올빼미버스"
    assert state.shows(DraftSaved, LEAD)


def test_a_submission_ends_it_and_forgets_what_it_said() -> None:
    given = begun()
    outcome = given.when(SUBMITTED, actor=SYSTEM).emits(DraftSubmitted)
    over = given(*given.past, *outcome.events)
    assert over.state.title.value == "" and not over.state.known_to(LEAD)
    over.when(SUBMITTED, actor=SYSTEM).emits()
    over.when(LINE).refused("not_found")


def test_what_was_thrown_away_is_gone() -> None:
    given = begun()
    outcome = given.when(DiscardDraft()).emits(DraftDiscarded)
    gone = given(*given.past, *outcome.events)
    assert gone.state.title.value == "" and not gone.state.known_to(LEAD)
    gone.when(LINE).refused("not_found")


def test_an_idea_that_was_no_draft_leaves_nothing() -> None:
    given_draft().when(SUBMITTED, actor=SYSTEM).emits()
