"""A mapping file: what the rows of somebody else's file mean as lines of an import. docs/import.md explains it.

Closed: an unknown word is an error with its path, never passed over.
"""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from shared.intake.cells import text_of
from shared.intake.expressions import Column, Expression, Text
from shared.intake.readers import Format
from shared.intake.rows import Row
from shared.intake.trees import Tree, columns_of
from shared.rules.library import InvalidPack, parse


class MappingError(ValueError):
    """A mapping file can't be used: the message names the file and the paths in it."""


class Kind(StrEnum):
    """What is imported."""

    IDEAS = "ideas"
    VOTES = "votes"
    SCORES = "scores"
    DECISIONS = "decisions"
    CASES = "cases"
    UNITS = "units"
    PEOPLE = "people"
    DUTIES = "duties"


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Where(_Closed):
    """`{column: moderated, is: [1, -1]}` or `{column: 상태, empty: true}`: which rows are meant. Spaces don't count."""

    column: str
    is_: Annotated[tuple[str | int, ...], Field(alias="is")] = ()
    empty: bool | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.is_) == (self.empty is not None):
            raise ValueError("a condition has either `is` with a list or `empty`")
        return self

    def holds(self, row: Row) -> bool:
        """Whether it is true of a row. Raises RowProblem where there is no such column."""
        text = text_of(row.cell(self.column), self.column).strip()
        if self.empty is not None:
            return self.empty is not bool(text)
        return text in map(str, self.is_)


def _template(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


Identifier = Annotated[Text | Column, BeforeValidator(_template)]
"""A text alone is a template; it may also be an expression, for instance one that squeezes."""


class Mapping(_Closed):
    """One mapping file.

    `source` names where the rows come from; together with `key` it is what makes a row the same row in a later run.
    `distinct`: of rows with one key the first is sent, the others are passed over where they give the same. `files`
    is the pattern by which files of a directory are chosen. `zone` is that of dates without an offset.
    """

    kind: Kind
    source: Identifier
    key: Identifier
    row: dict[str, Tree]
    distinct: bool = False
    skip_where: tuple[Where, ...] = ()
    only_where: tuple[Where, ...] = ()
    files: str | None = None
    format: Format | None = None
    encoding: str | None = None
    sheet: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    zone: str = "Asia/Seoul"

    @field_validator("zone")
    @classmethod
    def _is_known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"no time zone is called {zone}") from None
        return zone

    @field_validator("encoding")
    @classmethod
    def _can_be_read(cls, encoding: str | None) -> str | None:
        try:
            "".encode(encoding or "utf-8")
        except LookupError:
            raise ValueError(f"no encoding is called {encoding}") from None
        return encoding

    def wants(self, row: Row) -> bool:
        """Whether a row is to be sent. Raises RowProblem."""
        if any(where.holds(row) for where in self.skip_where):
            return False
        return all(where.holds(row) for where in self.only_where)

    def columns(self) -> Iterator[str]:
        """All columns that it reads."""
        yield from self.source.columns()
        yield from self.key.columns()
        yield from columns_of(self.row)
        yield from (where.column for where in (*self.skip_where, *self.only_where))

    def columns_behind(self, path: str) -> tuple[str, ...]:
        """The columns from which a field of a line comes, such as "sections.content"; none where it is not known."""
        tree: Any = self.row
        for part in path.split("."):
            tree = _inside(tree, part)
        return tuple(dict.fromkeys(columns_of(tree)))


def _inside(tree: Any, part: str) -> Any:
    """The part of a tree that a field is in; the whole where an expression makes it."""
    match tree:
        case Expression():
            return tree
        case dict():
            return cast("dict[str, Any]", tree).get(part)
        case list():
            parts = cast("list[Any]", tree)
            return parts[int(part)] if part.isdecimal() and int(part) < len(parts) else parts
        case _:
            return None


def load(path: Path) -> Mapping:
    """Read a mapping file. Raises MappingError."""
    try:
        return read_mapping(path.name, path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(f"{path}: {error}") from None


def read_mapping(name: str, text: str) -> Mapping:
    """The mapping in a YAML text. Raises MappingError."""
    try:
        return Mapping.model_validate(parse(name, text))
    except InvalidPack as error:
        raise MappingError(str(error)) from None
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors()]
        raise MappingError(f"{name}: " + "; ".join(lines)) from None
