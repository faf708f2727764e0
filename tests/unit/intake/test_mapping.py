"""A mapping file is closed, and taking files through it accounts for every row."""

import json
from pathlib import Path

import pytest

from shared.intake.mapping import MappingError, load, read_mapping
from shared.intake.problems import FileProblem
from shared.intake.take import Intake, take

HEAD = """
kind: ideas
source: 엑셀 {folder}
key: "{번호}"
"""
ROW = "row: {source_id: {column: 번호}, title: {column: 제목}}\n"


def taken(directory: Path, csv: str, mapping: str = HEAD + ROW) -> Intake:
    """A CSV seen through a mapping."""
    (directory / "a.csv").write_text(csv, "utf-8")
    return take(read_mapping("map.yaml", mapping), [directory / "a.csv"])


def accounts(intake: Intake) -> bool:
    """Whether every row is somewhere."""
    return intake.rows == len(intake.lines) + len(intake.refused) + intake.skipped + intake.repeated


def test_a_row_becomes_a_line_under_source_and_key(tmp_path: Path) -> None:
    intake = taken(tmp_path, "번호,제목\n7,야간 버스\n")
    source = f"엑셀 {tmp_path.name}"
    (line,) = intake.lines
    assert line.body == {"key": f"{source}/7", "source": source, "source_id": "7", "title": "야간 버스"}
    assert (str(line.place), line.key) == ("a.csv, 2", f"{source}/7")


def test_a_line_that_names_the_idea_itself_needs_no_source(tmp_path: Path) -> None:
    intake = taken(tmp_path, "번호,제목\n7,i-1\n", HEAD + "row: {idea_id: {column: 제목}}\n")
    assert intake.lines[0].body == {"key": f"엑셀 {tmp_path.name}/7", "idea_id": "i-1"}


def test_a_row_that_can_not_be_mapped_stops_no_other(tmp_path: Path) -> None:
    intake = taken(
        tmp_path,
        "번호,제목,수\n1,가,1\n2,나,둘\n,다,3\n4,라\n5,마,5\n",
        HEAD + "row: {title: {column: 제목}, endorsements: {column: 수, number: integer}}\n",
    )
    assert [line.place.row for line in intake.lines] == [2, 6] and accounts(intake)
    told = [(remark.place.row, remark.problem.column, remark.problem.code) for remark in intake.refused]
    assert told == [(3, "수", "not_a_number"), (4, "번호", "empty_cell"), (5, "", "ragged")]


def test_a_key_given_twice_is_told(tmp_path: Path) -> None:
    intake = taken(tmp_path, "번호,제목\n1,가\n1,가\n1,나\n")
    assert [(remark.place.row, str(remark.problem)) for remark in intake.refused] == [
        (3, "Same key as a.csv, 2"),
        (4, "Same key as a.csv, 2, but what it gives differs"),
    ]
    assert len(intake.lines) == 1 and accounts(intake)


def test_one_row_a_key_passes_over_only_what_gives_the_same(tmp_path: Path) -> None:
    intake = taken(tmp_path, "번호,제목,점수\n1,가,5\n1,가,9\n1,나,3\n", HEAD + "distinct: true\n" + ROW)
    assert (len(intake.lines), intake.repeated) == (1, 1) and accounts(intake)
    assert [remark.problem.code for remark in intake.refused] == ["not_the_same"]


@pytest.mark.parametrize(
    ("conditions", "sent"),
    [
        ("skip_where: [{column: 상태, is: [0]}]", [2, 4, 5]),
        ("skip_where: [{column: 상태, is: ['0', '-1']}]", [2, 5]),
        ("skip_where: [{column: 상태, empty: true}]", [2, 3, 4]),
        ("only_where: [{column: 상태, is: [1]}]", [2]),
        ("only_where: [{column: 상태, empty: false}, {column: 번호, is: [2, 3]}]", [3, 4]),
    ],
)
def test_some_rows_are_not_meant(tmp_path: Path, conditions: str, sent: list[int]) -> None:
    intake = taken(tmp_path, "번호,제목,상태\n1,가,1\n2,나,0\n3,다,-1\n4,라,\n", f"{HEAD}{conditions}\n{ROW}")
    assert [line.place.row for line in intake.lines] == sent
    assert intake.skipped == 4 - len(sent) and accounts(intake)


def test_a_column_that_is_not_there_is_told_for_each_row(tmp_path: Path) -> None:
    intake = taken(tmp_path, "번호,제 목\n1,가\n")
    (remark,) = intake.refused
    assert (remark.problem.column, str(remark.problem)) == (
        "제목",
        "There is no such column; there are: 번호, 제 목",
    )


LOOKED_UP = """row:
  title: {lookup: titles.csv, key: ID, value: Title, squeeze: true, default: "", by: {column: 번호, squeeze: true}}
"""


def test_a_second_file_beside_the_first_is_looked_up(tmp_path: Path) -> None:
    (tmp_path / "titles.csv").write_text("ID,Title\nA 1,첫 제목\n", "utf-8")
    intake = taken(tmp_path, "번호\n A1\nA2\n", HEAD + LOOKED_UP)
    assert [line.body["title"] for line in intake.lines] == ["첫 제목", ""]


@pytest.mark.parametrize(
    ("titles", "said"),
    [
        (None, "can't be read"),
        ("ID,Title\nA1,가\nA1,나\n", "Row 3: A1 is there twice"),
        ("ID,Name\nA1,가\n", "Row 2: There is no such column"),
        ("ID,Title\nA1\n", "Row 2: The row has 1 cells"),
    ],
)
def test_a_second_file_that_can_not_be_relied_on_stops_all(tmp_path: Path, titles: str | None, said: str) -> None:
    if titles:
        (tmp_path / "titles.csv").write_text(titles, "utf-8")
    with pytest.raises(FileProblem, match=said):
        taken(tmp_path, "번호\nA1\n", HEAD + LOOKED_UP)


def test_all_files_of_a_directory_are_one_input(tmp_path: Path) -> None:
    for folder in ("b", "a"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "votes.csv").write_text("번호,제목\n1,가\n", "utf-8")
        (tmp_path / folder / "other.csv").write_text("x\n1\n", "utf-8")
    intake = take(read_mapping("m", HEAD + 'files: "*/votes.csv"\n' + ROW), [tmp_path])
    assert [line.key for line in intake.lines] == ["엑셀 a/1", "엑셀 b/1"]


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        (HEAD, "row: Field required"),
        (HEAD + ROW + "colour: red\n", "colour: Extra inputs"),
        (HEAD + ROW + ROW, "a key is given twice"),
        (HEAD + "row: {title: {column: a, squeeez: true}}\n", "row.title.column.squeeez: Extra inputs"),
        (HEAD + "row: {a: [{b: {text: 1}}]}\n", "text.text: Input should be a valid string"),
        (HEAD + "row: {a: {split: b, each: '('}}\n", "row.a.split.each"),
        (HEAD + "row: {a: {column: b, values: {yes: 1}}}\n", "quote yes, no"),
        (HEAD + "row: {a: {date: b, order: YDM}}\n", "row.a.date.order"),
        (HEAD + ROW + "zone: Mars/Olympus\n", "no time zone is called Mars/Olympus"),
        (HEAD + ROW + "encoding: klingon\n", "no encoding is called klingon"),
        (HEAD + ROW + "skip_where: [{column: a}]\n", "either `is` with a list or `empty`"),
        (HEAD.replace("ideas", "thoughts") + ROW, "kind: Input should be 'ideas'"),
        ("- 1\n", "a mapping was expected"),
        ("{", "map.yaml: "),
    ],
)
def test_an_unknown_word_is_an_error_with_its_path(mapping: str, said: str) -> None:
    with pytest.raises(MappingError) as caught:
        read_mapping("map.yaml", mapping)
    assert said in str(caught.value) and str(caught.value).startswith("map.yaml: ")


def test_a_mapping_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"none\.yaml"):
        load(tmp_path / "none.yaml")


def test_a_field_is_traced_back_to_its_columns() -> None:
    mapping = read_mapping(
        "m",
        HEAD
        + "row: {title: {column: 제목}, sections: {content: {column: 내용}}, pack: open-call,"
        + " scores: [{given: {points: {column: 점수}, reason: {column: 이유}}}, {points: {column: 둘째}}]}\n",
    )
    traced = {path: mapping.columns_behind(path) for path in ("title", "sections.content", "sections", "pack", "x.y")}
    assert traced == {"title": ("제목",), "sections.content": ("내용",), "sections": ("내용",), "pack": (), "x.y": ()}
    assert mapping.columns_behind("scores.0.points") == ("점수", "이유")
    assert mapping.columns_behind("scores.1.points") == ("둘째",)


def test_what_people_wrote_reaches_the_line_as_it_is(tmp_path: Path) -> None:
    written = "<img src=x onerror=alert(1)> 🦉 \u110b\u1169 =1+1 \u200b"
    (tmp_path / "a.jsonl").write_text(json.dumps({"번호": "1", "제목": written}), "utf-8")
    intake = take(read_mapping("m", HEAD + ROW), [tmp_path])
    assert intake.lines[0].body["title"] == written
