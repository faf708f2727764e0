"""What people may ask of an idea. The models are the bodies of the HTTP API; the decider seals what is free text."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.types import Author, Authority, Code, Id, Kind, WrittenLine, WrittenProse
from shared.engine.message import Command

Authors = Annotated[tuple[Author, ...], Field(min_length=1, max_length=100)]
Sections = Annotated[dict[Code, WrittenProse], Field(max_length=20)]


class Submission(Command):
    """What every submission says. The first of `authors` is the lead author."""

    pack: Code
    kind: Kind
    category: WrittenLine = ""
    department: Id
    title: WrittenLine
    sections: Sections
    authors: Authors


class SubmitIdea(Submission, creates=True):
    """Submit an idea (제출). Only the office may name an earlier day than today, for what came on paper."""

    submitted_on: date | None = None


class ImportIdea(Submission, creates=True):
    """Take over an idea that was submitted elsewhere, with its own date and what it was called there.

    `endorsements` were counted at the source; single votes, where there are any, are imported as votes.
    """

    submitted_on: date
    source: WrittenLine
    source_id: Id
    endorsements: Annotated[int, Field(ge=0)] | None = None


class Grounded(Command):
    """What decisions have in common: reasons, and the authority they stand on. Which are needed, the pack says."""

    reason: WrittenProse = ""
    authority: Authority | None = None


class ReceiveIdea(Command):
    """Receive a submitted idea (접수); `received_on` defaults to today."""

    received_on: date | None = None
    channel: Literal["online", "paper", "fax", "mail", "import"] = "online"


class CheckCompleteness(Grounded):
    """Say what the completeness check (요건 검토) found: complete, or closed on a ground of the pack."""

    outcome: Literal["complete", "closed"]
    ground: Code | None = None


class AdoptIdea(Grounded):
    """Adopt the idea (채택), with the date planned for its implementation."""

    planned_date: date | None = None


class RefuseIdea(Grounded):
    """Refuse the idea (불채택)."""


class WithdrawIdea(Command):
    """Take the own idea back (철회)."""

    reason: WrittenProse = ""
