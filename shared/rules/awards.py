"""The `awards` section of a pack: who is nominated, who votes, what grades and prizes there are, who gets what."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.rules.rule import (
    Code,
    Count,
    Disclosure,
    Exact,
    Frozen,
    Kind,
    Role,
    Rule,
    Scale,
    Sourced,
    Term,
    Text,
    Won,
    unique,
)

WHOLE = Decimal(100)
"""Per cent in a whole: the shares of all voices together."""


class AwardTie(StrEnum):
    """How nominations with equal award scores are put in order; `chair_decides` leaves the order to a named person."""

    HIGHER_EVALUATION = "higher_evaluation"
    EARLIER_RECEIPT = "earlier_receipt"
    CHAIR_DECIDES = "chair_decides"


class Remainder(StrEnum):
    """Who gets the won that do not divide: the largest fractions first, among equal ones the lead author first."""

    LARGEST_REMAINDER_LEAD_FIRST = "largest_remainder_lead_first"


class AwardDecision(StrEnum):
    """The acts of a round for which a pack may ask an authority."""

    CLOSE_ROUND = "close_round"
    CONFIRM_GRADE = "confirm_grade"
    SETTLE = "settle"


class WonRange(Frozen):
    """Lowest and highest amount of a prize, both included, in won."""

    min: Won
    max: Won

    @model_validator(mode="after")
    def _runs_upwards(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"a prize range runs upwards, not {self.min} to {self.max}")
        return self


class Grade(Sourced):
    """One grade of a category. `band_min` is the lowest award score that proposes it, `count` how many there may be
    in the category (null: no limit).

    `prize_won` is proposed; whoever confirms may choose another amount within `prize_range`.
    """

    code: Code
    label: Text
    band_min: Rule[Exact]
    count: Rule[Count | None]
    prize_won: Rule[Won]
    prize_range: Rule[WonRange]

    @model_validator(mode="after")
    def _prize_is_in_range(self) -> Self:
        if not self.prize_range.value.min <= self.prize_won.value <= self.prize_range.value.max:
            raise ValueError(f"grade {self.code}: the prize lies outside its range")
        return self


class Category(Sourced):
    """A category of a round: the kinds of ideas it takes, and its grades, best first."""

    code: Code
    label: Text
    kinds: tuple[Kind, ...] = Field(min_length=1)
    grades: tuple[Grade, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _best_comes_first(self) -> Self:
        unique(f"grades of category {self.code}", [grade.code for grade in self.grades])
        for better, worse in zip(self.grades, self.grades[1:], strict=False):
            if better.band_min.value <= worse.band_min.value or better.prize_won.value < worse.prize_won.value:
                raise ValueError(f"category {self.code}: {better.code} must stand above {worse.code} in band and prize")
        return self

    def grade(self, code: str) -> Grade | None:
        """The grade with this code, or None."""
        return next((grade for grade in self.grades if grade.code == code), None)


class Voice(Sourced):
    """A body of voters whose mean counts for `share` per cent of the award score; the holders of `roles` vote in it."""

    code: Code
    label: Text
    share: Rule[Exact]
    roles: tuple[Role, ...] = Field(min_length=1)


class Panel(Frozen):
    """The award panel: its size, the members who must have voted, its make-up, and the ballot."""

    members_min: Rule[Count]
    quorum: Rule[Count]
    half_non_officials: Rule[bool]
    ballot_scale: Rule[Scale]
    votes_within: Rule[Term]

    @model_validator(mode="after")
    def _quorum_can_be_met(self) -> Self:
        if self.quorum.value > self.members_min.value:
            raise ValueError("a panel of the smallest size could never meet its quorum")
        return self


class Uplift(Frozen):
    """From `authors_min` authors on, the highest prize of a grade rises by `percent` per cent."""

    authors_min: Annotated[int, Field(ge=2)]
    percent: Exact


class AwardsRules(Frozen):
    """Rules of the `awards` service.

    `nomination_line` is the lowest evaluation sum that is nominated. The award score is out of `score_scale`: each
    voice gives its share of it times its mean ballot divided by the ballot's maximum; the sum is rounded half up to
    `score_places` places.
    """

    categories: tuple[Category, ...] = Field(min_length=1)
    nomination_line: Rule[Exact]
    panel: Panel
    voices: tuple[Voice, ...] = Field(min_length=1)
    score_scale: Rule[Exact]
    score_places: Rule[int]
    ties: Rule[tuple[AwardTie, ...]]
    disclosure_at: Rule[Disclosure]
    no_winner_allowed: Rule[bool]
    budget_won: Rule[Won]
    uplift: Rule[Uplift | None]
    remainder: Rule[Remainder]
    authority_required: Rule[tuple[AwardDecision, ...]]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        unique("categories", [category.code for category in self.categories])
        unique("kinds with a category", [kind for category in self.categories for kind in category.kinds])
        unique("voices", [voice.code for voice in self.voices])
        total = sum(voice.share.value for voice in self.voices)
        if total != WHOLE or any(voice.share.value <= 0 for voice in self.voices):
            raise ValueError(f"the shares of the voices must be above zero and add up to 100, not to {total}")
        if not 0 <= self.score_places.value <= 6:
            raise ValueError(f"award scores are rounded to 0 to 6 places, not {self.score_places.value}")
        best = max(grade.band_min.value for category in self.categories for grade in category.grades)
        if best > self.score_scale.value:
            raise ValueError(f"no award score reaches {best} on a scale up to {self.score_scale.value}")
        return self

    def category(self, code: str) -> Category | None:
        """The category with this code, or None."""
        return next((category for category in self.categories if category.code == code), None)

    def category_of(self, kind: str) -> Category | None:
        """The one category that takes ideas of this kind (any text equal to a `Kind`), or None."""
        return next((category for category in self.categories if kind in category.kinds), None)

    def voice(self, code: str) -> Voice | None:
        """The voice with this code, or None."""
        return next((voice for voice in self.voices if voice.code == code), None)
