"""Changing N in the databases of all services together: a fence, states to their new homes, and one last write.

Invariant: until `switch` returns, the old layout holds and nothing is lost that `lift` could not restore; from then on
the new one holds, in all databases. While the fence is up no process can commit or start, whenever it read what.
"""

from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession, AsyncIOMotorDatabase
from pymongo import ReadPreference, ReplaceOne, UpdateOne
from pymongo.read_concern import ReadConcern

from shared.engine.aggregate import Aggregate
from shared.engine.generation import Generation
from shared.engine.partition import Partition
from shared.runtime.store import documents
from shared.runtime.store.documents import LAYOUT_ID, META, PARTITIONS, Document
from shared.runtime.store.mongo import CODEC
from shared.runtime.store.protocol import LostRace, Write
from shared.runtime.store.steps import steps_of
from shared.runtime.store.transactions import DURABLE, Operation, bulk, reaching, translated

APPNAME = "owlbus-repartition"
PAGE = 1_000
SELECTION_MS = 10_000
BEFORE = "before-{}"
"""Under this id the partition documents of the old layout are kept for good, as they were."""


@dataclass(frozen=True, slots=True)
class LaidOut:
    """What a database says of its layout: N, where a repartition goes that was begun (0: none), what N was before."""

    count: int
    moving: int
    generations: tuple[Generation, ...]


class Relayout:
    """The databases of all services at `uri`, by service. Needs a user that may write in all of them.

    Methods raise StoreUnavailable where MongoDB can't be used; whatever they did not finish can be done again.
    """

    def __init__(self, uri: str, databases: Mapping[str, str]) -> None:
        self._client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
            uri, appname=APPNAME, serverSelectionTimeoutMS=SELECTION_MS
        )
        self._databases = {service: self._database(name) for service, name in databases.items()}

    def _database(self, name: str) -> AsyncIOMotorDatabase[Document]:
        return self._client.get_database(
            name,
            codec_options=CODEC,
            read_preference=ReadPreference.PRIMARY,
            read_concern=ReadConcern("majority"),
            write_concern=DURABLE,
        )

    @reaching
    async def layouts(self) -> dict[str, LaidOut | None]:
        """How each service's database is laid out; None where no service has ever used it."""
        return {service: _laid_out(await it[META].find_one({"_id": LAYOUT_ID})) for service, it in self._all()}

    # --- reading

    @reaching
    async def documents(self, service: str, aggregate: Aggregate, ids: Sequence[str]) -> dict[str, Document]:
        """The documents of these states, as they stand."""
        rows = await self._databases[service][aggregate.name].find({"_id": {"$in": list(ids)}}).to_list(None)
        return {row["_id"]: row for row in rows}

    async def places(self, service: str, aggregate: Aggregate) -> AsyncGenerator[tuple[str, int]]:
        """Id and partition of every state."""
        with translated():
            async for row in self._databases[service][aggregate.name].find({}, {"p": 1}).batch_size(PAGE):
                yield row["_id"], row["p"]

    # --- writing

    @reaching
    async def fence(self, to: int, read: Mapping[str, Sequence[Partition]], by: str, at: datetime) -> None:
        """Let nobody start or commit any more, if all partitions still are as `read`. Raises LostRace."""

        async def write(session: AsyncIOMotorClientSession) -> None:
            for service, partitions in read.items():
                await self._fence(session, service, partitions, to, {"to": to, "by": by, "at": at.isoformat()})

        await self._together(write)

    async def _fence(
        self, session: AsyncIOMotorClientSession, service: str, old: Sequence[Partition], to: int, moving: Document
    ) -> None:
        database, count = self._databases[service], len(old)
        kept: Document = {"_id": BEFORE.format(to), "partitions": [documents.partition_document(one) for one in old]}
        free: list[Operation] = [
            UpdateOne({"_id": LAYOUT_ID, "partitions": count, "moving": None}, {"$set": {"moving": moving}})
        ]
        held: list[Operation] = [
            UpdateOne({"_id": one.number, "token": one.token}, {"$set": {"count": to, "token": documents.new_token()}})
            for one in old
        ]
        fresh = [Partition(number, to, token=documents.new_token()) for number in range(count, to)]
        added: list[Operation] = [
            ReplaceOne({"_id": one.number}, documents.partition_document(one), upsert=True) for one in fresh
        ]
        if not await bulk(database[META], free, session) or await bulk(database[PARTITIONS], held, session) != count:
            raise LostRace(range(count))
        await bulk(database[PARTITIONS], added, session)
        await bulk(database[META], [ReplaceOne({"_id": kept["_id"]}, kept, upsert=True)], session)

    @reaching
    async def lift(self, count: int) -> None:
        """Take the fence away again: all is as before, under tokens of its own. Only before states were placed."""

        async def write(session: AsyncIOMotorClientSession) -> None:
            for _, database in self._all():
                await database[PARTITIONS].delete_many({"_id": {"$gte": count}}, session=session)
                again = [UpdateOne({"_id": n}, _counted(count)) for n in range(count)]
                await bulk(database[PARTITIONS], again, session)
                gone: Document = {"$unset": {"moving": ""}}
                await database[META].update_one({"_id": LAYOUT_ID, "partitions": count}, gone, session=session)

        await self._together(write)

    @reaching
    async def place(self, service: str, aggregate: Aggregate, homes: Mapping[str, int]) -> None:
        """Say of these states in which partition they live; nothing else about them changes."""
        if homes:
            moves = [UpdateOne({"_id": id}, {"$set": {"p": home}}) for id, home in homes.items()]
            await bulk(self._databases[service][aggregate.name], moves)

    @reaching
    async def switch(self, to: int, writes: Mapping[str, Sequence[Write]], over: Mapping[str, Generation]) -> None:
        """The last write: all partitions of all services, and N. All of it or nothing. Raises LostRace.

        `over` is the generation that ends with it, for each service.
        """
        layouts = await self.layouts()

        async def write(session: AsyncIOMotorClientSession) -> None:
            for service, several in writes.items():
                database, layout = self._databases[service], layouts[service]
                assert layout is not None
                for collection, operations in steps_of(several):
                    found = await bulk(database[collection], operations, session)
                    if collection == PARTITIONS and found != len(several):
                        raise LostRace(range(to))
                generations = documents.generations_document([*layout.generations, over[service]])
                change: Document = {"$set": {"partitions": to, "generations": generations}, "$unset": {"moving": ""}}
                under_way = {"_id": LAYOUT_ID, "partitions": layout.count, "moving.to": to}
                if not (await database[META].update_one(under_way, change, session=session)).matched_count:
                    raise LostRace(range(to))

        await self._together(write)

    async def _together(self, write: Callable[[AsyncIOMotorClientSession], Coroutine[Any, Any, None]]) -> None:
        """One transaction over all databases, tried again by the driver while its outcome is unknown."""
        async with await self._client.start_session() as session:
            await session.with_transaction(write, ReadConcern("snapshot"), DURABLE)

    async def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _all(self) -> Sequence[tuple[str, AsyncIOMotorDatabase[Document]]]:
        return list(self._databases.items())


def _laid_out(row: Mapping[str, Any] | None) -> LaidOut | None:
    if row is None:
        return None
    moving = row.get("moving", {}).get("to", 0)
    return LaidOut(row["partitions"], moving, documents.read_generations(row))


def _counted(count: int) -> Document:
    return {"$set": {"count": count, "token": documents.new_token()}}
