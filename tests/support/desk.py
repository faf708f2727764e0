"""A made-up service for tests of the HTTP edge, and an engine in memory.

The engine really plans: only the store and the partitions' owners are doubles.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import Response

from shared.contracts.types import Id
from shared.engine.aggregate import Aggregate, Deciders, aggregate, key_of
from shared.engine.emit import Entry, Stored
from shared.engine.inputs import Answer, Call, CommandRecord, Held, Redrive, StateRef
from shared.engine.message import Actor
from shared.engine.partition import Partition, partition_of
from shared.engine.plan import plan
from shared.engine.projection import Projection
from shared.runtime.caller import After, Caller, Cursor, Limit, allow
from shared.runtime.clock import Clock, SystemClock
from shared.runtime.engine_port import Report, Unavailable
from shared.runtime.forward import Forwarder
from shared.runtime.http import build_app
from shared.runtime.problems import Text
from shared.runtime.settings import Settings
from shared.runtime.store.protocol import Match, Page, Told
from shared.runtime.telemetry import Metrics
from tests.support import note
from tests.support.note import ChangeNote, WriteNote
from tests.support.unrepaired import Unrepaired

NOTE = aggregate(note, key="note_id")

TEXTS = {
    "same_title": Text("같은 제목입니다", "That is its title already", 0, "제목: {title}", "Title: {title}"),
    "title_required": Text("제목이 필요합니다", "A title is needed"),
}

router = APIRouter()


@router.post("/notes", status_code=201)
async def write(body: WriteNote, caller: Annotated[Caller, allow("author", "citizen")]) -> Response:
    """Write a note."""
    return await caller.execute(NOTE, caller.new_id("note"), body)


@router.post("/notes/{note_id}/title")
async def change(note_id: Id, body: ChangeNote, caller: Annotated[Caller, allow("author")]) -> Response:
    """Change its title."""
    return await caller.execute(NOTE, note_id, body)


@router.get("/notes/{note_id}")
async def read(note_id: Id, caller: Annotated[Caller, allow("author", "auditor")]) -> Response:
    """One note."""
    return await caller.show(NOTE, note_id)


@router.get("/notes/{note_id}/history")
async def history(
    note_id: Id, caller: Annotated[Caller, allow("author", "auditor")], after: After = 0, limit: Limit = 100
) -> Response:
    """What happened to it."""
    return await caller.history(NOTE, note_id, after, limit)


@router.get("/notes")
async def notes(
    caller: Annotated[Caller, allow("author", "auditor")], cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """All that the caller may see."""
    return await caller.page(NOTE, {}, cursor, limit)


# --- the engine


@dataclass
class Memory:
    """What a database would hold; two engines may share one."""

    partitions: dict[int, Partition] = field(default_factory=dict[int, Partition])
    states: dict[StateRef, Stored] = field(default_factory=dict[StateRef, Stored])
    commands: dict[str, CommandRecord] = field(default_factory=dict[str, CommandRecord])
    entries: list[Entry] = field(default_factory=list[Entry])

    async def state(self, aggregate: Aggregate, id: str) -> Stored | None:
        """See `Reader`."""
        return self.states.get((aggregate.name, id))

    async def find(
        self, aggregate: Aggregate, where: Mapping[str, Any], *, after: str | None = None, limit: int = 50
    ) -> Page:
        """See `Reader`; filters are not needed here."""
        ids = sorted(id for name, id in self.states if name == aggregate.name and id > (after or ""))
        items = tuple(self.states[aggregate.name, id] for id in ids[:limit])
        return Page(items, ids[limit - 1] if len(ids) > limit else None)

    async def count_by(self, aggregate: Aggregate, field: str, where: Mapping[str, Any]) -> dict[str, int]:
        """See `Reader`."""
        return {}

    async def nearest(self, projection: Projection, terms: Sequence[int], *, limit: int = 20) -> list[Match]:
        """See `Reader`; nothing is projected here."""
        return []

    async def history(self, key: str, *, after: int = 0, limit: int = 500) -> list[Told]:
        """See `Reader`."""
        found = [e for e in self.entries if key_of(e.subject.partition("/")[2]) == key and e.sequence > after]
        return [Told(entry.sequence, entry) for entry in sorted(found, key=lambda entry: entry.sequence)[:2]]


class DeskEngine:
    """An engine whose `plan` is real.

    Tests set `down`, `stopped` and `elsewhere`: where the owner of everything is, which may be `unknown`.
    """

    service = "desk"
    partitions = 4

    def __init__(self, memory: Memory | None = None) -> None:
        self.deciders = Deciders(self.service, [NOTE])
        self.memory = memory or Memory()
        self.clock: Clock = SystemClock()
        self.down: Unavailable | None = None
        self.stopped = False
        self.elsewhere: str | None = None
        self.unknown = False
        self.calls: list[Call] = []

    @property
    def reader(self) -> Memory:
        """Reads."""
        return self.memory

    async def execute(self, call: Call) -> Answer:
        """See `Engine`."""
        self.calls.append(call)
        return self._plan(partition_of(key_of(call.id), self.partitions), call)

    async def preview(self, calls: Sequence[Call]) -> list[Answer]:
        """See `Engine`; nothing here asks for it."""
        return []

    async def redrive(self, key: str, actor: Actor) -> Answer:
        """See `Engine`."""
        return self._plan(partition_of(key, self.partitions), Redrive(key, actor, self.clock.now()))

    def _plan(self, number: int, item: Call | Redrive) -> Answer:
        if self.down is not None:
            raise self.down
        partition = self.memory.partitions.get(number, Partition(number, self.partitions))
        outcome = plan(self.deciders, partition, self.memory.states, self.memory.commands, [item])
        self.memory.partitions[number] = outcome.partition
        self.memory.states |= outcome.states
        self.memory.commands |= {record.command_id: record for record in outcome.commands}
        self.memory.entries += outcome.entries
        return outcome.answers[0][1]

    @property
    def repairs(self) -> "Unrepaired":
        """Nothing here is ever repaired."""
        return Unrepaired()

    async def held(self, partition: int, key: str | None = None, *, limit: int = 200) -> tuple[Held, ...]:
        """See `Engine`: one thing is set aside in partition 1."""
        held = Held(1, "n-1", "bug", "AssertionError", self.clock.now(), "desk.events", 7, b"personal")
        return (held,) if partition == 1 else ()

    def owns(self, partition: int) -> bool:
        """See `Engine`."""
        return self.elsewhere is None

    async def owner(self, partition: int) -> str | None:
        """See `Engine`."""
        return None if self.unknown else self.elsewhere

    def stale(self, partition: int) -> bool:
        """See `Engine`."""
        return self.stopped

    def live(self) -> Report:
        """See `Engine`."""
        return Report(True)

    def ready(self) -> Report:
        """See `Engine`."""
        return Report(self.down is None, ("kafka",), {"partitions": [0, 1, 2, 3], "stopped": {2: "older_store"}})


def desk_app(engine: DeskEngine, jwks: Path, forwarder: Forwarder | None = None) -> FastAPI:
    """The service's app, with tokens checked against `jwks`."""
    return build_app(
        engine,
        [router],
        Settings.read({"OWLBUS_ISSUER_JWKS": str(jwks)}),
        metrics=Metrics(engine.service),
        texts=TEXTS,
        forwarder=forwarder,
    )
