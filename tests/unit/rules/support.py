"""Altered copies of the shipped packs and calendars, for tests that ask what would be refused."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from shared.rules.library import Library
from shared.rules.loader import LIBRARY


def altered(pack_id: str, path: str, value: object, *, relock: bool = False) -> Library:
    """The shipped library with one place of one pack set to `value`; `path` is dotted, numbers index lists."""
    data = {name: copy.deepcopy(pack) for name, pack in LIBRARY.pack_data.items()}
    *way, last = path.split(".")
    place: Any = data[pack_id]
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    place[int(last) if last.isdigit() else last] = value
    library = replace(LIBRARY, pack_data=data)
    return replace(library, lock=library.hashes()) if relock else library
