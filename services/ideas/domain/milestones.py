"""The milestones of an implementation: set, moved with a reason, reached, or missed.

Invariant: the deadline of a milestone stands as long as it is open and its day is to come, and no day lies outside the
management period.
"""

from collections.abc import Iterator
from datetime import date

from services.ideas.domain.commands import Grounded
from services.ideas.domain.implementation_state import RUNNING, Implementation, Milestone, require_turn
from services.ideas.domain.rules import cite, days, require_grounds, rules, today
from shared.contracts.ideas_outcomes import MilestoneMissed, MilestoneMoved, MilestoneReached, MilestoneSet
from shared.contracts.types import Day, Rule, WrittenLine
from shared.engine.aggregate import Context, Refused, require
from shared.engine.message import Command, DeadlineReached, Event, seal
from shared.rules.calendar import Calendar
from shared.rules.ideas import IdeaDecision

MILESTONE = "milestone"
"""Deadlines by which milestones are to be reached, each with its number: `milestone.2`."""

MOST = 50
"""As many milestones an implementation has at most; they stand in its state."""


class SetMilestone(Command):
    """Set a milestone (추진 단계): what is to be reached, and by when."""

    title: WrittenLine
    due_on: Day


class MoveMilestone(Grounded):
    """Move a milestone to another day, with the reason that a change of date needs."""

    number: int
    due_on: Day


class ReachMilestone(Command):
    """Say that a milestone is reached; the day defaults to today."""

    number: int
    reached_on: Day | None = None


def set_milestone(implementation: Implementation, message: SetMilestone, context: Context) -> MilestoneSet:
    """A further milestone."""
    require_turn(implementation, context, *RUNNING)
    require(bool(message.title.strip()), "title_required")
    require(len(implementation.milestones) < MOST, "too_many_milestones", limit=MOST)
    _require_within(implementation, message.due_on, context)
    return MilestoneSet(
        idea_id=implementation.id,
        number=len(implementation.milestones) + 1,
        title=seal(message.title, implementation.id),
        due_on=message.due_on,
        due=Calendar.end_of(message.due_on),
    )


def move_milestone(implementation: Implementation, message: MoveMilestone, context: Context) -> MilestoneMoved:
    """Another day for a milestone that is open."""
    require_turn(implementation, context, *RUNNING)
    milestone = _open(implementation, message.number)
    require_grounds(implementation.pack, IdeaDecision.CHANGE_DATE, message, frozenset(), context.time)
    require(message.due_on != milestone.due_on, "same_planned_date")
    rule = _require_within(implementation, message.due_on, context)
    return MilestoneMoved(
        idea_id=implementation.id,
        number=milestone.number,
        from_date=milestone.due_on,
        to_date=message.due_on,
        due=Calendar.end_of(message.due_on),
        reason=seal(message.reason, implementation.id),
        authority=message.authority,
        rule=rule,
    )


def reach_milestone(implementation: Implementation, message: ReachMilestone, context: Context) -> MilestoneReached:
    """A milestone that is open is reached, on a day between the decision and today."""
    require_turn(implementation, context, *RUNNING)
    milestone = _open(implementation, message.number)
    now, first = today(context.time), implementation.decided_on
    day = message.reached_on or now
    require(day <= now, "date_in_future", field="reached_on", date=str(day))
    require(first is None or first <= day, "date_too_early", field="reached_on", first=str(first))
    return MilestoneReached(idea_id=implementation.id, number=milestone.number, reached_on=day)


def miss_milestone(implementation: Implementation, message: DeadlineReached) -> Iterator[Event]:
    """The day of a milestone has ended."""
    milestone = _open(implementation, int(message.name.partition(".")[2]))
    yield MilestoneMissed(idea_id=implementation.id, number=milestone.number, due_on=milestone.due_on)


def _open(implementation: Implementation, number: int) -> Milestone:
    found = next((one for one in implementation.milestones if one.number == number), None)
    if found is None:
        raise Refused("unknown_milestone", number=number)
    require(found.reached_on is None, "milestone_reached", number=number)
    return found


def _require_within(implementation: Implementation, day: date, context: Context) -> Rule:
    """Not in the past, and within the management period, as with any date of an implementation."""
    asked, now = rules(implementation.pack), today(context.time)
    assert implementation.decided_on is not None
    last = days(implementation.pack).due(implementation.decided_on, asked.management_period.value)
    require(now <= day <= last, "planned_date_outside_period", first=str(now), last=str(last))
    return cite(implementation.pack, asked.management_period)


MilestoneEvent = MilestoneSet | MilestoneMoved | MilestoneReached | MilestoneMissed


def with_milestone(implementation: Implementation, event: MilestoneEvent) -> Implementation:
    """What an event means for the milestones."""
    name = f"{MILESTONE}.{event.number}"
    match event:
        case MilestoneSet():
            added = Milestone(number=event.number, title=event.title, due_on=event.due_on)
            more = implementation.but(milestones=(*implementation.milestones, added))
            return more.with_deadline(name, event.due)
        case MilestoneMoved():
            return _changed(implementation, event.number, due_on=event.to_date, missed=False).with_deadline(
                name, event.due
            )
        case MilestoneReached():
            return _changed(implementation, event.number, reached_on=event.reached_on).without_deadline(name)
        case MilestoneMissed():
            return _changed(implementation, event.number, missed=True).without_deadline(name)


def without_milestone_deadlines(implementation: Implementation) -> Implementation:
    """Nothing of what is open falls due any more, for the implementation has ended."""
    return implementation.without_deadline(*(f"{MILESTONE}.{number}" for number in implementation.open_milestones))


def _changed(implementation: Implementation, number: int, **changes: object) -> Implementation:
    milestones = tuple(
        one.model_copy(update=changes) if one.number == number else one for one in implementation.milestones
    )
    return implementation.but(milestones=milestones)
