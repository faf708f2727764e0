"""A store in memory, for tests and for trying things out: the same contract, the same documents, gone when it goes.

Documents are kept as the bytes MongoDB would be sent, so that nothing a caller changes reaches what is stored, and what
MongoDB could not store is refused here too.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import bson
from bson.codec_options import CodecOptions
from bson.errors import InvalidDocument

from shared.engine.aggregate import Aggregate
from shared.engine.emit import Stored
from shared.engine.generation import Generation, segments_of_key
from shared.engine.inputs import CommandRecord, Held, StateRef
from shared.engine.partition import Partition
from shared.engine.projection import Projection, Row
from shared.runtime.store import documents
from shared.runtime.store.documents import Document
from shared.runtime.store.protocol import (
    Batch,
    DueRef,
    Layout,
    LostRace,
    Match,
    Page,
    StoreUnavailable,
    Told,
    Unstorable,
    Write,
)

_CODEC: CodecOptions[Document] = CodecOptions(tz_aware=True)
_Numbered = dict[tuple[int, int], bytes]


def _system_time() -> datetime:
    return datetime.now(UTC)


class MemoryStore:
    """Implements `Store`. Several runtimes may share one object as several processes share a database.

    For tests: `before_commit` is awaited before a commit looks at anything, and may delay it, write first or raise;
    `fail_next` makes one commit raise, applied or not; while `down` is set every call raises StoreUnavailable.
    """

    def __init__(self, clock: Callable[[], datetime] = _system_time) -> None:
        self.before_commit: Callable[[Sequence[Write]], Awaitable[None]] | None = None
        self.down = False
        self._clock = clock
        self._failures: list[tuple[Exception, bool]] = []
        self._layout: Layout | None = None
        self._partitions: dict[int, bytes] = {}
        self._states: dict[str, dict[str, bytes]] = {}
        self._due: dict[StateRef, DueRef] = {}
        self._log: dict[int, list[tuple[int, bytes]]] = {}
        self._commands: dict[str, bytes] = {}
        self._held: _Numbered = {}
        self._cursors: dict[int, int] = {}
        self._owners: dict[int, str] = {}
        self.generations: tuple[Generation, ...] = ()
        self._rows: dict[tuple[str, str], Document] = {}
        self._progress: dict[tuple[str, int], tuple[int, int]] = {}

    def fail_next(self, error: Exception, *, applied: bool = False) -> None:
        """Let the next commit raise `error`; with `applied` it is written all the same (an unknown outcome)."""
        self._failures.append((error, applied))

    # --- preparing and committing

    async def prepare(self, layout: Layout) -> None:
        """See `Store`."""
        await self._reach()
        documents.check_layout(layout)
        if self._layout is not None:
            documents.check_count(self._layout.partitions, layout)
        self._layout = layout
        for aggregate in layout.aggregates:
            self._states.setdefault(aggregate.name, {})
        for number in range(layout.partitions):
            if number not in self._partitions:
                self._write_partition(documents.new_partition(layout, number))
            for name, version in layout.versions.items():
                if self._progress.get((name, number), (version, 0))[0] != version:
                    self._rows = {key: row for key, row in self._rows.items() if key[0] != name}
                    self._progress[name, number] = (version, 0)
                self._progress.setdefault((name, number), (version, 0))

    async def commit(self, writes: Sequence[Write]) -> None:
        """See `Store`."""
        await self._reach()
        if self.before_commit is not None:
            await self.before_commit(writes)
        error, applied = self._failures.pop(0) if self._failures else (None, True)
        if applied:
            self._apply(writes)
        if error is not None:
            raise error

    def _apply(self, writes: Sequence[Write]) -> None:
        """Without an await: nobody sees half of it. Everything that can fail comes first."""
        self._check({write.plan.partition.number: write.read for write in writes})
        commands = {c.command_id: _encode(documents.command_document(c)) for w in writes for c in w.plan.commands}
        if commands.keys() & self._commands.keys():
            raise LostRace([write.plan.partition.number for write in writes])
        partitions = {w.plan.partition.number: documents.partition_document(w.plan.partition) for w in writes}
        encoded = {number: _encode(document) for number, document in partitions.items()}
        states = [
            (ref, documents.state_document(w.plan.partition.number, ref[1], stored))
            for w in writes
            for ref, stored in w.plan.states.items()
        ]
        rows = [(ref, document, _encode(document)) for ref, document in states]
        batches = [(documents.batch_document(w.plan), w.plan.partition.number) for w in writes if w.plan.entries]
        log = [(number, batch["_id"]["last"], _encode(batch)) for batch, number in batches]
        held = {
            (w.plan.partition.number, one.number): _encode(documents.held_document(w.plan.partition.number, one))
            for w in writes
            for one in w.plan.held
        }
        self._partitions.update(encoded)
        for ref, document, row in rows:
            self._put_state(ref, document, row)
        for number, last, row in log:
            self._log.setdefault(number, []).append((last, row))
        self._commands.update(commands)
        self._held.update(held)
        for write in writes:
            for number in write.plan.released:
                self._held.pop((write.plan.partition.number, number), None)

    def _check(self, read: Mapping[int, str]) -> None:
        lost = [number for number, token in read.items() if _decode(self._partitions[number])["token"] != token]
        if lost:
            raise LostRace(lost)

    def _write_partition(self, partition: Partition) -> None:
        self._partitions[partition.number] = _encode(documents.partition_document(partition))

    def _put_state(self, ref: StateRef, document: Document, row: bytes) -> None:
        self._states[ref[0]][ref[1]] = row
        if "due" in document:
            self._due[ref] = DueRef(document["p"], *ref, document["due"])
        else:
            self._due.pop(ref, None)

    async def refold(self, partition: int, aggregate: Aggregate, states: Mapping[str, Stored], read: str) -> str:
        """See `Store`."""
        await self._reach()
        self._check({partition: read})
        made = {id: documents.state_document(partition, id, stored) for id, stored in states.items()}
        rows = {id: _encode(document) for id, document in made.items()}
        table = self._states[aggregate.name]
        for id, row in list(table.items()):
            if _decode(row)["p"] == partition:
                del table[id]
                self._due.pop((aggregate.name, id), None)
        for id, document in made.items():
            self._put_state((aggregate.name, id), document, rows[id])
        now = documents.read_partition(_decode(self._partitions[partition]))
        now.folds[aggregate.name] = aggregate.fold
        now.token = documents.new_token()
        self._write_partition(now)
        return now.token

    # --- reading for plans

    async def partitions(self, numbers: Sequence[int]) -> dict[int, Partition]:
        """See `Store`."""
        await self._reach()
        return {number: documents.read_partition(_decode(self._partitions[number])) for number in numbers}

    async def states(self, refs: Sequence[StateRef]) -> dict[StateRef, Stored]:
        """See `Store`."""
        await self._reach()
        kinds = {aggregate.name: aggregate for aggregate in self._aggregates()}
        return {
            (name, id): documents.read_state(kinds[name], _decode(self._states[name][id]))
            for name, id in refs
            if id in self._states[name]
        }

    async def commands(self, ids: Sequence[str]) -> dict[str, CommandRecord]:
        """See `Store`."""
        await self._reach()
        return {id: documents.read_command(_decode(self._commands[id])) for id in ids if id in self._commands}

    async def held(self, partition: int, key: str | None = None, *, limit: int = 200) -> tuple[Held, ...]:
        """See `Store`."""
        await self._reach()
        rows = [row for (number, _), row in sorted(self._held.items()) if number == partition]
        found = (documents.read_held(_decode(row)) for row in rows)
        return tuple([one for one in found if key is None or one.key == key][:limit])

    async def log(self, partition: int, after: int, *, limit: int = 100) -> list[Batch]:
        """See `Store`."""
        await self._reach()
        rows = [row for last, row in self._log.get(partition, ()) if last > after]
        return [documents.read_batch(_decode(row)) for row in rows[:limit]]

    async def log_ends(self, numbers: Sequence[int]) -> dict[int, int]:
        """See `Store`."""
        await self._reach()
        return {number: max((last for last, _ in self._log.get(number, ())), default=0) for number in numbers}

    async def due(self, numbers: Sequence[int], until: datetime, *, limit: int = 500) -> list[DueRef]:
        """See `Store`."""
        await self._reach()
        found = [ref for ref in self._due.values() if ref.partition in numbers and ref.due <= until]
        return sorted(found, key=lambda ref: ref.due)[:limit]

    async def next_due(self, numbers: Sequence[int]) -> datetime | None:
        """See `Store`."""
        await self._reach()
        return min((ref.due for ref in self._due.values() if ref.partition in numbers), default=None)

    # --- projections

    async def progress(self, name: str, numbers: Sequence[int]) -> dict[int, int]:
        """See `Store`."""
        await self._reach()
        return {number: self._progress[name, number][1] for number in numbers}

    async def advance(
        self, name: str, partition: int, rows: Mapping[int, tuple[Projection, Row]], read: int, last: int
    ) -> None:
        """See `Store`."""
        await self._reach()
        for sequence, (projection, row) in rows.items():
            kept = self._rows.get((projection.name, row.id))
            if kept is None or kept["n"] <= sequence or kept["version"] != projection.version:
                self._rows[projection.name, row.id] = documents.row_document(projection, partition, sequence, row)
        version = self._layout.versions[name] if self._layout else 0
        if self._progress[name, partition] != (version, read):
            raise LostRace([partition])
        self._progress[name, partition] = (version, last)

    async def nearest(self, projection: Projection, terms: Sequence[int], *, limit: int = 20) -> list[Match]:
        """See `Reader`."""
        await self._reach()
        wanted = set(terms)
        rows = ((id, row) for (name, id), row in self._rows.items() if name == projection.name)
        found = [Match(id, len(wanted & set(row["terms"]))) for id, row in rows if row["version"] == projection.version]
        return sorted((one for one in found if one.shared), key=lambda one: (-one.shared, one.id))[:limit]

    # --- hints

    async def cursors(self, numbers: Sequence[int]) -> dict[int, int]:
        """See `Store`."""
        await self._reach()
        return {number: self._cursors.get(number, 0) for number in numbers}

    async def save_cursors(self, cursors: Mapping[int, int]) -> None:
        """See `Store`."""
        await self._reach()
        self._cursors.update(cursors)

    async def claim(self, numbers: Sequence[int], address: str) -> None:
        """See `Store`."""
        await self._reach()
        self._owners.update(dict.fromkeys(numbers, address))

    async def owner(self, partition: int) -> str | None:
        """See `Store`."""
        await self._reach()
        return self._owners.get(partition)

    # --- queries

    async def state(self, aggregate: Aggregate, id: str) -> Stored | None:
        """See `Reader`."""
        await self._reach()
        row = self._states[aggregate.name].get(id)
        return None if row is None else documents.read_state(aggregate, _decode(row))

    async def find(
        self, aggregate: Aggregate, where: Mapping[str, Any], *, after: str | None = None, limit: int = 50
    ) -> Page:
        """See `Reader`."""
        await self._reach()
        found = [row for row in self._matching(aggregate, where) if after is None or row["_id"] > after]
        cursor = found[limit - 1]["_id"] if len(found) > limit else None
        return Page(tuple(documents.read_state(aggregate, row) for row in found[:limit]), cursor)

    async def count_by(self, aggregate: Aggregate, field: str, where: Mapping[str, Any]) -> dict[str, int]:
        """See `Reader`."""
        await self._reach()
        counts: dict[str, int] = {}
        for row in self._matching(aggregate, where):
            for value in _values(row, field) or [None]:
                name = documents.label(value)
                counts[name] = counts.get(name, 0) + 1
        return counts

    async def history(self, key: str, *, after: int = 0, limit: int = 500) -> list[Told]:
        """See `Reader`."""
        await self._reach()
        found: list[Told] = []
        for segment in segments_of_key(self.generations, len(self._partitions), key):
            behind = segment.behind(after)
            batches = (documents.read_batch(_decode(row)) for _, row in self._log.get(segment.number, ()))
            found += [
                Told(entry.sequence + segment.shift, entry)
                for batch in batches
                for entry in batch.entries
                if behind is not None and behind < entry.sequence <= (segment.until or entry.sequence)
                if documents.emitter_of(entry.subject) == key
            ]
        return found[:limit]

    def _matching(self, aggregate: Aggregate, where: Mapping[str, Any]) -> Iterator[Document]:
        for _, row in sorted(self._states[aggregate.name].items()):
            document = _decode(row)
            if all(_matches(_values(document, field), wanted) for field, wanted in where.items()):
                yield document

    # --- the rest

    async def now(self) -> datetime:
        """See `Store`."""
        await self._reach()
        return self._clock()

    async def close(self) -> None:
        """Nothing to let go of: what is stored stays for whoever else holds this object."""

    def _aggregates(self) -> Iterable[Aggregate]:
        return self._layout.aggregates if self._layout else ()

    async def _reach(self) -> None:
        """Every call yields once, as one over a network would."""
        await asyncio.sleep(0)
        if self.down:
            raise StoreUnavailable("the store is down")


def _encode(document: Document) -> bytes:
    try:
        return bson.encode(document)
    except (InvalidDocument, OverflowError) as error:
        raise Unstorable(str(error)) from error


def _decode(row: bytes) -> Document:
    return dict(bson.BSON(row).decode(_CODEC))


def _values(document: Document, field: str) -> list[Any]:
    """What stands at a path; lists on the way and at its end are looked into."""
    found: list[Any] = [document]
    for name in documents.field_path(field).split("."):
        found = [value[name] for value in found if isinstance(value, dict) and name in value]
        found = [item for value in found for item in _spread(value)]
    return found


def _spread(value: Any) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else [value]


def _matches(values: list[Any], wanted: Any) -> bool:
    return any(choice in values or (choice is None and not values) for choice in documents.choices(wanted))
