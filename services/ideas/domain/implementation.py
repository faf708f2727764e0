"""The implementation (실시) of one adopted idea: planned, under way, complete or given up with what was learnt."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import assert_never

from services.ideas.domain.commands import Grounded
from services.ideas.domain.rules import cite, days, require_grounds, rules, today
from shared.contracts.ideas import (
    IdeaAdopted,
    ImplementationAbandoned,
    ImplementationCompleted,
    ImplementationPlanned,
    ImplementationRescheduled,
    ImplementationStarted,
)
from shared.contracts.ideas_duties import IdeaMoved, ImplementationMoved
from shared.contracts.ideas_process import PlannedDatePassed
from shared.contracts.types import Day, SealedProse, WrittenProse, is_history
from shared.engine.aggregate import Context, State, require
from shared.engine.message import Command, DeadlineReached, Event, seal
from shared.rules.calendar import Calendar
from shared.rules.ideas import IdeaDecision

FOLD = 3
CHANGE = "change_of_date"
"""Name of the deadline at the end of the planned date."""


class Phase(StrEnum):
    """How far an implementation has come."""

    NEW = "new"
    PLANNED = "planned"
    STARTED = "started"
    COMPLETED = "completed"
    ABANDONED = "abandoned"


RUNNING = (Phase.PLANNED, Phase.STARTED)


class StartImplementation(Command):
    """Begin; the day defaults to today."""

    started_on: Day | None = None


class RescheduleImplementation(Grounded):
    """Move the planned date (실시 시기 변경), within the management period."""

    planned_date: Day


class CompleteImplementation(Command):
    """Say that it is done, and what came of it; the day defaults to today."""

    completed_on: Day | None = None
    result: WrittenProse = ""


class AbandonImplementation(Grounded):
    """Give it up, and say what was learnt."""

    learnt: WrittenProse


class Implementation(State):
    """Where an implementation stands. `department` carries it out; `reason` is that of the last change or the end."""

    phase: Phase = Phase.NEW
    pack: str = ""
    department: str = ""
    decided_on: date | None = None
    planned_date: date | None = None
    started_on: date | None = None
    completed_on: date | None = None
    reason: SealedProse | None = None
    result: SealedProse | None = None
    learnt: SealedProse | None = None


Input = (
    IdeaAdopted
    | IdeaMoved
    | StartImplementation
    | RescheduleImplementation
    | CompleteImplementation
    | AbandonImplementation
    | DeadlineReached
)

Emitted = (
    ImplementationPlanned
    | ImplementationStarted
    | ImplementationRescheduled
    | ImplementationCompleted
    | ImplementationAbandoned
    | PlannedDatePassed
    | ImplementationMoved
)


def decide(implementation: Implementation, message: Input, context: Context) -> Iterator[Event]:
    """What happens next."""
    idea_id = implementation.id
    match message:
        case IdeaAdopted():
            if implementation.phase is Phase.NEW:
                yield ImplementationPlanned(
                    idea_id=idea_id,
                    pack=message.pack,
                    department=message.department,
                    decided_on=message.decided_on,
                    planned_date=message.planned_date,
                    change_due=None if is_history(message.origin) else _change_due(message.planned_date),
                )
        case IdeaMoved(move=move):
            if implementation.phase is not Phase.NEW and implementation.department == move.from_department:
                yield ImplementationMoved(idea_id=idea_id, move=move)
        case StartImplementation():
            _require_turn(implementation, context, Phase.PLANNED)
            started_on = _day(implementation, context, "started_on", message.started_on)
            yield ImplementationStarted(idea_id=idea_id, started_on=started_on)
        case RescheduleImplementation():
            yield _reschedule(implementation, message, context)
        case CompleteImplementation():
            _require_turn(implementation, context, Phase.STARTED)
            completed_on = _day(implementation, context, "completed_on", message.completed_on)
            yield ImplementationCompleted(
                idea_id=idea_id, completed_on=completed_on, result=seal(message.result, idea_id)
            )
        case AbandonImplementation():
            _require_turn(implementation, context, *RUNNING)
            require_grounds(implementation.pack, IdeaDecision.ABANDON, message, frozenset(), context.time)
            require(bool(message.learnt.strip()), "learnt_required")
            yield ImplementationAbandoned(
                idea_id=idea_id, reason=seal(message.reason, idea_id), learnt=seal(message.learnt, idea_id)
            )
        case DeadlineReached():
            assert implementation.planned_date is not None
            yield PlannedDatePassed(
                idea_id=idea_id, department=implementation.department, planned_date=implementation.planned_date
            )
        case _:
            assert_never(message)


def _change_due(planned_date: date | None) -> datetime | None:
    """The end of the planned date: until then it is done, or another date is named with its reason (제10조제2항)."""
    return None if planned_date is None else Calendar.end_of(planned_date)


def _reschedule(
    implementation: Implementation, message: RescheduleImplementation, context: Context
) -> ImplementationRescheduled:
    _require_turn(implementation, context, *RUNNING)
    require_grounds(implementation.pack, IdeaDecision.CHANGE_DATE, message, frozenset(), context.time)
    asked, now = rules(implementation.pack), today(context.time)
    assert implementation.decided_on is not None
    latest = days(implementation.pack).due(implementation.decided_on, asked.management_period.value)
    require(now <= message.planned_date <= latest, "planned_date_outside_period", first=str(now), last=str(latest))
    require(message.planned_date != implementation.planned_date, "same_planned_date")
    return ImplementationRescheduled(
        idea_id=implementation.id,
        from_date=implementation.planned_date,
        to_date=message.planned_date,
        reason=seal(message.reason, implementation.id),
        authority=message.authority,
        rule=cite(implementation.pack, asked.management_period),
        change_due=_change_due(message.planned_date),
    )


def _require_turn(implementation: Implementation, context: Context, *phases: Phase) -> None:
    in_charge = context.actor.department == implementation.department
    require(in_charge, "not_in_charge", recorded=True, department=implementation.department)
    needed = [phase.value for phase in phases]
    require(implementation.phase in phases, "wrong_stage", stage=implementation.phase.value, needed=needed)


def _day(implementation: Implementation, context: Context, name: str, declared: date | None) -> date:
    """The declared business date, not before the decision (or the start) and not after today."""
    now = today(context.time)
    day, first = declared or now, implementation.started_on or implementation.decided_on
    require(day <= now, "date_in_future", field=name, date=str(day))
    require(first is None or first <= day, "date_too_early", field=name, first=str(first))
    return day


def evolve(implementation: Implementation, event: Emitted) -> Implementation:
    """What an event means for the implementation."""
    match event:
        case ImplementationPlanned():
            planned = implementation.but(
                phase=Phase.PLANNED,
                pack=event.pack,
                department=event.department,
                decided_on=event.decided_on,
                planned_date=event.planned_date,
            )
            return _due(planned, event.change_due)
        case ImplementationStarted():
            return implementation.but(phase=Phase.STARTED, started_on=event.started_on)
        case ImplementationRescheduled():
            return _due(implementation.but(planned_date=event.to_date, reason=event.reason), event.change_due)
        case ImplementationCompleted():
            done = implementation.but(phase=Phase.COMPLETED, completed_on=event.completed_on, result=event.result)
            return _due(done, None)
        case ImplementationAbandoned():
            given_up = implementation.but(phase=Phase.ABANDONED, reason=event.reason, learnt=event.learnt)
            return _due(given_up, None)
        case PlannedDatePassed():
            return _due(implementation, None)
        case ImplementationMoved():
            return implementation.but(department=event.move.department)
        case _:
            assert_never(event)


def _due(implementation: Implementation, due: datetime | None) -> Implementation:
    if due is None:
        return implementation.without_deadline(CHANGE)
    return implementation.with_deadline(CHANGE, due)
