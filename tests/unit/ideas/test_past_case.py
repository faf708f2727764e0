"""Historical cases: what became of ideas that were adopted elsewhere."""

from datetime import date
from typing import Any

import pytest

from services.ideas.domain.commands import ImportDecision, ImportIdea
from services.ideas.domain.implementation import StartImplementation
from services.ideas.domain.implementation_state import Phase
from services.ideas.domain.past_case import ImportCase
from shared.contracts.ideas import (
    IdeaAdopted,
    ImplementationAbandoned,
    ImplementationCompleted,
    ImplementationStarted,
)
from shared.contracts.ideas_outcomes import FailureRecognised
from shared.engine.message import Message
from tests.support.given import Given
from tests.unit.ideas.outcomes import carried_out, follow
from tests.unit.ideas.support import (
    HEAD,
    NATIONAL_2017,
    OPEN_CALL,
    RECEIVER,
    SEOUL,
    SYSTEM,
    authority,
    given_idea,
    given_implementation,
    submission,
)

ADOPTED_ON = date(2025, 2, 3)


def past_idea(pack_id: str) -> Given:
    """An idea that was adopted elsewhere."""
    body = submission(pack_id).model_dump(exclude={"submitted_on"})
    imported = ImportIdea(
        **body, submitted_on=date(2025, 1, 2), received_on=date(2025, 1, 3), source="대장", source_id="2025-1"
    )
    given = follow(given_idea, imported, RECEIVER)
    decision = ImportDecision(
        outcome="adopted",
        reason="효과가 크다",
        decided_on=ADOPTED_ON,
        decided_by="p-60",
        planned_date=date(2025, 2, 20),
        authority=authority(at=ADOPTED_ON),
    )
    return follow(given, decision, RECEIVER)


def past_implementation(pack_id: str = OPEN_CALL) -> Given:
    """Its implementation."""
    idea = past_idea(pack_id)
    adopted = next(event for event in idea.past if isinstance(event, IdeaAdopted))
    return follow(given_implementation(reads=[idea.state]), adopted, SYSTEM)


def case(**changes: Any) -> ImportCase:
    """One that was completed."""
    whole: dict[str, Any] = {"outcome": "completed", "started_on": date(2025, 2, 4), "ended_on": date(2025, 2, 28)}
    return ImportCase(**(whole | changes))


GIVEN_UP = case(outcome="abandoned", reason="쓰는 사람이 적다", learnt="먼저 재야 한다", finding="숨기지 않았다")


def test_what_was_completed_keeps_its_dates_and_nothing_falls_due() -> None:
    outcome = past_implementation().when(case(result="8개 노선"), actor=RECEIVER)
    outcome.emits(ImplementationStarted, ImplementationCompleted)
    after = follow(past_implementation(), case(result="8개 노선"), RECEIVER).state
    assert (after.phase, after.started_on, after.completed_on) == (Phase.COMPLETED, date(2025, 2, 4), date(2025, 2, 28))
    assert after.deadlines == {}


def test_packs_differ_in_whether_what_was_given_up_may_be_a_failure_to_learn_from() -> None:
    outcome = past_implementation(SEOUL).when(GIVEN_UP, actor=RECEIVER)
    failure = outcome.emits(ImplementationStarted, ImplementationAbandoned, FailureRecognised).event(FailureRecognised)
    # The pack lets failures earn points, but not those of others.
    assert (failure.learnt.value, failure.finding.value, failure.earns_points) == (
        "먼저 재야 한다",
        "숨기지 않았다",
        False,
    )
    past_implementation(NATIONAL_2017).when(GIVEN_UP, actor=RECEIVER).refused("failure_cases_not_kept")
    bare = GIVEN_UP.model_copy(update={"finding": ""})
    past_implementation(NATIONAL_2017).when(bare, actor=RECEIVER).emits(ImplementationStarted, ImplementationAbandoned)


@pytest.mark.parametrize("message", [case(), GIVEN_UP])
def test_the_authors_are_not_told(message: ImportCase) -> None:
    for event in past_implementation().when(message, actor=RECEIVER).events:
        past_idea(OPEN_CALL).when(event, actor=SYSTEM).emits()


@pytest.mark.parametrize(
    ("before", "message", "code"),
    [
        ((), case(started_on=date(2025, 2, 2)), "date_too_early"),
        ((), case(started_on=None, ended_on=date(2025, 2, 2)), "date_too_early"),
        ((), case(ended_on=date(2025, 2, 3)), "date_too_early"),
        ((), case(ended_on=date(2025, 3, 4)), "date_in_future"),
        ((), case(finding="숨기지 않았다"), "completed_is_no_failure"),
        ((), GIVEN_UP.model_copy(update={"learnt": " "}), "learnt_required"),
        ((case(),), case(), "wrong_stage"),
    ],
)
def test_what_can_not_have_been_is_refused(before: tuple[Message, ...], message: Message, code: str) -> None:
    given = past_implementation()
    for earlier in before:
        given = follow(given, earlier, RECEIVER)
    given.when(message, actor=RECEIVER).refused(code)


def test_only_what_was_adopted_elsewhere_is_taken_over() -> None:
    carried_out(OPEN_CALL).when(case(), actor=RECEIVER).refused("not_imported")
    follow(past_implementation(), StartImplementation(), HEAD)
