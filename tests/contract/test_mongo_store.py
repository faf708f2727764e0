"""What only the store on MongoDB has to prove: costs, transactions nobody ends, outcomes nobody told, dying servers."""

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pymongo
import pytest
from motor.motor_asyncio import AsyncIOMotorClientSession
from pymongo import monitoring
from pymongo.errors import AutoReconnect, OperationFailure

from deploy.embedded.mongo import MongoServer
from deploy.embedded.stack import Stack
from shared.engine.inputs import Held
from shared.engine.projection import Row
from shared.runtime.store import projections
from shared.runtime.store.mongo import MongoStore
from shared.runtime.store.protocol import LostRace, StoreUnavailable, Unstorable
from tests.support.stack import ON_CONTAINERS
from tests.support.writes import BOARD, LAYOUT, TERMS, Board, Seat, command, stored, write

pytestmark = pytest.mark.integration

Commit = Callable[[AsyncIOMotorClientSession], Awaitable[None]]
commit_really: Commit = AsyncIOMotorClientSession.commit_transaction


class Trips(monitoring.CommandListener):
    """Counts the commands that went to one database, and the documents they wrote."""

    def __init__(self) -> None:
        self.database = ""
        self.commands: list[str] = []
        self.documents = 0

    def watch(self, database: str) -> None:
        self.database, self.commands, self.documents = database, [], 0

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.database_name == self.database or event.command_name == "commitTransaction":
            self.commands.append(event.command_name)
            self.documents += sum(len(event.command.get(name, ())) for name in ("documents", "updates", "deletes"))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


TRIPS = Trips()
monitoring.register(TRIPS)


@pytest.fixture
def database() -> str:
    """A database of one's own."""
    return f"mongo_{uuid4().hex[:12]}"


@asynccontextmanager
async def opened(uri: str, database: str, appname: str = "", *, timeout: float = 2.0) -> AsyncGenerator[MongoStore]:
    store = MongoStore(uri, database, appname=appname or f"test/{uuid4().hex[:8]}", timeout=timeout)
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
async def store(stack: Stack, database: str) -> AsyncIterator[MongoStore]:
    """A store that is prepared and empty."""
    async with opened(stack.mongo_uri, database) as made:
        await made.prepare(LAYOUT)
        yield made


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MongoServer]:
    """A server that may be broken."""
    if ON_CONTAINERS:
        pytest.skip("kills or pauses a server, so it needs an embedded one; STACK=containers")
    made = MongoServer(tmp_path / "mongod")
    made.start()
    yield made
    made.stop()


async def add(store: MongoStore, token: str, id: str = "b", number: int = 0) -> None:
    partition = (await store.partitions([number]))[number]
    await store.commit([write(partition, token, stored(Board(id=id)), emits=[f"board/{id}"])])


# --- costs


async def test_a_commit_costs_one_round_trip_per_collection(store: MongoStore, database: str):
    before = await store.partitions(range(4))
    writes = [
        write(
            before[n],
            "t1",
            *(stored(Board(id=f"{n}-{i}")) for i in range(50)),
            *(stored(Seat(id=f"{n}-{i}/p")) for i in range(50)),
            emits=["board/b"] * 200,
            commands=[command(f"c{n}-{i}") for i in range(20)],
        )
        for n in before
    ]
    TRIPS.watch(database)
    await store.commit(writes)
    aggregates = 2
    assert len(TRIPS.commands) <= aggregates + 4, TRIPS.commands
    assert TRIPS.documents == sum(w.plan.writes for w in writes)


async def test_preparing_what_is_prepared_writes_nothing(stack: Stack, store: MongoStore, database: str):
    await add(store, "t1", "a")
    async with opened(stack.mongo_uri, database) as again:
        TRIPS.watch(database)
        await again.prepare(LAYOUT)
        assert sorted(set(TRIPS.commands)) == ["createIndexes", "distinct", "find", "listCollections"], TRIPS.commands
        assert len(TRIPS.commands) == 4 + len(LAYOUT.aggregates) + 3, TRIPS.commands
        assert (await again.partitions([0]))[0].token == "t1"


async def test_however_many_rows_share_a_term_no_more_than_the_limit_are_counted(
    store: MongoStore, monkeypatch: pytest.MonkeyPatch
):
    for number in (1, 2, 3):
        await store.advance("terms", number, {1: (TERMS, Row(f"r{number}", (7,)))}, 0, 1)
    assert len(await store.nearest(TERMS, (7,))) == 3
    monkeypatch.setattr(projections, "MOST_COUNTED", 2)
    assert len(await store.nearest(TERMS, (7,))) == 2


async def test_preparing_mends_what_is_missing(stack: Stack, store: MongoStore, database: str):
    await add(store, "t1", "a")
    raw = pymongo.MongoClient[dict[str, Any]](stack.mongo_uri)
    try:
        raw[database]["partitions"].delete_one({"_id": 2})
        raw[database]["board"].drop_indexes()
        async with opened(stack.mongo_uri, database) as again:
            await again.prepare(LAYOUT)
            found = await again.partitions(range(4))
        assert [found[number].token for number in range(4)] == ["t1", "", "", ""]
        assert len(raw[database]["board"].index_information()) == 4
    finally:
        raw.close()


async def test_a_commit_without_commands_or_events_pays_for_none(store: MongoStore, database: str):
    partition = (await store.partitions([0]))[0]
    TRIPS.watch(database)
    await store.commit([write(partition, "t1")])
    assert TRIPS.commands == ["update", "commitTransaction"]


async def test_states_that_are_new_are_inserted_and_others_replaced_in_one_round_trip(store: MongoStore, database: str):
    first = write((await store.partitions([0]))[0], "t1", stored(Board(id="a")), stored(Board(id="b")))
    first.plan.created.update(first.plan.states)
    TRIPS.watch(database)
    await store.commit([first])
    assert TRIPS.commands == ["update", "insert", "commitTransaction"]
    second = write((await store.partitions([0]))[0], "t2", stored(Board(id="a"), 2), stored(Board(id="c")))
    second.plan.created.add(("board", "c"))
    TRIPS.watch(database)
    await store.commit([second])
    assert TRIPS.commands == ["update", "update", "commitTransaction"]
    found = [await store.state(BOARD, id) for id in "abc"]
    assert [one.version if one else 0 for one in found] == [2, 1, 1]


async def test_a_state_that_was_taken_for_new_and_is_there_writes_nothing(store: MongoStore):
    await store.commit([write((await store.partitions([0]))[0], "t1", stored(Board(id="a"), 7))])
    wrong = write((await store.partitions([0]))[0], "t2", stored(Board(id="a")), emits=["board/a"])
    wrong.plan.created.update(wrong.plan.states)
    with pytest.raises(StoreUnavailable):
        await store.commit([wrong])
    there = await store.state(BOARD, "a")
    assert there is not None and there.version == 7
    assert (await store.partitions([0]))[0].token == "t1" and await store.log(0, 0) == []


async def test_setting_aside_and_releasing_cost_one_each(store: MongoStore, database: str):
    now = (await store.partitions([0]))[0]
    held = [Held(n, "k", "bug", "because", now.time) for n in (1, 2, 3)]
    await store.commit([write(now, "t1", held=held)])
    now = (await store.partitions([0]))[0]
    TRIPS.watch(database)
    await store.commit([write(now, "t2", held=[Held(4, "k", "bug", "because", now.time)], released=[1, 2, 3])])
    assert sorted(TRIPS.commands) == ["commitTransaction", "delete", "insert", "update"]
    assert [one.number for one in await store.held(0)] == [4]


async def test_a_refold_that_breaks_leaves_no_fold_number(store: MongoStore):
    await add(store, "t1")
    broken = {f"b{i}": stored(Board(id=f"b{i}")) for i in range(1_500)}
    broken["z"] = stored(Board(id="z", notes={"\x00": ""}))
    with pytest.raises(Unstorable):
        await store.refold(0, BOARD, broken, "t1")
    after = (await store.partitions([0]))[0]
    assert "board" not in after.folds
    await store.refold(0, BOARD, {"b": stored(Board(id="b"))}, after.token)
    assert (await store.partitions([0]))[0].folds["board"] == BOARD.fold
    assert await store.count_by(BOARD, "stage", {}) == {"new": 1}


async def test_the_log_is_not_read_in_one_gulp(store: MongoStore):
    for i in range(12):
        done = write((await store.partitions([0]))[0], f"t{i}", emits=["board/b"])
        done.plan.entries[0] = replace(done.plan.entries[0], value=bytes(900_000))
        await store.commit([done])
    assert len(await store.log(0, 0)) == 9


# --- transactions that nobody ends


@asynccontextmanager
async def orphan(uri: str, database: str, appname: str) -> AsyncGenerator[None]:
    """A process was killed in the middle of a commit."""
    arguments = [sys.executable, "-m", "tests.support.orphan", uri, database, appname]
    process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"open\n"
    finally:
        process.kill()
        await process.wait()
    yield


async def test_who_comes_back_ends_what_was_left_open(stack: Stack, database: str):
    async with orphan(stack.mongo_uri, database, "test/a"), opened(stack.mongo_uri, database, "test/a") as store:
        await store.prepare(LAYOUT)
        began = time.monotonic()
        await add(store, "t1")
        assert time.monotonic() - began < 5
        assert await store.state(BOARD, "orphan") is None


async def test_what_was_left_open_is_ended_when_it_is_in_the_way(stack: Stack, database: str):
    async with opened(stack.mongo_uri, database, "test/b") as store:
        await store.prepare(LAYOUT)
        async with orphan(stack.mongo_uri, database, "test/b"):
            began = time.monotonic()
            await add(store, "t1")
            assert time.monotonic() - began < 5
            assert (await store.partitions([0]))[0].token == "t1"


async def test_the_open_transaction_of_another_replica_is_left_alone(stack: Stack, database: str):
    async with opened(stack.mongo_uri, database, "test/c") as store:
        await store.prepare(LAYOUT)
        async with orphan(stack.mongo_uri, database, "test/d"):
            with pytest.raises(StoreUnavailable, match="in the way"):
                await add(store, "t1")
            await add(store, "t1", number=1)
            async with opened(stack.mongo_uri, database, "test/d") as other:
                await other.prepare(LAYOUT)
            await add(store, "t1")


async def test_a_store_does_not_end_its_own_transactions(store: MongoStore, monkeypatch: pytest.MonkeyPatch):
    async def slowly(session: AsyncIOMotorClientSession) -> None:
        await store.prepare(LAYOUT)
        await commit_really(session)

    monkeypatch.setattr(AsyncIOMotorClientSession, "commit_transaction", slowly)
    await add(store, "t1")
    assert (await store.partitions([0]))[0].token == "t1"


# --- outcomes that nobody told


def unknown() -> AutoReconnect:
    error = AutoReconnect("connection closed")
    error._add_error_label("UnknownTransactionCommitResult")  # pyright: ignore[reportPrivateUsage]
    return error


async def test_an_unknown_outcome_is_asked_for_again(store: MongoStore, monkeypatch: pytest.MonkeyPatch):
    calls = 0

    async def forgetful(session: AsyncIOMotorClientSession) -> None:
        nonlocal calls
        calls += 1
        await commit_really(session)
        if calls < 3:
            raise unknown()

    monkeypatch.setattr(AsyncIOMotorClientSession, "commit_transaction", forgetful)
    await add(store, "t1")
    assert (calls, len(await store.log(0, 0))) == (3, 1)


async def test_an_outcome_that_stays_unknown_is_read_off_the_token(store: MongoStore, monkeypatch: pytest.MonkeyPatch):
    async def silent(session: AsyncIOMotorClientSession) -> None:
        await commit_really(session)
        raise unknown()

    monkeypatch.setattr(AsyncIOMotorClientSession, "commit_transaction", silent)
    await add(store, "t1")
    assert await store.state(BOARD, "b") == stored(Board(id="b"))


async def test_an_unknown_outcome_that_was_none_is_unavailable(store: MongoStore, monkeypatch: pytest.MonkeyPatch):
    async def lost(session: AsyncIOMotorClientSession) -> None:
        raise unknown()

    with monkeypatch.context() as patch:
        patch.setattr(AsyncIOMotorClientSession, "commit_transaction", lost)
        with pytest.raises(StoreUnavailable):
            await add(store, "t1")
    assert (await store.partitions([0]))[0].token == ""
    await add(store, "t2")


async def test_an_unknown_outcome_that_somebody_overtook_is_a_lost_race(
    stack: Stack, store: MongoStore, database: str, monkeypatch: pytest.MonkeyPatch
):
    async def overtaken(session: AsyncIOMotorClientSession) -> None:
        monkeypatch.undo()
        await session.abort_transaction()
        async with opened(stack.mongo_uri, database) as other:
            await other.prepare(LAYOUT)
            await add(other, "theirs")
        aborted = OperationFailure("gone", 251)
        aborted._add_error_label("TransientTransactionError")  # pyright: ignore[reportPrivateUsage]
        raise aborted

    monkeypatch.setattr(AsyncIOMotorClientSession, "commit_transaction", overtaken)
    with pytest.raises(LostRace) as lost:
        await add(store, "ours")
    assert lost.value.partitions == (0,)
    assert len(await store.log(0, 0)) == 1


async def test_a_commit_that_was_aborted_is_done_again(store: MongoStore, monkeypatch: pytest.MonkeyPatch):
    async def aborted(session: AsyncIOMotorClientSession) -> None:
        monkeypatch.undo()
        await session.abort_transaction()
        error = OperationFailure("gone", 251)
        error._add_error_label("TransientTransactionError")  # pyright: ignore[reportPrivateUsage]
        raise error

    monkeypatch.setattr(AsyncIOMotorClientSession, "commit_transaction", aborted)
    await add(store, "t1")
    assert len(await store.log(0, 0)) == 1


async def test_a_cancelled_caller_does_not_cancel_the_transaction(store: MongoStore, monkeypatch: pytest.MonkeyPatch):
    reached, go = asyncio.Event(), asyncio.Event()

    async def slowly(session: AsyncIOMotorClientSession) -> None:
        reached.set()
        await go.wait()
        await commit_really(session)

    monkeypatch.setattr(AsyncIOMotorClientSession, "commit_transaction", slowly)
    partition = (await store.partitions([0]))[0]
    caller = asyncio.create_task(store.commit([write(partition, "t1")]))
    await reached.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go.set()
    async with asyncio.timeout(2):
        while (await store.partitions([0]))[0].token != "t1":
            await asyncio.sleep(0.01)


# --- servers that die


async def test_a_killed_server_is_unavailable_and_works_again(server: MongoServer, database: str):
    async with opened(server.uri, database, timeout=1.0) as store:
        await store.prepare(LAYOUT)
        await add(store, "t1")
        before: Any = await store.partitions([0])
        server.kill()
        for attempt in (
            lambda: store.partitions([0]),
            lambda: store.commit([write(before[0], "lost", stored(Board(id="lost")))]),
            lambda: store.find(BOARD, {}),
            lambda: store.save_cursors({0: 1}),
            lambda: store.refold(0, BOARD, {}, "t1"),
            store.now,
        ):
            began = time.monotonic()
            with pytest.raises(StoreUnavailable):
                await attempt()
            assert time.monotonic() - began < 4
        server.start()
        assert await store.partitions([0]) == before
        await add(store, "t2", "c")
        assert [one.state.id for one in (await store.find(BOARD, {})).items] == ["b", "c"]


async def test_a_server_that_stops_answering_is_noticed_and_nothing_is_left_in_the_way(
    server: MongoServer, database: str
):
    async with opened(server.uri, database, timeout=2.0) as store:
        await store.prepare(LAYOUT)
        before = (await store.partitions([0]))[0]
        server.pause()
        while Path(f"/proc/{server.pid}/stat").read_text().split()[2] != "T":  # a signal takes its time
            await asyncio.sleep(0.01)
        began = time.monotonic()
        with pytest.raises(StoreUnavailable):
            await store.commit([write(before, "paused", stored(Board(id="b")))])
        assert time.monotonic() - began < 3.5
        server.resume()
        assert (await store.partitions([0]))[0].token == ""
        await add(store, "t1")


async def test_killing_the_server_among_commits_loses_nothing_that_was_acknowledged(server: MongoServer, database: str):
    async with opened(server.uri, database, timeout=1.0) as store:
        await store.prepare(LAYOUT)
        acknowledged: set[str] = set()

        async def work() -> None:
            for i in range(10_000):
                try:
                    await add(store, f"t{i}", f"b{i}")
                except StoreUnavailable:
                    return
                acknowledged.add(f"b{i}")

        working = asyncio.create_task(work())
        while len(acknowledged) < 20:
            await asyncio.sleep(0.01)
        server.kill()
        await working
        server.start()
        entries = [entry for batch in await store.log(0, 0, limit=10_000) for entry in batch.entries]
        logged = [entry.subject.removeprefix("board/") for entry in entries]
        assert acknowledged <= set(logged)
        assert len(logged) == len(set(logged)) <= len(acknowledged) + 1
        assert (await store.partitions([0]))[0].sequence == len(entries)
        assert await store.count_by(BOARD, "stage", {}) == {"new": len(logged)}
