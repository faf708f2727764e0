"""What came of an import: counts, and for every row that was not taken where it stands and why; as table, JSON, CSV."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from owlbus.imports.send import Outcome
from shared.intake.mapping import Kind, Mapping
from shared.intake.problems import Language
from shared.intake.take import Intake, Line, Remark

FIRST = 3
"""As many rows of each reason are shown on the terminal; the file has all."""

HEADER = ("파일 file", "행 row", "열 column", "키 key", "사유 code", "설명 what it says")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row that was not taken, or not as it stands: where, under which code, in words."""

    file: str
    row: int
    column: str
    key: str
    code: str
    what: str


@dataclass(frozen=True)
class Report:
    """The account of one import: `rows` = done + known + refused + skipped + repeated."""

    kind: Kind
    dry_run: bool
    rows: int
    done: int
    known: int
    skipped: int
    repeated: int
    seconds: float
    refused: tuple[Entry, ...]
    notes: tuple[Entry, ...]

    @property
    def ok(self) -> bool:
        """Whether every row that was meant to be sent is in."""
        return not self.refused

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        found = asdict(self) | {"kind": self.kind.value, "ok": self.ok, "refused": len(self.refused)}
        return found | {"entries": [asdict(entry) for entry in self.refused]}


def report_of(
    mapping: Mapping, intake: Intake, outcome: Outcome, *, dry_run: bool, language: Language, seconds: float
) -> Report:
    """The account of what was read and what was answered, in the order of the files."""
    order = {name: number for number, name in enumerate(intake.files)}
    refused = [_of_remark(remark, language) for remark in intake.refused]
    refused += [_of_answer(line, problem, mapping) for line, problem in outcome.refused]
    return Report(
        kind=mapping.kind,
        dry_run=dry_run,
        rows=intake.rows,
        done=outcome.done,
        known=outcome.known,
        skipped=intake.skipped,
        repeated=intake.repeated,
        seconds=round(seconds, 2),
        refused=tuple(sorted(refused, key=lambda entry: (order[entry.file], entry.row))),
        notes=tuple(_of_remark(note, language) for note in intake.notes),
    )


def _of_remark(remark: Remark, language: Language) -> Entry:
    problem = remark.problem
    said = problem.said(language)
    return Entry(remark.place.file, remark.place.row, problem.column, remark.key, problem.code, said)


def _of_answer(line: Line, problem: dict[str, Any], mapping: Mapping) -> Entry:
    """A refusal by a service, its fields traced back to the columns they came from."""
    errors: list[dict[str, Any]] = problem.get("errors", [])
    fields = [str(error.get("field", "")) for error in errors] or [str(problem.get("facts", {}).get("field", ""))]
    columns = dict.fromkeys(column for name in fields for column in mapping.columns_behind(name))
    said = [str(problem.get(part, "")) for part in ("title", "detail")]
    said += [f"{error.get('field')}: {error.get('detail')}" for error in errors]
    what = "; ".join(part for part in said if part)
    return Entry(line.place.file, line.place.row, ", ".join(columns), line.key, str(problem.get("code")), what)


def print_report(console: Console, report: Report) -> None:
    """Counts, then the reasons with the first rows of each."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_row("would be taken" if report.dry_run else "taken now", f"{report.done:,}")
    table.add_row("already there", f"{report.known:,}")
    for name, count in (("not meant to be sent", report.skipped), ("repeating an earlier row", report.repeated)):
        if count:
            table.add_row(name, f"{count:,}")
    style = "red" if report.refused else "green"
    table.add_row("would be refused" if report.dry_run else "refused", f"[{style}]{len(report.refused):,}[/]")
    console.print(table, highlight=False)
    for title, entries in (("", report.refused), ("taken, but ", report.notes)):
        _print_reasons(console, title, entries)


def _print_reasons(console: Console, title: str, entries: Iterable[Entry]) -> None:
    reasons: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        reasons[entry.code].append(entry)
    for code, found in sorted(reasons.items(), key=lambda reason: -len(reason[1])):
        console.print(f"\n{title}[bold]{escape(code)}[/]  {len(found):,}", highlight=False)
        for entry in found[:FIRST]:
            place = f"{entry.file}, {entry.row}" + (f", {entry.column}" if entry.column else "")
            console.print(f"  {escape(place)}: {escape(entry.what)}", highlight=False)
        if len(found) > FIRST:
            console.print(f"  … and {len(found) - FIRST:,} more", highlight=False)


def write_csv(path: Path, report: Report) -> None:
    """All rows that were not taken, and notes, as a CSV that a spreadsheet program opens: UTF-8 with its mark."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for entry in (*report.refused, *report.notes):
        writer.writerow([_harmless(str(value)) for value in asdict(entry).values()])
    path.write_text(text.getvalue(), "utf-8-sig", newline="")


def _harmless(text: str) -> str:
    """A text from somebody's file that a spreadsheet program would take for a formula, as the text it is."""
    return f"'{text}" if text.startswith(_FORMULA) else text
