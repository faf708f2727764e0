"""One entry of the directory of departments. Entries are added and changed, never removed."""

from collections.abc import Iterator
from datetime import date
from typing import Any, assert_never

from services.ideas.domain.rules import today
from shared.contracts.ideas import DepartmentRegistered
from shared.contracts.types import Day, Id, WrittenLine
from shared.engine.aggregate import Context, State, require
from shared.engine.message import Actor, Command, Event

FOLD = 1


class RegisterDepartment(Command, creates=True):
    """Say all there is to say about a department; `registered_from` stays what it was, or is today."""

    name: WrittenLine
    parent: Id | None = None
    registered_from: Day | None = None


class Department(State):
    """What the directory says about a department; `parent` is the one above it."""

    name: str = ""
    parent: str | None = None
    registered_from: date | None = None

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """All of it, to everybody who may ask."""
        return self.model_dump(mode="json", exclude={"deadlines"})


def decide(department: Department, message: RegisterDepartment, context: Context) -> Iterator[Event]:
    """An event where the entry changes."""
    require(bool(message.name.strip()), "name_required")
    require(message.parent != department.id, "own_parent")
    registered = DepartmentRegistered(
        department_id=department.id,
        name=message.name,
        parent=message.parent,
        registered_from=message.registered_from or department.registered_from or today(context.time),
    )
    if evolve(department, registered) != department:
        yield registered


def evolve(department: Department, event: DepartmentRegistered) -> Department:
    """What an event means for the entry."""
    match event:
        case DepartmentRegistered():
            return department.but(name=event.name, parent=event.parent, registered_from=event.registered_from)
        case _:
            assert_never(event)
