"""The `ideas` section of a pack: what may be submitted, how it is received, decided and carried out."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from shared.rules.rule import Code, Count, Exact, Frozen, Kind, Role, Rule, Sourced, Term, Text, unique


class ClockStart(StrEnum):
    """From which day the decision term runs."""

    RECEIPT = "receipt"
    CALL_CLOSES = "call_closes"


class VoteOption(StrEnum):
    """What a vote on an idea may say."""

    ENDORSE = "endorse"
    OBJECT = "object"
    PASS = "pass"


class IdeaDecision(StrEnum):
    """The acts on an idea for which a pack may ask an authority or a reason."""

    CLOSE = "close"
    TRANSFER = "transfer"
    ADOPT = "adopt"
    REFUSE = "refuse"
    CHANGE_DATE = "change_date"
    ABANDON = "abandon"
    SET_SHARES = "set_shares"


class Section(Sourced):
    """One part of a submission. It must be present; only with `may_be_empty` may its text be blank."""

    key: Code
    label: Text
    may_be_empty: bool = False


class Ground(Sourced):
    """A ground on which a submission is closed as no proposal; it can't be used for the kinds in `not_for`."""

    code: Code
    text: Text
    not_for: tuple[Kind, ...] = ()


class Voting(Frozen):
    """Votes on ideas: whether they are taken, what may be said, and by which roles. A person's latest vote counts.

    `own_ideas` says whether authors may vote on their own.
    """

    open: Rule[bool]
    options: Rule[tuple[VoteOption, ...]]
    roles: Rule[tuple[Role, ...]]
    own_ideas: Rule[bool]


class Duplicates(Frozen):
    """Ideas that read alike. Candidates are shown from `similar_from` per cent on, the most alike `shown_max` of them.

    With `first_receipt_wins` only the later receipt of two can be closed as a duplicate or merged into the other.
    """

    similar_from: Rule[Exact]
    shown_max: Rule[Count]
    first_receipt_wins: Rule[bool]

    @model_validator(mode="after")
    def _a_percentage(self) -> Self:
        if not 0 < self.similar_from.value <= 100:
            raise ValueError("similar_from is a percentage above zero")
        return self


class Merging(Frozen):
    """Merges of two ideas into one: whether there are any, how long lead authors have to answer, and how long the
    office may take a merge back.
    """

    allowed: Rule[bool]
    consent_within: Rule[Term]
    undo_within: Rule[Term]


class Sharing(Frozen):
    """How the shares of several authors come to stand.

    With `each_confirms` every author is asked after the submission; after a merge they always are. With
    `silence_confirms` whoever says nothing within `answer_within` has confirmed. With `equal_pair_agrees` the authors
    with the largest share name the lead together, where it is equal. `agency_sets` lets the department in charge set
    the shares of an idea that it improved.
    """

    each_confirms: Rule[bool]
    answer_within: Rule[Term]
    silence_confirms: Rule[bool]
    equal_pair_agrees: Rule[bool]
    agency_sets: Rule[bool]


class IdeasRules(Frozen):
    """Rules of the `ideas` service. Lengths of text are in characters, terms in calendar units.

    `decision_within` covers the decision and its notice. `evaluation_stages` names stages of the evaluation section
    in the order an idea goes through them; it may be empty only where no evaluation is required.
    `supplement_request_within` limits the office, from receipt; `supplement_answer_within` the author, from the
    request. `reexamination_within` and `claim_within` run from the delivery of the notice.
    """

    kinds: Rule[tuple[Kind, ...]]
    title_max_characters: Rule[Count]
    text_max_characters: Rule[Count]
    sections: tuple[Section, ...] = Field(min_length=1)
    authors_max: Rule[Count]
    shares_must_total_100: Rule[bool]
    lead_has_largest_share: Rule[bool]
    grounds: tuple[Ground, ...]
    clock_starts: Rule[ClockStart]
    supplement_request_within: Rule[Term]
    supplement_answer_within: Rule[Term]
    opinion_within: Rule[Term]
    decision_within: Rule[Term]
    planned_date_required: Rule[bool]
    management_period: Rule[Term]
    reexamination_within: Rule[Term]
    claim_within: Rule[Term]
    refused_kept: Rule[Term]
    voting: Voting
    evaluation_stages: Rule[tuple[Code, ...]]
    evaluation_required: Rule[bool]
    authority_required: Rule[tuple[IdeaDecision, ...]]
    reasons_required: Rule[tuple[IdeaDecision, ...]]
    duplicates: Duplicates
    merging: Merging
    sharing: Sharing

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        unique("sections", [section.key for section in self.sections])
        unique("grounds", [ground.code for ground in self.grounds])
        unique("evaluation stages", list(self.evaluation_stages.value))
        if not self.kinds.value:
            raise ValueError("a pack allows at least one kind of idea")
        if self.evaluation_required.value and not self.evaluation_stages.value:
            raise ValueError("evaluation is required, but no stage is named")
        return self

    def ground(self, code: str) -> Ground | None:
        """The ground with this code, or None."""
        return next((ground for ground in self.grounds if ground.code == code), None)
