"""One unit of the organisation (국·과·팀) in the directory. Entries are added and corrected, never removed.

Pure. What is said without a day holds at once; what is said for days takes effect when they come.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, assert_never

from services.ideas.domain.dated import ALWAYS, TURN, Dated, DatedCommand, adds, due_after, on
from services.ideas.domain.rules import today
from shared.contracts.ideas import DepartmentRegistered
from shared.contracts.ideas_duties import UnitEntered
from shared.contracts.types import Day, Id, UnitKind, WrittenLine
from shared.engine.aggregate import Context, State, require
from shared.engine.message import Actor, DeadlineReached, Event
from shared.rules.calendar import Calendar

FOLD = 2


class RegisterDepartment(DatedCommand, creates=True):
    """Say all there is to say about a unit; `registered_from` stays what it was, or is today."""

    name: WrittenLine
    kind: UnitKind | None = None
    parent: Id | None = None
    registered_from: Day | None = None


class UnitEntry(Dated):
    """What was entered for some days."""

    name: str
    kind: UnitKind | None = None
    parent: str | None = None


class Department(State):
    """What the directory says about a unit now, and by days; `parent` is the one above it."""

    name: str = ""
    kind: UnitKind | None = None
    parent: str | None = None
    registered_from: date | None = None
    entries: tuple[UnitEntry, ...] = ()

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """All of it, to everybody who may ask."""
        return self.model_dump(mode="json", exclude={"deadlines"})


Input = RegisterDepartment | DeadlineReached
Emitted = DepartmentRegistered | UnitEntered


def decide(department: Department, message: Input, context: Context) -> Iterator[Event]:
    """An event where the entry changes, and where another one begins to count."""
    match message:
        case RegisterDepartment():
            require(bool(message.name.strip()), "name_required")
            require(message.parent != department.id, "own_parent")
            now = today(context.time)
            said = _entry(message, message.valid_from or now, message.valid_until)
            if message.valid_from or message.valid_until or department.entries:
                yield from _enter(department, said, now)
            else:
                first = message.registered_from or department.registered_from or now
                yield from _registered(department, said, first, None)
        case DeadlineReached():
            yield from _turn(department, Calendar.seoul_date(message.due))
        case _:
            assert_never(message)


def _entry(said: RegisterDepartment | UnitEntered | Department, first: date, last: date | None) -> UnitEntry:
    return UnitEntry(first=first, last=last, name=said.name, kind=said.kind, parent=said.parent)


def _enter(department: Department, entry: UnitEntry, now: date) -> Iterator[Event]:
    if not adds(department.entries, entry):
        return
    entered = UnitEntered(
        department_id=department.id,
        name=entry.name,
        kind=entry.kind,
        parent=entry.parent,
        valid_from=entry.first,
        valid_until=entry.last,
        entered_on=now,
    )
    yield entered
    yield from _turn(evolve(department, entered), now)


def _turn(department: Department, day: date) -> Iterator[DepartmentRegistered]:
    """What counts from this day on. Where no entry does any more, the last one stays: a unit is never removed."""
    entry = on(department.entries, day) or _entry(department, day, None)
    if entry.name:
        yield from _registered(department, entry, department.registered_from or entry.first, day)


def _registered(
    department: Department, said: UnitEntry, first: date, as_of: date | None
) -> Iterator[DepartmentRegistered]:
    registered = DepartmentRegistered(
        department_id=department.id,
        name=said.name,
        kind=said.kind,
        parent=said.parent,
        registered_from=first,
        as_of=as_of,
    )
    if evolve(department, registered) != department:
        yield registered


def evolve(department: Department, event: Emitted) -> Department:
    """What an event means for the entry."""
    match event:
        case DepartmentRegistered():
            known = department.but(
                name=event.name, kind=event.kind, parent=event.parent, registered_from=event.registered_from
            )
            return _armed(known, event.as_of) if event.as_of else known
        case UnitEntered():
            entries = (*_entries(department), _entry(event, event.valid_from, event.valid_until))
            return _armed(department.but(entries=entries), event.entered_on)
        case _:
            assert_never(event)


def _entries(department: Department) -> tuple[UnitEntry, ...]:
    """The entries so far; what was said without a day is the first of them."""
    undated = department.name and not department.entries
    return (_entry(department, ALWAYS, None),) if undated else department.entries


def _armed(department: Department, day: date) -> Department:
    due = due_after(department.entries, day)
    return department.without_deadline(TURN) if due is None else department.with_deadline(TURN, due)
