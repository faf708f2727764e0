"""One entry of the directory of people. Entries are added and changed, never removed.

A name is told to the receiving office, the auditor and the person alone.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, assert_never

from services.ideas.domain.submission import OFFICE
from shared.contracts.ideas import PersonRegistered
from shared.contracts.types import Day, Id, SealedLine, WrittenLine
from shared.engine.aggregate import Context, State, require
from shared.engine.message import Actor, Command, Event, seal

FOLD = 1

OUTSIDE = ("citizen", "union")
"""Roles that are not shown who works where."""


class RegisterPerson(Command, creates=True):
    """Say all there is to say about a person. Who is not on the staff has no department."""

    name: WrittenLine = ""
    department: Id | None = None
    employed_from: Day | None = None
    employed_to: Day | None = None


class Person(State):
    """What the directory says about a person; `listed` tells an entry without details from none."""

    listed: bool = False
    name: SealedLine | None = None
    department: str | None = None
    employed_from: date | None = None
    employed_to: date | None = None

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """All to the office, the auditor and the person; of the staff, who works where to colleagues; else nothing."""
        if actor.role in (OFFICE, "auditor") or actor.id == self.id:
            return self.model_dump(mode="json", exclude={"deadlines", "listed"})
        if self.department and actor.role not in OUTSIDE:
            return self.model_dump(mode="json", include={"id", "department"})
        return {}


def decide(person: Person, message: RegisterPerson, context: Context) -> Iterator[Event]:
    """An event where the entry changes."""
    first, last = message.employed_from, message.employed_to
    in_order = first is None or last is None or first <= last
    require(in_order, "date_too_early", field="employed_to", first=str(first))
    registered = PersonRegistered(
        person_id=person.id,
        name=seal(message.name, person.id) if message.name else None,
        department=message.department,
        employed_from=first,
        employed_to=last,
    )
    if evolve(person, registered) != person:
        yield registered


def evolve(person: Person, event: PersonRegistered) -> Person:
    """What an event means for the entry."""
    match event:
        case PersonRegistered():
            return person.but(
                listed=True,
                name=event.name,
                department=event.department,
                employed_from=event.employed_from,
                employed_to=event.employed_to,
            )
        case _:
            assert_never(event)
