"""What people may ask of groups and offers. The models are the bodies of the HTTP API."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.types import Author, Code, Day, Id, Kind, PersonId, WrittenLine, WrittenProse
from shared.engine.message import Command

People = Annotated[tuple[PersonId, ...], Field(max_length=500)]


class RegisterGroup(Command, creates=True):
    """Register a learning group (창의학습조직). Whoever registers it leads it and is a member, named or not."""

    pack: Code
    name: WrittenLine
    topic: WrittenLine
    department: Id
    members: People


class AddMember(Command):
    """Take a person into the group."""

    person_id: PersonId


class RemoveMember(Command):
    """Let a person leave the group."""

    person_id: PersonId


class RecordActivity(Command):
    """Record that the group met or worked (학습활동)."""

    held_on: Day
    title: WrittenLine
    attendees: People


class HandOverOutput(Command):
    """Hand an output (학습성과) over as an idea. The first of `authors` is the lead author."""

    pack: Code
    kind: Kind
    category: WrittenLine = ""
    department: Id
    title: WrittenLine
    sections: Annotated[dict[Code, WrittenProse], Field(max_length=20)]
    authors: Annotated[tuple[Author, ...], Field(min_length=1, max_length=100)]


class CloseGroup(Command):
    """End the group."""

    reason: WrittenLine = ""


class OfferCase(Command, creates=True):
    """Offer a case to a department and an owner there. An answer is owed by the end of `due`, else as the pack says."""

    target: Id
    owner: PersonId
    due: Day | None = None


class AnswerOffer(Command):
    """Answer an offered case: adopted (도입) as it is, adapted, or declined."""

    answer: Literal["adopted", "adapted", "declined"]
    reason: WrittenProse = ""
