"""Golden contracts: what each event looked like when it was accepted, in `golden/TYPE.json`, per version.

A version is closed except for optional fields that are added. Anything else is a new version with an upcaster. Examples
are kept for ever: what was once written must be read as long as the log lives.
"""

import importlib
import json
import pkgutil
import types
import typing
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel

import shared.contracts
from shared.engine import facts
from shared.engine.message import Event

GOLDEN = Path(__file__).parent / "golden"
Golden = dict[str, Any]


def contracts() -> dict[str, type[Event]]:
    """Every event that a service or the engine may emit, by type."""
    for module in pkgutil.iter_modules(shared.contracts.__path__):
        importlib.import_module(f"shared.contracts.{module.name}")
    ours = ("shared.contracts.", facts.__name__)
    return {name: kind for name, kind in sorted(Event.REGISTRY.items()) if kind.__module__.startswith(ours)}


def described(kind: type[Event]) -> Golden:
    """What the contract says today: key, topic, schema. Words for people are left out."""
    return {"key": kind.KEY, "journal": kind.JOURNAL, "schema": _bare(kind.model_json_schema())}


def read(name: str) -> Golden:
    """What was accepted of this type: its versions, each with examples; empty where nothing was."""
    file = GOLDEN / f"{name}.json"
    return json.loads(file.read_text("utf-8")) if file.exists() else {}


def faults(kind: type[Event], golden: Golden) -> Iterator[str]:
    """Why the contract may not be accepted as it is. Nothing where it only gained optional fields, or is new."""
    before = golden.get(str(kind.VERSION))
    if golden and max(map(int, golden)) > kind.VERSION:
        yield f"{kind.TYPE}: version {kind.VERSION} is older than what was accepted"
    elif before is not None:
        today = described(kind)
        if (before["key"], before["journal"]) != (today["key"], today["journal"]):
            yield f"{kind.TYPE}: key or topic changed"
        if not adds_only(spelt_out(before["schema"]), spelt_out(today["schema"])):
            yield f"{kind.TYPE}: the schema changed by more than optional fields; give it a new version and an upcaster"


def accepted(kind: type[Event], golden: Golden) -> Golden:
    """The golden record with the contract as it is today, and today's example beside the earlier ones."""
    version = str(kind.VERSION)
    examples: list[Any] = list(golden.get(version, {}).get("examples", []))
    today = example(kind).model_dump(mode="json")
    if today not in examples:
        examples.append(today)
    return {**golden, version: {**described(kind), "examples": examples}}


def write(name: str, golden: Golden) -> None:
    """Keep a golden record."""
    GOLDEN.mkdir(exist_ok=True)
    text = json.dumps(golden, ensure_ascii=False, indent=1, sort_keys=True)
    (GOLDEN / f"{name}.json").write_text(text + "\n", "utf-8")


def adds_only(old: Any, new: Any) -> bool:
    """Whether `new` is `old` with nothing but optional properties added, anywhere within."""
    if isinstance(old, dict) and isinstance(new, dict):
        before, after = cast(Golden, old), cast(Golden, new)
        required = set(cast(list[str], after.get("required", [])))
        if set(cast(list[str], before.get("required", []))) != required:
            return False
        grown = {"properties", "$defs"}
        return {k for k in before if k not in grown} == {k for k in after if k not in grown} and all(
            _grows(before[key], after.get(key, {})) if key in grown else adds_only(before[key], after[key])
            for key in before
            if key != "required"
        )
    if isinstance(old, list) and isinstance(new, list):
        pairs = list(zip(cast(list[Any], old), cast(list[Any], new), strict=False))
        return len(cast(list[Any], old)) == len(cast(list[Any], new)) and all(adds_only(a, b) for a, b in pairs)
    return old == new


def spelt_out(schema: Golden) -> Any:
    """The schema with what it refers to in place of the references: how definitions are numbered says nothing."""
    definitions = cast(Golden, schema.get("$defs", {}))

    def whole(part: Any) -> Any:
        if isinstance(part, list):
            return [whole(one) for one in cast(list[Any], part)]
        if not isinstance(part, dict):
            return part
        parts = cast(Golden, part)
        if "$ref" in parts:
            return whole({**definitions[str(parts["$ref"]).rpartition("/")[2]], **_but(parts, "$ref")})
        return {name: whole(one) for name, one in parts.items()}

    return whole(_but(schema, "$defs"))


def _but(parts: Golden, left_out: str) -> Golden:
    return {name: part for name, part in parts.items() if name != left_out}


def _grows(old: Golden, new: Golden) -> bool:
    return old.keys() <= new.keys() and all(adds_only(old[name], new[name]) for name in old)


def _bare(schema: Any, *, names: bool = False) -> Any:
    """Without titles and descriptions; `names` says that the keys are names of fields, not words of JSON Schema."""
    if isinstance(schema, list):
        return [_bare(part) for part in cast(list[Any], schema)]
    if not isinstance(schema, dict):
        return schema
    parts = cast(Golden, schema)
    return {
        key: _bare(part, names=key in ("properties", "$defs") and not names)
        for key, part in parts.items()
        if names or key not in ("title", "description")
    }


# --- examples


def example(kind: type[BaseModel]) -> Any:
    """An instance with every field filled, the same each time."""
    filled = {name: _value(field.annotation, name) for name, field in kind.model_fields.items()}
    return kind.model_validate(filled)


def _value(annotation: Any, name: str) -> Any:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (Annotated, tuple, typing.Union, types.UnionType):
        inner = _value(arguments[0], name)
        return (inner,) if origin is tuple else inner
    if origin is Literal:
        return arguments[0]
    if origin is dict:
        return {str(_value(arguments[0], name)): _value(arguments[1], name)}
    if issubclass(annotation, BaseModel):
        return example(annotation)
    if issubclass(annotation, Enum):
        return next(iter(annotation))
    return _SAMPLES.get(annotation, name)


_SAMPLES: dict[Any, Any] = {
    bool: True,
    int: 3,
    Decimal: Decimal("12.50"),
    date: date(2025, 3, 3),
    datetime: datetime(2025, 3, 3, 3, 0, tzinfo=UTC),
}
