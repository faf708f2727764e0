"""Five formats give the same rows; what is broken is named by its row and stops nothing but itself."""

import csv
import io
import json
import unicodedata
import zipfile
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from shared.intake.problems import FileProblem
from shared.intake.readers import Format, files_of, read

TABLE = [{"번호": "1", "제목": "야간 버스"}, {"번호": "2", "제목": "<b>굵게</b> 🦉, “인용”\n둘째 줄"}]


def workbook(path: Path, *rows: Iterable[Any], sheets: Iterable[str] = ()) -> Path:
    """A workbook with these rows on its first sheet."""
    book = Workbook()
    page = book.worksheets[0]
    for row in rows:
        page.append(list(row))
    for name in sheets:
        book.create_sheet(name)
    book.save(path)
    return path


def saved(directory: Path, form: Format) -> Path:
    """TABLE in one of the formats."""
    path = directory / {Format.COLUMNS: "t.json"}.get(form, f"t.{form}")
    columns = {name: [row[name] for row in TABLE] for name in TABLE[0]}
    match form:
        case Format.XLSX:
            return workbook(path, TABLE[0], *(row.values() for row in TABLE))
        case Format.CSV:
            text = io.StringIO()
            csv.writer(text).writerows([TABLE[0], *(row.values() for row in TABLE)])
            path.write_text(text.getvalue(), "utf-8-sig", newline="")
        case Format.JSONL:
            path.write_text("".join(json.dumps(row) + "\n" for row in TABLE))
        case Format.JSON:
            path.write_text(json.dumps(TABLE))
        case Format.COLUMNS:
            path.write_text(json.dumps(columns))
    return path


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("named", [True, False])
def test_every_format_gives_the_same_rows(tmp_path: Path, form: Format, named: bool) -> None:
    rows = list(read(saved(tmp_path, form), form if named else None))
    assert [dict(row.values) for row in rows] == TABLE
    first = 2 if form in (Format.CSV, Format.XLSX) else 1
    assert [row.number for row in rows] == [first, first + 1]


def written(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", "", "file_empty"),
        ("a.csv", " \n\n", "file_empty"),
        ("a.csv", "a,,b\n1,2,3\n", "header_unnamed"),
        ("a.csv", "a,b, a\n1,2,3\n", "header_twice"),
        ("a.csv", ",,\n1,2,3\n", "header_unnamed"),
        ("a.doc", "a", "format_unknown"),
        ("a", "a", "format_unknown"),
        ("a.json", '{"a": 1}', "shape_unknown"),
        ("a.json", "{}", "shape_unknown"),
        ("a.json", "7", "shape_unknown"),
        ("a.json", '{"a": [1, 2], "b": [1]}', "columns_uneven"),
        ("a.json", "[{]", "not_json"),
        ("a.json", "[" * 200_000, "not_json"),
        ("a.json", '[{"a": NaN}]', "not_json"),
        ("a.json", '[{"a": 1, "a": 2}]', "not_json"),
        ("a.xlsx", "PK not really", "not_a_workbook"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "not_a_workbook"),
    ],
)
def test_a_file_that_is_none_says_what_it_lacks(tmp_path: Path, name: str, content: bytes | str, code: str) -> None:
    with pytest.raises(FileProblem) as caught:
        list(read(written(tmp_path / name, content)))
    assert caught.value.code == code
    assert all(caught.value.said(language).startswith(f"{name}: ") for language in ("ko", "en"))


def test_a_zip_that_is_no_workbook_and_one_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(FileProblem, match="Not an XLSX workbook"):
        list(read(path))
    whole = workbook(path, ["a"], *([n] for n in range(500))).read_bytes()
    with pytest.raises(FileProblem, match="Not an XLSX workbook"):
        list(read(written(path, whole[: len(whole) // 2])))


@pytest.mark.parametrize(
    ("name", "content", "broken"),
    [
        ("a.csv", "a,b\n1,2\n1\n3,4\n", {3: "ragged"}),
        ("a.csv", "a,b\n1,2,3\n3,4\n5,6,,\n", {2: "ragged"}),
        ("a.csv", 'a,b\n"x"y,2\n3,4\n', {2: "bad_quotes"}),
        ("a.csv", 'a,b\n3,4\n"1,2\n', {3: "bad_quotes"}),
        ("a.jsonl", '{"a": 1, "b": 2}\n{"a": 1\n\n[1]\n', {2: "not_json", 4: "not_an_object"}),
        ("a.jsonl", '{"a": 1, "a": 2}\n{"a": 1}\n', {1: "not_json"}),
        ("a.json", '[{"a": 1}, 7]', {2: "not_an_object"}),
    ],
)
def test_a_broken_row_stops_nothing_but_itself(tmp_path: Path, name: str, content: str, broken: dict[int, str]) -> None:
    rows = list(read(written(tmp_path / name, content)))
    assert {row.number: row.broken.code for row in rows if row.broken} == broken
    assert [row for row in rows if not row.broken]


def test_rows_without_a_value_are_passed_over_and_counted(tmp_path: Path) -> None:
    rows = list(read(written(tmp_path / "a.csv", "a,b\r\n\r\n,\r\n1,2\r\n")))
    assert [(row.number, dict(row.values)) for row in rows] == [(4, {"a": "1", "b": "2"})]
    rows = list(read(workbook(tmp_path / "a.xlsx", ["a", "b"], [], [None, ""], [1, None])))
    assert [(row.number, dict(row.values)) for row in rows] == [(4, {"a": 1, "b": None})]


def test_only_a_header_is_no_rows(tmp_path: Path) -> None:
    assert not list(read(written(tmp_path / "a.csv", "a,b\n")))
    assert not list(read(workbook(tmp_path / "a.xlsx", ["a", "b"])))


def test_what_is_written_is_kept_and_column_names_are_compared_composed(tmp_path: Path) -> None:
    title, text = unicodedata.normalize("NFD", "제목"), unicodedata.normalize("NFD", "올빼미") + "\u2028🦉\u00a0"
    row = next(iter(read(written(tmp_path / "a.jsonl", json.dumps({f" {title} ": text}, ensure_ascii=False)))))
    assert row.cell("제목") == text == row.cell(title)


def test_json_numbers_are_kept_as_they_are_written(tmp_path: Path) -> None:
    row = next(iter(read(written(tmp_path / "a.jsonl", '{"a": 1.10, "b": 12345678901234567890}'))))
    assert (row.cell("a"), row.cell("b")) == (Decimal("1.10"), 12345678901234567890)
    assert str(row.cell("a")) == "1.10"


def test_a_spreadsheet_gives_dates_numbers_and_the_stored_results_of_formulas(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["a", "b", "c"], [datetime(2024, 3, 1, 9, 30), 3.5, "글"], [1, "=1+1", "글"])
    first, second = read(path)
    assert first.values == {"a": datetime(2024, 3, 1, 9, 30), "b": 3.5, "c": "글"}
    assert second.broken and (second.broken.code, second.broken.column) == ("formula_without_result", "b")


def test_an_error_in_a_cell_is_no_text(tmp_path: Path) -> None:
    book = Workbook()
    page = book.worksheets[0]
    page.append(["a", "b"])
    page.append(["x", "#N/A"])
    page["B2"].data_type = "e"
    book.save(tmp_path / "a.xlsx")
    (row,) = read(tmp_path / "a.xlsx")
    assert row.broken and (row.broken.code, row.broken.column) == ("cell_error", "b")


def test_a_sheet_is_found_by_its_name(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["a"], [1], sheets=["설명"])
    assert len(list(read(path, sheet="Sheet"))) == 1
    with pytest.raises(FileProblem, match="No sheet 제안; there are: Sheet, 설명"):
        list(read(path, sheet="제안"))


def test_files_of_a_directory_are_taken_once_and_in_order(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "c.txt"):
        written(tmp_path / name, "a\n1\n")
    assert [path.name for path in files_of([tmp_path, tmp_path / "a.csv"])] == ["a.csv", "b.csv"]
    assert [path.name for path in files_of([tmp_path], "*.txt")] == ["c.txt"]
    for place, pattern in ((tmp_path / "none", None), (tmp_path, "*.xlsx")):
        with pytest.raises(FileProblem):
            files_of([place], pattern)


cells = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)


@given(table=st.lists(st.tuples(cells, cells), max_size=6))
def test_any_text_comes_out_of_a_csv_as_it_went_in(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str, str]]
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("번호", "내용"), *table])
    path = written(tmp_path_factory.getbasetemp() / "any.csv", text.getvalue())
    found = [(row.values["번호"], row.values["내용"]) for row in read(path)]
    assert found == [row for row in table if any(row)]
