"""What an author keeps before submitting: it begins with one line, is completed later, and nobody else sees it.

It has the id that the idea will have, and ends when that is submitted.
"""

from collections.abc import Iterator
from typing import Annotated, Any, assert_never

from pydantic import Field

from services.ideas.domain.commands import Sections
from shared.contracts.ideas import IdeaSubmitted
from shared.contracts.ideas_process import DraftDiscarded, DraftSaved, DraftSubmitted
from shared.contracts.types import Author, Code, Id, Kind, SealedLine, SealedSections, WrittenLine, WrittenProse
from shared.engine.aggregate import Context, State, require
from shared.engine.message import Actor, Command, Event, seal

FOLD = 1


class SaveDraft(Command, creates=True):
    """Keep all that is written so far; one line is enough. It replaces what was kept before."""

    title: WrittenLine = ""
    pack: Code | None = None
    kind: Kind | None = None
    category: WrittenLine = ""
    department: Id | None = None
    sections: Sections = Field(default_factory=dict[Code, WrittenProse])
    authors: Annotated[tuple[Author, ...], Field(max_length=100)] = ()
    call: Id | None = None


class DiscardDraft(Command):
    """Throw the draft away."""


class Draft(State):
    """What is kept. `open` while it is neither submitted nor thrown away."""

    author_id: str = ""
    open: bool = False
    pack: str | None = None
    kind: Kind | None = None
    category: str = ""
    department: str | None = None
    title: SealedLine = seal("", "")
    sections: SealedSections = seal({}, "")
    authors: tuple[Author, ...] = ()
    call: str | None = None

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """All to the author while it is open; to everybody else, whatever the role, nothing."""
        return self.model_dump(mode="json", exclude={"deadlines", "open"}) if self.known_to(actor) else {}

    def known_to(self, actor: Actor) -> bool:
        """So is that there is one."""
        return self.open and actor.id == self.author_id

    def shows(self, event: type[Event], actor: Actor) -> bool:
        """So is its history, though it stands in the journal."""
        return self.known_to(actor)


Input = SaveDraft | DiscardDraft | IdeaSubmitted
Emitted = DraftSaved | DraftDiscarded | DraftSubmitted


def decide(draft: Draft, message: Input, context: Context) -> Iterator[Event]:
    """What happens next. Who is not the author learns of no draft, and so gets here with a new one only."""
    match message:
        case SaveDraft():
            require(draft.open or not draft.author_id, "not_found")
            written = (message.title, *message.sections.values())
            require(any(text.strip() for text in written), "draft_empty")
            yield DraftSaved(
                idea_id=draft.id,
                author_id=context.actor.id,
                pack=message.pack,
                kind=message.kind,
                category=message.category,
                department=message.department,
                title=seal(message.title, context.actor.id),
                sections=seal(message.sections, context.actor.id),
                authors=message.authors,
                call=message.call,
            )
        case DiscardDraft():
            yield DraftDiscarded(idea_id=draft.id)
        case IdeaSubmitted():
            if draft.open:
                yield DraftSubmitted(idea_id=draft.id)
        case _:
            assert_never(message)


def evolve(draft: Draft, event: Emitted) -> Draft:
    """What an event means for the draft. What was written is forgotten here once it ends."""
    match event:
        case DraftSaved():
            return draft.but(open=True, **{name: getattr(event, name) for name in KEPT})
        case DraftDiscarded() | DraftSubmitted():
            return Draft(id=draft.id, author_id=draft.author_id)
        case _:
            assert_never(event)


KEPT = ("author_id", "pack", "kind", "category", "department", "title", "sections", "authors", "call")
"""What an event says of a draft, and its state too."""
