"""Importing over the real services: every row is accounted for, and again changes nothing."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any, cast

import httpx
import orjson
import pytest
import yaml
from rich.console import Console

from owlbus.client import Api, ApiError
from owlbus.errors import OwlbusError
from owlbus.imports.report import Report, print_report, report_of, write_csv
from owlbus.imports.run import client_for, read_files, run_import
from owlbus.imports.send import LANES, MAX_BYTES, MAX_LINES, Outcome, Sending
from owlbus.imports.template import mapping_file, sheet, write_template
from owlbus.tokens import Issuer
from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.service import SERVICE as IDEAS
from shared.contracts.types import imported_idea_id
from shared.intake.mapping import Kind, Mapping, load, read_mapping
from shared.intake.readers import read
from shared.intake.take import Line, Place, take
from tests.support.house import House
from tests.unit.ideas.support import RECEIVER

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "import"
QUIET = Console(quiet=True)
IDEAS_MAP = """
kind: ideas
source: 대장
key: "{번호}"
row:
  source_id: {column: 번호}
  pack: open-call
  kind: create
  department: plaza
  title: {column: 제목}
  sections: {content: {column: 내용}}
  authors: [{person_id: p-1, share: "100"}]
  submitted_on: {date: 제출일}
  received_on: {date: 제출일}
"""


class _Rooms(httpx.AsyncBaseTransport):
    """The services of a house, each at a host of its name."""

    def __init__(self, house: House) -> None:
        self._rooms = {name: httpx.ASGITransport(app) for name, app in house.apps.items()}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._rooms[request.url.host].handle_async_request(request)


@pytest.fixture
async def house(tmp_path: Path) -> House:
    """Ideas and evaluation."""
    return await House(tmp_path / "house", IDEAS, EVALUATION).open()


def api_of(house: House) -> Api:
    return Api({name: [f"http://{name}"] for name in house.apps}, house.issuer, transport=_Rooms(house))


async def imported(house: House, mapping: Mapping, *files: Path, dry_run: bool = False) -> Report:
    """One import into a house, settled."""
    intake = read_files(mapping, files, "en")
    async with api_of(house) as api:
        report = await run_import(api, mapping, intake, person="p-5", console=QUIET, dry_run=dry_run, language="en")
    await house.settle()
    return report


def published(house: House) -> int:
    return sum(map(len, house.topics.values()))


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


# --- templates and examples


@pytest.mark.parametrize("kind", Kind)
def test_a_template_and_its_mapping_name_the_same_columns(kind: Kind, tmp_path: Path) -> None:
    mapping, found = load(mapping_file(kind)), sheet(kind)
    names = [column.name for column in found.columns]
    assert set(mapping.columns()) == set(names)
    files = write_template(kind, tmp_path)
    assert files.mapping.read_bytes() == mapping_file(kind).read_bytes()
    assert not list(read(files.workbook)) and len(list(read(files.workbook, sheet="설명"))) == len(names)
    for column in found.columns:
        table = next(
            (
                one.get("values")
                for one in _columns(yaml.safe_load(mapping_file(kind).read_text("utf-8")))
                if one["column"] == column.name
            ),
            None,
        )
        assert list(column.choices) == list(table or [])


def _columns(tree: Any) -> Iterable[dict[str, Any]]:
    if isinstance(tree, dict):
        found = cast("dict[str, Any]", tree)
        if "column" in found:
            yield found
        tree = list(found.values())
    if isinstance(tree, list):
        for part in cast("list[Any]", tree):
            yield from _columns(part)


async def test_the_examples_of_all_templates_go_in_and_a_second_run_changes_nothing(
    house: House, tmp_path: Path
) -> None:
    order = (Kind.IDEAS, Kind.VOTES, Kind.DECISIONS, Kind.SCORES, Kind.UNITS, Kind.PEOPLE, Kind.DUTIES)
    files = {kind: write_template(kind, tmp_path, example=True) for kind in order}
    for kind in order:
        tried = await imported(house, load(files[kind].mapping), files[kind].workbook, dry_run=True)
        before = published(house)
        assert (tried.done, tried.refused) == (3, ()) and published(house) == before
        report = await imported(house, load(files[kind].mapping), files[kind].workbook)
        assert (report.done, report.known, report.ok) == (3, 0, True), report
        assert published(house) > before
    before = published(house)
    for kind in order:
        again = await imported(house, load(files[kind].mapping), files[kind].workbook)
        assert (again.done, again.known, again.ok) == (0, 3, True)
    assert published(house) == before


async def test_a_historical_failure_is_a_case_of_which_nobody_is_told(house: House, tmp_path: Path) -> None:
    for kind in (Kind.IDEAS, Kind.DECISIONS, Kind.CASES):
        files = write_template(kind, tmp_path, example=True)
        report = await imported(house, load(files.mapping), files.workbook)
        assert report.ok, report
    idea_id = imported_idea_id("제안 대장", "2019-003")
    done = await house.must(RECEIVER, "GET", f"/ideas/{idea_id}/implementation")
    assert (done["phase"], done["started_on"], done["failure"]) == ("abandoned", "2019-07-01", True)
    history = await house.must(RECEIVER, "GET", f"/ideas/{idea_id}/history")
    assert not [event for event in history["items"] if event["type"] == "ideas.NoticeIssued"]


async def test_the_exported_register_is_what_a_korean_excel_writes_and_goes_in(house: House) -> None:
    content = (EXAMPLE / "proposals-2019.csv").read_bytes()
    assert content.decode("cp949").count("\r\n") == 7
    report = await imported(house, load(EXAMPLE / "proposals-2019.yaml"), EXAMPLE / "proposals-2019.csv")
    assert (report.rows, report.done, report.skipped, report.ok) == (5, 4, 1, True)


# --- what is refused


async def test_every_refused_row_is_named_by_file_row_column_and_reason(house: House, tmp_path: Path) -> None:
    long = "가" * 501
    rows = f"번호,제목,내용,제출일\n1,가,나,2019-01-01\n2,{long},나,2019-01-01\n"
    rows += "3,다,라,2019-02-30\n4,마,바,2999-01-01\n5,사\n"
    report = await imported(house, read_mapping("m", IDEAS_MAP), written(tmp_path / "a.csv", rows))
    assert (report.rows, report.done, report.ok) == (5, 1, False)
    told = [(entry.file, entry.row, entry.column, entry.key, entry.code) for entry in report.refused]
    assert told == [
        ("a.csv", 3, "제목", "대장/2", "invalid_request"),
        ("a.csv", 4, "제출일", "대장/3", "not_a_date"),
        ("a.csv", 5, "제출일", "대장/4", "date_in_future"),
        ("a.csv", 6, "", "", "ragged"),
    ]
    write_csv(tmp_path / "report.csv", report)
    content = (tmp_path / "report.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf") and b"\r\n" in content
    (first, *_) = csv.DictReader(content.decode("utf-8-sig").splitlines())
    assert first["행 row"] == "3" and first["사유 code"] == "invalid_request" and "500" in first["설명 what it says"]
    told_json = report.as_json()
    assert (told_json["refused"], len(told_json["entries"]), told_json["kind"]) == (4, 4, "ideas")


async def test_another_content_under_a_key_that_is_in_is_refused(house: House, tmp_path: Path) -> None:
    mapping = read_mapping("m", IDEAS_MAP)
    for title, code in (("가", None), ("나", "idempotency_conflict")):
        path = written(tmp_path / "a.csv", f"번호,제목,내용,제출일\n1,{title},나,2019-01-01\n")
        report = await imported(house, mapping, path)
        assert [entry.code for entry in report.refused] == ([code] if code else [])


def test_what_a_spreadsheet_would_run_is_shown_as_text_and_the_terminal_shows_the_first_of_each(tmp_path: Path) -> None:
    mapping = read_mapping(
        "m", IDEAS_MAP.replace('"{번호}"', "{column: 번호}").replace("source: 대장", "source: =대장")
    )
    rows = "번호,제목,내용,제출일\n" + "".join(f"{n},가,나,[bold]어제\n" for n in range(9))
    intake = take(mapping, [written(tmp_path / "a.csv", rows)])
    report = report_of(mapping, intake, Outcome(), dry_run=False, language="ko", seconds=0)
    write_csv(tmp_path / "r.csv", report)
    assert ",'=대장/0," in (tmp_path / "r.csv").read_text("utf-8-sig")
    console = Console(record=True, width=120, file=io.StringIO())
    print_report(console, report)
    text = console.export_text()
    assert "not_a_date  9" in text and "a.csv, 4, 제출일: 날짜로 읽을 수 없습니다: “[bold]어제”" in text
    assert "a.csv, 5" not in text and "… and 6 more" in text


def test_a_file_that_can_not_be_read_stops_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(OwlbusError, match=r"a\.csv: 빈 파일입니다"):
        read_files(read_mapping("m", IDEAS_MAP), [written(tmp_path / "a.csv", "")], "ko")


# --- sending


def line(number: int, idea: int = 0, text: str = "") -> Line:
    key = f"k/{number}"
    return Line(Place("f", number), key, {"key": key, "source": "s", "source_id": str(idea), "text": text})


Answer = Callable[[dict[str, Any]], dict[str, Any]]


def answering(decide: Answer, sizes: list[int] | None = None) -> Callable[[httpx.Request], httpx.Response]:
    """A service that answers each line by itself."""

    def handler(request: httpx.Request) -> httpx.Response:
        lines = [orjson.loads(raw) for raw in request.content.splitlines()]
        if sizes is not None:
            sizes.append(len(lines))
        return httpx.Response(200, content=b"".join(orjson.dumps(decide(one)) + b"\n" for one in lines))

    return handler


async def sent(
    tmp_path: Path,
    handler: Callable[[httpx.Request], httpx.Response],
    lines: list[Line],
    kind: Kind = Kind.VOTES,
    **more: Any,
) -> Sending:
    """All lines sent to a service."""
    urls = {"ideas": ["http://ideas"], "evaluation": ["http://evaluation"]}
    async with Api(urls, Issuer(tmp_path), transport=httpx.MockTransport(handler)) as api:
        sending = Sending(api.acting("p-1", "receiver"), kind, **more)
        await sending.run(lines)
        return sending


def done(one: dict[str, Any]) -> dict[str, Any]:
    return {"key": one["key"], "outcome": "done"}


async def test_requests_are_bounded_and_the_lines_of_an_idea_stay_in_order(tmp_path: Path) -> None:
    seen: dict[str, list[str]] = {}
    sizes: list[int] = []
    steps: list[int] = []

    def decide(one: dict[str, Any]) -> dict[str, Any]:
        seen.setdefault(one["source_id"], []).append(one["key"])
        return done(one)

    lines = [line(number, idea=number % 7) for number in range(3_000)]
    sending = await sent(tmp_path, answering(decide, sizes), lines, step=steps.append)
    assert sending.outcome.done == 3_000 == sum(steps)
    assert max(sizes) <= MAX_LINES and len(sizes) >= LANES
    assert all(keys == [one.key for one in lines if one.body["source_id"] == idea] for idea, keys in seen.items())


async def test_a_request_has_no_more_bytes_than_a_reader_takes_at_once(tmp_path: Path) -> None:
    bytes_sent: list[int] = []

    def handler(request: httpx.Request) -> httpx.Response:
        bytes_sent.append(len(request.content))
        return answering(done)(request)

    await sent(tmp_path, handler, [line(number, text="x" * 900_000) for number in range(9)])
    assert len(bytes_sent) == 3 and max(bytes_sent) <= MAX_BYTES


async def test_who_is_unavailable_is_asked_again_before_anything_later(tmp_path: Path) -> None:
    order: list[str] = []
    asked: dict[str, int] = {}

    def decide(one: dict[str, Any]) -> dict[str, Any]:
        asked[one["key"]] = asked.get(one["key"], 0) + 1
        if one["key"] == "k/3" and asked["k/3"] < 3:
            return {"key": one["key"], "outcome": "unavailable", "problem": {"code": "unavailable"}}
        order.append(one["key"])
        return done(one)

    sending = await sent(tmp_path, answering(decide), [line(number) for number in range(MAX_LINES + 1)])
    assert (sending.outcome.done, sending.outcome.refused) == (MAX_LINES + 1, [])
    assert asked["k/3"] == 3 and asked["k/2"] == 1 and order[-2:] == ["k/3", f"k/{MAX_LINES}"]


async def test_an_answer_that_breaks_off_is_taken_up_where_it_ended(tmp_path: Path) -> None:
    requests: list[list[str]] = []

    async def broken(keys: list[str]) -> AsyncIterator[bytes]:
        text = "\u2028 is no end of a line"
        yield b"".join(orjson.dumps({"key": key, "outcome": "done", "text": text}) + b"\n" for key in keys[:2])
        yield b'{"key": "half'
        raise httpx.ReadError("gone")

    def handler(request: httpx.Request) -> httpx.Response:
        keys = [orjson.loads(raw)["key"] for raw in request.content.splitlines()]
        requests.append(keys)
        if len(requests) == 1:
            return httpx.Response(200, content=broken(keys))
        return httpx.Response(503) if len(requests) == 2 else answering(done)(request)

    sending = await sent(tmp_path, handler, [line(number) for number in range(5)])
    assert sending.outcome.done == 5
    assert [len(keys) for keys in requests] == [5, 3, 3] and requests[2] == ["k/2", "k/3", "k/4"]


async def test_a_request_that_is_refused_as_a_whole_ends_the_import(tmp_path: Path) -> None:
    with pytest.raises(ApiError, match="403 forbidden"):
        await sent(tmp_path, lambda _: httpx.Response(403, json={"code": "forbidden"}), [line(1)])


async def test_scores_wait_for_their_idea_but_not_for_ever(tmp_path: Path) -> None:
    missing = {"outcome": "refused", "problem": {"code": "not_found"}}
    asked: list[str] = []

    def decide(one: dict[str, Any]) -> dict[str, Any]:
        asked.append(one["key"])
        there = one["key"] == "k/1" and asked.count("k/1") > 2
        return done(one) if there else {"key": one["key"], **missing}

    lines = [line(1), line(2)]
    sending = await sent(tmp_path, answering(decide), lines, Kind.SCORES, arrival_seconds=0.3)
    assert sending.outcome.done == 1 and [one.key for one, _ in sending.outcome.refused] == ["k/2"]
    assert asked.count("k/1") == 3 and asked.count("k/2") > 3
    for kind, dry_run in ((Kind.VOTES, False), (Kind.SCORES, True)):
        asked.clear()
        sending = await sent(tmp_path, answering(decide), lines, kind, dry_run=dry_run)
        assert len(asked) == 2 == len(sending.outcome.refused)


async def test_scores_that_come_before_their_idea_is_known_are_taken_once_it_is(house: House, tmp_path: Path) -> None:
    files = {kind: write_template(kind, tmp_path, example=True) for kind in Kind}
    for kind in (Kind.IDEAS, Kind.DECISIONS):
        intake = read_files(load(files[kind].mapping), [files[kind].workbook], "en")
        async with api_of(house) as api:
            await Sending(api.acting("p-5", "receiver"), kind).run(intake.lines)
    scores = take(load(files[Kind.SCORES].mapping), [files[Kind.SCORES].workbook]).lines
    async with api_of(house) as api:
        sending = Sending(api.acting("p-5", "receiver"), Kind.SCORES)
        running = asyncio.create_task(sending.run(scores))
        while api.requests < 2:
            await asyncio.sleep(0)
        assert sending.outcome.done == 0
        await house.settle()
        assert (await running).done == 3


# --- where it goes


def test_services_and_token_are_named_together_or_not_at_all() -> None:
    named = {"OWLBUS_IDEAS_URL": "http://ideas/", "OWLBUS_TOKEN": "t"}
    assert client_for("ideas", named).token("p-1", "receiver", "") == "t"
    for half in ({"OWLBUS_IDEAS_URL": "http://ideas"}, {"OWLBUS_TOKEN": "t"}):
        with pytest.raises(OwlbusError, match="belong together"):
            client_for("ideas", half)
