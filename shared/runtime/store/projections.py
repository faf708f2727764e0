"""Projections on MongoDB: rows of all of them in one collection, and how far each has read the log in another.

Nothing here needs a transaction. Rows are written before the place in the log moves on, are the same when they come
again, and never go back to an earlier event.
"""

from collections.abc import Mapping, Sequence

import pymongo
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, ReplaceOne, UpdateOne
from pymongo.errors import BulkWriteError

from shared.engine.projection import Projection, Row
from shared.runtime.store import documents
from shared.runtime.store.documents import PROGRESS, PROJECTED, Document
from shared.runtime.store.protocol import Layout, LostRace, Match
from shared.runtime.store.transactions import DUPLICATE_KEY, Operation, bulk, reaching

MOST_COUNTED = 2_000
"""Rows that share a term; where more do, which are counted is left to the index."""

CLEARING = "clearing"
"""Stands in a place whose projection was begun anew, until the rows of the other version are gone."""


class Projections:
    """The projections of one database."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._database = database
        self._versions: dict[str, int] = {}

    @reaching
    async def prepare(self, layout: Layout) -> None:
        """Begin anew what was made with another version: first its place in the log, then what is left of its rows.

        Writes nothing where all is as it should be.
        """
        places = [
            ({"of": name, "p": number}, {"version": version, "last": 0})
            for name, version in layout.versions.items()
            for number in range(layout.partitions)
        ]
        self._versions = layout.versions
        if places and not await self._is_current(layout):
            await self._begin_anew(layout, places)

    async def _is_current(self, layout: Layout) -> bool:
        names = list(layout.versions)
        places = await self._database[PROGRESS].find({"_id.of": {"$in": names}}, {"last": 0}).to_list(None)
        current = [
            place["version"] == layout.versions[place["_id"]["of"]] and CLEARING not in place for place in places
        ]
        return all(current) and len(current) == len(names) * layout.partitions

    async def _begin_anew(self, layout: Layout, places: Sequence[tuple[Document, Document]]) -> None:
        insert = [UpdateOne({"_id": id}, {"$setOnInsert": place}, upsert=True) for id, place in places]
        await bulk(self._database[PROGRESS], insert)
        again = [
            UpdateOne({"_id": id, "version": {"$ne": place["version"]}}, {"$set": place | {CLEARING: True}})
            for id, place in places
        ]
        await bulk(self._database[PROGRESS], again)
        with pymongo.timeout(None):
            for name, version in layout.versions.items():
                await self._database[PROJECTED].delete_many({"_id.of": name, "version": {"$ne": version}})
        cleared: Document = {"_id.of": {"$in": list(layout.versions)}, CLEARING: True}
        await self._database[PROGRESS].update_many(cleared, {"$unset": {CLEARING: ""}})

    @reaching
    async def progress(self, name: str, numbers: Sequence[int]) -> dict[int, int]:
        """See `Store`."""
        ids = [{"of": name, "p": number} for number in numbers]
        rows = await self._database[PROGRESS].find({"_id": {"$in": ids}}).to_list(None)
        return {row["_id"]["p"]: row["last"] for row in rows}

    @reaching
    async def advance(
        self, name: str, partition: int, rows: Mapping[int, tuple[Projection, Row]], read: int, last: int
    ) -> None:
        """See `Store`."""
        made = [documents.row_document(kind, partition, number, row) for number, (kind, row) in rows.items()]
        if made:
            await self._put_rows(made)
        place = {"_id": {"of": name, "p": partition}, "version": self._versions[name], "last": read}
        found = await self._database[PROGRESS].update_one(place, {"$set": {"last": last}})
        if not found.matched_count:
            raise LostRace([partition])

    async def _put_rows(self, rows: Sequence[Document]) -> None:
        """Insert, or replace what was made of an earlier event; a later one is there already, and stays."""
        newest = {(row["_id"]["of"], row["_id"]["id"]): row for row in rows}
        puts: list[Operation] = [
            ReplaceOne({"_id": row["_id"], "n": {"$lte": row["n"]}}, row, upsert=True) for row in newest.values()
        ]
        try:
            await bulk(self._database[PROJECTED], puts)
        except BulkWriteError as error:
            if any(one["code"] != DUPLICATE_KEY for one in error.details["writeErrors"]):
                raise

    @reaching
    async def nearest(self, projection: Projection, terms: Sequence[int], limit: int) -> list[Match]:
        """See `Reader`. The server counts, over `MOST_COUNTED` rows at most: a flood of the same text costs no more."""
        wanted = list(dict.fromkeys(terms))
        pipeline: list[Document] = [
            {"$match": {"_id.of": projection.name, "terms": {"$in": wanted}, "version": projection.version}},
            {"$limit": MOST_COUNTED},
            {"$project": {"shared": {"$size": {"$setIntersection": ["$terms", wanted]}}}},
            {"$sort": {"shared": -1, "_id.id": ASCENDING}},
            {"$limit": limit},
        ]
        rows = await self._database[PROJECTED].aggregate(pipeline).to_list(None)
        return [Match(row["_id"]["id"], row["shared"]) for row in rows]
