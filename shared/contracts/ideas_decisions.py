"""What `ideas` says after a decision: re-examinations, panels, claims, the watch over refused ideas, policies."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.types import (
    Author,
    Authority,
    Code,
    Id,
    Line,
    PersonId,
    Rule,
    Score,
    SealedLine,
    SealedProse,
)
from shared.engine.message import Event

Extent = Literal["whole", "in_part"]
"""How much of an idea is adopted: all of it (채택), or a part (일부 채택)."""

AskedBy = Literal["author", "agency"]
"""Who asked for a re-examination: an author, or the agency of its own accord."""

Matched = Literal["adoption", "output", "policy"]
"""What a refused idea reads like: an idea adopted later, a learning group's output, a policy."""

Votes = Annotated[int, Field(ge=0)]


# --- re-examination


class ReexaminationRequested(Event, type="ideas.ReexaminationRequested", key="idea_id"):
    """A decision is to be looked at again (재심사): an author asks with reasons, or the agency begins on a ground.

    With `panel_required` a panel has to find first. What came on paper names its document.
    """

    idea_id: Id
    number: int
    asked_by: AskedBy
    ground: Code | None = None
    reason: SealedProse
    requested_on: date
    requested_by: PersonId
    document: Line = ""
    panel_required: bool
    rule: Rule


class IdeaReexamined(Event, type="ideas.IdeaReexamined", key="idea_id"):
    """The re-examination ended: the decision is kept, or changed by the `IdeaAdopted` that follows; with reasons.

    `panel_supports` says what the panel found, where there was one.
    """

    idea_id: Id
    number: int
    outcome: Literal["kept", "changed"]
    reason: SealedProse
    decided_on: date
    decided_by: PersonId
    authority: Authority | None = None
    panel_supports: bool | None = None
    rule: Rule


# --- panels


class PanelConvened(Event, type="ideas.PanelConvened", key="idea_id", journal=True):
    """The office convened a panel (제안심사위원회) for a matter such as `reexamination.1`, or in place of another one.

    `non_officials` are those of its members who are no officials.
    """

    idea_id: Id
    matter: Code
    members: tuple[PersonId, ...]
    non_officials: tuple[PersonId, ...] = ()
    convened_on: date
    convened_by: PersonId
    rule: Rule


class PanelFound(Event, type="ideas.PanelFound", key="idea_id", journal=True):
    """The panel met and voted: it `supports` what is asked for by more votes for than against; with reasons."""

    idea_id: Id
    matter: Code
    attended: tuple[PersonId, ...]
    votes_for: Votes
    votes_against: Votes
    supports: bool
    reason: SealedProse
    met_on: date
    document: Line = ""
    recorded_by: PersonId


# --- claims


class ClaimFiled(Event, type="ideas.ClaimFiled", key="idea_id"):
    """An author says that the refused idea was carried out later, and claims a reward for it (사후 실시 보상 신청).

    `match_id` names what the watch had told, where the claim rests on that; no claim needs one.
    """

    idea_id: Id
    number: int
    reason: SealedProse
    implemented_on: date | None = None
    match_id: Id | None = None
    filed_on: date
    filed_by: PersonId
    document: Line = ""
    panel_required: bool
    rule: Rule


class ClaimDecided(Event, type="ideas.ClaimDecided", key="idea_id"):
    """The agency granted a claim, so that the authors may be rewarded by their shares, or refused it with reasons."""

    idea_id: Id
    number: int
    outcome: Literal["granted", "refused"]
    reason: SealedProse
    decided_on: date
    decided_by: PersonId
    authority: Authority | None = None
    panel_supports: bool | None = None
    pack: Code
    department: Id
    title: SealedLine
    authors: tuple[Author, ...]
    rule: Rule


# --- the watch


class MatchFound(Event, type="ideas.MatchFound", key="idea_id"):
    """What happened later reads like this refused idea. It is a hint for its authors and decides nothing.

    `similarity` is as in `DuplicatesFound`; `matched_on` the day of the adoption, the output or the policy.
    """

    idea_id: Id
    matched: Matched
    matched_id: Id
    matched_on: date
    similarity: Score
    method: Code
    threshold: Score
    rule: Rule


class PolicyRecorded(Event, type="ideas.PolicyRecorded", key="policy_id"):
    """Somebody entered a policy (시책) that came about outside this system; refused ideas are compared with it."""

    policy_id: Id
    title: SealedLine
    text: SealedProse
    department: Id
    in_force_on: date
    source: Line = ""
    recorded_by: PersonId
