"""A made-up aggregate for tests of the HTTP edge: notes that are written and changed, for their owner's eyes."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from shared.contracts.types import Id, Line
from shared.engine.aggregate import Context, State, require
from shared.engine.message import Actor, Command, Event


class NoteWritten(Event, type="desk.NoteWritten", key="note_id"):
    """A note was written."""

    note_id: Id
    title: Line
    owner: Id


class NoteChanged(Event, type="desk.NoteChanged", key="note_id"):
    """A note has another title."""

    note_id: Id
    title: Line


class NoteRead(Event, type="desk.NoteRead", key="note_id", journal=True):
    """Somebody looked."""

    note_id: Id


class Row(Command):
    """Part of a command: a row with its number."""

    number: Annotated[int, Field(ge=1)]


class WriteNote(Command, creates=True):
    """Write a note."""

    title: Line
    rows: tuple[Row, ...] = ()


class ChangeNote(Command):
    """Give it another title."""

    title: Line


class Note(State):
    """A note of its owner."""

    title: str = ""
    owner: str = ""

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """The owner's and the auditor's."""
        return super().visible_to(actor) if actor.role == "auditor" or actor.id == self.owner else {}


FOLD = 1


def decide(note: Note, message: WriteNote | ChangeNote, context: Context) -> Iterator[Event]:
    """What happens next."""
    match message:
        case WriteNote():
            require(not note.owner, "already_written")
            yield NoteWritten(note_id=note.id, title=message.title, owner=context.actor.id)
            yield NoteRead(note_id=note.id)
        case ChangeNote():
            require(note.owner == context.actor.id, "not_found")
            require(message.title != "", "title_required")
            require(message.title != note.title, "same_title", title=note.title)
            assert message.title != "bug", "the test asked for it"
            yield NoteChanged(note_id=note.id, title=message.title)


def evolve(note: Note, event: Event) -> Note:
    """What it means."""
    match event:
        case NoteWritten():
            return note.but(title=event.title, owner=event.owner)
        case NoteChanged():
            return note.but(title=event.title)
        case _:
            return note
