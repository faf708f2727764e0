"""What a pack says of the time after a decision: adoption in part, re-examination, panels, claims, the watch."""

from __future__ import annotations

from typing import Final, Self

from pydantic import Field, model_validator

from shared.rules.rule import Code, Count, Exact, Frozen, Rule, Sourced, Term, Text, unique

BY_AUTHOR: Final = "reexamination"
"""Names a re-examination that an author asked for; one of the agency's own is named by its ground."""
CLAIM: Final = "claim"
"""Names a claim after later implementation."""


class AgencyGround(Sourced):
    """A ground on which the agency looks at a refusal again of its own accord."""

    code: Code
    text: Text


class Mention(Sourced):
    """Something that the notice of a refusal has to mention."""

    code: Code
    text: Text


class ReviewPanel(Frozen):
    """A panel: its size, the members who must attend, its make-up.

    With `another_panel` nobody sits on it who decided on the idea or sat on an earlier panel about it.
    """

    members_min: Rule[Count]
    quorum: Rule[Count]
    half_non_officials: Rule[bool]
    another_panel: Rule[bool]

    @model_validator(mode="after")
    def _quorum_can_be_met(self) -> Self:
        if self.quorum.value > self.members_min.value:
            raise ValueError("a panel of the smallest size could never meet its quorum")
        return self


class Review(Frozen):
    """Rules for the time after a decision.

    `in_part` allows adoption in part; with `parts_reexamined` that opens the author's right to a re-examination, too.
    `reexamination_decided_within` and `claim_decided_within` run from the request. `panel_required_for` names the
    matters that need a panel's finding: `reexamination` (an author's), `claim`, and codes of `agency_grounds`. Refused
    ideas are told what reads like them from `watch_similar_from` per cent on.
    """

    in_part: Rule[bool]
    parts_reexamined: Rule[bool]
    refusal_mentions: tuple[Mention, ...]
    reexamination_decided_within: Rule[Term]
    agency_grounds: tuple[AgencyGround, ...] = Field(min_length=1)
    claim_decided_within: Rule[Term]
    panel_required_for: Rule[tuple[Code, ...]]
    panel: ReviewPanel
    watch_similar_from: Rule[Exact]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        grounds = [ground.code for ground in self.agency_grounds]
        matters = [BY_AUTHOR, CLAIM, *grounds]
        unique("matters of a panel", matters)
        unique("mentions", [mention.code for mention in self.refusal_mentions])
        unique("panel_required_for", list(self.panel_required_for.value))
        unknown = sorted(set(self.panel_required_for.value) - set(matters))
        if unknown:
            raise ValueError(f"a panel is required for what there is not: {', '.join(unknown)}")
        if not 0 < self.watch_similar_from.value <= 100:
            raise ValueError("watch_similar_from is a percentage above zero")
        return self

    def agency_ground(self, code: str) -> AgencyGround | None:
        """The ground with this code, or None."""
        return next((ground for ground in self.agency_grounds if ground.code == code), None)
