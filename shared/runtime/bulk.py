"""Many commands in one request: a JSON object a line in, an answer a line out, in order, while more lines arrive.

Made for imports. Every line is decided by itself: one that is refused says why and stops no other. A line's `key` is
its identity for ever, so that sending it again, whoever does it, changes nothing. Paths end with `middleware.STREAMED`:
there is no limit on the whole, only on a line.
"""

import asyncio
from abc import abstractmethod
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, cast

import orjson
import structlog
from fastapi import Query
from fastapi.responses import StreamingResponse
from pydantic import StringConstraints, ValidationError
from starlette.types import Receive, Scope, Send

from shared.engine.aggregate import Aggregate, Refused, derive_id, key_of
from shared.engine.inputs import Answer, Call
from shared.engine.message import Command, Message
from shared.engine.partition import partition_of
from shared.runtime.caller import Caller, fingerprint_of
from shared.runtime.engine_port import Unavailable
from shared.runtime.forward import FORWARDED
from shared.runtime.problems import Language, Problem, field_errors, language_of
from shared.runtime.request import unstorable
from shared.runtime.store.protocol import StoreUnavailable

MEDIA_TYPE = "application/x-ndjson"
MAX_LINE_BYTES = 1_000_000
CHUNK = 250
"""As many lines are decided, or handed to another replica, together."""

CHUNKS_AT_ONCE = 3
FORWARD_SECONDS = 10.0

Key = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
DryRun = Annotated[bool, Query(description="Decide, and write nothing")]
C = TypeVar("C", bound=Command)
Target = tuple[Aggregate, str, Command]
"""What a line wants: an aggregate, its id, and the command for it."""

Objections = Callable[[Sequence[Any]], Awaitable[Mapping[str, Problem]]]
"""Which of some lines can't be taken, by key, and why."""

_log = structlog.stdlib.get_logger("owlbus.bulk")


class Line(Message):
    """One line of a bulk request. `key` tells it from every other line that was ever sent to the same path."""

    key: Key

    @property
    def identity(self) -> str:
        """What stays the same when the line is sent again: its key."""
        return self.key

    @abstractmethod
    def target(self) -> Target:
        """What the line wants."""


def command_of(kind: type[C], line: Line) -> C:
    """The command in a line that has all of its fields."""
    return kind.model_construct(**{name: getattr(line, name) for name in kind.model_fields})


class Lines(StreamingResponse):
    """Answers by the line. Leaves the request to whoever reads it: the framework's own would read on for a hang-up."""

    media_type = MEDIA_TYPE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what there is until there is no more."""
        await self.stream_response(send)


def documented(model: type[Line]) -> dict[str, Any]:
    """What a bulk route adds to its OpenAPI operation: the schema of one line (`openapi.document` places its parts)."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    about = "One JSON object a line."
    return {"requestBody": {"required": True, "description": about, "content": {MEDIA_TYPE: {"schema": schema}}}}


def bulk(
    caller: Caller,
    model: type[Line],
    *,
    dry_run: bool,
    objections: Objections | None = None,
) -> Lines:
    """The answer to a bulk request, decided while it is sent. Raises Problem where the body is of another type.

    `objections` is asked once a chunk which lines can't be taken, by key; those that an earlier run took stay taken.
    """
    content_type = caller.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != MEDIA_TYPE:
        raise Problem("lines_expected")
    return Lines(_Bulk(caller, model, dry_run, objections).answers(), headers={"Cache-Control": "private, no-store"})


@dataclass(slots=True)
class _Row:
    """A line on its way to its answer."""

    number: int
    raw: bytes
    key: str = ""
    line: Line | None = None
    call: Call | None = None
    answer: dict[str, Any] | None = None


class _Bulk:
    def __init__(
        self,
        caller: Caller,
        model: type[Line],
        dry_run: bool,
        objections: Objections | None,
    ) -> None:
        self._caller = caller
        self._engine = caller.engine
        self._model = model
        self._dry_run = dry_run
        self._objections = objections
        self._lanes: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._path = caller.request.url.path
        self._language: Language = language_of(caller.request.headers.get("accept-language", ""))

    async def answers(self) -> AsyncGenerator[bytes]:
        """The answers, in order. A few chunks are decided at once, and reading waits for them."""
        chunks: asyncio.Queue[asyncio.Task[list[_Row]] | None] = asyncio.Queue(CHUNKS_AT_ONCE)
        reader = asyncio.create_task(self._read_into(chunks))
        tasks: list[asyncio.Task[Any]] = [reader]
        try:
            while (task := await chunks.get()) is not None:
                tasks.append(task)
                yield b"".join(orjson.dumps(row.answer, default=str) + b"\n" for row in await task)
                tasks.remove(task)
            await reader
        finally:
            while not chunks.empty():
                if (task := chunks.get_nowait()) is not None:
                    tasks.append(task)
            for task in tasks:
                task.cancel()

    async def _read_into(self, chunks: asyncio.Queue[asyncio.Task[list[_Row]] | None]) -> None:
        try:
            async for lines in _numbered(self._caller.request.stream()):
                for start in range(0, len(lines), CHUNK):
                    rows = [self._row(*line) for line in lines[start : start + CHUNK]]
                    await self._object(rows)
                    here, elsewhere = await self._by_owner(rows)
                    await chunks.put(asyncio.create_task(self._answered(rows, here, elsewhere)))
        finally:
            await chunks.put(None)

    # --- reading a line

    def _row(self, number: int, raw: bytes) -> _Row:
        row = _Row(number, raw)
        try:
            row.call = self._call(row)
        except Problem as problem:
            row.answer = self._refusal(row, problem)
        return row

    def _call(self, row: _Row) -> Call:
        row.line = line = self._line(row)
        row.key = line.key
        try:
            aggregate, id, command = line.target()
        except Refused as refusal:
            raise Problem(refusal.code, refusal.facts) from None
        command_id = derive_id(self._engine.service, "import", self._path, line.identity)
        return Call(
            command_id=command_id,
            fingerprint=fingerprint_of(command),
            aggregate=aggregate,
            id=id,
            command=command,
            actor=self._caller.actor,
            time=self._caller.clock.now(),
            correlation=command_id,
            traceparent=self._caller.traceparent,
        )

    def _line(self, row: _Row) -> Line:
        if len(row.raw) > MAX_LINE_BYTES:
            raise Problem("line_too_long", {"limit": MAX_LINE_BYTES})
        try:
            value: Any = orjson.loads(row.raw)
        except orjson.JSONDecodeError as error:
            raise Problem("malformed_line", {"column": error.colno}) from None
        if isinstance(value, dict):
            row.key = str(cast(dict[str, Any], value).get("key", ""))[:200]
        if errors := unstorable("line", value):
            raise Problem("invalid_request", errors=errors)
        try:
            return self._model.model_validate(value)
        except ValidationError as error:
            places = [{**one, "loc": ("line", *one["loc"])} for one in error.errors(include_url=False)]
            raise Problem("invalid_request", errors=field_errors(places)) from None

    # --- deciding

    async def _object(self, rows: Sequence[_Row]) -> None:
        """Refuse what can't be taken, unless it was taken before."""
        if self._objections is None:
            return
        try:
            problems = await self._objections([row.line for row in rows if row.line is not None])
            suspects = [row for row in rows if row.call is not None and row.key in problems]
            answers = await self._engine.preview([row.call for row in suspects if row.call is not None])
        except (StoreUnavailable, Unavailable):
            for row in rows:
                row.call, row.answer = None, row.answer or self._refusal(row, Problem("unavailable"), "unavailable")
            return
        for row, answer in zip(suspects, answers, strict=True):
            if not answer.repeated:
                row.call, row.answer = None, self._refusal(row, problems[row.key])

    async def _answered(
        self, rows: list[_Row], here: Sequence[_Row], elsewhere: Mapping[str, Sequence[_Row]]
    ) -> list[_Row]:
        if self._dry_run:
            await self._preview(here)
        else:
            await asyncio.gather(
                *(self._execute(row) for row in here),
                *(self._hand_over(owner, theirs) for owner, theirs in elsewhere.items()),
            )
        return rows

    async def _preview(self, rows: Sequence[_Row]) -> None:
        try:
            answers = await self._engine.preview([row.call for row in rows if row.call is not None])
        except Unavailable as error:
            for row in rows:
                row.answer = self._refusal(row, Problem(error.code), "unavailable")
            return
        for row, answer in zip(rows, answers, strict=True):
            row.answer = self._said(row, answer)

    async def _execute(self, row: _Row) -> None:
        assert row.call is not None
        try:
            row.answer = self._said(row, await self._engine.execute(row.call))
        except Unavailable as error:
            row.answer = self._refusal(row, Problem(error.code), "unavailable")

    async def _by_owner(self, rows: Sequence[_Row]) -> tuple[list[_Row], dict[str, list[_Row]]]:
        """The rows to decide here, and those whose partition another replica owns."""
        here: list[_Row] = []
        elsewhere: dict[str, list[_Row]] = defaultdict(list)
        stays = self._dry_run or FORWARDED in self._caller.request.headers
        for row in rows:
            if row.call is not None:
                partition = partition_of(key_of(row.call.id), self._engine.partitions)
                owner = None if stays or self._engine.owns(partition) else await self._engine.owner(partition)
                (elsewhere[owner] if owner else here).append(row)
        return here, elsewhere

    async def _hand_over(self, owner: str, rows: Sequence[_Row]) -> None:
        """Have the owner of the rows' partitions decide them; decide them here where it does not answer.

        One request to an owner at a time, so that rows keep their order.
        """
        content = b"\n".join(row.raw for row in rows)
        request, forwarder = self._caller.request, self._caller.edge.forwarder
        async with self._lanes[owner]:
            reply = await forwarder.send(owner, request, {}, content=content, timeout=FORWARD_SECONDS)
        lines = bytes(reply.body).splitlines() if reply is not None and reply.status_code == 200 else []
        if len(lines) != len(rows):
            await asyncio.gather(*(self._execute(row) for row in rows))
            return
        for row, line in zip(rows, lines, strict=True):
            row.answer = {**orjson.loads(line), "line": row.number}

    # --- saying it

    def _said(self, row: _Row, answer: Answer) -> dict[str, Any]:
        if answer.code == "bug":
            _log.error("bug", path=self._path, line=row.number, key=row.key, reason=answer.facts.get("reason"))
            return self._refusal(row, Problem("bug"))
        if answer.code:
            return self._refusal(row, Problem(answer.code, answer.facts))
        outcome = "known" if answer.repeated else "done"
        return {"line": row.number, "key": row.key, "outcome": outcome, "id": answer.subject.partition("/")[2]}

    def _refusal(self, row: _Row, problem: Problem, outcome: str = "refused") -> dict[str, Any]:
        document = self._caller.edge.problems.document(problem, self._language, self._path)
        return {"line": row.number, "key": row.key, "outcome": outcome, "problem": document}


async def _numbered(stream: AsyncIterator[bytes]) -> AsyncGenerator[list[tuple[int, bytes]]]:
    """The lines that each piece of the stream completes, numbered from 1, blank ones left out.

    What is longer than a line may be is cut right behind the limit, so that it can be refused without being kept.
    """
    number, rest = 0, b""
    async for piece in stream:
        *whole, rest = (rest + piece).split(b"\n")
        rest = rest[: MAX_LINE_BYTES + 1]
        yield [(number + at, line) for at, line in enumerate(whole, 1) if line.strip()]
        number += len(whole)
    if rest.strip():
        yield [(number + 1, rest)]
