"""What people may ask of an idea. The models are the bodies of the HTTP API; the decider seals what is free text."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.ideas_decisions import Extent
from shared.contracts.ideas_process import ClosingForm
from shared.contracts.types import Author, Authority, Channel, Code, Day, Id, Kind, PersonId, WrittenLine, WrittenProse
from shared.engine.message import Command

Authors = Annotated[tuple[Author, ...], Field(min_length=1, max_length=100)]
Sections = Annotated[dict[Code, WrittenProse], Field(max_length=20)]


class Submission(Command):
    """What every submission says. The first of `authors` is the lead author; `call` is the call that it answers."""

    pack: Code
    kind: Kind
    category: WrittenLine = ""
    department: Id
    title: WrittenLine
    sections: Sections
    authors: Authors
    call: Id | None = None


class SubmitIdea(Submission, creates=True):
    """Submit an idea (제출). Only the office may name an earlier day than today, for what came on paper."""

    submitted_on: Day | None = None


class ImportIdea(Submission, creates=True):
    """Take over an idea that was submitted elsewhere, with its own dates and what it was called there.

    A source may have no titles. With `received_on` it was received there, too. `endorsements` were counted at the
    source; single votes, where there are any, are imported as votes.
    """

    title: WrittenLine = ""
    submitted_on: Day
    received_on: Day | None = None
    source: Annotated[WrittenLine, Field(min_length=1)]
    source_id: Id
    endorsements: Annotated[int, Field(ge=0, le=10**12)] | None = None


class Grounded(Command):
    """What decisions have in common: reasons, and the authority they stand on. Which are needed, the pack says."""

    reason: WrittenProse = ""
    authority: Authority | None = None


class ReceiveIdea(Command):
    """Receive a submitted idea (접수); `received_on` defaults to today.

    What came on paper, by fax or by mail is received with the reason for that and the number of the document.
    """

    received_on: Day | None = None
    channel: Channel = "online"
    reason: WrittenProse = ""
    document: WrittenLine = ""


class CheckCompleteness(Grounded):
    """Say what the completeness check (요건 검토) found: complete, or closed on a ground of the pack.

    Where a supplement stayed unmet, `form` may be another one that the pack has for it; it defaults to the usual one.
    `repeats` names the earlier ideas that it repeats, where the ground needs them.
    """

    outcome: Literal["complete", "closed"]
    ground: Code | None = None
    form: ClosingForm | None = None
    repeats: Annotated[tuple[Id, ...], Field(max_length=20)] = ()


class ImportDecision(Grounded):
    """Take over what was decided elsewhere, with its own date: the completeness check or the decision.

    `decided_on` may be missing for a check whose day the source does not say, `decided_by` where it names nobody.
    """

    outcome: Literal["complete", "closed", "adopted", "refused"]
    ground: Code | None = None
    decided_on: Day | None = None
    decided_by: PersonId | None = None
    planned_date: Day | None = None


class AdoptIdea(Grounded):
    """Adopt the idea (채택), with the date planned for its implementation. Adopted in part, `part` says which part."""

    planned_date: Day | None = None
    extent: Extent = "whole"
    part: WrittenProse = ""


class RefuseIdea(Grounded):
    """Refuse the idea (불채택)."""


class WithdrawIdea(Command):
    """Take the own idea back (철회)."""

    reason: WrittenProse = ""
