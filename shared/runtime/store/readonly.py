"""A service's store for eyes alone: opened with credentials that can only read, it prepares and writes nothing.

Documents come as they stand, so that an auditor also sees what no service reads any more.
"""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import ASCENDING, ReadPreference
from pymongo.read_concern import ReadConcern

from shared.engine.aggregate import Aggregate
from shared.engine.partition import Partition
from shared.runtime.store import documents
from shared.runtime.store.documents import PARTITIONS, Document
from shared.runtime.store.mongo import CODEC
from shared.runtime.store.transactions import reaching, translated

APPNAME = "owlbus-audit"
PAGE = 500


class ReadOnlyMongo:
    """The database `database` at `uri`. Majority reads on the primary, as a service's own. Raises StoreUnavailable."""

    def __init__(self, uri: str, database: str, *, timeout: float = 10.0) -> None:
        milliseconds = int(timeout * 1000)
        self._client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
            uri, appname=APPNAME, timeoutMS=milliseconds, serverSelectionTimeoutMS=milliseconds
        )
        self._database = self._client.get_database(
            database, codec_options=CODEC, read_preference=ReadPreference.PRIMARY, read_concern=ReadConcern("majority")
        )

    @reaching
    async def partitions(self) -> dict[int, Partition]:
        """The partition documents; none where no service has ever used the database."""
        rows = await self._database[PARTITIONS].find().to_list(None)
        return {row["_id"]: documents.read_partition(row) for row in rows}

    async def documents(self, aggregate: Aggregate) -> AsyncGenerator[Mapping[str, Any]]:
        """All documents of one aggregate, as they stand when their turn comes."""
        with translated():
            async for row in self._database[aggregate.name].find().sort("_id", ASCENDING).batch_size(PAGE):
                yield row

    async def close(self) -> None:
        """Let go of connections."""
        self._client.close()
