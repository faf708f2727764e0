"""Heads that were kept: what they find that the topics alone can't show, and which files are none."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from owlbus.audit.check import LogCheck
from owlbus.audit.heads import Heads, heads_of, held_against, read_heads
from owlbus.audit.outcome import Unchecked
from shared.runtime.kafka.records import Record
from tests.unit.audit.test_check import PLACE, N, chain, changed

SOURCE = f"ideas/{PLACE}"
MADE = datetime(2025, 3, 5, tzinfo=UTC)


def checked(records: list[Record]) -> LogCheck:
    check = LogCheck(N)
    for record in records:
        check.add(record)
    return check


def rewritten(count: int) -> list[Record]:
    """Another history of the same source, whole in itself."""
    return chain(count, actor="p-66")


LATER: dict[str, tuple[list[Record], list[tuple[str, str]]]] = {
    "the same": (chain(5), []),
    "longer": (chain(9), []),
    "cut off": (chain(3), [("cut off", f"{SOURCE}/5")]),
    "rewritten": (rewritten(9), [("rewritten", f"{SOURCE}/5")]),
    "rewritten and shorter": (rewritten(4), [("cut off", f"{SOURCE}/5")]),
    "its last event changed": ([*chain(4), changed(chain(5)[4])], [("rewritten", f"{SOURCE}/5")]),
    "vanished": ([], [("vanished", f"{SOURCE}/5")]),
    "a hole there": ([*chain(4), *chain(9)[5:]], [("missing", f"{SOURCE}/5")]),
}


@pytest.mark.parametrize("case", LATER)
def test_what_became_of_a_log_since_its_heads_were_kept(case: str) -> None:
    records, expected = LATER[case]
    kept = heads_of(checked(chain(5)), MADE)
    check = checked(records)
    assert [(one.kind, one.where) for one in held_against(kept, check.chains)] == expected


@pytest.mark.parametrize("case", ["cut off", "rewritten", "its last event changed", "vanished"])
def test_without_kept_heads_it_looks_whole(case: str) -> None:
    assert checked(LATER[case][0]).report()["ok"]


def test_heads_are_read_as_they_were_written(tmp_path: Path) -> None:
    kept = heads_of(checked(chain(5)), MADE)
    path = tmp_path / "heads.json"
    path.write_text(kept.model_dump_json(indent=2), "utf-8")
    assert read_heads(path) == kept and kept.events == 5
    assert json.loads(path.read_text("utf-8"))["format"] == "owlbus.heads/1"


WHOLE: dict[str, Any] = json.loads(Heads(made_at=MADE, events=0, heads={}).model_dump_json())
NO_HEADS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not JSON"),
    "cut in the middle": (json.dumps(WHOLE).encode()[:40], "not JSON"),
    "not text": (b"\xff\xfe\x00", "can't be read"),
    "something else": (b"[1, 2]", "without a format"),
    "heads before they had a format": (b'{"ideas/0": {"sequence": 1, "digest": "ab"}}', "without a format"),
    "a later format": (json.dumps(WHOLE | {"format": "owlbus.heads/2"}).encode(), "owlbus.heads/2"),
    "no moment": (json.dumps({k: v for k, v in WHOLE.items() if k != "made_at"}).encode(), "made_at"),
    "a hash that is none": (
        json.dumps(WHOLE | {"heads": {"ideas/0": {"sequence": 1, "sha256": "x"}}}).encode(),
        "sha256",
    ),
    "no number": (
        json.dumps(WHOLE | {"heads": {"ideas/0": {"sequence": "1", "sha256": "a" * 64}}}).encode(),
        "sequence",
    ),
}


@pytest.mark.parametrize("case", NO_HEADS)
def test_what_is_no_file_of_heads_is_said_clearly(case: str, tmp_path: Path) -> None:
    content, said = NO_HEADS[case]
    path = tmp_path / "heads.json"
    path.write_bytes(content)
    with pytest.raises(Unchecked, match=said):
        read_heads(path)
    with pytest.raises(Unchecked, match="can't be read"):
        read_heads(tmp_path / "nowhere")
