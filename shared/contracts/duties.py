"""Moves of duties (업무 이관) as all services tell of them: what a duty covers, what moved, and how items are found.

A service that follows searches its own open items page by page; the three events of that search, and the notice to
those concerned, have the same fields in every service, and a name of their own in each.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.types import Code, Id, Line, PersonId, Value
from shared.engine.message import Event, Instant

Work = Literal["ideas", "evaluation", "awards", "learning"]
"""Work that a duty may be about: ideas in charge of, rounds of evaluation, award rounds, learning groups."""

Found = Annotated[int, Field(ge=0)]


class Cover(Value):
    """One sort of work, whole or of some packs and categories only; categories are those of ideas."""

    work: Work
    packs: Annotated[tuple[Code, ...], Field(max_length=50)] = ()
    categories: Annotated[tuple[Line, ...], Field(max_length=100)] = ()


class Move(Value):
    """One duty, called `name`, went from one unit to another on a date, for a reason."""

    duty_id: Id
    name: Line
    from_department: Id
    department: Id
    moved_on: date
    reason: Line = ""


class MoveFollowed(Event):
    """A duty has moved; the service follows with its own items, one move of the duty after the other."""

    duty_id: Id
    move: Move
    cover: Cover


class ItemsSought(Event):
    """The next page of items is asked for, those behind the id `after`. `found` is how many this look has found."""

    duty_id: Id
    ask_id: Id
    after: str = ""
    found: Found = 0


class LookEnded(Event):
    """A look has found so many items. Another one follows at `again_at`; none where nothing was left to find."""

    duty_id: Id
    found: Found
    again_at: Instant | None = None


class MoveNoticed(Event):
    """Those whom an item concerns are told that it followed a duty."""

    move: Move
    issued_at: Instant
    recipients: tuple[PersonId, ...]
