"""Candidates for duplicates: the pack's threshold, the first receipt, and closing the later one of two."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.ideas.domain.alike import DUPLICATE, CloseAsDuplicate, NoteDuplicates
from services.ideas.domain.values import Stage
from services.ideas.duplicates import METHOD
from shared.contracts.ideas import Alike, DuplicatesFound, IdeaClosed, NoticeIssued
from shared.engine.message import Actor
from tests.support.given import Given
from tests.unit.ideas.support import (
    LEAD,
    NATIONAL,
    OPEN_CALL,
    RECEIVER,
    SEOUL,
    SYSTEM,
    authority,
    given_idea,
    past,
)


def alike(idea_id: str, similarity: str, day: int = 3) -> Alike:
    return Alike(
        idea_id=idea_id,
        received_on=date(2025, 3, day),
        similarity=Decimal(similarity),
        title_similarity=Decimal("50.0"),
    )


def found(*candidates: Alike) -> NoteDuplicates:
    return NoteDuplicates(candidates=candidates, method=METHOD)


def received(pack_id: str) -> Given:
    return given_idea(*past(pack_id, Stage.RECEIVED))


def noted(pack_id: str, *candidates: Alike) -> Given:
    given = received(pack_id)
    return given(*given.past, *given.when(found(*candidates), actor=SYSTEM).events)


def closing(**changes: Any) -> CloseAsDuplicate:
    whole: dict[str, Any] = {"first_id": "i-0", "reason": "먼저 접수된 제안과 같다", "authority": authority()}
    return CloseAsDuplicate(**(whole | changes))


def ids(given: Given) -> list[str]:
    return [one.idea_id for one in given.state.alike]


@pytest.mark.parametrize(("pack_id", "expected"), [(SEOUL, ["i-8", "i-6"]), (OPEN_CALL, ["i-8"])])
def test_packs_differ_in_how_alike_a_candidate_must_be(pack_id: str, expected: list[str]) -> None:
    assert ids(noted(pack_id, alike("i-6", "60"), alike("i-8", "80"), alike("i-5", "49.9"))) == expected


@pytest.mark.parametrize(("pack_id", "expected"), [(NATIONAL, ["i-2"]), (OPEN_CALL, ["i-4", "i-2"])])
def test_what_was_received_later_is_no_candidate_where_the_first_receipt_wins(
    pack_id: str, expected: list[str]
) -> None:
    assert ids(noted(pack_id, alike("i-4", "99", day=4), alike("i-2", "90", day=2))) == expected


def test_packs_differ_in_how_many_candidates_are_kept() -> None:
    many = [alike(f"c-{number:02}", str(99 - number)) for number in range(12)]
    assert len(ids(noted(SEOUL, *many))) == 10
    assert ids(noted(OPEN_CALL, *many)) == [f"c-{number:02}" for number in range(5)]


def test_an_idea_is_not_its_own_candidate_and_the_same_finding_is_noted_once() -> None:
    given = noted(SEOUL, alike("i-1", "100"), alike("i-0", "90"))
    assert ids(given) == ["i-0"]
    given.when(found(alike("i-0", "90")), actor=SYSTEM).emits()
    event = given.when(found(alike("i-3", "95")), actor=RECEIVER).event(DuplicatesFound)
    assert [one.idea_id for one in event.candidates] == ["i-3", "i-0"] and event.threshold == 50


def test_only_the_office_and_the_service_itself_note_candidates() -> None:
    received(SEOUL).when(found(alike("i-0", "90")), actor=LEAD).refused("not_found")
    given_idea().when(found(alike("i-0", "90")), actor=SYSTEM).refused("not_found")


def test_candidates_are_shown_with_no_answer_and_stand_in_the_journal() -> None:
    given = noted(SEOUL, alike("i-0", "90"))
    for actor in (LEAD, RECEIVER):
        assert "alike" not in given.state.visible_to(actor) and not given.state.shows(DuplicatesFound, actor)


def test_the_later_one_is_closed_on_the_first_receipt() -> None:
    outcome = noted(NATIONAL, alike("i-0", "90", day=1)).when(closing(), actor=RECEIVER)
    outcome.emits(IdeaClosed, NoticeIssued)
    closed = outcome.event(IdeaClosed)
    assert (closed.ground, closed.rule.article) == (DUPLICATE, "공무원 제안 규정 제6조제3항")
    assert outcome.event(NoticeIssued).facts == {"ground": DUPLICATE, "first_received_on": "2025-03-01"}


def test_what_was_not_found_or_lacks_grounds_closes_nothing() -> None:
    given = noted(NATIONAL, alike("i-0", "90"))
    given.when(closing(first_id="i-7"), actor=RECEIVER).refused("not_a_candidate")
    given.when(closing(reason=""), actor=RECEIVER).refused("reason_required")
    given.when(closing(authority=None), actor=RECEIVER).refused("authority_required")
    given.when(closing(), actor=Actor("p-1", "receiver")).refused("conflict_of_interest")
    noted(SEOUL, alike("i-0", "90")).when(closing(authority=None), actor=RECEIVER).emits(IdeaClosed, NoticeIssued)
    checked = given_idea(*past(NATIONAL, Stage.UNDER_EVALUATION))
    checked.when(closing(), actor=RECEIVER).refused("wrong_stage")
