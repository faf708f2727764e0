"""Value types that several contracts share. Words are those of docs/glossary.md."""

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from shared.engine.aggregate import derive_id
from shared.engine.message import TEXT_LIMIT, Sealed
from shared.engine.text import comparable

WRITABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"


def _composed(value: Any) -> Any:
    return comparable(value) if isinstance(value, str) else value


Id = Annotated[
    str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^/\s\x00]+$"), BeforeValidator(_composed)
]
"""Id of an aggregate, a person or a department, as ids are compared.

Never with "/", which separates the parts of finer ids.
"""

PersonId = Id


def _written_as_date(value: Any) -> Any:
    if isinstance(value, date) or (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value)):
        return value
    raise ValueError("a date is written as YYYY-MM-DD")


Day = Annotated[date, BeforeValidator(_written_as_date)]
"""A date as a person may send it: no number and no moment that happens to fall on midnight."""
Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z0-9_.-]+$")]
Line = Annotated[str, StringConstraints(max_length=500)]
Prose = Annotated[str, StringConstraints(max_length=TEXT_LIMIT)]
WrittenLine = Annotated[Line, StringConstraints(pattern=WRITABLE)]
"""A line as a person may send it: no control characters."""
WrittenProse = Annotated[Prose, StringConstraints(pattern=WRITABLE)]
"""A text as a person may send it: of the control characters only tab and line ends."""
Score = Annotated[Decimal, Field(allow_inf_nan=False)]
"""A score or weight; on the wire a decimal string."""
Won = Annotated[int, Field(ge=0)]
"""Korean won; always whole."""
Share = Annotated[Decimal, Field(gt=0, le=100, max_digits=5, decimal_places=2)]
"""Contribution in per cent."""

SealedLine = Sealed[Line]
SealedProse = Sealed[Prose]
SealedSections = Sealed[dict[Code, Prose]]


def imported_idea_id(source: str, source_id: str) -> str:
    """Id of the idea that `source` calls `source_id`: whoever imports it, it is one idea.

    The name of a source is compared in its composed form (NFC), since files from elsewhere decompose Hangul.
    """
    return derive_id("imported-idea", comparable(source).strip(), source_id)


class Value(BaseModel):
    """A part of an event: immutable, nothing unknown in it where it is made."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Kind(StrEnum):
    """What sort of idea it is: 개선, 신규 제안, 일 버리기, 실행사례."""

    IMPROVE = "improve"
    CREATE = "create"
    DROP_WORK = "drop_work"
    PRACTICE = "practice"


class Choice(StrEnum):
    """A person's stand on an idea: 공감, 비공감, 보류."""

    ENDORSE = "endorse"
    OBJECT = "object"
    PASS = "pass"


UnitKind = Literal["bureau", "department", "team"]
"""What a unit of the organisation is: 국, 과, 팀."""

Channel = Literal["online", "paper", "fax", "mail", "import"]
"""How something reached the office, or a notice its recipients."""


class Author(Value):
    """One author and the contribution share (기여도)."""

    person_id: PersonId
    share: Share


class Authority(Value):
    """On what authority a decision stands: document, approver, and in which capacity the approver signed."""

    document_no: Line
    approver: PersonId
    capacity: Literal["결재", "전결", "대결"]
    at: Day


class Origin(Value):
    """Where an idea came from, where not straight from its authors: a learning group's output, a forum, an import."""

    kind: Literal["group_output", "forum", "import"]
    id: Id
    label: Line = ""


def is_history(origin: Origin | None) -> bool:
    """Whether something was taken over from elsewhere: it keeps its own dates and has no deadlines."""
    return origin is not None and origin.kind == "import"


class Rule(Value):
    """The rule a decision rests on: pack, the hash of the service's section, article."""

    pack: Code
    hash: Annotated[str, StringConstraints(max_length=64)] = ""
    article: Line = ""


class NamedIdea(Value):
    """An idea as a file from elsewhere names it: by its source and id there, or by its id here."""

    source: WrittenLine = ""
    source_id: Id | None = None
    idea_id: Id | None = None

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        by_source = bool(self.source) and self.source_id is not None
        if by_source == (self.idea_id is not None):
            raise ValueError("name the idea by source and source_id, or by idea_id")
        return self

    @property
    def named_id(self) -> str:
        """Its id here."""
        return self.idea_id or imported_idea_id(self.source, self.source_id or "")


class Payment(Value):
    """One author's part of a prize."""

    person_id: PersonId
    share: Share
    won: Won


class CriterionMean(Value):
    """Mean of one criterion over the raters who scored it, without the scores that the pack has `left_out`."""

    criterion: Code
    mean: Score
    raters: Annotated[int, Field(ge=0)]
    left_out: Annotated[int, Field(ge=1)] | None = None


class Span(Value):
    """A span of days, both included. ValueError where it ends before it begins."""

    begins: date
    ends: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends < self.begins:
            raise ValueError("the span ends before it begins")
        return self
