"""How large the databases are, for tools that plan ahead."""

from collections.abc import Sequence

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

from shared.runtime.store.documents import PARTITIONS, Document
from shared.runtime.store.protocol import StoreUnavailable
from shared.runtime.store.sessions import TOOL_TIMEOUT_MS


async def bytes_of(uri: str, databases: Sequence[str]) -> tuple[int, int]:
    """Bytes on disk of these databases with their indexes, and how many events they hold. Raises StoreUnavailable."""
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(uri, timeoutMS=TOOL_TIMEOUT_MS)
    size = events = 0
    try:
        for name in databases:
            stats = await client[name].command("dbStats")
            size += int(stats["storageSize"] + stats["indexSize"])
            rows = await client[name][PARTITIONS].find({}, {"sequence": 1}).to_list(None)
            events += sum(row["sequence"] for row in rows)
    except PyMongoError as error:
        raise StoreUnavailable(str(error)) from error
    finally:
        client.close()
    return size, events
