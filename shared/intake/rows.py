"""A row as a file has it: values by column, and where it stands so that a person finds it again."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared.intake.problems import RowProblem


def column_name(name: str) -> str:
    """How column names are compared: composed (NFC), without spaces around them. Cells are never changed."""
    return unicodedata.normalize("NFC", name).strip()


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    `number` is what a spreadsheet or an editor shows: the header of a CSV or XLSX is row 1, a line of JSONL its line;
    elements of a JSON list and of columnar JSON count from 1. `broken` says why its values can't be relied on.
    """

    path: Path
    number: int
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    broken: RowProblem | None = None

    @property
    def file(self) -> str:
        """Name of the file."""
        return self.path.name

    @property
    def folder(self) -> str:
        """Name of the folder it lies in."""
        return self.path.absolute().parent.name

    def cell(self, column: str) -> Any:
        """What stands in a column. Raises RowProblem where there is no such column."""
        name = column_name(column)
        if name not in self.values:
            raise RowProblem("no_column", column, columns=", ".join(self.values))
        return self.values[name]
