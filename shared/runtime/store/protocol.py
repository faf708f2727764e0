"""What the engine asks of a store. One contract suite holds the in-memory and the MongoDB one to it.

Invariant: `commit` writes all of its plans or nothing, and only if every partition document still bears the token that
the plan was made on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from shared.engine.aggregate import Aggregate
from shared.engine.emit import Entry, Stored
from shared.engine.generation import Generation
from shared.engine.inputs import CommandRecord, Held, StateRef
from shared.engine.partition import Partition
from shared.engine.plan import Plan
from shared.engine.projection import Projection, Row


class LostRace(Exception):
    """Somebody else committed to these partitions since they were read. Nothing was written."""

    def __init__(self, partitions: Sequence[int]) -> None:
        super().__init__(f"lost the race for partitions {list(partitions)}")
        self.partitions = tuple(partitions)


class StoreUnavailable(Exception):
    """The store can't be reached or can't serve now. Nothing is known to be written; try again later."""


class Unstorable(Exception):
    """A document that the store can't hold, whatever is tried. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Write:
    """One plan on its way into the store. `read` is the token it was made on, `plan.partition.token` the new one."""

    plan: Plan
    read: str


@dataclass(frozen=True, slots=True)
class Batch:
    """One log document: the events of one plan, first to last in sequence."""

    partition: int
    first: int
    last: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """An event of a history; `position` grows along it, also where another source went on because N grew."""

    position: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class DueRef:
    """An aggregate whose earliest deadline is at `due`."""

    partition: int
    aggregate: str
    id: str
    due: datetime


@dataclass(frozen=True, slots=True)
class Layout:
    """What a service's store must hold: its aggregates, N, the state fields each aggregate is searched by, projections.

    `followed` names what else goes through the log at its own pace.
    """

    service: str
    aggregates: tuple[Aggregate, ...]
    partitions: int
    indexes: Mapping[str, tuple[str, ...]]
    projections: tuple[Projection, ...] = ()
    followed: tuple[str, ...] = ()

    @property
    def versions(self) -> dict[str, int]:
        """All that goes through the log at its own pace, with the version of what it makes of it."""
        return {one.name: one.version for one in self.projections} | dict.fromkeys(self.followed, 1)


@dataclass(frozen=True, slots=True)
class Match:
    """A row that shares `shared` terms with what was looked for."""

    id: str
    shared: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing; `cursor` is where the next one begins, None at the end."""

    items: tuple[Stored, ...]
    cursor: str | None


class Reader(Protocol):
    """Reads for queries.

    Filters name state fields ("stage", "authors.person_id", also "id" and "key") and the JSON value they must equal; a
    sequence of values means any of them, and a field that holds a sequence matches by any of its members.
    """

    async def state(self, aggregate: Aggregate, id: str) -> Stored | None:
        """One aggregate, None where it does not exist."""
        ...

    async def find(
        self, aggregate: Aggregate, where: Mapping[str, Any], *, after: str | None = None, limit: int = 50
    ) -> Page:
        """Aggregates that match, by id, beginning behind the cursor `after`."""
        ...

    async def count_by(self, aggregate: Aggregate, field: str, where: Mapping[str, Any]) -> dict[str, int]:
        """How many match per value of `field` ("" where it has none); a sequence counts once for each member."""
        ...

    async def nearest(self, projection: Projection, terms: Sequence[int], *, limit: int = 20) -> list[Match]:
        """Rows of a projection that share terms with these, those that share most first, equal ones by id."""
        ...

    async def history(self, key: str, *, after: int = 0, limit: int = 500) -> list[Told]:
        """Events emitted by the aggregates with this key (an id's part before "/"), in order, behind a position."""
        ...


class Store(Reader, Protocol):
    """All that the runtime needs to keep."""

    async def prepare(self, layout: Layout) -> None:
        """Create collections, indexes and the N partition documents, once; harmless when repeated.

        Ends transactions that a dead predecessor of this replica left open. Raises ValueError where the store was made
        for another N or is being moved to one, or where an aggregate bears a name of the store's own.
        """
        ...

    @property
    def generations(self) -> tuple[Generation, ...]:
        """The numbers of partitions that it had before, as known since `prepare`."""
        ...

    async def partitions(self, numbers: Sequence[int]) -> dict[int, Partition]:
        """The partition documents (majority read)."""
        ...

    async def states(self, refs: Sequence[StateRef]) -> dict[StateRef, Stored]:
        """The aggregates that exist among `refs` (majority read)."""
        ...

    async def commands(self, ids: Sequence[str]) -> dict[str, CommandRecord]:
        """The stored answers among `ids` (majority read)."""
        ...

    async def held(self, partition: int, key: str | None = None, *, limit: int = 200) -> tuple[Held, ...]:
        """What is set aside, in order; of one key, or all (None)."""
        ...

    async def commit(self, writes: Sequence[Write]) -> None:
        """Write all plans in one transaction. Raises LostRace, Unstorable or StoreUnavailable; returns once durable.

        After StoreUnavailable the outcome may be unknown: read the partitions again before planning. A cancelled caller
        does not cancel a transaction that has begun.
        """
        ...

    async def log(self, partition: int, after: int, *, limit: int = 100) -> list[Batch]:
        """Batches of the log whose last sequence is above `after`, in order (majority read).

        Fewer than `limit` where batches are large; none only where there are none.
        """
        ...

    async def log_ends(self, numbers: Sequence[int]) -> dict[int, int]:
        """The last sequence in the log of each partition, 0 where it is empty (majority read)."""
        ...

    async def cursors(self, numbers: Sequence[int]) -> dict[int, int]:
        """How far each partition's log is known to be published (0 where unknown)."""
        ...

    async def save_cursors(self, cursors: Mapping[int, int]) -> None:
        """Remember how far the log is published. A hint: losing it publishes twice, which is harmless."""
        ...

    async def due(self, numbers: Sequence[int], until: datetime, *, limit: int = 500) -> list[DueRef]:
        """Aggregates of these partitions whose earliest deadline is not after `until`, earliest first.

        Deadlines count in whole milliseconds here, rounded up.
        """
        ...

    async def next_due(self, numbers: Sequence[int]) -> datetime | None:
        """The earliest deadline of these partitions."""
        ...

    async def claim(self, numbers: Sequence[int], address: str) -> None:
        """Write down that the replica at `address` owns these partitions (a hint, for forwarding)."""
        ...

    async def owner(self, partition: int) -> str | None:
        """The address last claimed for the partition."""
        ...

    async def refold(self, partition: int, aggregate: Aggregate, states: Mapping[str, Stored], read: str) -> str:
        """Replace all states of one aggregate in one partition and stamp its fold number, if the token is still `read`.

        Returns the token after it. Raises LostRace. May take several steps, each under a token of its own: the first
        takes the old fold number away and the last one stamps the new, so that a broken one is done again, whoever
        comes.
        """
        ...

    async def progress(self, name: str, numbers: Sequence[int]) -> dict[int, int]:
        """How far a projection, or what else follows the log, has read each partition's log (majority read)."""
        ...

    async def advance(
        self, name: str, partition: int, rows: Mapping[int, tuple[Projection, Row]], read: int, last: int
    ) -> None:
        """Write rows by the sequence of their events, then that the log was read up to `last`, where it was `read`.

        A row never goes back to an earlier event. Raises LostRace where somebody else has gone on meanwhile, or with
        another version; the rows may then be written all the same, for they are the same whoever writes them.
        """
        ...

    async def now(self) -> datetime:
        """The store's own clock, UTC."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
