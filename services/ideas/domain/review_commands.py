"""What people may ask after a decision: re-examination, panels, claims. The models are the bodies of the HTTP API."""

from typing import Annotated, Literal

from pydantic import Field

from services.ideas.domain.commands import Grounded
from shared.contracts.ideas_decisions import Matched, Votes
from shared.contracts.types import Code, Day, Id, PersonId, Score, WrittenLine, WrittenProse
from shared.engine.message import Command

Matter = Literal["reexamination", "claim"]
"""What a panel is convened for. Of each kind one is open at a time."""

Persons = Annotated[tuple[PersonId, ...], Field(max_length=100)]


class RequestReexamination(Command):
    """Ask as an author that the decision be looked at again (재심사 요청), with reasons.

    What comes on paper the office enters, with its document and the day on which it arrived.
    """

    reason: WrittenProse
    document: WrittenLine = ""
    requested_on: Day | None = None


class BeginReexamination(Grounded):
    """Look at a refusal again of the agency's own accord, on a ground of the pack."""

    ground: Code


class DecideReexamination(Grounded):
    """Keep the decision, or adopt the idea after all, whole or in part (재심사 결정)."""

    outcome: Literal["kept", "adopted", "adopted_in_part"]
    part: WrittenProse = ""
    planned_date: Day | None = None


class ConvenePanel(Command):
    """Convene a panel for what is open, or another one in its place before it has found.

    `non_officials` names those of the members who are no officials.
    """

    matter: Matter
    members: Annotated[Persons, Field(min_length=1)]
    non_officials: Persons = ()


class RecordFinding(Command):
    """Enter what the panel found: who attended, how they voted, with reasons; the day defaults to today."""

    matter: Matter
    attended: Annotated[Persons, Field(min_length=1)]
    votes_for: Votes
    votes_against: Votes
    reason: WrittenProse
    met_on: Day | None = None
    document: WrittenLine = ""


class FileClaim(Command):
    """Claim a reward because the refused idea was carried out later (사후 실시 보상 신청), with what is known of that.

    `match_id` may name what the watch has told. What comes on paper the office enters, with its document and its day.
    """

    reason: WrittenProse
    implemented_on: Day | None = None
    match_id: Id | None = None
    document: WrittenLine = ""
    filed_on: Day | None = None


class DecideClaim(Grounded):
    """Grant the claim, or refuse it with reasons."""

    outcome: Literal["granted", "refused"]


class NoteMatch(Command):
    """What the watch found. It comes from the service itself."""

    matched: Matched
    matched_id: Id
    matched_on: Day
    similarity: Score
    method: Code
