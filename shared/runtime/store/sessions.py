"""Ending transactions that nobody will finish.

A process that is killed inside a transaction leaves it open, and its locks with it, until the server's
`transactionLifetimeLimitSeconds` have passed. Whoever comes back under the same name ends it at once.
"""

from collections.abc import Collection
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from shared.runtime.store.documents import Document


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
