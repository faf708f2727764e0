"""A projection: what a service's log says, arranged for a question that its states do not answer.

Pure. `project` makes of one event the row of one aggregate, or nothing. A row is found by its terms. Rows are a
function of the log: they can be thrown away and made again, and a greater `version` does that.
"""

from collections.abc import Callable
from dataclasses import dataclass

from shared.engine.message import Event


@dataclass(frozen=True, slots=True)
class Row:
    """What a projection keeps of one aggregate: the terms it is found by, 64-bit numbers."""

    id: str
    terms: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Projection:
    """One projection of a service. `version` grows when `project` gives other rows."""

    name: str
    version: int
    takes: frozenset[type[Event]]
    project: Callable[[Event], Row | None]
