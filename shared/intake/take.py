"""Files and a mapping to lines: what is sent, what can't be, what is not meant to be. Nothing is lost in between."""

import hashlib
from collections import Counter
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from shared.intake.cells import squeezed, text_of
from shared.intake.expressions import Lookup, Surroundings
from shared.intake.mapping import Mapping
from shared.intake.problems import FileProblem, RowProblem
from shared.intake.readers import files_of, read
from shared.intake.rows import Row
from shared.intake.trees import evaluate


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands."""

    file: str
    row: int

    def __str__(self) -> str:
        return f"{self.file}, {self.row}"


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it is sent; `body` has its `key`."""

    place: Place
    key: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about one row: why it can't be sent, or what was cut off it."""

    place: Place
    key: str
    problem: RowProblem


@dataclass
class Intake:
    """What files hold, seen through a mapping: `rows` = lines + refused + skipped + repeated.

    `skipped`: not meant to be sent. `repeated`: they give the same as an earlier row with their key (`distinct`).
    """

    rows: int = 0
    skipped: int = 0
    repeated: int = 0
    files: list[str] = field(default_factory=list[str])
    lines: list[Line] = field(default_factory=list[Line])
    refused: list[Remark] = field(default_factory=list[Remark])
    notes: list[Remark] = field(default_factory=list[Remark])


def take(mapping: Mapping, inputs: Sequence[Path]) -> Intake:
    """Read and map all rows of files and directories. Raises FileProblem where a file can't be read at all."""
    taking = _Taking(mapping)
    labels = _labels(files_of(inputs, mapping.files))
    taking.intake.files = list(labels.values())
    for path, label in labels.items():
        rows = read(path, mapping.format, encoding=mapping.encoding, sheet=mapping.sheet, delimiter=mapping.delimiter)
        for row in rows:
            taking.row(row, label)
    return taking.intake


def _labels(paths: Sequence[Path]) -> dict[Path, str]:
    """What each file is called in messages: its name, with its folder where several have that name."""
    names = Counter(path.name for path in paths)
    return {
        path: path.name if names[path.name] == 1 else f"{path.absolute().parent.name}/{path.name}" for path in paths
    }


class _Taking:
    """The rows so far, by key."""

    def __init__(self, mapping: Mapping) -> None:
        self.intake = Intake()
        self._mapping = mapping
        self._around = Surroundings(ZoneInfo(mapping.zone), self._lookup)
        self._table = cache(_table)
        self._seen: dict[str, tuple[Place, bytes]] = {}

    def row(self, row: Row, label: str) -> None:
        """Take one more, of the file that is called so."""
        place, key = Place(label, row.number), ""
        self.intake.rows += 1
        self._around.notes.clear()
        try:
            if row.broken:
                raise row.broken
            if not self._mapping.wants(row):
                self.intake.skipped += 1
                return
            source, key = self._identity(row)
            line = Line(place, key, self._body(row, source, key))
            if self._is_new(line):
                self.intake.lines.append(line)
                self.intake.notes += [Remark(place, key, note) for note in self._around.notes]
        except RowProblem as problem:
            self.intake.refused.append(Remark(place, key, problem))

    def _identity(self, row: Row) -> tuple[str, str]:
        """Source, and the key among all rows ever imported. An identity that is empty in part is none."""
        found: list[str] = []
        for expression in (self._mapping.source, self._mapping.key):
            value = expression.of(row, self._around)
            if not str(value or "").strip():
                raise RowProblem("empty_cell", next(expression.columns(), ""))
            found.append(str(value))
        return found[0], "/".join(found)

    def _body(self, row: Row, source: str, key: str) -> dict[str, Any]:
        fields: dict[str, Any] = evaluate(self._mapping.row, row, self._around)
        named = {} if "idea_id" in fields else {"source": source}
        return {"key": key} | named | fields

    def _is_new(self, line: Line) -> bool:
        """Whether no earlier row has its key. Raises RowProblem where one has that should not."""
        content = hashlib.sha256(orjson.dumps(line.body, option=orjson.OPT_SORT_KEYS)).digest()
        if line.key not in self._seen:
            self._seen[line.key] = line.place, content
            return True
        place, earlier = self._seen[line.key]
        if content != earlier:
            raise RowProblem("not_the_same", where=place)
        if not self._mapping.distinct:
            raise RowProblem("duplicate_key", where=place)
        self.intake.repeated += 1
        return False

    def _lookup(self, path: Path, lookup: Lookup) -> Map[str, Any]:
        return self._table(path, lookup.key, lookup.value, lookup.squeeze)


def _table(path: Path, key: str, value: str, squeeze: bool) -> Map[str, Any]:
    """A second file as a table. Raises FileProblem where a row of it can't be read or contradicts another."""
    table: dict[str, Any] = {}
    for row in read(path):
        try:
            if row.broken:
                raise row.broken
            name, found = text_of(row.cell(key), key), text_of(row.cell(value), value)
        except RowProblem as problem:
            raise FileProblem(path.name, "row_unreadable", row=row.number, said=problem) from None
        name = squeezed(name) if squeeze else name
        if table.setdefault(name, found) != found:
            raise FileProblem(path.name, "looked_up_twice", row=row.number, key=name)
    return table
