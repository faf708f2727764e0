"""The implementation (실시) of one adopted idea: planned, under way, complete or given up with what was learnt."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import assert_never

from services.ideas.domain.commands import Grounded
from services.ideas.domain.failure import RecogniseFailure, recognise
from services.ideas.domain.implementation_state import RUNNING, Implementation, Phase, require_turn
from services.ideas.domain.milestones import (
    MoveMilestone,
    ReachMilestone,
    SetMilestone,
    miss_milestone,
    move_milestone,
    reach_milestone,
    set_milestone,
    with_milestone,
    without_milestone_deadlines,
)
from services.ideas.domain.past_case import ImportCase, import_case
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
from shared.contracts.ideas_outcomes import (
    FailureRecognised,
    MilestoneMissed,
    MilestoneMoved,
    MilestoneReached,
    MilestoneSet,
)
from shared.contracts.ideas_process import PlannedDatePassed
from shared.contracts.types import Day, WrittenProse, is_history
from shared.engine.aggregate import Context, require
from shared.engine.message import Command, DeadlineReached, Event, seal
from shared.rules.calendar import Calendar
from shared.rules.ideas import IdeaDecision

FOLD = 4
CHANGE = "change_of_date"
"""Name of the deadline at the end of the planned date."""


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


Input = (
    IdeaAdopted
    | IdeaMoved
    | StartImplementation
    | RescheduleImplementation
    | CompleteImplementation
    | AbandonImplementation
    | RecogniseFailure
    | SetMilestone
    | MoveMilestone
    | ReachMilestone
    | ImportCase
    | DeadlineReached
)

Emitted = (
    ImplementationPlanned
    | ImplementationStarted
    | ImplementationRescheduled
    | ImplementationCompleted
    | ImplementationAbandoned
    | PlannedDatePassed
    | MilestoneSet
    | MilestoneMoved
    | MilestoneReached
    | MilestoneMissed
    | FailureRecognised
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
            require_turn(implementation, context, Phase.PLANNED)
            started_on = _day(implementation, context, "started_on", message.started_on)
            yield ImplementationStarted(idea_id=idea_id, started_on=started_on)
        case RescheduleImplementation():
            yield _reschedule(implementation, message, context)
        case CompleteImplementation():
            require_turn(implementation, context, Phase.STARTED)
            completed_on = _day(implementation, context, "completed_on", message.completed_on)
            _require_milestones(implementation)
            yield ImplementationCompleted(
                idea_id=idea_id, completed_on=completed_on, result=seal(message.result, idea_id)
            )
        case AbandonImplementation():
            require_turn(implementation, context, *RUNNING)
            require_grounds(implementation.pack, IdeaDecision.ABANDON, message, frozenset(), context.time)
            require(bool(message.learnt.strip()), "learnt_required")
            yield ImplementationAbandoned(
                idea_id=idea_id,
                reason=seal(message.reason, idea_id),
                learnt=seal(message.learnt, idea_id),
                abandoned_on=today(context.time),
                authority=message.authority,
            )
        case RecogniseFailure():
            yield recognise(implementation, message, context)
        case SetMilestone():
            yield set_milestone(implementation, message, context)
        case MoveMilestone():
            yield move_milestone(implementation, message, context)
        case ReachMilestone():
            yield reach_milestone(implementation, message, context)
        case ImportCase():
            yield from import_case(implementation, message, context)
        case DeadlineReached():
            yield from _fall_due(implementation, message)
        case _:
            assert_never(message)


def _fall_due(implementation: Implementation, message: DeadlineReached) -> Iterator[Event]:
    if message.name != CHANGE:
        yield from miss_milestone(implementation, message)
        return
    assert implementation.planned_date is not None
    yield PlannedDatePassed(
        idea_id=implementation.id, department=implementation.department, planned_date=implementation.planned_date
    )


def _require_milestones(implementation: Implementation) -> None:
    """Where the pack says so, nothing is complete while a milestone is open."""
    needed, still = rules(implementation.pack).outcomes.milestones_before_completion, implementation.open_milestones
    require(not (needed.value and still), "milestones_open", numbers=list(still))


def _change_due(planned_date: date | None) -> datetime | None:
    """The end of the planned date: until then it is done, or another date is named with its reason (제10조제2항)."""
    return None if planned_date is None else Calendar.end_of(planned_date)


def _reschedule(
    implementation: Implementation, message: RescheduleImplementation, context: Context
) -> ImplementationRescheduled:
    require_turn(implementation, context, *RUNNING)
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
            return _due(without_milestone_deadlines(done), None)
        case ImplementationAbandoned():
            given_up = implementation.but(phase=Phase.ABANDONED, reason=event.reason, learnt=event.learnt)
            return _due(without_milestone_deadlines(given_up), None)
        case PlannedDatePassed():
            return _due(implementation, None)
        case ImplementationMoved():
            return implementation.but(department=event.move.department)
        case FailureRecognised():
            return implementation.but(failure=True)
        case _:
            return with_milestone(implementation, event)


def _due(implementation: Implementation, due: datetime | None) -> Implementation:
    if due is None:
        return implementation.without_deadline(CHANGE)
    return implementation.with_deadline(CHANGE, due)
