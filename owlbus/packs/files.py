"""Packs of this installation, drafts in files, and how two packs differ rule by rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from owlbus.errors import OwlbusError
from shared.rules.library import Data, InvalidPack, Library, UnknownPack, canonical, parse
from shared.rules.loader import LIBRARY
from shared.rules.pack import Pack

ABSENT = "–"


def read(named: str, library: Library = LIBRARY) -> tuple[Pack, Data]:
    """The pack of this id, or the one in this file; raises OwlbusError that names every field that is wrong."""
    path = Path(named)
    if named in library.pack_data:
        return library.pack(named), library.pack_data[named]
    if not path.is_file():
        raise OwlbusError(f"{named} is neither a file nor a pack; there are: {', '.join(library.packs())}")
    try:
        data = parse(path.name, path.read_text("utf-8"))
        found = Pack.model_validate_json(canonical(data))
        library.calendar(found.calendar)
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, one['loc'])) or 'pack'}: {one['msg']}" for one in error.errors()]
        raise OwlbusError("\n".join([f"{named} is no pack:", *lines])) from None
    except (InvalidPack, UnknownPack, UnicodeDecodeError, OSError) as error:
        raise OwlbusError(str(error)) from None
    return found, data


@dataclass(frozen=True, slots=True)
class Difference:
    """One leaf in which two packs differ, by its path; what one of them lacks is `ABSENT`."""

    path: str
    first: str
    second: str


def differences(first: Data, second: Data) -> list[Difference]:
    """All of them, by path. Parts of a list are named by their code or key where they have one, else by their place."""
    one, two = dict(_leaves("", first)), dict(_leaves("", second))
    paths = sorted(one.keys() | two.keys())
    pairs = [Difference(path, one.get(path, ABSENT), two.get(path, ABSENT)) for path in paths]
    return [pair for pair in pairs if pair.first != pair.second]


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for name, inner in cast(Data, value).items():
            yield from _leaves(f"{path}.{name}" if path else name, inner)
    elif isinstance(value, list) and any(isinstance(one, dict) for one in cast(list[Any], value)):
        for place, inner in enumerate(cast(list[Data], value)):
            name = inner.get("code") or inner.get("key") or inner.get("stage") or place
            yield from _leaves(f"{path}[{name}]", inner)
    else:
        yield path, value if isinstance(value, str) else canonical(cast(Any, value)).decode()
