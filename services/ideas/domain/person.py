"""One person in the directory. Entries are added and corrected, never removed.

Pure. What is said without a day holds at once; what is said for days takes effect when they come. A name is told to the
receiving office, the auditor and the person alone.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, assert_never

from services.ideas.domain.dated import ALWAYS, TURN, Dated, DatedCommand, adds, due_after, on
from services.ideas.domain.rules import today
from services.ideas.domain.submission import OFFICE
from shared.contracts.ideas import PersonRegistered
from shared.contracts.ideas_duties import PersonEntered
from shared.contracts.types import Day, Id, SealedLine, WrittenLine
from shared.engine.aggregate import Context, State, require
from shared.engine.message import Actor, DeadlineReached, Event, seal
from shared.rules.calendar import Calendar

FOLD = 2

OUTSIDE = ("citizen", "union")
"""Roles that are not shown who works where."""


class RegisterPerson(DatedCommand, creates=True):
    """Say all there is to say about a person. Who is not on the staff has no department."""

    name: WrittenLine = ""
    department: Id | None = None
    employed_from: Day | None = None
    employed_to: Day | None = None


class PersonEntry(Dated):
    """What was entered for some days."""

    name: SealedLine | None = None
    department: str | None = None
    employed_from: date | None = None
    employed_to: date | None = None


class Person(State):
    """What the directory says about a person now, and by days; `listed` tells an entry without details from none."""

    listed: bool = False
    name: SealedLine | None = None
    department: str | None = None
    employed_from: date | None = None
    employed_to: date | None = None
    entries: tuple[PersonEntry, ...] = ()

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """All to the office, the auditor and the person; of the staff, who works where to colleagues; else nothing."""
        if actor.role in (OFFICE, "auditor") or actor.id == self.id:
            return self.model_dump(mode="json", exclude={"deadlines", "listed"})
        if self.department and actor.role not in OUTSIDE:
            return self.model_dump(mode="json", include={"id", "department"})
        return {}


Input = RegisterPerson | DeadlineReached
Emitted = PersonRegistered | PersonEntered


def decide(person: Person, message: Input, context: Context) -> Iterator[Event]:
    """An event where the entry changes, and where another one begins to count."""
    match message:
        case RegisterPerson():
            first, last = message.employed_from, message.employed_to
            in_order = first is None or last is None or first <= last
            require(in_order, "date_too_early", field="employed_to", first=str(first))
            now = today(context.time)
            if message.valid_from or message.valid_until or person.entries:
                yield from _enter(person, _said(person, message, message.valid_from or now), now)
            else:
                yield from _registered(person, _said(person, message, now), None)
        case DeadlineReached():
            yield from _turn(person, Calendar.seoul_date(message.due))
        case _:
            assert_never(message)


def _said(person: Person, message: RegisterPerson, first: date) -> PersonEntry:
    return PersonEntry(
        first=first,
        last=message.valid_until,
        name=seal(message.name, person.id) if message.name else None,
        department=message.department,
        employed_from=message.employed_from,
        employed_to=message.employed_to,
    )


def _entry(said: PersonEntered | Person, first: date, last: date | None) -> PersonEntry:
    return PersonEntry(
        first=first,
        last=last,
        name=said.name,
        department=said.department,
        employed_from=said.employed_from,
        employed_to=said.employed_to,
    )


def _enter(person: Person, entry: PersonEntry, now: date) -> Iterator[Event]:
    if not adds(person.entries, entry):
        return
    entered = PersonEntered(
        person_id=person.id,
        name=entry.name,
        department=entry.department,
        employed_from=entry.employed_from,
        employed_to=entry.employed_to,
        valid_from=entry.first,
        valid_until=entry.last,
        entered_on=now,
    )
    yield entered
    yield from _turn(evolve(person, entered), now)


def _turn(person: Person, day: date) -> Iterator[PersonRegistered]:
    """What counts from this day on. Where no entry does any more, the person works in no department."""
    entry = on(person.entries, day)
    if entry is not None:
        yield from _registered(person, entry, day)
    elif person.listed:
        yield from _registered(person, _entry(person.but(department=None), day, None), day)


def _registered(person: Person, said: PersonEntry, as_of: date | None) -> Iterator[PersonRegistered]:
    registered = PersonRegistered(
        person_id=person.id,
        name=said.name,
        department=said.department,
        employed_from=said.employed_from,
        employed_to=said.employed_to,
        as_of=as_of,
    )
    if evolve(person, registered) != person:
        yield registered


def evolve(person: Person, event: Emitted) -> Person:
    """What an event means for the entry."""
    match event:
        case PersonRegistered():
            known = person.but(
                listed=True,
                name=event.name,
                department=event.department,
                employed_from=event.employed_from,
                employed_to=event.employed_to,
            )
            return _armed(known, event.as_of) if event.as_of else known
        case PersonEntered():
            entries = (*_entries(person), _entry(event, event.valid_from, event.valid_until))
            return _armed(person.but(entries=entries), event.entered_on)
        case _:
            assert_never(event)


def _entries(person: Person) -> tuple[PersonEntry, ...]:
    """The entries so far; what was said without a day is the first of them."""
    undated = person.listed and not person.entries
    return (_entry(person, ALWAYS, None),) if undated else person.entries


def _armed(person: Person, day: date) -> Person:
    due = due_after(person.entries, day)
    return person.without_deadline(TURN) if due is None else person.with_deadline(TURN, due)
