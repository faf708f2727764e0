"""One duty (분장사무): what it covers, and which unit holds it from which date on.

Pure. Entries are added, never changed: the latest entry for a date is the one that counts. A duty moves when its day
begins in Seoul, also where the service was down then, and at once where the day has passed already.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Any, assert_never

from pydantic import BaseModel, ConfigDict, Field

from services.ideas.domain.rules import today
from shared.contracts.duties import Cover, Move
from shared.contracts.ideas_duties import DutyAssigned, DutyBegun, DutyMoved
from shared.contracts.types import Day, Id, WrittenLine
from shared.engine.aggregate import Context, State, require
from shared.engine.message import Actor, Command, DeadlineReached, Event
from shared.rules.calendar import Calendar

FOLD = 1

MOVE = "move"
"""Name of the deadline at which the duty moves."""

MOST_HOLDINGS = 200


class AssignDuty(Command, creates=True):
    """Say which unit holds a duty from a day on, today where none is named; a later day announces a move."""

    name: Annotated[WrittenLine, Field(min_length=1)]
    covers: Annotated[tuple[Cover, ...], Field(min_length=1, max_length=4)]
    department: Id
    holds_from: Day | None = None
    reason: WrittenLine = ""


class Holding(BaseModel):
    """A unit holds the duty from a day on, until the day of the next holding."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    department: str
    holds_from: date
    reason: str = ""


class Duty(State):
    """A duty. `department` holds it now; `holdings` are in order of their days, one for each day."""

    name: str = ""
    covers: tuple[Cover, ...] = ()
    department: str = ""
    holdings: tuple[Holding, ...] = ()

    def held_on(self, day: date) -> Holding | None:
        """Who holds it on a day."""
        return next((one for one in reversed(self.holdings) if one.holds_from <= day), None)

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """All of it, to everybody who may ask."""
        return self.model_dump(mode="json", exclude={"deadlines"})


Input = AssignDuty | DeadlineReached
Emitted = DutyAssigned | DutyBegun | DutyMoved


def decide(duty: Duty, message: Input, context: Context) -> Iterator[Event]:
    """What happens next."""
    match message:
        case AssignDuty():
            yield from _assign(duty, message, context)
        case DeadlineReached():
            yield from _effect(duty, Calendar.seoul_date(message.due))
        case _:
            assert_never(message)


def _assign(duty: Duty, message: AssignDuty, context: Context) -> Iterator[Event]:
    require(bool(message.name.strip()), "name_required")
    works = [cover.work for cover in message.covers]
    require(len(set(works)) == len(works), "work_named_twice")
    require(len(duty.holdings) < MOST_HOLDINGS, "too_many_holdings", limit=MOST_HOLDINGS)
    now = today(context.time)
    day = message.holds_from or now
    before = duty.held_on(day)
    is_known = before is not None and before.department == message.department
    stands = is_known and (message.holds_from is None or (before is not None and before.holds_from == day))
    if stands and (duty.name, duty.covers) == (message.name, message.covers):
        return
    assigned = DutyAssigned(
        duty_id=duty.id,
        name=message.name,
        covers=message.covers,
        department=message.department,
        holds_from=day,
        reason=message.reason,
        assigned_on=now,
        assigned_by=context.actor.id,
    )
    yield assigned
    yield from _effect(evolve(duty, assigned), now)


def _effect(duty: Duty, day: date) -> Iterator[DutyBegun | DutyMoved]:
    """What the entries mean on a day, where that differs from what held before."""
    holding = duty.held_on(day)
    if holding is None or holding.department == duty.department:
        return
    if not duty.department:
        yield DutyBegun(duty_id=duty.id, department=holding.department, begun_on=holding.holds_from)
        return
    move = Move(
        duty_id=duty.id,
        name=duty.name,
        from_department=duty.department,
        department=holding.department,
        moved_on=holding.holds_from,
        reason=holding.reason,
    )
    yield DutyMoved(duty_id=duty.id, move=move, covers=duty.covers)


def evolve(duty: Duty, event: Emitted) -> Duty:
    """What an event means for the duty."""
    match event:
        case DutyAssigned():
            entry = Holding(department=event.department, holds_from=event.holds_from, reason=event.reason)
            others = (one for one in duty.holdings if one.holds_from != event.holds_from)
            holdings = tuple(sorted((*others, entry), key=lambda one: one.holds_from))
            assigned = duty.but(name=event.name, covers=event.covers, holdings=holdings)
            return _armed(assigned, event.assigned_on)
        case DutyBegun():
            return _armed(duty.but(department=event.department), event.begun_on)
        case DutyMoved():
            return _armed(duty.but(department=event.move.department), event.move.moved_on)
        case _:
            assert_never(event)


def _armed(duty: Duty, day: date) -> Duty:
    """With the next day after `day` on which another unit than the present one holds it as its deadline."""
    following = (one for one in duty.holdings if one.holds_from > day and one.department != duty.department)
    first = next(following, None)
    if first is None:
        return duty.without_deadline(MOVE)
    return duty.with_deadline(MOVE, Calendar.end_of(first.holds_from - timedelta(days=1)))
