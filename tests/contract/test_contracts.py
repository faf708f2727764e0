"""Contracts change only by what old readers and old events can bear."""

import subprocess
import sys
from copy import deepcopy
from typing import Any, cast

import pytest

from shared.contracts.ideas import IdeaSubmitted
from shared.contracts.types import Line
from shared.engine.envelope import Envelope, decode, encode, event_of
from shared.engine.message import Actor, Event
from tests.contract.contracts import GOLDEN, accepted, adds_only, contracts, described, example, faults, read, spelt_out
from tests.support.given import NOON

CONTRACTS = contracts()
ACCEPT = "run `python -m tests.contract.accept` and look at the difference"
EXAMPLES = [
    pytest.param(name, int(version), data, id=f"{name}-{version}-{number}")
    for name in CONTRACTS
    for version, golden in sorted(read(name).items())
    for number, data in enumerate(golden["examples"])
]


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_contract_is_as_it_was_accepted(name: str) -> None:
    golden, kind = read(name), CONTRACTS[name]
    assert list(faults(kind, golden)) == []
    assert accepted(kind, golden) == golden, ACCEPT


def test_no_contract_was_dropped() -> None:
    assert {file.stem for file in GOLDEN.glob("*.json")} <= CONTRACTS.keys(), "what stands in the log must be read"


@pytest.mark.parametrize(("name", "version", "data"), EXAMPLES)
def test_what_was_once_written_is_still_read(name: str, version: int, data: dict[str, Any]) -> None:
    written = Envelope(
        source="ideas/3",
        type=name,
        schema_version=version,
        subject="idea/i-1",
        time=NOON,
        key="i-1",
        sequence=2,
        previous=1,
        chain="0" * 64,
        version=2,
        correlation="c",
        causation="command/c",
        cause_index="1/1",
        actor=Actor("p-1", "author", "d-1"),
        data=data,
    )
    event = event_of(decode(encode(written)))
    if version == CONTRACTS[name].VERSION:
        assert _kept(data, event.model_dump(mode="json")) == data
        assert type(event).model_validate_json(event.model_dump_json()) == event


def _kept(written: Any, again: Any) -> Any:
    """What `again` says of what was `written`: without fields that came later, however deep they lie."""
    if isinstance(written, dict) and isinstance(again, dict):
        fields = cast("dict[str, Any]", written)
        return {field: _kept(value, cast("dict[str, Any]", again)[field]) for field, value in fields.items()}
    if isinstance(written, list) and isinstance(again, list):
        items, others = cast("list[Any]", written), cast("list[Any]", again)
        return [_kept(one, other) for one, other in zip(items, others, strict=True)]
    return again


@pytest.mark.parametrize("name", CONTRACTS)
def test_consumers_ignore_fields_they_do_not_know(name: str) -> None:
    kind = CONTRACTS[name]
    data = example(kind).model_dump(mode="json")
    assert kind.model_validate(data | {"added_later": 1}, extra="ignore") == kind.model_validate(data)


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_contract_is_frozen_and_closed_and_its_key_is_a_field(name: str) -> None:
    kind = CONTRACTS[name]
    assert kind.model_config.get("frozen") and kind.model_config.get("extra") == "forbid"
    assert kind.KEY in kind.model_fields
    home = kind.__module__.rpartition(".")[2].partition("_")[0]
    assert name.partition(".")[0] in (home, "engine"), "a type is named after its service"


@pytest.mark.parametrize("service", ["ideas", "evaluation", "awards", "learning"])
def test_who_imports_a_services_contract_knows_all_its_types(service: str) -> None:
    told = f"import shared.contracts.{service}; from shared.engine.message import Event; print(*Event.REGISTRY)"
    known = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout.split()
    ours = {name for name in CONTRACTS if name.startswith(f"{service}.")}
    assert ours <= set(known), "what a consumer doesn't know it would set aside"


# --- the check itself


def changed(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    schema = deepcopy(described(IdeaSubmitted)["schema"])
    place = schema
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return schema


SCHEMA = described(IdeaSubmitted)["schema"]


def test_an_optional_field_more_is_no_break() -> None:
    assert adds_only(SCHEMA, SCHEMA)
    assert adds_only(SCHEMA, changed(("properties", "mood"), {"type": "string", "default": ""}))
    assert adds_only(SCHEMA, changed(("$defs", "Author", "properties", "mood"), {"type": "string", "default": ""}))
    assert not adds_only(changed(("properties", "mood"), {"type": "string"}), SCHEMA), "taking it away again is"


def test_how_definitions_are_numbered_says_nothing() -> None:
    one, other = {"type": "string"}, {"type": "integer"}
    before = {
        "properties": {"a": {"$ref": "#/$defs/X1"}, "b": {"$ref": "#/$defs/X2"}},
        "$defs": {"X1": one, "X2": other},
    }
    after = {
        "properties": {"a": {"$ref": "#/$defs/X2"}, "b": {"$ref": "#/$defs/X1"}},
        "$defs": {"X1": other, "X2": one},
    }
    assert not adds_only(before, after)
    assert adds_only(spelt_out(before), spelt_out(after))
    assert not adds_only(spelt_out(before), spelt_out({**after, "$defs": before["$defs"]}))


@pytest.mark.parametrize(
    "schema",
    [
        changed(("properties", "pack", "maxLength"), 3),
        changed(("properties", "submitted_on"), {"type": "string"}),
        changed(("required",), ["idea_id"]),
        changed(("$defs", "Kind", "enum"), ["improve"]),
        changed(("$defs", "Author", "required"), ["person_id"]),
    ],
)
def test_anything_else_is(schema: dict[str, Any]) -> None:
    assert not adds_only(SCHEMA, schema)
    golden: dict[str, Any] = {"1": {"key": "idea_id", "journal": False, "schema": schema, "examples": []}}
    assert [fault for fault in faults(IdeaSubmitted, golden) if "new version" in fault]


def test_another_key_or_topic_is_a_break_and_a_step_back_too() -> None:
    today = described(IdeaSubmitted)
    assert list(faults(IdeaSubmitted, {"1": today | {"journal": True}}))
    assert list(faults(IdeaSubmitted, {"1": today | {"key": "pack"}}))
    assert list(faults(IdeaSubmitted, {"2": today}))
    assert not list(faults(IdeaSubmitted, {})) and not list(faults(IdeaSubmitted, {"1": today}))


def test_a_new_version_stands_beside_the_old_one() -> None:
    class Renamed(Event, key="idea_id"):
        idea_id: str
        name: Line

    Renamed.TYPE, Renamed.KEY, Renamed.VERSION = "ideas.Renamed", "idea_id", 2
    old = {"1": {"key": "idea_id", "journal": False, "schema": {"type": "object"}, "examples": [{"idea_id": "i"}]}}
    assert not list(faults(Renamed, old))
    both = accepted(Renamed, old)
    assert both["1"] == old["1"] and both["2"]["examples"] == [{"idea_id": "idea_id", "name": "name"}]
