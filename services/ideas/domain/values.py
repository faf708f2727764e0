"""What an idea's state is made of."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import Field

from shared.contracts.ideas_decisions import Extent
from shared.contracts.ideas_process import ClosingForm, GroundText
from shared.contracts.types import Author, Authority, Code, Id, PersonId, SealedProse, Value
from shared.engine.message import Instant


class Stage(StrEnum):
    """Where an idea stands."""

    NEW = "new"
    SUBMITTED = "submitted"
    RECEIVED = "received"
    UNDER_EVALUATION = "under_evaluation"
    DECISION_PENDING = "decision_pending"
    ADOPTED = "adopted"
    REFUSED = "refused"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    CONFIRMED = "confirmed"


OPEN = (Stage.SUBMITTED, Stage.RECEIVED, Stage.UNDER_EVALUATION, Stage.DECISION_PENDING)
"""The idea waits for a decision and can still be withdrawn."""

VOTABLE = (Stage.RECEIVED, Stage.UNDER_EVALUATION, Stage.DECISION_PENDING)
"""Votes are taken between receipt and decision, where the pack takes any."""


LASTING = (Stage.ADOPTED, Stage.CONFIRMED)
"""The idea was adopted, or is a practice whose facts are confirmed: it wins awards and spreads, and all may see it."""

CONSULTABLE = (*OPEN, *LASTING)
"""Something is still to be decided or done about it, so that advice can be asked for beforehand."""


class Ending(Value):
    """How an idea ended without a decision: closed on a ground of the pack, or withdrawn (without a ground).

    `form` says whether it was closed, returned, or passed on as a complaint. `ended_on` is the day of a closing, where
    it is known.
    """

    ground: str = ""
    reason: SealedProse
    ended_on: date | None = None
    form: ClosingForm = "closed"
    text: GroundText | None = None


class Decision(Value):
    """The reasoned decision of the department in charge. `part` says what is adopted where that is not the whole.

    `reexamination` is the number of the re-examination that it came from.
    """

    outcome: Literal["adopted", "refused"]
    reason: SealedProse
    decided_on: date
    decided_by: PersonId
    authority: Authority | None = None
    planned_date: date | None = None
    extent: Extent = "whole"
    part: SealedProse | None = None
    reexamination: int | None = None


class Award(Value):
    """A grade won in an award round."""

    round_id: Id
    category_id: Id
    grade: Code


class Facts(Value):
    """What a check of the facts of a practice found, and since when it has been running."""

    outcome: Literal["confirmed", "unconfirmed"]
    running_since: date | None = None
    findings: SealedProse
    document: str
    checked_on: date
    checked_by: PersonId


class Notice(Value):
    """What the recipients were told, and when."""

    position: int
    notice: Code
    issued_at: Instant
    recipients: tuple[PersonId, ...]
    facts: dict[str, str]
    delivered_on: date | None = None


class Supplement(Value):
    """A supplement that was asked for: what is missing, until when, and whether it came."""

    number: int
    missing: tuple[Code, ...] = ()
    ground: Code | None = None
    reason: SealedProse
    requested_on: date
    due: Instant
    reminders: int = 0
    status: Literal["open", "answered", "unmet"] = "open"


class Opinion(Value):
    """An opinion that another department was asked for."""

    number: int
    department: Id
    question: SealedProse
    requested_on: date
    due: Instant
    status: Literal["open", "given", "unanswered"] = "open"
    opinion: SealedProse | None = None
    given_on: date | None = None
    given_by: PersonId | None = None


class Shares(Value):
    """Whether the authors' shares are open, and what each author said.

    `leads` holds those who confirmed and whom they see as the lead author; from `due` on silence confirms. `settled_by`
    is empty where nobody was ever asked.
    """

    open: bool = False
    leads: Mapping[PersonId, PersonId] = Field(default_factory=dict[str, str])
    disputed_by: tuple[PersonId, ...] = ()
    due: Instant | None = None
    settled_by: str = ""


class Joined(Value):
    """An idea that was merged into this one, with the authors it had."""

    other_id: Id
    authors: tuple[Author, ...]
