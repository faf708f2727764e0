"""The store on MongoDB, through Motor. One database for each service.

Reads that plans are made on have majority read concern on the primary: what they see stays. Hints (cursors, owners) are
written and read without waiting for the majority.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import pymongo
from bson.codec_options import CodecOptions
from bson.max_key import MaxKey
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection
from pymongo import ASCENDING, DESCENDING, DeleteMany, ReadPreference, ReplaceOne, UpdateOne
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.engine.aggregate import Aggregate
from shared.engine.emit import Stored
from shared.engine.generation import Generation, Segment, segments_of_key
from shared.engine.inputs import CommandRecord, Held, StateRef
from shared.engine.partition import Partition
from shared.engine.projection import Projection, Row
from shared.runtime.store import documents
from shared.runtime.store.documents import (
    COMMANDS,
    CURSORS,
    FOLDS,
    LAYOUT_ID,
    LOG,
    META,
    OWNERS,
    PARTITIONS,
    QUARANTINE,
    Document,
)
from shared.runtime.store.preparing import create_collections, create_partitions
from shared.runtime.store.projections import Projections
from shared.runtime.store.protocol import Batch, DueRef, Layout, Match, Page, Told, Write
from shared.runtime.store.steps import put, steps_of
from shared.runtime.store.transactions import DURABLE, Operation, Step, Transactions, bulk, reaching

CODEC: CodecOptions[Document] = CodecOptions(tz_aware=True)
CHUNK = 1_000
"""Documents of one transaction of a refold."""
LOG_BYTES = 8_000_000
"""About as much as one read of the log brings."""


class MongoStore:
    """Implements `Store` in the database `database` at `uri`.

    `appname` names the replica ("ideas/ideas-0"); no two processes may use it at once, for who starts ends the open
    transactions of its predecessor. A server that does not answer within `timeout` seconds is unavailable.
    """

    def __init__(self, uri: str, database: str, *, appname: str, timeout: float = 4.0) -> None:
        milliseconds = int(timeout * 1000)
        self._client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
            uri, appname=appname, timeoutMS=milliseconds, serverSelectionTimeoutMS=milliseconds
        )
        self._database = self._client.get_database(
            database,
            codec_options=CODEC,
            read_preference=ReadPreference.PRIMARY,
            read_concern=ReadConcern("majority"),
            write_concern=DURABLE,
        )
        self._transactions = Transactions(self._client, self._database, appname, timeout)
        self._aggregates: dict[str, Aggregate] = {}
        self._count = 0
        self.generations: tuple[Generation, ...] = ()
        self._projections = Projections(self._database)

    # --- preparing and committing

    @reaching
    async def prepare(self, layout: Layout) -> None:
        """See `Store`."""
        documents.check_layout(layout)
        await self._transactions.end_orphans()
        await self._check_count(layout)
        await create_collections(self._database, layout)
        await create_partitions(self._database, layout)
        self._aggregates = {aggregate.name: aggregate for aggregate in layout.aggregates}
        await self._projections.prepare(layout)

    async def _check_count(self, layout: Layout) -> None:
        meta = self._database[META]
        found = await meta.find_one({"_id": LAYOUT_ID})
        if found is None:
            with suppress(DuplicateKeyError):  # another replica was first
                first = {"$setOnInsert": {"partitions": layout.partitions}}
                await meta.update_one({"_id": LAYOUT_ID}, first, upsert=True)
            found = await meta.find_one({"_id": LAYOUT_ID})
        assert found is not None
        documents.check_count(found["partitions"], layout, found.get("moving", {}).get("to", 0))
        self._count, self.generations = layout.partitions, documents.read_generations(found)

    async def commit(self, writes: Sequence[Write]) -> None:
        """See `Store`. Costs one round trip per collection that is written to, and one to commit."""
        if not writes:
            return
        tokens = {w.plan.partition.number: (w.read, w.plan.partition.token) for w in writes}
        await self._transactions.run(tokens, list(steps_of(writes)))

    async def refold(self, partition: int, aggregate: Aggregate, states: Mapping[str, Stored], read: str) -> str:
        """See `Store`."""
        changes: list[Operation] = [put(partition, id, stored) for id, stored in states.items()]
        gone = await self._ids_not_in(partition, aggregate, states)
        changes += [DeleteMany({"_id": {"$in": gone[i : i + CHUNK]}}) for i in range(0, len(gone), CHUNK)]
        chunks = [changes[i : i + CHUNK] for i in range(0, len(changes), CHUNK)] or [[]]
        fold = f"{FOLDS}.{aggregate.name}"
        token = read
        for index, chunk in enumerate(chunks):
            last = index == len(chunks) - 1
            new = documents.new_token()
            stamp: Document = {"$set": {"token": new, fold: aggregate.fold}}
            broken: Document = {"$set": {"token": new}, "$unset": {fold: ""}}
            claim = UpdateOne({"_id": partition, "token": token}, stamp if last else broken)
            steps: list[Step] = [(PARTITIONS, [claim])]
            if chunk:
                steps.append((aggregate.name, chunk))
            await self._transactions.run({partition: (token, new)}, steps)
            token = new
        return token

    @reaching
    async def _ids_not_in(self, partition: int, aggregate: Aggregate, states: Mapping[str, Stored]) -> list[str]:
        # Looks at the whole collection: an index only for this would cost every commit something.
        with pymongo.timeout(None):
            cursor = self._database[aggregate.name].find({"p": partition}, {"_id": 1})
            return [row["_id"] async for row in cursor if row["_id"] not in states]

    # --- reading for plans

    @reaching
    async def partitions(self, numbers: Sequence[int]) -> dict[int, Partition]:
        """See `Store`."""
        rows = await self._database[PARTITIONS].find({"_id": {"$in": list(numbers)}}).to_list(None)
        return {row["_id"]: documents.read_partition(row) for row in rows}

    @reaching
    async def states(self, refs: Sequence[StateRef]) -> dict[StateRef, Stored]:
        """See `Store`. One round trip per aggregate, side by side."""
        wanted: dict[str, list[str]] = {}
        for name, id in refs:
            wanted.setdefault(name, []).append(id)
        found = await asyncio.gather(*(self._states(self._aggregates[name], ids) for name, ids in wanted.items()))
        return {ref: stored for part in found for ref, stored in part.items()}

    async def _states(self, aggregate: Aggregate, ids: list[str]) -> dict[StateRef, Stored]:
        rows = await self._database[aggregate.name].find({"_id": {"$in": ids}}).to_list(None)
        return {(aggregate.name, row["_id"]): documents.read_state(aggregate, row) for row in rows}

    @reaching
    async def commands(self, ids: Sequence[str]) -> dict[str, CommandRecord]:
        """See `Store`."""
        if not ids:
            return {}
        rows = await self._database[COMMANDS].find({"_id": {"$in": list(ids)}}).to_list(None)
        return {row["_id"]: documents.read_command(row) for row in rows}

    @reaching
    async def held(self, partition: int, key: str | None = None, *, limit: int = 200) -> tuple[Held, ...]:
        """See `Store`."""
        where: Document = {"_id.p": partition} if key is None else {"_id.p": partition, "key": key}
        rows = await self._database[QUARANTINE].find(where).sort("_id.number", ASCENDING).limit(limit).to_list(None)
        return tuple(documents.read_held(row) for row in rows)

    @reaching
    async def log(self, partition: int, after: int, *, limit: int = 100) -> list[Batch]:
        """See `Store`."""
        where = _log_behind(partition, after)
        batches: list[Batch] = []
        size = 0
        cursor = self._database[LOG].find(where).sort("_id", ASCENDING).limit(limit).batch_size(20)
        try:
            async for row in cursor:
                batches.append(documents.read_batch(row))
                size += sum(len(entry.value) for entry in batches[-1].entries)
                if size >= LOG_BYTES:
                    break
        finally:
            await cursor.close()
        return batches

    @reaching
    async def log_ends(self, numbers: Sequence[int]) -> dict[int, int]:
        """See `Store`. One small read for each partition, side by side."""
        return dict(zip(numbers, await asyncio.gather(*map(self._log_end, numbers)), strict=True))

    async def _log_end(self, partition: int) -> int:
        row = await self._database[LOG].find_one(_log_behind(partition, 0), {"_id": 1}, sort=[("_id", DESCENDING)])
        return row["_id"]["last"] if row else 0

    @reaching
    async def due(self, numbers: Sequence[int], until: datetime, *, limit: int = 500) -> list[DueRef]:
        """See `Store`."""
        where = {"p": {"$in": list(numbers)}, "due": {"$lte": until}}
        found = await asyncio.gather(*(self._due(name, where, limit) for name in self._aggregates))
        return sorted((ref for part in found for ref in part), key=lambda ref: ref.due)[:limit]

    @reaching
    async def next_due(self, numbers: Sequence[int]) -> datetime | None:
        """See `Store`."""
        where = {"p": {"$in": list(numbers)}, "due": {"$exists": True}}
        found = await asyncio.gather(*(self._due(name, where, 1) for name in self._aggregates))
        return min((ref.due for part in found for ref in part), default=None)

    async def _due(self, name: str, where: Document, limit: int) -> list[DueRef]:
        cursor = self._database[name].find(where, {"p": 1, "due": 1}).sort("due", ASCENDING).limit(limit)
        return [DueRef(row["p"], name, row["_id"], row["due"]) async for row in cursor]

    # --- projections

    async def progress(self, name: str, numbers: Sequence[int]) -> dict[int, int]:
        """See `Store`."""
        return await self._projections.progress(name, numbers)

    async def advance(
        self, name: str, partition: int, rows: Mapping[int, tuple[Projection, Row]], read: int, last: int
    ) -> None:
        """See `Store`."""
        await self._projections.advance(name, partition, rows, read, last)

    async def nearest(self, projection: Projection, terms: Sequence[int], *, limit: int = 20) -> list[Match]:
        """See `Reader`."""
        return await self._projections.nearest(projection, terms, limit)

    # --- hints

    @reaching
    async def cursors(self, numbers: Sequence[int]) -> dict[int, int]:
        """See `Store`."""
        rows = await self._hints(CURSORS).find({"_id": {"$in": list(numbers)}}).to_list(None)
        return dict.fromkeys(numbers, 0) | {row["_id"]: row["last"] for row in rows}

    @reaching
    async def save_cursors(self, cursors: Mapping[int, int]) -> None:
        """See `Store`."""
        await self._hint(CURSORS, {number: {"last": last} for number, last in cursors.items()})

    @reaching
    async def claim(self, numbers: Sequence[int], address: str) -> None:
        """See `Store`."""
        await self._hint(OWNERS, {number: {"address": address} for number in numbers})

    @reaching
    async def owner(self, partition: int) -> str | None:
        """See `Store`."""
        row = await self._hints(OWNERS).find_one({"_id": partition})
        return row["address"] if row else None

    async def _hint(self, name: str, rows: Mapping[int, Document]) -> None:
        if rows:
            operations = [ReplaceOne({"_id": number}, row, upsert=True) for number, row in rows.items()]
            await bulk(self._hints(name), operations)

    def _hints(self, name: str) -> AsyncIOMotorCollection[Document]:
        return self._database.get_collection(name, read_concern=ReadConcern("local"), write_concern=WriteConcern(1))

    # --- queries

    @reaching
    async def state(self, aggregate: Aggregate, id: str) -> Stored | None:
        """See `Reader`."""
        row = await self._database[aggregate.name].find_one({"_id": id})
        return documents.read_state(aggregate, row) if row else None

    @reaching
    async def find(
        self, aggregate: Aggregate, where: Mapping[str, Any], *, after: str | None = None, limit: int = 50
    ) -> Page:
        """See `Reader`."""
        conditions = _conditions(where)
        if after is not None:
            conditions.append({"_id": {"$gt": after}})
        collection: AsyncIOMotorCollection[Document] = self._database[aggregate.name]
        rows = await collection.find(_all(conditions)).sort("_id", ASCENDING).limit(limit + 1).to_list(None)
        cursor = rows[limit - 1]["_id"] if len(rows) > limit else None
        return Page(tuple(documents.read_state(aggregate, row) for row in rows[:limit]), cursor)

    @reaching
    async def count_by(self, aggregate: Aggregate, field: str, where: Mapping[str, Any]) -> dict[str, int]:
        """See `Reader`."""
        pipeline: list[Document] = [
            {"$match": _all(_conditions(where))},
            {"$project": {"value": f"${documents.field_path(field)}"}},
            {"$unwind": {"path": "$value", "preserveNullAndEmptyArrays": True}},
            {"$group": {"_id": "$value", "count": {"$sum": 1}}},
        ]
        rows = await self._database[aggregate.name].aggregate(pipeline).to_list(None)
        return {documents.label(row["_id"]): row["count"] for row in rows}

    @reaching
    async def history(self, key: str, *, after: int = 0, limit: int = 500) -> list[Told]:
        """See `Reader`. The server picks the events out of their batches; one round trip a generation."""
        found: list[Told] = []
        for segment in segments_of_key(self.generations, self._count, key):
            behind = segment.behind(after)
            if behind is not None and len(found) < limit:
                rows = await self._stretch(key, segment, behind, limit - len(found))
                found += [Told(entry.sequence + segment.shift, entry) for entry in map(documents.read_entry, rows)]
        return found

    async def _stretch(self, key: str, segment: Segment, behind: int, limit: int) -> list[Document]:
        """No batch goes beyond the end of a generation."""
        emitter = {"$arrayElemAt": [{"$split": ["$$this.s", "/"]}, 1]}
        ours = {"$and": [{"$gt": ["$$this.n", behind]}, {"$eq": [emitter, {"$literal": key}]}]}
        last = {"$gt": behind} if segment.until is None else {"$gt": behind, "$lte": segment.until}
        pipeline: list[Document] = [
            {"$match": {"keys": key, "_id.last": last, "_id.p": segment.number}},
            {"$sort": {"_id.last": ASCENDING}},
            {"$project": {"entry": {"$filter": {"input": "$entries", "cond": ours}}}},
            {"$unwind": "$entry"},
            {"$limit": limit},
        ]
        return [row["entry"] for row in await self._database[LOG].aggregate(pipeline).to_list(None)]

    # --- the rest

    @reaching
    async def now(self) -> datetime:
        """See `Store`."""
        answer = await self._database.command("hello", codec_options=CODEC)
        return answer["localTime"]

    async def close(self) -> None:
        """See `Store`. Waits for a transaction that is under way."""
        await self._transactions.drain()
        self._client.close()


def _log_behind(partition: int, after: int) -> Document:
    return {"_id": {"$gt": {"p": partition, "last": after}, "$lt": {"p": partition, "last": MaxKey()}}}


def _conditions(where: Mapping[str, Any]) -> list[Document]:
    return [{documents.field_path(name): {"$in": documents.choices(value)}} for name, value in where.items()]


def _all(conditions: list[Document]) -> Document:
    return {"$and": conditions} if conditions else {}
