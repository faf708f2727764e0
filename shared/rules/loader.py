"""Packs and calendars by name: read once when this module is imported, checked against `packs.lock`, then kept.

The files are read at import and never again, so that asking for a pack inside a decision touches no disk.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from shared.rules.calendar import Calendar
from shared.rules.library import Library
from shared.rules.pack import Pack, Service

HOME = Path(__file__).parent
"""Where the packs, the calendars and the lock lie."""

LIBRARY = Library.read(HOME)
"""The packs and calendars this installation came with."""


@cache
def pack(pack_id: str) -> Pack:
    """The pack of this id. Raises `UnknownPack`, `InvalidPack`, or `ChangedPack` if it is frozen and not as locked."""
    return LIBRARY.pack(pack_id)


def packs() -> tuple[str, ...]:
    """The ids of all packs, in order."""
    return LIBRARY.packs()


@cache
def pack_hash(pack_id: str, service: Service) -> str:
    """SHA-256 (hex) of what this pack means to this service: its section and the header, without the status."""
    return LIBRARY.pack_hash(pack_id, service)


@cache
def calendar(name: str) -> Calendar:
    """The calendar of this name, such as `kr-2026-11`, or with overrides in it, such as `kr-2026-11+20270503`."""
    return LIBRARY.calendar(name)
