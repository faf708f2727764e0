"""Files to rows: CSV, JSON, JSON lines, columnar JSON, XLSX. Values stay as the file has them.

A row that can't be read is yielded as `broken` and does not stop the others; only a file that can't be read at all
raises FileProblem. Rows without any value are passed over, but counted.
"""

import csv
import io
import json
import zlib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from enum import StrEnum
from itertools import zip_longest
from pathlib import Path
from typing import Any, NoReturn, cast
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import openpyxl
from openpyxl import Workbook
from openpyxl.utils.exceptions import InvalidFileException

from shared.intake.encodings import decode
from shared.intake.problems import FileProblem, RowProblem
from shared.intake.rows import Row, column_name

_LONGEST_CELL = 10_000_000


class Format(StrEnum):
    """What a file is written in; `COLUMNS` is a JSON object of equally long lists."""

    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"
    COLUMNS = "columns"
    XLSX = "xlsx"


SUFFIXES = {
    ".csv": Format.CSV,
    ".json": Format.JSON,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".xlsx": Format.XLSX,
    ".xlsm": Format.XLSX,
}


def files_of(inputs: Sequence[Path], pattern: str | None = None) -> list[Path]:
    """All files meant: those named, and of a directory those that match `pattern`, in order of their names.

    Without a pattern all files of a directory whose ending is known. Raises FileProblem where there are none.
    """
    found: dict[Path, Path] = {}
    for place in inputs:
        for path in _files_at(place, pattern):
            found.setdefault(path.resolve(), path)
    return list(found.values())


def _files_at(place: Path, pattern: str | None) -> list[Path]:
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise FileProblem(str(place), "file_missing")
    inside = place.glob(pattern) if pattern else (p for p in place.iterdir() if p.suffix.lower() in SUFFIXES)
    if files := sorted(path for path in inside if path.is_file()):
        return files
    raise FileProblem(str(place), "no_files", pattern=pattern or "/".join(SUFFIXES))


def read(
    path: Path,
    form: Format | None = None,
    *,
    encoding: str | None = None,
    sheet: str | None = None,
    delimiter: str = ",",
) -> Iterator[Row]:
    """The rows of a file in its order; what isn't named is guessed from the ending and the content.

    Raises FileProblem, before the first row or on the way.
    """
    form = form or SUFFIXES.get(path.suffix.lower())
    if form is None:
        raise FileProblem(path.name, "format_unknown", suffix=path.suffix or "(none)")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileProblem(str(path), "file_unreadable", detail=error.strerror or error) from None
    if not content.strip():
        raise FileProblem(path.name, "file_empty")
    if form is Format.XLSX:
        return _xlsx(path, content, sheet)
    text = decode(path, content, encoding)
    match form:
        case Format.CSV:
            return _csv(path, text, delimiter)
        case Format.JSONL:
            return _jsonl(path, text)
        case _:
            return _json(path, text)


# --- tables


def _csv(path: Path, text: str, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(_LONGEST_CELL)
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = _header(path, next(records))
    except csv.Error as error:
        raise FileProblem(path.name, "file_unreadable", detail=f"line {records.line_num}: {error}") from None
    number = 1
    while True:
        number += 1
        try:
            cells = next(records)
        except StopIteration:
            return
        except csv.Error as error:
            detail = f"line {records.line_num}: {error}"
            yield Row(path, number, broken=RowProblem("bad_quotes", detail=detail))
            continue
        if any(cells):
            yield _filled(path, number, header, cells)


def _header(path: Path, cells: Sequence[object]) -> list[str]:
    names = [column_name("" if cell is None else str(cell)) for cell in cells]
    while names and not names[-1]:
        names.pop()
    for position, name in enumerate(names, 1):
        if not name:
            raise FileProblem(path.name, "header_unnamed", position=position)
        if name in names[: position - 1]:
            raise FileProblem(path.name, "header_twice", name=name)
    if not names:
        raise FileProblem(path.name, "header_unnamed", position=1)
    return names


def _filled(path: Path, number: int, header: Sequence[str], cells: Sequence[Any]) -> Row:
    """A row, if it has a cell for each column and nothing beside them."""
    if len(cells) < len(header) or any(cell not in (None, "") for cell in cells[len(header) :]):
        return Row(path, number, broken=RowProblem("ragged", cells=len(cells), columns=len(header)))
    return Row(path, number, dict(zip(header, cells, strict=False)))


# --- spreadsheets


def _xlsx(path: Path, content: bytes, sheet: str | None) -> Iterator[Row]:
    """Stored results of formulas count, and the formulas are read beside them to notice one that has none."""
    results, formulas = (_sheet(path, content, sheet, data_only=stored) for stored in (True, False))
    rows = zip_longest(results, formulas, fillvalue=())
    header = _header(path, [cell.value for cell in next(rows, ((), ()))[0]])
    for number, (cells, written) in enumerate(rows, 2):
        values = [cell.value for cell in cells]
        values += [None] * (len(header) - len(values))
        broken = _broken_cell(header, cells, written)
        if broken:
            yield Row(path, number, broken=broken)
        elif any(value not in (None, "") for value in values):
            yield _filled(path, number, header, values)


def _sheet(path: Path, content: bytes, sheet: str | None, *, data_only: bool) -> Iterator[tuple[Any, ...]]:
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=data_only)
        yield from _page(path, book, sheet).iter_rows()
    except (BadZipFile, InvalidFileException, KeyError, ValueError, ParseError, zlib.error):
        raise FileProblem(path.name, "not_a_workbook") from None


def _page(path: Path, book: Workbook, sheet: str | None) -> Any:
    name = sheet or next((s.title for s in book.worksheets if s.sheet_state == "visible"), book.sheetnames[0])
    if name not in book.sheetnames:
        raise FileProblem(path.name, "sheet_missing", sheet=name, sheets=", ".join(book.sheetnames))
    page: Any = book[name]
    page.reset_dimensions()  # what a file says of its size may be wrong
    return page


def _broken_cell(header: Sequence[str], cells: Sequence[Any], written: Sequence[Any]) -> RowProblem | None:
    for column, cell, formula in zip(header, cells, written, strict=False):
        if cell.data_type == "e":
            return RowProblem("cell_error", column, value=cell.value)
        if formula.data_type == "f" and cell.value is None:
            return RowProblem("formula_without_result", column)
    return None


# --- JSON


class _Repeated(ValueError):
    """An object has a name twice, of which one would be lost."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Repeated("a name is given twice in one object")
    return found


def _not_a_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _load(text: str) -> Any:
    """JSON, closely: no name twice, no NaN, decimals as they are written. Raises ValueError."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_not_a_number, object_pairs_hook=_object)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _jsonl(path: Path, text: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            found = _load(line)
        except ValueError as error:
            yield Row(path, number, broken=RowProblem("not_json", detail=error))
        else:
            yield _from_object(path, number, found)


def _from_object(path: Path, number: int, found: object) -> Row:
    if not isinstance(found, dict):
        return Row(path, number, broken=RowProblem("not_an_object"))
    items = cast("dict[str, Any]", found).items()
    return Row(path, number, {column_name(name): value for name, value in items})


def _json(path: Path, text: str) -> Iterator[Row]:
    """A list of objects or columnar JSON; which of both, its outermost bracket tells."""
    try:
        found: object = _load(text)
    except ValueError as error:
        raise FileProblem(path.name, "not_json", detail=error) from None
    if isinstance(found, list):
        rows = cast("list[object]", found)
        return (_from_object(path, number, row) for number, row in enumerate(rows, 1))
    if isinstance(found, dict):
        return _from_columns(path, cast("dict[str, Any]", found))
    raise FileProblem(path.name, "shape_unknown")


def _from_columns(path: Path, columns: dict[str, Any]) -> Iterator[Row]:
    if not columns or not all(isinstance(values, list) for values in columns.values()):
        raise FileProblem(path.name, "shape_unknown")
    if len({len(values) for values in columns.values()}) > 1:
        lengths = ", ".join(f"{name} {len(values)}" for name, values in columns.items())
        raise FileProblem(path.name, "columns_uneven", lengths=lengths)
    names = [column_name(name) for name in columns]
    for number, values in enumerate(zip(*columns.values(), strict=True), 1):
        yield Row(path, number, dict(zip(names, values, strict=True)))
