"""An export of the log says what the topics said, and whether it is whole itself."""

from pathlib import Path
from typing import Any

import pytest

from owlbus.audit import export
from owlbus.audit.check import LogCheck
from owlbus.audit.export import check_export, write_export
from owlbus.audit.outcome import Unchecked
from shared.runtime.kafka.access import Access
from shared.runtime.kafka.records import Record
from shared.runtime.settings import Settings
from tests.unit.audit.test_check import N, chain

TOPICS = ("ideas.events", "ideas.journal")
ODD = [
    Record("ideas.events", 0, 7, None, None),
    Record("ideas.events", 0, 8, b"", b""),
    Record("ideas.events", 0, 9, b"\n", b"end 3\n here\n\x00\xff"),
]


async def written(path: Path, monkeypatch: pytest.MonkeyPatch, *readings: list[Record]) -> Path:
    """An export of what two readings of the topics bring."""

    class Topics:
        def __init__(self, access: Access, topics: Any) -> None:
            self.read = 0
            self._readings = iter([*readings, [], []])

        async def __aenter__(self) -> "Topics":
            return self

        async def __aexit__(self, *error: object) -> None:
            pass

        def expect(self, count: int) -> None:
            assert count == access.settings.partitions

        async def to_end(self) -> Any:
            records = next(self._readings)
            self.read += len(records)
            yield records

    monkeypatch.setattr(export, "TopicReader", Topics)
    access = Access(Settings.read({}), "test")
    await write_export(path / "log", access, TOPICS)
    return path / "log"


def checked(records: list[Record]) -> LogCheck:
    """The check of the same records without a file between."""
    check = LogCheck(N)
    check.chains.counts.update(dict.fromkeys(TOPICS, 0))
    for record in records:
        check.add(record)
    return check


@pytest.mark.parametrize("records", [chain(5), chain(5)[1:], [*chain(3), *ODD], [*chain(3), *chain(3, "p-2")], []])
async def test_an_export_is_found_to_be_what_the_topics_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: list[Record]
) -> None:
    path = await written(tmp_path, monkeypatch, records)
    assert check_export(path).report() == checked(records).report()


async def test_what_came_while_it_was_written_opens_no_holes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third, fourth, fifth = chain(5)
    path = await written(tmp_path, monkeypatch, [first, third], [second, fifth])
    assert fourth and check_export(path).report()["ok"]


async def test_an_export_that_was_cut_off_anywhere_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await written(tmp_path, monkeypatch, [*chain(2), *ODD])
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(Unchecked):
            check_export(path)


async def test_nothing_is_left_of_an_export_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken: Any = [None]
    with pytest.raises(AttributeError):
        await written(tmp_path, monkeypatch, broken)
    assert list(tmp_path.iterdir()) == []


def test_another_file_is_no_export(tmp_path: Path) -> None:
    for content in (b"", b"{}", b"\x00" * 5000, b'{"kind": "other", "version": 1}'):
        (tmp_path / "file").write_bytes(content)
        with pytest.raises(Unchecked):
            check_export(tmp_path / "file")
