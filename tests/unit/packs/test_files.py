"""Drafts are read with errors that name every field, and two packs are compared rule by rule."""

from pathlib import Path

import pytest

from owlbus.errors import OwlbusError
from owlbus.packs.files import ABSENT, Difference, differences, read
from shared.rules.loader import HOME


def test_a_draft_in_a_file_is_read(tmp_path: Path) -> None:
    text = (HOME / "packs" / "open-call.yaml").read_text("utf-8")
    file = tmp_path / "draft.yaml"
    file.write_text(text, "utf-8")
    assert read(str(file))[0] == read("open-call")[0]


def test_what_is_wrong_is_named_with_its_path(tmp_path: Path) -> None:
    file = tmp_path / "draft.yaml"
    text = (HOME / "packs" / "open-call.yaml").read_text("utf-8")
    file.write_text(text.replace("decision_within: {value: ", "decision_within: {value: about "), "utf-8")
    with pytest.raises(OwlbusError, match=r"ideas\.decision_within\.value: .*not a term"):
        read(str(file))


def test_what_is_neither_pack_nor_file_says_what_there_is() -> None:
    with pytest.raises(OwlbusError, match=r"neither a file nor a pack; there are: .*open-call"):
        read("no-such-pack")


def test_differences_are_named_by_path_and_code() -> None:
    one = {"a": {"value": 1, "source": "policy"}, "grades": [{"code": "gold", "prize": 5}]}
    two = {
        "a": {"value": 2, "source": "policy"},
        "grades": [{"code": "gold", "prize": 5}, {"code": "iron", "prize": 1}],
    }
    assert differences(one, two) == [
        Difference("a.value", "1", "2"),
        Difference("grades[iron].code", ABSENT, "iron"),
        Difference("grades[iron].prize", ABSENT, "1"),
    ]
    assert not differences(one, one)
