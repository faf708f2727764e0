"""A process that stops for ever in the middle of a commit: `python -m tests.support.orphan URI DATABASE APPNAME`.

Says "open" once everything is written and only the commit is missing.
"""

import asyncio
import sys

from motor.motor_asyncio import AsyncIOMotorClientSession

from shared.runtime.store.mongo import MongoStore
from tests.support.writes import LAYOUT, Board, stored, write


async def _stop(self: AsyncIOMotorClientSession) -> None:
    print("open", flush=True)
    await asyncio.Event().wait()


async def _main(uri: str, database: str, appname: str) -> None:
    store = MongoStore(uri, database, appname=appname)
    await store.prepare(LAYOUT)
    AsyncIOMotorClientSession.commit_transaction = _stop
    partition = (await store.partitions([0]))[0]
    await store.commit([write(partition, "orphan", stored(Board(id="orphan")), emits=["board/orphan"])])


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
