"""What may be submitted, by whom, under which pack."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from services.ideas.domain.commands import ImportIdea
from services.ideas.domain.values import Stage
from shared.contracts.ideas import EndorsementsDeclared, IdeaSubmitted, NoticeIssued, SharesOpened
from shared.contracts.learning import OutputHandedOver
from shared.contracts.types import Kind, Origin
from shared.engine.message import seal
from shared.rules.loader import pack
from tests.unit.ideas.support import (
    LEAD,
    NATIONAL,
    OPEN_CALL,
    PACKS,
    RECEIVER,
    SEOUL,
    STRANGER,
    SYSTEM,
    authors,
    given_idea,
    past,
    submission,
)


@pytest.mark.parametrize("pack_id", PACKS)
def test_an_idea_is_submitted_and_the_other_author_is_told(pack_id: str) -> None:
    asked = [SharesOpened] if pack(pack_id).ideas.sharing.each_confirms.value else []
    outcome = given_idea().when(submission(pack_id)).emits(IdeaSubmitted, *asked, NoticeIssued)
    submitted, told = outcome.event(IdeaSubmitted), outcome.event(NoticeIssued)
    assert submitted.submitted_on == date(2025, 3, 3)
    assert submitted.title == seal("올빼미버스", "p-1") and submitted.sections.key == "p-1"
    assert (told.notice, told.position, told.recipients) == ("submitted", 1, ("p-2",))


def test_a_single_author_needs_no_notice_of_the_own_submission() -> None:
    given_idea().when(submission(SEOUL, authors=authors())).emits(IdeaSubmitted)


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (SEOUL, {"pack": "seoul-1999"}, "unknown_pack"),
    (NATIONAL, {"kind": Kind.DROP_WORK}, "kind_not_allowed"),
    (SEOUL, {"title": "  "}, "title_required"),
    (SEOUL, {"title": "가" * 301}, "title_too_long"),
    (OPEN_CALL, {"title": ""}, "title_required"),
    (SEOUL, {"sections": {"problem": "느리다"}}, "section_missing"),
    (SEOUL, {"sections": {"problem": " ", "improvement": "빨리", "effect": "좋다"}}, "section_empty"),
    (OPEN_CALL, {"sections": {"content": "", "wishes": "많다"}}, "section_unknown"),
    (SEOUL, {"authors": authors(("p-1", "60"), ("p-2", "39.99"))}, "shares_do_not_total_100"),
    (OPEN_CALL, {"authors": authors(("p-1", "60"), ("p-2", "60"))}, "shares_do_not_total_100"),
    (SEOUL, {"authors": authors(("p-1", "50"), ("p-1", "50"))}, "author_named_twice"),
    (SEOUL, {"authors": authors(("p-1", "40"), ("p-2", "60"))}, "lead_without_largest_share"),
    (SEOUL, {"authors": authors(*((f"p-{n}", "1") for n in range(11)))}, "too_many_authors"),
    (SEOUL, {"authors": authors(("p-8", "100"))}, "not_an_author"),
    (SEOUL, {"submitted_on": date(2025, 3, 2)}, "backdating_not_allowed"),
    (SEOUL, {"submitted_on": date(2025, 3, 4)}, "date_in_future"),
]


@pytest.mark.parametrize(("pack_id", "changes", "code"), REFUSED)
def test_a_submission_that_does_not_fit_is_refused(pack_id: str, changes: dict[str, Any], code: str) -> None:
    given_idea().when(submission(pack_id, **changes)).refused(code)


def test_where_the_pack_does_not_rank_authors_the_first_leads() -> None:
    message = submission(OPEN_CALL, authors=authors(("p-1", "40"), ("p-2", "60")))
    assert given_idea().when(message).event(IdeaSubmitted).title.key == "p-1"


def test_the_equal_pair_agrees_on_who_leads() -> None:
    given_idea().when(submission(SEOUL, authors=authors(("p-1", "50"), ("p-2", "50")))).emits(
        IdeaSubmitted, SharesOpened, NoticeIssued
    )


def test_the_office_submits_for_others_and_dates_paper_back() -> None:
    message = submission(SEOUL, submitted_on=date(2025, 2, 27))
    outcome = given_idea().when(message, actor=RECEIVER)
    assert outcome.event(IdeaSubmitted).submitted_on == date(2025, 2, 27)
    assert outcome.event(NoticeIssued).recipients == ("p-1", "p-2")


def test_a_pack_is_not_used_before_it_is_in_force() -> None:
    given_idea().when(submission(SEOUL, submitted_on=date(2024, 12, 31)), actor=RECEIVER).refused("pack_not_in_force")


def test_an_idea_is_submitted_once() -> None:
    given_idea(*past(SEOUL, Stage.SUBMITTED)).when(submission(SEOUL)).refused("already_submitted")


@pytest.mark.parametrize("text", ["널\0문자", "벨\x07"])
def test_control_characters_are_no_text(text: str) -> None:
    with pytest.raises(ValidationError):
        submission(SEOUL, title=text)
    with pytest.raises(ValidationError):
        submission(SEOUL, sections={"problem": text})


# --- imports


def imported(**changes: Any) -> ImportIdea:
    whole: dict[str, Any] = {
        "pack": OPEN_CALL,
        "kind": Kind.CREATE,
        "department": "d-transport",
        "title": "",
        "sections": {"content": ""},
        "authors": authors(("petitioner", "100")),
        "submitted_on": date(2019, 4, 1),
        "source": "국민청원 2019-04",
        "source_id": "579846",
        "endorsements": 5001,
    }
    return ImportIdea(**(whole | changes))


def test_an_import_keeps_its_date_origin_and_declared_total_and_may_lack_words() -> None:
    outcome = given_idea().when(imported(), actor=RECEIVER).emits(IdeaSubmitted, EndorsementsDeclared)
    submitted = outcome.event(IdeaSubmitted)
    assert submitted.submitted_on == date(2019, 4, 1)
    assert submitted.origin == Origin(kind="import", id="579846", label="국민청원 2019-04")
    assert outcome.event(EndorsementsDeclared).endorsements == 5001
    assert given_idea(*outcome.events).state.declared_endorsements == 5001


def test_an_import_without_a_total_declares_none() -> None:
    given_idea().when(imported(endorsements=None), actor=RECEIVER).emits(IdeaSubmitted)


def test_an_import_is_the_offices_business() -> None:
    given_idea().when(imported(authors=authors())).refused("backdating_not_allowed")


# --- outputs of learning groups


OUTPUT = OutputHandedOver(
    idea_id="i-1",
    group_id="g-1",
    group_name="밤의 교통",
    pack=SEOUL,
    kind=Kind.IMPROVE,
    category="교통",
    department="d-transport",
    title=seal("심야 환승", "p-1"),
    sections=seal({"problem": "…"}, "p-1"),
    authors=authors(),
    handed_over_on=date(2025, 3, 3),
)


def test_a_groups_output_becomes_an_idea_with_its_lineage() -> None:
    outcome = given_idea().when(OUTPUT, actor=SYSTEM).emits(IdeaSubmitted, NoticeIssued)
    assert outcome.event(IdeaSubmitted).origin == Origin(kind="group_output", id="g-1", label="밤의 교통")
    given_idea(*outcome.events).when(OUTPUT, actor=SYSTEM).emits()


# --- who sees it


def test_a_submitted_idea_is_seen_by_authors_office_and_department_alone() -> None:
    idea = given_idea(*past(SEOUL, Stage.SUBMITTED)).state
    assert idea.visible_to(LEAD)["authors"][0]["share"] == "60"
    assert idea.visible_to(RECEIVER) and idea.visible_to(STRANGER) == {}
    assert not idea.shows(IdeaSubmitted, STRANGER) and idea.shows(IdeaSubmitted, LEAD)
    assert given_idea().state.visible_to(RECEIVER) == {}


def test_while_votes_are_taken_all_see_the_content_and_nobody_the_names() -> None:
    assert pack(SEOUL).ideas.voting.open.value and not pack(NATIONAL).ideas.voting.open.value
    seen = given_idea(*past(SEOUL, Stage.RECEIVED)).state.visible_to(STRANGER)
    assert seen["title"]["value"] == "올빼미버스" and "authors" not in seen and "deadlines" not in seen
    assert given_idea(*past(NATIONAL, Stage.RECEIVED)).state.visible_to(STRANGER) == {}
    assert Decimal(60) == given_idea(*past(NATIONAL, Stage.RECEIVED)).state.authors[0].share
