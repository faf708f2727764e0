"""Messages made from their types, for a walk: plausible enough that deciders take some of them.

Pure for one `Random`. A field takes, in this order: what the walk demands, what its name suggests (`suggested`), what
the state knows under the same name, anything that its type allows.
"""

import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from random import Random
from typing import Annotated, Any, Literal, TypeVar, Union, cast

from pydantic import BaseModel, TypeAdapter, ValidationError

from owlbus.lifecycle.suggested import DEPARTMENTS, PEOPLE, suggested
from shared.engine.aggregate import State
from shared.engine.message import Message, Sealed
from shared.rules.pack import Pack

DEFAULTS = 0.4
"""How often a field that has a default keeps it."""

_ADAPTERS: dict[int, tuple[Any, TypeAdapter[Any]]] = {}
"""By the id of an annotation, which is kept beside so that the id stays its own."""

M = TypeVar("M", bound=Message)


class Maker:
    """Makes messages for one state under one pack. `people` stand somewhere in the state, `leads` at its head."""

    def __init__(self, random: Random, pack: Pack, state: State, demanded: Mapping[str, Any]) -> None:
        self._random = random
        self._pack = pack
        self._state = state
        self._demanded = demanded
        self._now = datetime.min
        self._known = _known(state)
        text = state.model_dump_json()
        self.leads = [value for value in dict(state).values() if value in PEOPLE]
        self.people = [person for person in PEOPLE if f'"{person}"' in text]

    def message(self, kind: type[M], now: datetime) -> M | None:
        """A message of this class at a moment, or None where this attempt does not fit its model."""
        self._now = now
        try:
            return kind.model_validate(self._fields(kind))
        except ValidationError:
            return None

    def _fields(self, kind: type[BaseModel]) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for name, field in kind.model_fields.items():
            if name in self._demanded and not issubclass(kind, State):
                given[name] = self._demanded[name]
            elif field.is_required() or self._random.random() > DEFAULTS:
                given[name] = self._value(name, field.annotation)
        return given

    def _value(self, name: str, annotation: Any) -> Any:
        if typing.get_origin(annotation) in (types.UnionType, Union):
            return self._optional(name, typing.get_args(annotation))
        if isinstance(annotation, type) and issubclass(annotation, Sealed):
            inner = cast(type[BaseModel], annotation).model_fields["value"].annotation
            return {"key": "k", "value": self._value(name, inner)}
        told = suggested(name, self._state, self._pack, self._random)
        if told is not None and _fits(annotation, told):
            return told
        known = [value for value in self._known.get(name, ()) if _fits(annotation, value)]
        if known and self._random.random() > DEFAULTS:
            return self._random.choice(known)
        return self._any(name, annotation)

    def _any(self, name: str, annotation: Any) -> Any:
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is Annotated:
            return self._value(name, arguments[0])
        if origin is Literal:
            return self._random.choice(arguments)
        if origin is tuple:
            return [self._value(name, arguments[0]) for _ in range(self._random.choice((1, 1, 2)))]
        if origin is dict or origin is Mapping or str(origin).endswith("Mapping"):
            return {}
        return self._plain(name, cast(type[Any], annotation))

    def _optional(self, name: str, arguments: Sequence[Any]) -> Any:
        kinds = [one for one in arguments if one is not types.NoneType]
        if len(kinds) < len(arguments) and self._random.random() < DEFAULTS:
            return None
        return self._value(name, self._random.choice(kinds))

    def _plain(self, name: str, kind: type[Any]) -> Any:
        if issubclass(kind, Enum):
            return self._random.choice([member.value for member in kind])
        if issubclass(kind, BaseModel):
            return self._fields(kind)
        if issubclass(kind, bool):
            return self._random.random() < 1 / 2
        if issubclass(kind, datetime) or kind.__name__ == "AwareDatetime":
            return self._now + timedelta(days=self._random.choice((-1, 0, 3, 30)))
        if issubclass(kind, date):
            return str(self._now.date() + timedelta(days=self._random.choice((-30, 0, 0, 20))))
        if issubclass(kind, int):
            return self._random.choice((1, 2))
        if issubclass(kind, Decimal):
            return self._random.choice(("1", "5", "60", "90", "100"))
        return self._text(name)

    def _text(self, name: str) -> str:
        if any(part in name for part in ("person", "rater", "voter", "_by", "panel", "member", "attendee", "owner")):
            return self._random.choice(PEOPLE)
        if any(part in name for part in ("department", "target", "unit", "team", "parent")):
            return self._random.choice(DEPARTMENTS)
        return f"{name[:20].replace('_', '-')}-{self._random.choice((1, 2))}"


def _fits(annotation: Any, value: Any) -> bool:
    """Whether a field of this type takes the value."""
    adapter = _ADAPTERS.get(id(annotation))
    if adapter is None:
        adapter = _ADAPTERS[id(annotation)] = (annotation, TypeAdapter(annotation))
    try:
        adapter[1].validate_python(value)
    except ValidationError:
        return False
    return True


def _known(state: State) -> dict[str, list[Any]]:
    """Values that stand in a state, by the name of their field, wherever they stand."""
    found: dict[str, list[Any]] = {}
    for name, value in _pairs(state.model_dump(mode="json")):
        if value not in ("", None, [], {}):
            found.setdefault(name, []).append(value)
            if name.endswith("s"):
                found.setdefault(name[:-1], []).extend(cast(list[Any], value) if isinstance(value, list) else [])
    return found


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in cast(dict[str, Any], value).items():
            yield name, inner
            yield from _pairs(inner)
    elif isinstance(value, list):
        for inner in cast(Iterable[Any], value):
            yield from _pairs(inner)
