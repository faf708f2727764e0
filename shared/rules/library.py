"""A set of packs and calendars with the lock that freezes them.

Canonical JSON of the parsed YAML is at once what is hashed and what is validated, so that a hash can't miss a value
and a comment can't change one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self, cast

import yaml
from pydantic import ValidationError

from shared.rules.calendar import Calendar, Table
from shared.rules.pack import SERVICES, Pack, Service
from shared.rules.rule import Header

Data = dict[str, Any]
Lock = Mapping[tuple[str, str], str]

_HEADER: Final = tuple(name for name in Header.model_fields if name != "status")
_LOCK_HEAD: Final = (
    "# SHA-256 of each pack per service, and of each holiday table. Written by `python -m shared.rules lock`.\n"
    "# A pack from promulgation on, and every holiday table, must match its line here or is refused.\n"
)


class UnknownPack(LookupError):
    """There is no pack, or no calendar, of this name."""


class InvalidPack(ValueError):
    """A pack or a calendar can't be read: the message names the file and the fields."""


class ChangedPack(RuntimeError):
    """A frozen pack or holiday table differs from what was locked. A change needs a new id, not an edit."""


class _Loader(yaml.CSafeLoader):
    """CSafeLoader that refuses a key given twice instead of taking the last one, and keeps dates as text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [cast("str", key.value) for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise yaml.constructor.ConstructorError(None, None, "a key is given twice", node.start_mark)
        return super().construct_mapping(node, deep)


def _as_written(_: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    return node.value


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _as_written)


def canonical(data: object) -> bytes:
    """JSON with sorted keys, no spaces and UTF-8 text: equal data gives equal bytes."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()


def digest(data: object) -> str:
    """SHA-256, in hex, of the canonical JSON."""
    return hashlib.sha256(canonical(data)).hexdigest()


def parse(name: str, text: str) -> Data:
    """The mapping in a YAML text. Raises `InvalidPack` where it is none, or a key is given twice."""
    try:
        data: object = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise InvalidPack(f"{name}: {error}") from error
    if not isinstance(data, dict):
        raise InvalidPack(f"{name}: a mapping was expected")
    return cast("Data", data)


def _complaint(name: str, error: ValidationError) -> InvalidPack:
    lines = [f"{'.'.join(map(str, found['loc'])) or 'pack'}: {found['msg']}" for found in error.errors()]
    return InvalidPack(f"{name}: " + "; ".join(lines))


def read_lock(text: str) -> Lock:
    """The lock as {(name, part): hash}; lines that are empty or begin with # are skipped."""
    rows = (line.split() for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return {(name, part): value for name, part, value in rows}


@dataclass(frozen=True)
class Library:
    """Packs and calendars as parsed data, by name, and their lock. Nothing in it changes after it was read."""

    pack_data: Mapping[str, Data]
    calendar_data: Mapping[str, Data]
    lock: Lock

    @classmethod
    def read(cls, home: Path) -> Self:
        """Read `packs/*.yaml`, `calendars/*.yaml` and `packs.lock` (if it exists) below `home`."""
        lock = home / "packs.lock"
        return cls(
            pack_data=_folder(home / "packs"),
            calendar_data=_folder(home / "calendars"),
            lock=read_lock(lock.read_text("utf-8")) if lock.exists() else {},
        )

    def packs(self) -> tuple[str, ...]:
        """The ids of all packs, in order."""
        return tuple(sorted(self.pack_data))

    def pack(self, pack_id: str) -> Pack:
        """The pack, valid, its calendar present and, if frozen, as locked."""
        data = self._pack_data(pack_id)
        try:
            found = Pack.model_validate_json(canonical(data))
        except ValidationError as error:
            raise _complaint(pack_id, error) from error
        if found.id != pack_id:
            raise InvalidPack(f"{pack_id}: the file calls itself {found.id}")
        if found.status.frozen:
            for service in SERVICES:
                self._as_locked(pack_id, service, self.pack_hash(pack_id, service))
        self.calendar(found.calendar)
        return found

    def pack_hash(self, pack_id: str, service: Service) -> str:
        """SHA-256 of the header (without status, which moves on while the rules stay) and the service's section."""
        data = self._pack_data(pack_id)
        return digest({name: data.get(name) for name in (*_HEADER, service)})

    def calendar(self, name: str) -> Calendar:
        """The calendar, its table as locked; overrides that are part of the name are applied."""
        base, added, removed = Calendar.split(name)
        data = self.calendar_data.get(base)
        if data is None:
            raise UnknownPack(f"no calendar {base!r}; there are: {', '.join(sorted(self.calendar_data))}")
        try:
            table = Table.model_validate_json(canonical(data))
        except ValidationError as error:
            raise _complaint(base, error) from error
        if table.id != base:
            raise InvalidPack(f"{base}: the file calls itself {table.id}")
        self._as_locked(base, "calendar", digest(data))
        return Calendar.of(table).with_overrides(added, removed)

    def hashes(self) -> Lock:
        """What the lock ought to hold: every pack per service, every calendar."""
        return {
            **{(name, service): self.pack_hash(name, service) for name in self.packs() for service in SERVICES},
            **{(name, "calendar"): digest(data) for name, data in sorted(self.calendar_data.items())},
        }

    def lock_text(self) -> str:
        """The text of `packs.lock` for the data as it is."""
        return _LOCK_HEAD + "".join(f"{name} {part} {value}\n" for (name, part), value in self.hashes().items())

    def faults(self) -> Iterator[str]:
        """Every reason for which a pack or calendar of this library would be refused."""
        for name, load in [*((n, self.pack) for n in self.packs()), *((n, self.calendar) for n in self.calendar_data)]:
            try:
                load(name)
            except (UnknownPack, InvalidPack, ChangedPack) as error:
                yield f"{name}: {error}"
        for name, part in sorted(self.lock.keys() - self.hashes().keys()):
            yield f"{name}: {part} is locked, but the file is missing"

    def _pack_data(self, pack_id: str) -> Data:
        data = self.pack_data.get(pack_id)
        if data is None:
            raise UnknownPack(f"no pack {pack_id!r}; there are: {', '.join(self.packs())}")
        return data

    def _as_locked(self, name: str, part: str, found: str) -> None:
        locked = self.lock.get((name, part))
        if locked is None:
            raise ChangedPack(f"{name} ({part}) is in use but not in packs.lock; run `python -m shared.rules lock`")
        if locked != found:
            raise ChangedPack(
                f"{name} ({part}) was changed while in use: packs.lock has {locked[:12]}, the file gives {found[:12]}; "
                "give the changed rules a new id instead"
            )


def _folder(folder: Path) -> dict[str, Data]:
    return {path.stem: parse(path.stem, path.read_text("utf-8")) for path in sorted(folder.glob("*.yaml"))}
