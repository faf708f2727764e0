"""Ending transactions that nobody will finish.

A process that is killed inside a transaction leaves it open, and its locks with it, until the server's
`transactionLifetimeLimitSeconds` have passed. Whoever comes back under the same name ends it at once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

from shared.runtime.store.documents import Document
from shared.runtime.store.protocol import StoreUnavailable

TOOL_TIMEOUT_MS = 4_000


async def end_orphans(client: AsyncIOMotorClient[Document], appname: str, live: Collection[bytes]) -> int:
    """End the open transactions of clients called `appname`, except those of the sessions in `live`; return how many.

    Only one process at a time may use a name, or its transactions are ended under its hands.
    """
    pipeline: list[dict[str, Any]] = [
        {"$currentOp": {"allUsers": False, "idleSessions": True}},
        {"$match": {"appName": appname, "transaction": {"$exists": True}}},
        {"$project": {"lsid": 1}},
    ]
    found = await client["admin"].aggregate(pipeline).to_list(None)
    ids = [operation["lsid"]["id"] for operation in found]
    orphans = [id for id in ids if bytes(id) not in live]
    if orphans:
        await client["admin"].command("killSessions", [{"id": id} for id in orphans])
    return len(orphans)


@dataclass(frozen=True, slots=True)
class OpenTransaction:
    """A transaction that is open: the name of the client that began it ("ideas/ideas-0"), and for how long."""

    name: str
    seconds: float


async def open_transactions(uri: str) -> list[OpenTransaction]:
    """All that are open now, for tools. Raises StoreUnavailable, also where the user may not see them."""
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(uri, timeoutMS=TOOL_TIMEOUT_MS)
    pipeline: list[dict[str, Any]] = [
        {"$currentOp": {"allUsers": True, "idleSessions": True}},
        {"$match": {"transaction": {"$exists": True}}},
        {"$project": {"appName": 1, "transaction.timeOpenMicros": 1}},
    ]
    try:
        found = await client["admin"].aggregate(pipeline).to_list(None)
    except PyMongoError as error:
        raise StoreUnavailable(str(error)) from error
    finally:
        client.close()
    return [OpenTransaction(one.get("appName", ""), one["transaction"].get("timeOpenMicros", 0) / 1e6) for one in found]
