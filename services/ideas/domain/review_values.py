"""What an idea's state is made of after its decision: re-examinations, panels, claims, what the watch found."""

from datetime import date
from typing import Literal

from shared.contracts.ideas_decisions import AskedBy, Matched
from shared.contracts.types import Code, Id, Line, PersonId, Score, SealedProse, Value


class Reexamination(Value):
    """A re-examination. `answer` are the reasons it ended with."""

    number: int
    asked_by: AskedBy
    ground: Code | None = None
    reason: SealedProse
    requested_on: date
    requested_by: PersonId
    panel_required: bool
    status: Literal["open", "kept", "changed"] = "open"
    answer: SealedProse | None = None
    decided_on: date | None = None
    panel_supports: bool | None = None


class Claim(Value):
    """A claim after later implementation. `answer` are the reasons it ended with."""

    number: int
    reason: SealedProse
    implemented_on: date | None = None
    match_id: Id | None = None
    filed_on: date
    filed_by: PersonId
    panel_required: bool
    status: Literal["open", "granted", "refused"] = "open"
    answer: SealedProse | None = None
    decided_on: date | None = None
    panel_supports: bool | None = None


class Panel(Value):
    """A panel, for one matter such as `claim.2`. It has found once `supports` is known."""

    matter: Code
    members: tuple[PersonId, ...]
    non_officials: tuple[PersonId, ...] = ()
    convened_on: date
    attended: tuple[PersonId, ...] = ()
    votes_for: int = 0
    votes_against: int = 0
    supports: bool | None = None
    reason: SealedProse | None = None
    met_on: date | None = None
    document: Line = ""


class Match(Value):
    """What happened later and reads like the idea."""

    matched: Matched
    matched_id: Id
    matched_on: date
    similarity: Score
