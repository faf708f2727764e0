"""What every rule is made of: a value, where it comes from, and the small value types that rules use.

Pure. All models are frozen and closed: a misspelt key in a pack is an error, not a default.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

T = TypeVar("T")


class Frozen(BaseModel):
    """Base of all pack models: immutable, closed, without coercion (a number is a number, a text a text)."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Source(StrEnum):
    """What a rule rests on; decides how much weight a reader may give it."""

    STATUTE = "statute"
    ORDINANCE = "ordinance"
    POLICY = "policy"
    ASSUMED = "assumed"


class Sourced(Frozen):
    """Anything that must say where it comes from. Statute and ordinance need an article, the others may have one."""

    source: Source
    article: str = ""

    @model_validator(mode="after")
    def _law_is_cited(self) -> Self:
        if self.source in (Source.STATUTE, Source.ORDINANCE) and not self.article.strip():
            raise ValueError(f"a rule that rests on {self.source} must name its article")
        return self


class Rule(Sourced, Generic[T]):
    """One value of a pack with its source. Read it as `pack.ideas.decision_within.value`."""

    value: T


def _from_text(value: object) -> object:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"-?\d+(\.\d+)?", value):
        raise ValueError("write scores, weights and percentages as decimal text, such as '12.5'")
    return Decimal(value)


Exact = Annotated[Decimal, BeforeValidator(_from_text), PlainSerializer(str, return_type=str)]
"""An exact decimal, written as text in packs: scores, weights, percentages. Never a float."""

Won = Annotated[int, Field(ge=0)]
"""Money: whole won, not negative."""

Count = Annotated[int, Field(ge=1)]
"""A number of people, votes or characters, at least one."""

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""A stable name for use in events and addresses."""

Words = Annotated[str, Field(min_length=1)]
"""Text for people, not empty."""


class Text(Frozen):
    """The same words for people in Korean and in English."""

    ko: Words
    en: Words


class Kind(StrEnum):
    """What sort of idea it is: an improvement, something new, work to be dropped, a practice already running."""

    IMPROVE = "improve"
    CREATE = "create"
    DROP_WORK = "drop_work"
    PRACTICE = "practice"


class Role(StrEnum):
    """The role tokens a pack may name when it says who does something."""

    AUTHOR = "author"
    RECEIVER = "receiver"
    DEPARTMENT = "department"
    RATER = "rater"
    CHAIR = "chair"
    AWARD_OFFICER = "award_officer"
    PANELIST = "panelist"
    GROUP_LEAD = "group_lead"
    MEMBER = "member"
    UNION = "union"
    CITIZEN = "citizen"


Unit = Literal["days", "weeks", "months", "years"]
_TERM: Final = re.compile(r"([1-9]\d{0,3}) (day|week|month|year)s?")


class Term(Frozen):
    """A length of time as a law states it, in calendar units, at least one. Written `30 days`, `3 weeks`, `2 years`.

    Turned into a last day only by `Calendar.due`, which knows holidays and pauses.
    """

    amount: Count
    unit: Unit

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        found = _TERM.fullmatch(value)
        if found is None:
            raise ValueError(f"not a term: {value!r}; write it as '30 days', '3 weeks', '1 month' or '2 years'")
        return {"amount": int(found[1]), "unit": f"{found[2]}s"}

    def __str__(self) -> str:
        return f"{self.amount} {self.unit if self.amount != 1 else self.unit[:-1]}"


class Scale(Frozen):
    """The scores that may be given: from `min` to `max` in steps of `step`. `max` is above zero and above `min`."""

    min: Exact
    max: Exact
    step: Exact

    @model_validator(mode="after")
    def _is_sane(self) -> Self:
        if not 0 <= self.min < self.max:
            raise ValueError(f"a scale runs upwards from zero or more, not {self.min} to {self.max}")
        if self.step <= 0 or (self.max - self.min) % self.step != 0:
            raise ValueError(f"steps of {self.step} do not lead from {self.min} to {self.max}")
        return self

    def allows(self, score: Decimal) -> bool:
        """Whether `score` is one of the steps of this scale."""
        return score.is_finite() and self.min <= score <= self.max and (score - self.min) % self.step == 0


class Disclosure(Frozen):
    """When results may be seen: at the close, or at the end of the last day of the term `after` it."""

    when: Literal["close"]
    after: Term | None = None


class Status(StrEnum):
    """How far a pack has come on its way into force; from promulgation on its content is frozen."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    REVIEWED = "reviewed"
    PROMULGATED = "promulgated"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"

    @property
    def frozen(self) -> bool:
        """Whether a pack in this state may no longer change."""
        return self in (Status.PROMULGATED, Status.IN_FORCE, Status.SUPERSEDED)


class Header(Frozen):
    """What a pack says about itself. `calendar` names the holiday table its days are counted with."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    title: Text
    status: Status
    in_force_from: date
    calendar: Words


def unique(what: str, codes: list[str]) -> None:
    """Refuse a list in which a code appears twice; used while a pack is validated."""
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise ValueError(f"{what} named more than once: {', '.join(twice)}")
