"""Spreadsheets to fill in, with the mapping file that reads them back: they work together as they are."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from pydantic import BaseModel, ConfigDict

from shared.intake.mapping import Kind
from shared.rules.library import parse

HOME = Path(__file__).parent / "templates"
"""The mapping files of the templates, and `sheets.yaml` with their columns."""

EXPLANATION = "설명"
"""The second sheet."""

TEXT = "@"
"""Format of cells that stay as they are typed: no number becomes a date."""

_LAST_ROW = 10_000
_HEAD = Font(bold=True)
_NEEDED = PatternFill("solid", start_color="FFF2CC")
_WRAP = Alignment(wrap_text=True, vertical="top")


class SheetColumn(BaseModel):
    """One column of a template; `examples` are invented."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    about: str
    needed: bool = False
    choices: tuple[str, ...] = ()
    examples: tuple[str, ...]


class Sheet(BaseModel):
    """The sheet of one template."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    columns: tuple[SheetColumn, ...]


@dataclass(frozen=True)
class Written:
    """The two files of a template."""

    workbook: Path
    mapping: Path


def sheet(kind: Kind) -> Sheet:
    """What the template of a kind holds."""
    path = HOME / "sheets.yaml"
    return Sheet.model_validate(parse(path.name, path.read_text("utf-8"))[kind.value])


def mapping_file(kind: Kind) -> Path:
    """The mapping file that comes with the template of a kind."""
    return HOME / f"{kind}.yaml"


def write_template(kind: Kind, directory: Path, *, example: bool = False) -> Written:
    """Write workbook and mapping file into a directory, over what is there under their names."""
    found, book = sheet(kind), Workbook()
    page = book.worksheets[0]
    page.title = found.title
    _fill(page, found, example)
    _explain(book.create_sheet(EXPLANATION), found)
    directory.mkdir(parents=True, exist_ok=True)
    written = Written(directory / f"{kind}.xlsx", directory / f"{kind}.yaml")
    book.save(written.workbook)
    written.mapping.write_bytes(mapping_file(kind).read_bytes())
    return written


def _fill(page: Worksheet, found: Sheet, example: bool) -> None:
    """The header, what can be chosen, and examples."""
    _append(page, [column.name for column in found.columns])
    for number, column in enumerate(found.columns, 1):
        letter = get_column_letter(number)
        cell: Any = page.cell(1, number)
        cell.font = _HEAD
        if column.needed:
            cell.fill = _NEEDED
        page.column_dimensions[letter].width = 40 if column.name == "내용" else 16
        page.column_dimensions[letter].number_format = TEXT
        if column.choices:
            choice: Any = DataValidation(type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
            choice.add(f"{letter}2:{letter}{_LAST_ROW}")
            page.add_data_validation(choice)
    page.freeze_panes = "A2"
    if example:
        for row in zip(*(column.examples for column in found.columns), strict=True):
            _append(page, [cell or None for cell in row])


def _explain(page: Worksheet, found: Sheet) -> None:
    _append(page, ["열", "필수", "설명", "고를 수 있는 값", "예"])
    for column in found.columns:
        examples = " / ".join(example for example in column.examples if example)
        _append(page, [column.name, "예" if column.needed else "", column.about, ", ".join(column.choices), examples])
    for letter, width in zip("ABCDE", (16, 6, 60, 30, 50), strict=True):
        page.column_dimensions[letter].width = width
        page[f"{letter}1"].font = _HEAD
    for row in page.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = _WRAP


def _append(page: Worksheet, values: list[str | None]) -> None:
    """Add a row of texts; nothing in it is a formula."""
    page.append(values)
    for cell in page[page.max_row]:
        if cell.value is not None:
            cell.data_type = "s"
            cell.number_format = TEXT
