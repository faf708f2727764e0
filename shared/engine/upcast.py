"""Old events read as today's: a chain of pure functions `(type, from version) → dict → dict`."""

from collections.abc import Callable
from typing import Any

Data = dict[str, Any]
_steps: dict[tuple[str, int], Callable[[Data], Data]] = {}


def upcaster(type: str, from_version: int) -> Callable[[Callable[[Data], Data]], Callable[[Data], Data]]:
    """Declare how data of `type` at `from_version` reads at the next version. One step per version (ValueError)."""

    def declare(step: Callable[[Data], Data]) -> Callable[[Data], Data]:
        if (type, from_version) in _steps:
            raise ValueError(f"{type} {from_version} has an upcaster already")
        _steps[type, from_version] = step
        return step

    return declare


def upcast(type: str, version: int, target: int, data: Data) -> Data:
    """Read `data` at version `target`. Raises KeyError where a step is missing."""
    for step in range(version, target):
        data = _steps[type, step](data)
    return data
