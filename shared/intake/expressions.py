"""The expressions of a mapping file: how a field of a line comes from a row. Pure but for `Lookup`, which reads a file.

An expression is a small closed model, named by its word (`column`, `text`, `date` …). Texts are taken as they are
written unless an option says otherwise.
"""

import re
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, cast
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from shared.intake.cells import squeezed, text_of
from shared.intake.dates import Epoch, Order, read_epoch, read_moment
from shared.intake.problems import RowProblem, quoted
from shared.intake.rows import Row, column_name

Scalar: TypeAlias = str | int | float | bool | None

ABSENT: Any = object()
"""What an expression gives where the field, or the element of a list, is to be left out."""

_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]+)\}")
_OWN_PLACES: dict[str, Callable[[Row], str]] = {
    "row": lambda row: str(row.number),
    "file": lambda row: row.file,
    "folder": lambda row: row.folder,
}
_LARGEST = 2**63 - 1
_PLAIN = re.compile(r"[+-]?\d+(\.\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


@dataclass
class Surroundings:
    """What a row is mapped in: the zone of dates without an offset, tables to look up, and what is worth a note."""

    zone: ZoneInfo
    table: Callable[[Path, "Lookup"], Mapping[str, Any]]
    notes: list[RowProblem] = field(default_factory=list[RowProblem])


class Expression(BaseModel):
    """Base of all expressions: frozen, closed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @abstractmethod
    def of(self, row: Row, around: Surroundings) -> Any:
        """What it gives for a row, ABSENT where the field is to be left out. Raises RowProblem."""

    @abstractmethod
    def columns(self) -> Iterator[str]:
        """The columns it reads."""


def _texts_as_keys(value: object) -> object:
    """YAML reads 1 and -1 as numbers; cells are compared as texts."""
    if not isinstance(value, dict):
        return value
    table = cast("dict[object, object]", value)
    if any(isinstance(key, bool) for key in table):
        raise ValueError("quote yes, no, on and off: YAML takes them for true and false")
    return {key if isinstance(key, str) else text_of(key, ""): found for key, found in table.items()}


class Column(Expression):
    """`{column: 제목}`: a cell as text. The options apply in the order in which they stand here.

    `optional`: rows may lack the column (JSON). `strip`: no white space at the ends; `squeeze`: none at all. `default`:
    for an empty cell. `values`: a table from what stands there to what is sent. `number`: a whole number, or a decimal
    as text; `thousands` allows 1,234. `cut`: characters that are kept; each cut is noted.
    """

    column: str
    optional: bool = False
    strip: bool = False
    squeeze: bool = False
    default: Scalar = ABSENT
    values: Annotated[dict[str, Scalar] | None, BeforeValidator(_texts_as_keys)] = None
    number: Literal["integer", "decimal"] | None = None
    thousands: bool = False
    cut: Annotated[int, Field(ge=1)] | None = None

    def columns(self) -> Iterator[str]:
        """See `Expression`."""
        yield self.column

    def of(self, row: Row, around: Surroundings) -> Any:
        """See `Expression`."""
        text = self._text(row)
        if not text and self.default is not ABSENT:
            return self.default
        if self.values is not None:
            if text not in self.values:
                raise RowProblem("value_unknown", self.column, value=quoted(text))
            return self.values[text]
        if self.number is not None:
            return self._number(text)
        return self._cut(text, around)

    def _text(self, row: Row) -> str:
        if self.optional and column_name(self.column) not in row.values:
            return ""
        text = text_of(row.cell(self.column), self.column)
        if self.squeeze:
            return squeezed(text)
        return text.strip() if self.strip else text

    def _number(self, text: str) -> int | str:
        plain = text.strip()
        if not plain:
            raise RowProblem("empty_cell", self.column)
        if self.thousands and _GROUPED.fullmatch(plain):
            plain = plain.replace(",", "")
        if not _PLAIN.fullmatch(plain):
            raise RowProblem("not_a_number", self.column, value=quoted(text))
        value = Decimal(plain)
        if self.number == "decimal":
            return plain
        if value != value.to_integral_value() or abs(value) > _LARGEST:
            raise RowProblem("not_a_number", self.column, value=quoted(text))
        return int(value)

    def _cut(self, text: str, around: Surroundings) -> str:
        if self.cut is None or len(text) <= self.cut:
            return text
        around.notes.append(RowProblem("cut", self.column, from_=len(text), to=self.cut))
        return text[: self.cut]


class Text(Expression):
    """`{text: "rater-{row}"}`: a template of {row}, {file}, {folder} and columns; none of them may be empty.

    `squeeze` takes all white space out of what the columns hold. A brace is written twice.
    """

    text: str
    squeeze: bool = False

    def columns(self) -> Iterator[str]:
        """See `Expression`."""
        names = (found[1] for found in _PLACE.finditer(self.text))
        yield from (name for name in names if name and name not in _OWN_PLACES)

    def of(self, row: Row, around: Surroundings) -> str:
        """See `Expression`."""
        return _PLACE.sub(lambda found: self._filled(found, row), self.text)

    def _filled(self, found: re.Match[str], row: Row) -> str:
        name = found[1]
        if name is None:
            return found[0][0]
        if name in _OWN_PLACES:
            return _OWN_PLACES[name](row)
        text = text_of(row.cell(name), name)
        text = squeezed(text) if self.squeeze else text
        if not text.strip():
            raise RowProblem("empty_cell", name)
        return text


class _Dated(Expression):
    """What days and moments have in common: formats first, else an order with languages, else ISO 8601; or a count."""

    formats: tuple[str, ...] = ()
    order: Order | None = None
    languages: tuple[str, ...] = ("ko", "en")
    epoch: Epoch | None = None
    default: str | None = ABSENT

    def _moment(self, column: str, row: Row, around: Surroundings) -> datetime | None:
        """The moment in the mapping's zone; None where the cell is empty and has a default."""
        value = row.cell(column)
        if not text_of(value, column).strip():
            if self.default is ABSENT:
                raise RowProblem("empty_cell", column)
            return None
        try:
            if self.epoch:
                found = read_epoch(value, self.epoch)
            else:
                found = read_moment(value, around.zone, self.formats, self.order, self.languages)
            return found.astimezone(around.zone)
        except RowProblem as problem:
            raise RowProblem(problem.code, column, **problem.facts) from None


class Day(_Dated):
    """`{date: 제출일, order: YMD}`: a day, as the mapping's zone has it."""

    date: str

    def columns(self) -> Iterator[str]:
        """See `Expression`."""
        yield self.date

    def of(self, row: Row, around: Surroundings) -> str | None:
        """See `Expression`."""
        found = self._moment(self.date, row, around)
        return found.date().isoformat() if found else self.default


class Moment(_Dated):
    """`{moment: 투표시각, epoch: milliseconds}`: a moment with its offset."""

    moment: str

    def columns(self) -> Iterator[str]:
        """See `Expression`."""
        yield self.moment

    def of(self, row: Row, around: Surroundings) -> str | None:
        """See `Expression`."""
        found = self._moment(self.moment, row, around)
        return found.isoformat() if found else self.default


class Split(Expression):
    r"""`{split: 제안자, at: ";", each: '(?P<person_id>\S+) (?P<share>\d+)'}`: one cell, several objects.

    Each part must match `each` wholly; its named groups are the fields, `fill` those that a part leaves out. Empty
    parts are passed over.
    """

    split: str
    at: str = ";"
    each: re.Pattern[str]
    fill: dict[str, Scalar] = {}

    def columns(self) -> Iterator[str]:
        """See `Expression`."""
        yield self.split

    def of(self, row: Row, around: Surroundings) -> list[dict[str, Any]]:
        """See `Expression`."""
        parts = (part.strip() for part in text_of(row.cell(self.split), self.split).split(self.at))
        return [self._part(part) for part in parts if part]

    def _part(self, part: str) -> dict[str, Any]:
        found = self.each.fullmatch(part)
        if found is None:
            raise RowProblem("part_unreadable", self.split, value=quoted(part))
        return self.fill | {name: value for name, value in found.groupdict().items() if value is not None}


class Lookup(Expression):
    """`{lookup: titles.csv, key: ID, value: Title, by: {column: idea_id}}`: from a second file beside the first.

    `squeeze` takes white space out of the keys of that file. Without a `default` every row must be found.
    """

    lookup: str
    key: str
    value: str
    by: "Column | Text"
    squeeze: bool = False
    default: Scalar = ABSENT

    def columns(self) -> Iterator[str]:
        """See `Expression`."""
        yield from self.by.columns()

    def of(self, row: Row, around: Surroundings) -> Any:
        """See `Expression`."""
        wanted = self.by.of(row, around)
        found = around.table(row.path.parent / self.lookup, self).get(wanted, self.default)
        if found is ABSENT:
            raise RowProblem("lookup_missing", next(self.columns()), file=self.lookup, value=quoted(wanted))
        return found
