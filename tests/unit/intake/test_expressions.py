"""Every expression of a mapping file: what it gives for a row, and why it gives nothing."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from shared.intake.expressions import Surroundings
from shared.intake.problems import RowProblem
from shared.intake.rows import Row
from shared.intake.trees import Tree, columns_of, evaluate

ANY: TypeAdapter[Any] = TypeAdapter(dict[str, Tree])
AROUND = Surroundings(ZoneInfo("Asia/Seoul"), lambda path, lookup: {"a1": "찾은 제목"})


def gives(tree: str, around: Surroundings = AROUND, **cells: Any) -> Any:
    """What a tree, as YAML, gives for a row with these cells; ABSENT at the top is a missing field."""
    field = ANY.validate_python({"it": yaml.safe_load(tree)})
    return evaluate(field, Row(Path("/folder/f.csv"), 7, cells), around).get("it", "(absent)")


@pytest.mark.parametrize(
    ("tree", "cell", "expected"),
    [
        ("{column: a}", " 그대로 \n", " 그대로 \n"),
        ("{column: a}", None, ""),
        ("{column: a}", 3, "3"),
        ("{column: a}", 3.0, "3"),
        ("{column: a}", 0.1, "0.1"),
        ("{column: a}", 1e22, "10000000000000000000000"),
        ("{column: a}", Decimal("1.10"), "1.10"),
        ("{column: a}", True, "true"),
        ("{column: a}", date(2024, 3, 1), "2024-03-01"),
        ("{column: a}", "<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("{column: a}", "🦉 \u110b\u1169\u11af", "🦉 \u110b\u1169\u11af"),
        ("{column: a, strip: true}", " 가 나 ", "가 나"),
        ("{column: a, squeeze: true}", " Bias_9\u00a0 _AI ", "Bias_9_AI"),
        ("{column: a, default: 없음}", "", "없음"),
        ("{column: a, default: null}", None, None),
        ("{column: a, default: 없음}", " ", " "),
        ("{column: a, strip: true, default: 없음}", " ", "없음"),
        ("{column: b, optional: true}", "x", ""),
        ("{column: b, optional: true, default: 0}", "x", 0),
        ("{column: a, values: {1: complete, 0: null, -1: closed}}", -1, "closed"),
        ("{column: a, values: {1: complete, 0: null, -1: closed}}", "0", None),
        ("{column: a, strip: true, values: {찬성: endorse}}", "찬성 ", "endorse"),
        ("{column: a, number: integer}", " 42 ", 42),
        ("{column: a, number: integer}", 42.0, 42),
        ("{column: a, number: integer, thousands: true}", "1,234", 1234),
        ("{column: a, number: decimal}", "7.50", "7.50"),
        ("{column: a, number: decimal}", -3, "-3"),
        ("{column: a, number: integer, default: null}", "", None),
        ('{text: "{folder}/{file}/{row}: {a}"}', "x", "folder/f.csv/7: x"),
        ('{text: "{{{a}}}"}', "x", "{x}"),
        ('{text: "p-{a}", squeeze: true}', " 1 2", "p-12"),
        ("{lookup: t.csv, key: ID, value: T, by: {column: a, squeeze: true}}", "a 1", "찾은 제목"),
        ('{lookup: t.csv, key: ID, value: T, by: {column: a}, default: ""}', "a2", ""),
        ("{given: {p: {column: a}}}", " ", "(absent)"),
        ("{given: {p: {column: a}}}", "x", {"p": "x"}),
        ("[{given: {column: a}}, 1]", "", [1]),
        ("{fields: {text: {column: a}, date: 1}}", "x", {"text": "x", "date": 1}),
        ("[{person_id: {column: a}, share: '100'}]", "x", [{"person_id": "x", "share": "100"}]),
    ],
)
def test_what_it_gives(tree: str, cell: Any, expected: Any) -> None:
    assert gives(tree, a=cell) == expected


@pytest.mark.parametrize(
    ("tree", "cell", "code"),
    [
        ("{column: b}", "x", "no_column"),
        ("{column: a}", ["x"], "not_a_text"),
        ("{column: a}", "\ud83e", "half_character"),
        ("{column: a, values: {찬성: endorse}}", "찬성 ", "value_unknown"),
        ("{column: a, values: {찬성: endorse}}", "", "value_unknown"),
        ("{column: a, number: integer}", "1,234", "not_a_number"),
        ("{column: a, number: integer, thousands: true}", "1,23", "not_a_number"),
        ("{column: a, number: integer}", "3.5", "not_a_number"),
        ("{column: a, number: integer}", "9" * 20, "not_a_number"),
        ("{column: a, number: decimal}", "1e3", "not_a_number"),
        ("{column: a, number: decimal}", "", "empty_cell"),
        ("{column: a, number: decimal}", "구십", "not_a_number"),
        ('{text: "p-{a}"}', " ", "empty_cell"),
        ('{text: "p-{c}"}', "x", "no_column"),
        ("{lookup: t.csv, key: ID, value: T, by: {column: a}}", "a2", "lookup_missing"),
        ("{given: {p: {column: c}}}", "x", "no_column"),
    ],
)
def test_why_it_gives_nothing(tree: str, cell: Any, code: str) -> None:
    with pytest.raises(RowProblem) as caught:
        gives(tree, a=cell)
    assert caught.value.code == code and caught.value.column in ("a", "b", "c")
    assert caught.value.said("ko") and caught.value.said("en")


def test_what_is_cut_is_noted() -> None:
    around = Surroundings(ZoneInfo("UTC"), lambda path, lookup: {})
    assert gives("{column: a, cut: 3}", around, a="가나다") == "가나다" and not around.notes
    assert gives("{column: a, cut: 3}", around, a="가나다라") == "가나다"
    assert [(note.column, note.said()) for note in around.notes] == [("a", "Cut from 4 characters to 3")]


def test_an_element_is_left_out_only_where_all_its_columns_are_empty() -> None:
    tree = "[{given: {criterion: novelty, points: {column: p}, reason: {column: r}}}]"
    assert gives(tree, p="", r=" ") == []
    assert gives(tree, p="", r="이유만 있다") == [{"criterion": "novelty", "points": "", "reason": "이유만 있다"}]


AUTHORS = (
    r"""{split: a, at: ";", each: '(?P<person_id>\S+)(?:\s+(?P<share>\d+(?:\.\d+)?)\s*%?)?', fill: {share: "100"}}"""
)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("홍길동 60; 김철수 40", [("홍길동", "60"), ("김철수", "40")]),
        ("홍길동 66.5%;김철수 33.5 %;", [("홍길동", "66.5"), ("김철수", "33.5")]),
        ("홍길동", [("홍길동", "100")]),
        ("", []),
    ],
)
def test_one_cell_holds_several_authors(cell: str, expected: list[tuple[str, str]]) -> None:
    assert [(author["person_id"], author["share"]) for author in gives(AUTHORS, a=cell)] == expected


def test_a_part_that_does_not_fit_is_named() -> None:
    with pytest.raises(RowProblem, match="김철수 사십"):
        gives(AUTHORS, a="홍길동 60; 김철수 사십")


@pytest.mark.parametrize(
    ("options", "cell", "expected"),
    [
        ("", "2024-03-01", "2024-03-01T00:00:00+09:00"),
        ("", "2024-03-01T23:30:00Z", "2024-03-02T08:30:00+09:00"),
        ("", datetime(2024, 3, 1, 9, 30), "2024-03-01T09:30:00+09:00"),
        ("", date(2024, 3, 1), "2024-03-01T00:00:00+09:00"),
        ('formats: ["%Y.%m.%d", "%d %b %Y"]', "2024.03.01", "2024-03-01T00:00:00+09:00"),
        ('formats: ["%Y.%m.%d", "%d %b %Y"]', " 1 Mar 2024 ", "2024-03-01T00:00:00+09:00"),
        ('formats: ["%Y년 %m월 %d일"]', "2024년 3월 1일", "2024-03-01T00:00:00+09:00"),
        ('formats: ["%d/%m/%Y"], order: YMD', "2024. 3. 1.", "2024-03-01T00:00:00+09:00"),
        ("order: YMD", "2024년 3월 1일 오후 3시 20분", "2024-03-01T15:20:00+09:00"),
        ("order: YMD", "2024. 3. 1. (금)", "2024-03-01T00:00:00+09:00"),
        ("order: YMD, languages: [ko]", "24.3.1", "2024-03-01T00:00:00+09:00"),
        ("order: MDY, languages: [en]", "8/1/2024 0:59:41", "2024-08-01T00:59:41+09:00"),
        ("order: DMY, languages: [en]", "02/06/2025 17:00:02", "2025-06-02T17:00:02+09:00"),
        ("order: MDY, languages: [en]", "April 3, 2020", "2020-04-03T00:00:00+09:00"),
        ("order: YMD", "2024-03-01 23:30 +0000", "2024-03-02T08:30:00+09:00"),
        ("epoch: milliseconds", "1403054214196", "2014-06-18T10:16:54.196000+09:00"),
        ("epoch: seconds", 0, "1970-01-01T09:00:00+09:00"),
        ("default: null", " ", None),
    ],
)
def test_dates_as_people_write_them(options: str, cell: Any, expected: str | None) -> None:
    assert gives(f"{{moment: a, {options}}}", a=cell) == expected
    assert gives(f"{{date: a, {options}}}", a=cell) == (expected and expected[:10])


@pytest.mark.parametrize(
    ("options", "cell", "code"),
    [
        ("", "", "empty_cell"),
        ("", "1.3.2024", "not_a_date"),
        ("", 45352, "not_a_date"),
        ('formats: ["%Y.%m.%d"]', "2024-03-01", "not_a_date"),
        ('formats: ["%Y.%m.%d"]', "2024.02.30", "not_a_date"),
        ("order: MDY", "13/05/2025", "date_in_other_order"),
        ("order: DMY", "05/13/2025", "date_in_other_order"),
        ("order: YMD", "2024년 3월", "not_a_date"),
        ("order: YMD", "2024년 2월 30일", "not_a_date"),
        ("order: YMD", "어제", "not_a_date"),
        ("order: YMD", "3 days ago", "not_a_date"),
        ("order: YMD", "45352", "not_a_date"),
        ("epoch: milliseconds", "어제", "not_a_date"),
        ("epoch: seconds", "9" * 30, "not_a_date"),
        ("epoch: seconds", "NaN", "not_a_date"),
        ("epoch: seconds", "Infinity", "not_a_date"),
    ],
)
def test_what_is_no_date_is_not_guessed(options: str, cell: Any, code: str) -> None:
    for word in ("date", "moment"):
        with pytest.raises(RowProblem) as caught:
            gives(f"{{{word}: a, {options}}}", a=cell)
        assert (caught.value.code, caught.value.column) == (code, "a")


@given(st.datetimes(datetime(1990, 1, 1), datetime(2089, 12, 31)), st.sampled_from(["YMD", "MDY", "DMY"]))
def test_a_day_written_in_an_order_is_read_in_it(day: datetime, order: str) -> None:
    written = day.strftime("/".join({"Y": "%Y", "M": "%m", "D": "%d"}[letter] for letter in order))
    assert gives(f"{{date: a, order: {order}}}", a=written) == day.date().isoformat()


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_any_text_is_given_as_it_is_written(text: str) -> None:
    assert gives("{column: a}", a=text) == text
    assert gives('{text: "{a}"}', a=f"-{text}") == f"-{text}"


def test_an_expression_names_its_columns() -> None:
    tree = ANY.validate_python(
        yaml.safe_load(
            '{a: [{given: {p: {column: x}}}, {text: "{row}-{y}"}], b: {date: z}, c: {fields: {d: {column: w}}}}'
        )
    )
    assert list(columns_of(tree)) == ["x", "y", "z", "w"]
