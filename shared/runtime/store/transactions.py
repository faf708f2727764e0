"""One transaction: from compare-and-set to a known outcome.

Invariant: `run` returns only if everything was written and is durable, raises LostRace only if nothing was, and
otherwise StoreUnavailable; who then reads the partitions again can't do harm, for whatever is still on its way needs a
token that the next commit replaces.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import wraps
from types import CoroutineType
from typing import Any, ParamSpec, TypeVar, cast

import pymongo
from bson.errors import InvalidDocument
from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
)
from pymongo import DeleteMany, InsertOne, ReplaceOne, UpdateOne
from pymongo.errors import BulkWriteError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.results import BulkWriteResult
from pymongo.write_concern import WriteConcern

from shared.runtime.store.documents import COMMANDS, PARTITIONS, Document
from shared.runtime.store.protocol import LostRace, StoreUnavailable, Unstorable
from shared.runtime.store.sessions import end_orphans

Operation = InsertOne[Document] | ReplaceOne[Document] | UpdateOne | DeleteMany
Step = tuple[str, Sequence[Operation]]
"""A collection and what is written to it, in one round trip and in any order."""

P = ParamSpec("P")
R = TypeVar("R")

DURABLE = WriteConcern("majority", j=True)
PAUSES = (0.0, 0.005, 0.02, 0.05, 0.1, 0.2)
"""Seconds before each attempt while an open transaction of somebody else is in the way."""
ATTEMPTS_BEFORE_ENDING_ORPHANS = 3
ABORT_SECONDS = 0.5

WRITE_CONFLICT = 112
DUPLICATE_KEY = 11000
OBJECT_TOO_LARGE = 10334


class _Conflict(Exception):
    """Aborted because of somebody else's transaction. Nothing was written."""


@contextmanager
def translated() -> Generator[None]:
    """Turn what is wrong with a document into Unstorable, and all else that the driver raises into StoreUnavailable.

    A server that is starting, stopping or misconfigured answers with nearly any error; what is wrong with a document is
    the one thing that trying again can't mend.
    """
    try:
        yield
    except (InvalidDocument, OverflowError) as error:
        raise Unstorable(f"{type(error).__name__}: {error}"[:300]) from error
    except PyMongoError as error:
        reason = f"{type(error).__name__}: {error}"[:300]
        if isinstance(error, OperationFailure) and error.code == OBJECT_TOO_LARGE:
            raise Unstorable(reason) from error
        raise StoreUnavailable(reason) from error


def reaching(method: Callable[P, Coroutine[Any, Any, R]]) -> "Callable[P, CoroutineType[Any, Any, R]]":
    """Make a method raise StoreUnavailable where it can't reach the server."""

    @wraps(method)
    async def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with translated():
            return await method(*args, **kwargs)

    return call


async def bulk(
    collection: AsyncIOMotorCollection[Document],
    operations: Sequence[Operation],
    session: AsyncIOMotorClientSession | None = None,
) -> int:
    """Write in any order, in one round trip; return how many documents were found to be there."""
    result: BulkWriteResult = await cast(Any, collection).bulk_write(operations, ordered=False, session=session)
    return result.matched_count


class Transactions:
    """Runs transactions on one database. `timeout` bounds how long an outcome is waited for, in seconds."""

    def __init__(
        self,
        client: AsyncIOMotorClient[Document],
        database: AsyncIOMotorDatabase[Document],
        appname: str,
        timeout: float,
    ) -> None:
        self._client = client
        self._database = database
        self._appname = appname
        self._timeout = timeout
        self._live: set[bytes] = set()
        self._running: set[asyncio.Task[None]] = set()

    async def run(self, tokens: Mapping[int, tuple[str, str]], steps: Sequence[Step]) -> None:
        """Write `steps`, of which the first is the compare-and-set of the partitions in `tokens` (number: read, new).

        A cancelled caller leaves the transaction running to its end. Raises LostRace and StoreUnavailable.
        """
        task = asyncio.create_task(self._run(tokens, steps))
        self._running.add(task)
        task.add_done_callback(self._ended)
        await asyncio.shield(task)

    async def end_orphans(self) -> int:
        """End open transactions of an earlier process of this name."""
        return await end_orphans(self._client, self._appname, self._live)

    async def drain(self) -> None:
        """Wait for what is still running."""
        await asyncio.gather(*self._running, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # a caller that was cancelled does not ask for it

    @reaching
    async def _run(self, tokens: Mapping[int, tuple[str, str]], steps: Sequence[Step]) -> None:
        for attempt, pause in enumerate(PAUSES):
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))
            if attempt >= ATTEMPTS_BEFORE_ENDING_ORPHANS:
                await self.end_orphans()
            try:
                return await self._attempt(tokens, steps)
            except _Conflict:
                await self._raise_if_moved(tokens)
        raise StoreUnavailable("an open transaction is in the way")

    async def _attempt(self, tokens: Mapping[int, tuple[str, str]], steps: Sequence[Step]) -> None:
        async with await self._client.start_session(causal_consistency=False) as session:
            lsid = bytes(cast(Any, session).session_id["id"])
            self._live.add(lsid)
            try:
                await self._write(session, tokens, steps)
                await self._finish(session, tokens)
            finally:
                self._live.discard(lsid)

    async def _write(
        self, session: AsyncIOMotorClientSession, tokens: Mapping[int, tuple[str, str]], steps: Sequence[Step]
    ) -> None:
        session.start_transaction(read_concern=ReadConcern("snapshot"), write_concern=DURABLE)
        collection = ""
        try:
            for collection, operations in steps:
                found = await bulk(self._database[collection], operations, session)
                if collection == PARTITIONS and found != len(tokens):
                    raise _Conflict
        except BaseException as error:
            # A server that does not answer must not be waited for twice.
            with suppress(PyMongoError), pymongo.timeout(ABORT_SECONDS):
                await session.abort_transaction()
            if isinstance(error, PyMongoError):
                await self._judge(error, collection, tokens)
            raise

    async def _judge(self, error: PyMongoError, collection: str, tokens: Mapping[int, tuple[str, str]]) -> None:
        if _is_conflict(error):
            raise _Conflict from error
        if _is_duplicate(error):
            await self._raise_if_moved(tokens)
            if collection == COMMANDS:
                raise LostRace(list(tokens)) from error

    async def _finish(self, session: AsyncIOMotorClientSession, tokens: Mapping[int, tuple[str, str]]) -> None:
        """Commit; again and again while the outcome is unknown, until the time is up."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._timeout
        pause = 0.02
        while True:
            try:
                return await session.commit_transaction()
            except PyMongoError as error:
                unknown = error.has_error_label("UnknownTransactionCommitResult")
                if not unknown or loop.time() + pause > deadline:
                    with pymongo.timeout(max(ABORT_SECONDS, deadline - loop.time())):
                        return await self._settle(error, unknown, tokens)
            await asyncio.sleep(pause)
            pause *= 2

    async def _settle(self, error: PyMongoError, unknown: bool, tokens: Mapping[int, tuple[str, str]]) -> None:
        """Whose tokens are in the store? Ours: it was written. Else what went wrong decides."""
        now = await self._tokens(tokens)
        if all(now.get(number) == new for number, (_, new) in tokens.items()):
            return
        if _is_conflict(error) and not unknown:
            raise _Conflict from error
        await self._raise_if_moved(tokens)
        raise StoreUnavailable("the outcome of a commit is unknown") from error

    async def _raise_if_moved(self, tokens: Mapping[int, tuple[str, str]]) -> None:
        now = await self._tokens(tokens)
        moved = [number for number, (read, _) in tokens.items() if now.get(number) != read]
        if moved:
            raise LostRace(moved)

    async def _tokens(self, numbers: Mapping[int, tuple[str, str]]) -> dict[int, str]:
        cursor = self._database[PARTITIONS].find({"_id": {"$in": list(numbers)}}, {"token": 1})
        return {document["_id"]: document["token"] for document in await cursor.to_list(None)}


def _is_conflict(error: PyMongoError) -> bool:
    transient = error.has_error_label("TransientTransactionError")
    return isinstance(error, OperationFailure) and (error.code == WRITE_CONFLICT or transient)


def _is_duplicate(error: PyMongoError) -> bool:
    if not isinstance(error, BulkWriteError):
        return False
    return any(one["code"] == DUPLICATE_KEY for one in error.details["writeErrors"])
