"""What a service's database must hold before anything is read or written: collections, indexes, partition documents.

Every start sees to it. One that finds all in place writes nothing, and so waits for nothing to become durable.
"""

import asyncio

import pymongo
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, IndexModel, UpdateOne
from pymongo.errors import CollectionInvalid, OperationFailure

from shared.engine.aggregate import Aggregate
from shared.runtime.store import documents
from shared.runtime.store.documents import LOG, OWN_NAMES, PARTITIONS, PROJECTED, QUARANTINE, Document
from shared.runtime.store.protocol import Layout
from shared.runtime.store.transactions import bulk

Database = AsyncIOMotorDatabase[Document]

NAMESPACE_EXISTS = 48
"""The server's error code for a collection that is there already."""


async def create_collections(database: Database, layout: Layout) -> None:
    """Create the collections and indexes that are missing. Building an index takes as long as there is data."""
    indexes = {
        LOG: [_index("keys", "_id.last")],
        QUARANTINE: [_index("_id.p", "key", "_id.number")],
        PROJECTED: [_index("_id.of", "terms")],
        **{aggregate.name: _state_indexes(layout, aggregate) for aggregate in layout.aggregates},
    }
    with pymongo.timeout(None):
        there = set(await database.list_collection_names())
        for name in sorted((OWN_NAMES | indexes.keys()) - there):
            await _create_collection(database, name)
        await asyncio.gather(*(database[name].create_indexes(wanted) for name, wanted in indexes.items()))


async def _create_collection(database: Database, name: str) -> None:
    try:
        await database.create_collection(name)
    except CollectionInvalid:
        pass  # another replica was first, before the driver looked
    except OperationFailure as error:  # or right after it
        if error.code != NAMESPACE_EXISTS:
            raise


def _state_indexes(layout: Layout, aggregate: Aggregate) -> list[IndexModel]:
    due = IndexModel([("p", ASCENDING), ("due", ASCENDING)], partialFilterExpression={"due": {"$exists": True}})
    fields = map(documents.field_path, layout.indexes.get(aggregate.name, ()))
    return [due, *(_index(field, "_id") for field in fields)]


def _index(*fields: str) -> IndexModel:
    return IndexModel([(field, ASCENDING) for field in fields])


async def create_partitions(database: Database, layout: Layout) -> None:
    """Create the partition documents that are missing; those that are there stay as they are."""
    there = set(await database[PARTITIONS].distinct("_id"))
    missing = [
        documents.partition_document(documents.new_partition(layout, number))
        for number in range(layout.partitions)
        if number not in there
    ]
    if missing:
        insert = [UpdateOne({"_id": one.pop("_id")}, {"$setOnInsert": one}, upsert=True) for one in missing]
        await bulk(database[PARTITIONS], insert)
