"""What is taken over from elsewhere: it keeps its own dates, tells nobody, and nothing falls due."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.ideas.domain.commands import ImportDecision, ImportIdea
from services.ideas.domain.values import Stage
from shared.contracts.ideas import (
    DecisionRequested,
    EndorsementsDeclared,
    EvaluationRequested,
    IdeaAdopted,
    IdeaClosed,
    IdeaFoundComplete,
    IdeaReceived,
    IdeaRefused,
    IdeaSubmitted,
)
from shared.contracts.types import Author, Kind, Origin, imported_idea_id
from shared.engine.message import Event
from tests.support.given import Outcome
from tests.unit.ideas.support import OPEN_CALL, RECEIVER, SYSTEM, evaluated, given_idea, past

SUBMITTED_ON, RECEIVED_ON, DECIDED_ON = date(2019, 4, 1), date(2019, 4, 3), date(2019, 6, 1)


def imported(**changes: Any) -> ImportIdea:
    """An old idea, as a spreadsheet has it."""
    whole: dict[str, Any] = {
        "pack": OPEN_CALL,
        "kind": Kind.CREATE,
        "department": "d-transport",
        "title": "",
        "sections": {"content": ""},
        "authors": (Author(person_id="petitioner", share=Decimal(100)),),
        "submitted_on": SUBMITTED_ON,
        "received_on": RECEIVED_ON,
        "source": "제안 대장 2019",
        "source_id": "2019-17",
    }
    return ImportIdea(**(whole | changes))


def history(**changes: Any) -> tuple[Event, ...]:
    """The events of an imported idea."""
    return given_idea().when(imported(**changes), actor=RECEIVER).events


def decide(past: tuple[Event, ...], outcome: str, **changes: Any) -> Outcome:
    """Import a decision on it."""
    whole: dict[str, Any] = {
        "outcome": outcome,
        "decided_on": DECIDED_ON,
        "decided_by": "p-60",
        "reason": "대장에 적힌 그대로",
        "ground": "out_of_scope" if outcome == "closed" else None,
    }
    return given_idea(*past).when(ImportDecision(**(whole | changes)), actor=RECEIVER)


def test_an_idea_comes_in_received_with_its_own_dates_and_arms_no_deadline() -> None:
    outcome = given_idea().when(imported(), actor=RECEIVER).emits(IdeaSubmitted, IdeaReceived)
    idea = given_idea(*outcome.events).state
    assert (idea.submitted_on, idea.received_on) == (SUBMITTED_ON, RECEIVED_ON)
    assert idea.decision_due is not None and idea.decision_due.year == 2019
    assert dict(idea.deadlines) == {}


def test_without_a_receipt_it_is_only_submitted() -> None:
    given_idea().when(imported(received_on=None, endorsements=3), actor=RECEIVER).emits(
        IdeaSubmitted, EndorsementsDeclared
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"received_on": date(2019, 3, 31)}, "received_before_submission"),
        ({"received_on": date(2031, 1, 1)}, "date_in_future"),
        ({"submitted_on": date(2031, 1, 1)}, "date_in_future"),
        ({"pack": "no-such"}, "unknown_pack"),
        ({"sections": {"story": "…"}}, "section_unknown"),
    ],
)
def test_an_idea_that_can_not_be(changes: dict[str, Any], code: str) -> None:
    given_idea().when(imported(**changes), actor=RECEIVER).refused(code)


def test_a_check_is_taken_over_with_or_without_its_day() -> None:
    complete = decide(history(), "complete").emits(IdeaFoundComplete, EvaluationRequested)
    assert complete.event(IdeaFoundComplete).found_on == DECIDED_ON
    assert complete.event(EvaluationRequested).origin == Origin(kind="import", id="2019-17", label="제안 대장 2019")
    closed = decide(history(), "closed", decided_on=None).emits(IdeaClosed)
    assert closed.event(IdeaClosed).closed_on is None
    assert given_idea(*history(), *closed.events).state.stage is Stage.CLOSED


def test_a_decision_is_taken_over_with_its_day_and_who_made_it() -> None:
    adopted = decide(history(), "adopted", planned_date=date(2019, 12, 1)).emits(IdeaAdopted).event(IdeaAdopted)
    assert (adopted.decided_on, adopted.decided_by, adopted.planned_date) == (DECIDED_ON, "p-60", date(2019, 12, 1))
    refused = decide(history(), "refused").emits(IdeaRefused).event(IdeaRefused)
    assert (refused.decided_on, refused.reason.value) == (DECIDED_ON, "대장에 적힌 그대로")


def test_an_evaluated_idea_can_still_be_decided_as_it_was_elsewhere() -> None:
    checked = (*history(), *decide(history(), "complete").events)
    pending = given_idea(*checked).when(evaluated(OPEN_CALL), actor=SYSTEM).emits(DecisionRequested)
    decide((*checked, *pending.events), "adopted").emits(IdeaAdopted)


@pytest.mark.parametrize(
    ("outcome", "changes", "code"),
    [
        ("adopted", {"decided_on": None}, "decided_on_required"),
        ("refused", {"decided_by": None}, "decided_by_required"),
        ("refused", {"reason": " "}, "reason_required"),
        ("adopted", {"decided_on": date(2019, 4, 2)}, "decided_before_receipt"),
        ("adopted", {"decided_on": date(2031, 1, 1)}, "date_in_future"),
        ("adopted", {"decided_by": "petitioner"}, "conflict_of_interest"),
        ("adopted", {"planned_date": date(2019, 5, 31)}, "planned_date_outside_period"),
        ("closed", {"ground": None}, "ground_required"),
        ("closed", {"ground": "no_such"}, "unknown_ground"),
    ],
)
def test_a_decision_that_can_not_be(outcome: str, changes: dict[str, Any], code: str) -> None:
    decide(history(), outcome, **changes).refused(code)


def test_nothing_is_decided_twice() -> None:
    decide((*history(), *decide(history(), "refused").events), "adopted").refused("wrong_stage")
    decide((*history(), *decide(history(), "complete").events), "complete").refused("wrong_stage")


def test_decisions_on_ideas_of_our_own_are_not_the_offices() -> None:
    decide(past(OPEN_CALL, Stage.RECEIVED), "adopted").refused("not_imported")


def test_a_source_and_its_id_name_one_idea_however_hangul_is_composed() -> None:
    composed, decomposed = "\uac00\ub098", "\u1100\u1161\u1102\u1161"
    assert imported_idea_id(composed, "1") == imported_idea_id(f" {decomposed}", "1")
    assert len({imported_idea_id("a", "1"), imported_idea_id("a", "2"), imported_idea_id("b", "1")}) == 3
