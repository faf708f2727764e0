"""Implementation: planned, moved with reasons, complete or given up with what was learnt."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.ideas.domain.implementation import (
    AbandonImplementation,
    CompleteImplementation,
    Phase,
    RescheduleImplementation,
    StartImplementation,
)
from services.ideas.domain.values import Stage
from shared.contracts.ideas import (
    IdeaAdopted,
    ImplementationAbandoned,
    ImplementationCompleted,
    ImplementationPlanned,
    ImplementationRescheduled,
    ImplementationStarted,
)
from shared.engine.message import Event, Message
from tests.unit.ideas.support import (
    NATIONAL,
    OPEN_CALL,
    OTHER_HEAD,
    PACKS,
    SEOUL,
    SYSTEM,
    authority,
    given_implementation,
    past,
)


def adopted(pack_id: str) -> IdeaAdopted:
    found = [event for event in past(pack_id, Stage.ADOPTED) if isinstance(event, IdeaAdopted)]
    return found[0]


def until(pack_id: str, *messages: Message) -> tuple[Event, ...]:
    events = given_implementation().when(adopted(pack_id), actor=SYSTEM).events
    for message in messages:
        outcome = given_implementation(*events).when(message)
        assert outcome.refusal is None, outcome.refusal
        events += outcome.events
    return events


START, COMPLETE = StartImplementation(), CompleteImplementation(result="2025년 9월부터 8개 노선")


def moved(**changes: Any) -> RescheduleImplementation:
    whole: dict[str, Any] = {"planned_date": date(2026, 1, 5), "reason": "차량 납품이 늦다", "authority": authority()}
    return RescheduleImplementation(**(whole | changes))


@pytest.mark.parametrize("pack_id", PACKS)
def test_an_adopted_idea_is_planned_once(pack_id: str) -> None:
    planned = given_implementation().when(adopted(pack_id), actor=SYSTEM).emits(ImplementationPlanned)
    assert planned.event(ImplementationPlanned).planned_date == date(2025, 9, 1)
    given_implementation(*until(pack_id)).when(adopted(pack_id), actor=SYSTEM).emits()


def test_from_plan_to_completion() -> None:
    events = until(SEOUL, START, moved(), COMPLETE)
    kinds = [ImplementationPlanned, ImplementationStarted, ImplementationRescheduled, ImplementationCompleted]
    assert [type(event) for event in events] == kinds
    state = given_implementation(*events).state
    assert state.phase is Phase.COMPLETED and state.planned_date == date(2026, 1, 5)
    assert state.result.key == "i-1" and state.started_on == date(2025, 3, 3)


def test_a_change_of_date_says_from_when_to_when_and_why() -> None:
    event = given_implementation(*until(NATIONAL)).when(moved()).event(ImplementationRescheduled)
    assert (event.from_date, event.to_date) == (date(2025, 9, 1), date(2026, 1, 5))
    assert event.reason.value == "차량 납품이 늦다" and event.rule.article == "공무원 제안 규정 제23조"


ABANDON = AbandonImplementation(reason="수요가 없다", learnt="시범 노선으로 먼저 재야 한다")


@pytest.mark.parametrize("before", [(), (START,)])
def test_giving_up_leaves_what_was_learnt(before: tuple[Message, ...]) -> None:
    outcome = given_implementation(*until(SEOUL, *before)).when(ABANDON).emits(ImplementationAbandoned)
    assert outcome.event(ImplementationAbandoned).learnt.value == "시범 노선으로 먼저 재야 한다"


@pytest.mark.parametrize(
    ("pack_id", "before", "message", "code"),
    [
        (SEOUL, (START,), START, "wrong_stage"),
        (SEOUL, (), COMPLETE, "wrong_stage"),
        (SEOUL, (START, COMPLETE), ABANDON, "wrong_stage"),
        (SEOUL, (START, COMPLETE), moved(), "wrong_stage"),
        (SEOUL, (), moved(reason=""), "reason_required"),
        (NATIONAL, (), moved(authority=None), "authority_required"),
        (SEOUL, (), moved(planned_date=date(2025, 3, 2)), "planned_date_outside_period"),
        (SEOUL, (), moved(planned_date=date(2028, 3, 4)), "planned_date_outside_period"),
        (SEOUL, (), moved(planned_date=date(2025, 9, 1)), "same_planned_date"),
        (SEOUL, (), ABANDON.model_copy(update={"learnt": " "}), "learnt_required"),
        (SEOUL, (), ABANDON.model_copy(update={"reason": ""}), "reason_required"),
        (SEOUL, (), StartImplementation(started_on=date(2025, 3, 4)), "date_in_future"),
        (SEOUL, (), StartImplementation(started_on=date(2025, 3, 2)), "date_too_early"),
        (SEOUL, (START,), CompleteImplementation(completed_on=date(2025, 3, 2)), "date_too_early"),
    ],
)
def test_what_may_not_be_is_refused(pack_id: str, before: tuple[Message, ...], message: Message, code: str) -> None:
    given_implementation(*until(pack_id, *before)).when(message).refused(code)


def test_packs_differ_in_what_a_change_of_date_needs() -> None:
    bare = moved(authority=None, reason="")
    given_implementation(*until(OPEN_CALL)).when(bare).emits(ImplementationRescheduled)
    given_implementation(*until(SEOUL)).when(bare).refused("reason_required")


@pytest.mark.parametrize("message", [START, moved(), ABANDON])
def test_only_the_department_in_charge_implements(message: Message) -> None:
    given_implementation(*until(SEOUL)).when(message, actor=OTHER_HEAD).refused("not_in_charge")


def test_the_day_may_be_declared_afterwards() -> None:
    later = datetime(2025, 10, 1, tzinfo=UTC)
    start = StartImplementation(started_on=date(2025, 9, 1))
    event = given_implementation(*until(SEOUL)).when(start, time=later).event(ImplementationStarted)
    assert event.started_on == date(2025, 9, 1)
