"""What `ideas` says of duties (분장사무): who holds them from when, what moved with them; units and people by date."""

from datetime import date

from shared.contracts import duties
from shared.contracts.duties import Cover, Move
from shared.contracts.types import Code, Id, Line, PersonId, SealedLine, UnitKind
from shared.engine.message import Event


class DutyAssigned(Event, type="ideas.DutyAssigned", key="duty_id"):
    """The directory says who holds a duty from a date on. What it said before of that date is corrected by it.

    It may be announced long before; the duty moves when the day comes.
    """

    duty_id: Id
    name: Line
    covers: tuple[Cover, ...]
    department: Id
    holds_from: date
    reason: Line = ""
    assigned_on: date
    assigned_by: PersonId


class DutyBegun(Event, type="ideas.DutyBegun", key="duty_id"):
    """A duty that nobody held is held by a unit from now on."""

    duty_id: Id
    department: Id
    begun_on: date


class DutyMoved(Event, type="ideas.DutyMoved", key="duty_id"):
    """A duty has moved to another unit (업무 이관). Open items that it covers follow, in every service."""

    duty_id: Id
    move: Move
    covers: tuple[Cover, ...]


class MoveFollowed(duties.MoveFollowed, type="ideas.MoveFollowed", key="duty_id", journal=True):
    """A duty has moved, and the ideas that it covers are to follow."""


class ItemsSought(duties.ItemsSought, type="ideas.ItemsSought", key="duty_id", journal=True):
    """The next page of ideas that are to follow is asked for."""


class LookEnded(duties.LookEnded, type="ideas.LookEnded", key="duty_id", journal=True):
    """A look at the ideas that are to follow has ended."""


class IdeaMoveOrdered(Event, type="ideas.IdeaMoveOrdered", key="idea_id", journal=True):
    """An idea was found that a moved duty covers."""

    idea_id: Id
    move: Move


class IdeaMoved(Event, type="ideas.IdeaMoved", key="idea_id"):
    """The idea followed a duty: another department is in charge of it now."""

    idea_id: Id
    move: Move


class ImplementationMoved(Event, type="ideas.ImplementationMoved", key="idea_id"):
    """The implementation followed the idea: another department carries it out now."""

    idea_id: Id
    move: Move


class ChargeMoved(Event, type="ideas.ChargeMoved", key="idea_id"):
    """For the evaluation of the idea at this stage: another department is in charge, by a transfer or by a duty."""

    idea_id: Id
    stage: Code
    from_department: Id
    department: Id
    move: Move | None = None


class UnitEntered(Event, type="ideas.UnitEntered", key="department_id"):
    """The directory says of a unit what holds from a day on, and until another; corrections are entered anew.

    What holds at present is told by `DepartmentRegistered`, on the day on which it begins to.
    """

    department_id: Id
    name: Line
    kind: UnitKind | None = None
    parent: Id | None = None
    valid_from: date
    valid_until: date | None = None
    entered_on: date


class PersonEntered(Event, type="ideas.PersonEntered", key="person_id"):
    """The directory says of a person what holds from a day on, and until another; corrections are entered anew.

    What holds at present is told by `PersonRegistered`, on the day on which it begins to.
    """

    person_id: PersonId
    name: SealedLine | None = None
    department: Id | None = None
    employed_from: date | None = None
    employed_to: date | None = None
    valid_from: date
    valid_until: date | None = None
    entered_on: date
