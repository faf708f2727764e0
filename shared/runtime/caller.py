"""How a service's `api.py` is written: every route names its roles and gets a `Caller`.

    @router.post("/ideas/{idea_id}/adoption")
    async def adopt(idea_id: Id, body: AdoptIdea, caller: Annotated[Caller, allow("department")]) -> Response:
        return await caller.execute(IDEA, idea_id, body)

Invariant: nothing of an aggregate leaves but what its state shows to the actor.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, cast
from uuid import uuid4

import orjson
import structlog
from fastapi import Depends, Query, Request
from fastapi.responses import Response

from shared.engine.aggregate import Aggregate, State, derive_id, key_of
from shared.engine.emit import Entry, Stored
from shared.engine.envelope import decode, event_of
from shared.engine.inputs import Answer, Call
from shared.engine.message import Actor, Command
from shared.engine.partition import partition_of
from shared.engine.text import comparable
from shared.runtime.auth import ROLE_HEADER, ROLES, Verifier
from shared.runtime.clock import Clock
from shared.runtime.engine_port import Engine
from shared.runtime.forward import FORWARDED, Forwarder
from shared.runtime.problems import Problem, Problems
from shared.runtime.request import (
    checked_header,
    expected_version,
    refuse_unstorable,
    refuse_unstorable_address,
    tags_of,
    traceparent_of,
)
from shared.runtime.store.protocol import Reader

Limit = Annotated[int, Query(ge=1, le=200, description="How many at most")]
Cursor = Annotated[str | None, Query(min_length=1, max_length=400, description="`next` of the page before")]
After = Annotated[int, Query(ge=0, description="`next` of the page before")]

IDEMPOTENCY_KEY = r"[\x21-\x7e]{1,255}"
"""What a wish may be called."""

MAX_PASSED = 2_000
"""More of what a caller may not see is not passed over in one request."""

_log = structlog.stdlib.get_logger("owlbus.http")


@dataclass(frozen=True, slots=True)
class Edge:
    """What the routes of one app stand on."""

    engine: Engine
    verifier: Verifier
    forwarder: Forwarder
    problems: Problems


def edge_of(request: Request) -> Edge:
    """The edge of the app that serves `request`."""
    return cast(Edge, request.app.state.edge)


class Caller:
    """Whoever calls a route, in the role used for it, and what may be done in that name."""

    def __init__(self, request: Request, edge: Edge, actor: Actor) -> None:
        self.actor = actor
        self.request = request
        self.edge = edge
        self._key = checked_header(request, "Idempotency-Key", IDEMPOTENCY_KEY) or str(uuid4())
        self._correlation = checked_header(request, "X-Correlation-ID", r"[A-Za-z0-9_.:/-]{1,128}")
        self.traceparent = traceparent_of(request.headers.get("traceparent", ""))

    @property
    def engine(self) -> Engine:
        """The service's engine."""
        return self.edge.engine

    @property
    def reader(self) -> Reader:
        """Reads for queries that go beyond `show` and `page`."""
        return self.engine.reader

    @property
    def clock(self) -> Clock:
        """Recorded time."""
        return self.engine.clock

    @property
    def command_id(self) -> str:
        """Id of this wish: the same for every retry with the same Idempotency-Key."""
        return derive_id(self.engine.service, self.actor.id, self.request.method, self.request.url.path, self._key)

    def new_id(self, label: str) -> str:
        """Id for what this command creates; a retry gets it again."""
        return derive_id(self.command_id, label)

    async def execute(self, aggregate: Aggregate, id: str, command: Command) -> Response:
        """Have `command` decided, at the partition's owner if that can be; the answer carries state and version.

        Raises Problem or Unavailable.
        """
        call = Call(
            command_id=self.command_id,
            fingerprint=fingerprint_of(command),
            aggregate=aggregate,
            id=id,
            command=command,
            actor=self.actor,
            time=self.clock.now(),
            expected_version=expected_version(self.request.headers.get("if-match", "*")),
            correlation=self._correlation,
            traceparent=self.traceparent,
        )
        response = await self.at_owner(self._home(id), lambda: self.engine.execute(call), type(command).__name__, id)
        response.headers["Idempotency-Key"] = self._key
        response.headers["traceparent"] = self.traceparent
        return response

    async def redrive(self, key: str) -> Response:
        """Try again what waits behind a parked key. Raises Problem or Unavailable."""
        return await self.at_owner(self._home(key), lambda: self.engine.redrive(key, self.actor), "redrive", key)

    async def state(self, aggregate: Aggregate, id: str) -> tuple[Stored, dict[str, Any]]:
        """An aggregate and what the actor may see of it. Raises Problem("not_found") also where that is nothing."""
        stored = await self.reader.state(aggregate, id)
        visible = stored.state.visible_to(self.actor) if stored else {}
        if stored is None or not visible:
            raise Problem("not_found")
        return stored, visible

    async def show(self, aggregate: Aggregate, id: str) -> Response:
        """One aggregate, or 304 where the caller has this version already. Raises Problem."""
        stored, visible = await self.state(aggregate, id)
        headers = {"ETag": etag(stored.version), **self._freshness(partition_of(key_of(id), self.engine.partitions))}
        if etag(stored.version) in tags_of(self.request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
        return reply(visible, headers=headers)

    async def page(
        self, aggregate: Aggregate, where: Mapping[str, Any], cursor: str | None = None, limit: int = 50
    ) -> Response:
        """Aggregates that match and that the actor may see, by id; `next` is the cursor of the page behind.

        There is a `next` only where the actor may see something behind: what is hidden neither ends a page nor names
        it, unless `MAX_PASSED` of it stand in a row.
        """
        items: list[dict[str, Any]] = []
        places: list[str] = []
        more, passed = True, 0
        while more and len(items) <= limit and passed < MAX_PASSED:
            page = await self.reader.find(aggregate, where, after=cursor, limit=limit + 1)
            for stored in page.items:
                if visible := stored.state.visible_to(self.actor):
                    items.append(visible)
                    places.append(stored.state.id)
            passed, cursor, more = passed + len(page.items), page.cursor, page.cursor is not None
        following = places[limit - 1] if len(items) > limit else cursor
        body = {"items": items[:limit], "next": following}
        return reply(body, headers=self._freshness(*range(self.engine.partitions)))

    async def history(self, aggregate: Aggregate, id: str, after: int = 0, limit: int = 100) -> Response:
        """What happened to an aggregate, as far as its state shows it to the actor. Raises Problem."""
        stored, _ = await self.state(aggregate, id)
        items, more = await self._events(f"{aggregate.name}/{id}", stored.state, after, limit)
        headers = self._freshness(partition_of(key_of(id), self.engine.partitions))
        return reply({"items": items, "next": more}, headers=headers)

    async def _events(
        self, subject: str, state: State, after: int, limit: int
    ) -> tuple[list[dict[str, Any]], int | None]:
        items: list[dict[str, Any]] = []
        while batch := await self.reader.history(key_of(state.id), after=after):
            for told in batch:
                if len(items) == limit:
                    return items, after
                after = told.position
                if told.entry.subject == subject:
                    items.extend(_shown(told.entry, state, self.actor))
        return items, None

    def _home(self, id: str) -> int:
        return partition_of(key_of(id), self.engine.partitions)

    async def at_owner(
        self,
        partition: int,
        here: Callable[[], Awaitable[Answer]],
        what: str,
        id: str = "",
        *,
        timeout: float | None = None,
    ) -> Response:
        """The answer of the partition's owner, of `here` where that is this replica or can't be reached.

        `what` is done to `id`, for the log. Raises Problem or Unavailable.
        """
        if not self.engine.owns(partition) and FORWARDED not in self.request.headers:
            owner = await self.engine.owner(partition)
            going = {"Idempotency-Key": self._key, "traceparent": self.traceparent}
            if owner and (response := await self.edge.forwarder.send(owner, self.request, going, timeout=timeout)):
                return response
        answer = await here()
        if answer.code == "bug":
            _log.error("bug", what=what, id=id, command_id=self.command_id, reason=answer.facts.get("reason"))
            raise Problem("bug", {"command_id": self.command_id})
        if answer.code:
            raise Problem(answer.code, answer.facts)
        return self._accepted(answer)

    def _accepted(self, answer: Answer) -> Response:
        headers = {"ETag": etag(answer.version)} if answer.subject else {}
        status = self.request.scope["route"].status_code or 200
        if status == 201:
            headers["Location"] = f"{self.request.url.path}/{answer.subject.rpartition('/')[2]}"
        return reply(answer.body, status, headers)

    def _freshness(self, *partitions: int) -> dict[str, str]:
        return {"X-Owlbus-Stale": "true"} if any(map(self.engine.stale, partitions)) else {}


@dataclass(frozen=True)
class Allow:
    """A dependency that lets callers in who have one of `roles`; with `streams` it leaves the body unread."""

    roles: tuple[str, ...]
    streams: bool = False

    async def __call__(self, request: Request) -> Caller:
        """Authenticate, authorise. Raises Problem."""
        edge = edge_of(request)
        identity = await edge.verifier.identify(request.headers)
        actor = identity.acting(self.roles, request.headers.get(ROLE_HEADER, ""))
        if self.streams:
            refuse_unstorable_address(request)
        else:
            await refuse_unstorable(request)
        return Caller(request, edge, actor)


def allow(*roles: str, streams: bool = False) -> Any:
    """The dependency for a route that these roles may call. Raises ValueError for a role that does not exist.

    A route that `streams` reads its body itself (shared/runtime/bulk.py).
    """
    if not roles or set(roles) - set(ROLES):
        raise ValueError(f"a route names its roles, out of {ROLES}; not {roles}")
    return Depends(Allow(roles, streams))


def reply(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer for this caller alone, to be asked for again each time."""
    private = {"Cache-Control": "private, no-cache", "Vary": f"Authorization, {ROLE_HEADER}"}
    content = orjson.dumps(body, default=str, option=orjson.OPT_NON_STR_KEYS)
    return Response(content, status, {**private, **(headers or {})}, media_type="application/json")


def etag(version: int) -> str:
    """A version as an entity tag."""
    return f'"{version}"'


def fingerprint_of(command: Command) -> str:
    """What a command says, as texts are compared, as one hash: the same key with another one is another wish.

    What is left at its default does not count, so that a wish that is repeated across an upgrade stays the same wish,
    though the newer release knows a field more.
    """
    content = orjson.dumps(command.model_dump(mode="json", exclude_defaults=True), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(f"{type(command).__name__}{comparable(content.decode())}".encode()).hexdigest()


def _shown(entry: Entry, state: State, actor: Actor) -> Iterator[dict[str, Any]]:
    envelope = decode(entry.value)
    event = event_of(envelope)
    if state.shows(type(event), actor):
        yield {
            "id": envelope.id,
            "type": envelope.type,
            "time": envelope.time.isoformat().replace("+00:00", "Z"),
            "version": envelope.version,
            "actor": {"id": envelope.actor.id, "role": envelope.actor.role},
            "data": event.model_dump(mode="json"),
        }
