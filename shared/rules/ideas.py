"""The `ideas` section of a pack: what may be submitted, how it is received, decided and carried out."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.rules.outcomes import OutcomeRules
from shared.rules.review import Review
from shared.rules.rule import Code, Count, Exact, Frozen, Kind, Role, Rule, Sourced, Term, Text, unique


class ClockStart(StrEnum):
    """From which day the decision term runs: receipt, or the close of the call where the idea answers one."""

    RECEIPT = "receipt"
    CALL_CLOSES = "call_closes"


class ClosingForm(StrEnum):
    """How a check may end that finds no proposal: closed (종결), returned (반려), passed on as a complaint (민원)."""

    CLOSED = "closed"
    RETURNED = "returned"
    COMPLAINT = "complaint"


class VoteOption(StrEnum):
    """What a vote on an idea may say."""

    ENDORSE = "endorse"
    OBJECT = "object"
    PASS = "pass"


class IdeaDecision(StrEnum):
    """The acts on an idea for which a pack may ask an authority or a reason."""

    CLOSE = "close"
    TRANSFER = "transfer"
    REOPEN = "reopen"
    EXTEND = "extend"
    ADOPT = "adopt"
    REFUSE = "refuse"
    CHANGE_DATE = "change_date"
    ABANDON = "abandon"
    SET_SHARES = "set_shares"
    GRADE = "grade"
    PRACTICE = "practice"
    REEXAMINE = "reexamine"
    DECIDE_CLAIM = "decide_claim"


class Section(Sourced):
    """One part of a submission. It must be present; only with `may_be_empty` may its text be blank."""

    key: Code
    label: Text
    may_be_empty: bool = False


class Ground(Sourced):
    """A ground on which a submission is closed as no proposal; it can't be used for the kinds in `not_for`.

    One `after_supplement` stands only where a supplement was asked for and its last term has ended without one; it may
    end in any form of the pack's `unmet_supplement`. All others close. One with `repeats` needs so many earlier ideas
    of the same author whose result was told to the author.
    """

    code: Code
    text: Text
    not_for: tuple[Kind, ...] = ()
    after_supplement: bool = False
    repeats: Annotated[int, Field(ge=0, le=9)] = 0


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
    request, and again from each of `supplement_reminders` for `supplement_reminder_within`. `unmet_supplement` lists
    the forms in which a check may end after that, the usual one first. `decision_extension` prolongs the decision term
    once, `reopen_within` bounds the time from a closing to its re-opening; where they are null there is no such act.
    `reexamination_within` and `claim_within` run from the delivery of the notice. `receipt_register` names the book
    that receipts are numbered in, one for each year; with `receipt_documented` what came on paper or by fax is received
    with a reason and a document.
    """

    kinds: Rule[tuple[Kind, ...]]
    title_max_characters: Rule[Count]
    text_max_characters: Rule[Count]
    sections: tuple[Section, ...] = Field(min_length=1)
    authors_max: Rule[Count]
    shares_must_total_100: Rule[bool]
    lead_has_largest_share: Rule[bool]
    grounds: tuple[Ground, ...]
    receipt_register: Rule[Code]
    receipt_documented: Rule[bool]
    clock_starts: Rule[ClockStart]
    supplement_request_within: Rule[Term]
    supplement_answer_within: Rule[Term]
    supplement_reminders: Rule[Annotated[int, Field(ge=0, le=9)]]
    supplement_reminder_within: Rule[Term]
    unmet_supplement: Rule[tuple[ClosingForm, ...]]
    reopen_within: Rule[Term | None]
    opinion_within: Rule[Term]
    decision_within: Rule[Term]
    decision_extension: Rule[Term | None]
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
    outcomes: OutcomeRules
    review: Review

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        unique("sections", [section.key for section in self.sections])
        unique("grounds", [ground.code for ground in self.grounds])
        unique("evaluation stages", list(self.evaluation_stages.value))
        if not self.kinds.value:
            raise ValueError("a pack allows at least one kind of idea")
        if self.evaluation_required.value and not self.evaluation_stages.value:
            raise ValueError("evaluation is required, but no stage is named")
        if not self.unmet_supplement.value:
            raise ValueError("a check that finds a supplement unmet ends somehow")
        return self

    def ground(self, code: str) -> Ground | None:
        """The ground with this code, or None."""
        return next((ground for ground in self.grounds if ground.code == code), None)
