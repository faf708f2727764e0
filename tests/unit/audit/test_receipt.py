"""Receipts: made from the log, checked without it; any change in one is found."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from owlbus.audit.check import LogCheck
from owlbus.audit.heads import Heads, KeptHead, heads_of
from owlbus.audit.outcome import Unchecked, Wrong
from owlbus.audit.receipt import Receipt, Receipts, against, as_json, mismatches
from owlbus.audit.receipt_file import as_page, read_receipt
from shared.engine.envelope import decode, encode
from shared.runtime.kafka.records import Record
from tests.support.house import PARTITIONS
from tests.support.lived import lived, records_of
from tests.unit.audit.test_check import FIRST

MADE = datetime(2025, 3, 10, 1, 2, 3, tzinfo=UTC)


class Log:
    """A whole log and the ideas that were received in it, in order."""

    def __init__(self, records: list[Record], ids: list[str]) -> None:
        self.records = records
        self.ids = ids
        self.check = LogCheck(PARTITIONS)
        for record in records:
            self.check.add(record)

    def receipt(self, idea_id: str) -> Receipt:
        return receipt_of(self.records, idea_id, heads_of(self.check, MADE))


def receipt_of(records: list[Record], idea_id: str, heads: Heads) -> Receipt:
    receipts = Receipts(idea_id)
    for record in records:
        receipts.add(record)
    return receipts.receipt(heads)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    async def live() -> Log:
        house, ids = await lived(tmp_path_factory.mktemp("issuer"))
        return Log(records_of(house.topics), ids)

    return asyncio.run(live())


def in_order(log: Log) -> list[Receipt]:
    """The receipts of all ideas, by their number."""
    return sorted((log.receipt(id) for id in log.ids), key=lambda receipt: receipt.order.number)


def test_a_receipt_says_what_the_event_says_and_holds(log: Log) -> None:
    assert not log.check.troubles()
    receipt = log.receipt(log.ids[0])
    assert mismatches(receipt) == []
    assert (receipt.received_by, receipt.role, receipt.department) == ("p-5", "receiver", "d-office")
    assert str(receipt.received_on) == "2025-03-03" and receipt.channel == "online"
    event = decode(receipt.event.bytes.encode())
    assert event.type == "ideas.IdeaReceived" and event.id == receipt.event.position
    assert hashlib.sha256(receipt.event.bytes.encode()).hexdigest() == receipt.event.sha256


def test_two_holders_can_tell_who_came_first(log: Log) -> None:
    first, second, third = in_order(log)
    assert [one.order.number for one in (first, second, third)] == [1, 2, 3]
    assert first.before is None
    for earlier, later in ((first, second), (second, third)):
        assert later.before is not None
        assert (later.before.idea_id, later.before.sha256) == (earlier.idea_id, earlier.event.sha256)
        assert later.before.position == earlier.event.position


def received(sequence: int, idea_id: str, time: datetime, partition: int = 0) -> Record:
    """A receipt event of its own, for the order alone."""
    data = {"idea_id": idea_id, "received_on": "2025-01-01", "received_by": "p-5", "channel": "paper"}
    event = replace(
        FIRST, source=f"ideas/{partition}", type="ideas.IdeaReceived", sequence=sequence, subject=f"idea/{idea_id}",
        key=idea_id, time=time, data=data,
    )  # fmt: skip
    return Record("ideas.events", partition, sequence, None, encode(event))


def test_the_order_is_by_recorded_time_then_position_within_a_year_of_seoul() -> None:
    new_year = datetime(2024, 12, 31, 15, 0, tzinfo=UTC)
    records = [
        received(10, "tied-later", new_year, partition=2),
        received(9, "tied-earlier", new_year, partition=2),
        received(3, "tied-other-source", new_year, partition=10),
        received(8, "last-year", new_year - timedelta(microseconds=1)),
        received(1, "latest", new_year + timedelta(days=1)),
    ]
    empty = Heads(made_at=MADE, events=0, heads={})
    receipts = {id: receipt_of([*records, *records], id, empty) for id in (
        "last-year", "tied-earlier", "tied-later", "tied-other-source", "latest"
    )}  # fmt: skip
    assert {id: (one.order.year, one.order.number) for id, one in receipts.items()} == {
        "last-year": (2024, 1), "tied-earlier": (2025, 1), "tied-later": (2025, 2), "tied-other-source": (2025, 3),
        "latest": (2025, 4),
    }  # fmt: skip
    before = receipts["latest"].before
    assert before is not None and before.position == "ideas/10/3"


def test_no_receipt_without_an_event_of_receipt(log: Log) -> None:
    with pytest.raises(Wrong, match="has been received"):
        log.receipt("nobody")
    foreign = replace(received(1, "x", MADE), topic="awards.events")
    with pytest.raises(Wrong, match="has been received"):
        receipt_of([foreign], "x", Heads(made_at=MADE, events=0, heads={}))


def _set(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(raw: dict[str, Any]) -> None:
        *inner, last = path.split(".")
        place = raw
        for name in inner:
            place = place[name]
        assert place[last] != value
        place[last] = value

    return change


def _moved_time(raw: dict[str, Any]) -> None:
    raw["event"]["bytes"] = raw["event"]["bytes"].replace('"time":"2025', '"time":"2024')


FORGED: dict[str, tuple[Callable[[dict[str, Any]], None], set[str]]] = {
    "idea": (_set("idea_id", "another"), {"idea_id", "event.subject"}),
    "day": (_set("received_on", "2025-03-02"), {"received_on"}),
    "person": (_set("received_by", "p-6"), {"received_by"}),
    "role": (_set("role", "author"), {"role"}),
    "department": (_set("department", "d-9"), {"department"}),
    "channel": (_set("channel", "fax"), {"channel"}),
    "moment": (_set("recorded_at", "2025-03-03T02:59:59Z"), {"recorded_at"}),
    "year": (_set("order.year", 2024), {"order.year"}),
    "number": (_set("order.number", 1), {"order.number"}),
    "what the order is": (_set("order.counted", "by name"), {"order.counted"}),
    "no receipt before": (_set("before", None), {"order.number"}),
    "position": (_set("event.position", "ideas/0/1"), {"event.position"}),
    "hash": (_set("event.sha256", "a" * 64), {"event.sha256"}),
    "a byte of the bytes": (_moved_time, {"event.sha256", "recorded_at", "order.year"}),
    "no bytes at all": (_set("event.bytes", "{}"), {"event.bytes"}),
    "bytes that are no text": (_set("event.bytes", "\ud800"), {"event.bytes"}),
    "no heads": (_set("heads.heads", {}), {"heads"}),
}


@pytest.mark.parametrize("case", FORGED)
def test_every_change_in_a_receipt_is_found_offline(case: str, log: Log, tmp_path: Path) -> None:
    change, expected = FORGED[case]
    raw = json.loads(as_json(in_order(log)[1]))
    change(raw)
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(raw), "utf-8")
    receipt, page = read_receipt(path)
    assert {one.field for one in mismatches(receipt)} == expected and page == []


def test_an_event_of_another_kind_is_no_receipt(log: Log) -> None:
    receipt = log.receipt(log.ids[0])
    other = next(r.value for r in log.records if b'"ideas.IdeaFoundComplete"' in (r.value or b""))
    assert other is not None
    event = receipt.event.model_copy(update={"bytes": other.decode(), "sha256": hashlib.sha256(other).hexdigest()})
    wrong = {one.field for one in mismatches(receipt.model_copy(update={"event": event}))}
    assert "event.type" in wrong and "event.sha256" not in wrong


@pytest.mark.parametrize("language", ["ko", "en"])
def test_json_and_page_carry_the_same_receipt(language: Any, log: Log, tmp_path: Path) -> None:
    receipt = log.receipt(log.ids[0])
    as_file, page = tmp_path / "r.json", tmp_path / "r.html"
    as_file.write_text(as_json(receipt), "utf-8")
    page.write_text(as_page(receipt, language), "utf-8")
    assert read_receipt(as_file) == read_receipt(page) == (receipt, [])
    page.write_bytes(as_page(receipt, language).replace("\n", "\r\n").encode())
    assert read_receipt(page) == (receipt, [])
    assert "<script" not in page.read_text("utf-8") and "default-src 'none'" in page.read_text("utf-8")


PAGES: dict[str, tuple[str, str]] = {
    "another number": ("1번째", "0번째"),
    "something added": ("</body>", "<p>1등</p></body>"),
    "something hidden": ("<dl>", '<dl style="display:none">'),
}


@pytest.mark.parametrize("case", PAGES)
def test_a_page_that_shows_something_else_is_found(case: str, log: Log, tmp_path: Path) -> None:
    old, new = PAGES[case]
    text = as_page(in_order(log)[0], "ko")
    assert old in text
    path = tmp_path / "r.html"
    path.write_text(text.replace(old, new, 1), "utf-8")
    receipt, page = read_receipt(path)
    assert [one.field for one in page] == ["page"] and mismatches(receipt) == []


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_page_of_format_1_is_known_again_for_ever(language: str) -> None:
    receipt, page = read_receipt(Path(__file__).parent / "golden" / f"receipt-1.{language}.html")
    assert page == [] and mismatches(receipt) == []


NO_RECEIPTS: dict[str, tuple[str, str]] = {
    "nothing": ("", "holds no receipt"),
    "broken JSON": ('{"format": ', "holds no receipt"),
    "heads": ('{"format": "owlbus.heads/1"}', "owlbus.heads/1"),
    "a list": ("[]", "without a format"),
    "only a format": ('{"format": "owlbus.receipt/1"}', "broken receipt"),
    "a name twice": ('{"format": "owlbus.receipt/1", "format": "owlbus.receipt/1"}', "twice"),
    "deep": ("[" * 100_000, "holds no receipt"),
    "another page": ("<html><pre>x</pre></html>", "without a receipt"),
    "two receipts on a page": ('<pre id="receipt">{}</pre><pre id="receipt">{}</pre>', "without a receipt"),
}


@pytest.mark.parametrize("case", NO_RECEIPTS)
def test_what_is_no_receipt_is_said_clearly(case: str, tmp_path: Path) -> None:
    content, said = NO_RECEIPTS[case]
    path = tmp_path / "file"
    path.write_text(content, "utf-8")
    with pytest.raises(Unchecked, match=said):
        read_receipt(path)


def _kept(receipt: Receipt, made_at: datetime, change: Callable[[KeptHead], KeptHead] | None = None) -> Heads:
    """Heads that were kept: those of the receipt, with the receipt's own source changed."""
    source = receipt.event.position.rpartition("/")[0]
    heads = dict(receipt.heads.heads)
    if change:
        heads[source] = change(heads[source])
    return Heads(made_at=made_at, events=0, heads=heads)


def _by(count: int) -> Callable[[KeptHead], KeptHead]:
    return lambda head: head.model_copy(update={"sequence": head.sequence + count, "sha256": "b" * 64})


HOUR = timedelta(hours=1)
KEPT: dict[str, tuple[datetime, int | None, int]] = {
    "the same": (MADE, None, 0),
    "longer later": (MADE + HOUR, 5, 0),
    "shorter before": (MADE - HOUR, -1, 0),
    "another hash": (MADE + HOUR, 0, 1),
    "shorter later": (MADE + HOUR, -1, 1),
    "longer before": (MADE - HOUR, 5, 1),
}


@pytest.mark.parametrize("case", KEPT)
def test_kept_heads_must_not_contradict_a_receipt(case: str, log: Log) -> None:
    made_at, by, expected = KEPT[case]
    receipt = log.receipt(log.ids[0])
    assert len(against(receipt, _kept(receipt, made_at, None if by is None else _by(by)))) == expected


def test_a_kept_head_at_the_receipt_itself_must_be_its_hash(log: Log) -> None:
    receipt = log.receipt(log.ids[0])
    source, _, sequence = receipt.event.position.rpartition("/")
    for digest, wrong in ((receipt.event.sha256, []), ("c" * 64, ["event.sha256"])):
        kept = Heads(made_at=MADE - HOUR, events=0, heads={source: KeptHead(sequence=int(sequence), sha256=digest)})
        assert [one.field for one in against(receipt, kept)] == wrong
