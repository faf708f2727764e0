"""The embedded servers are real, keep what they were given, and never outlive their owner."""

import asyncio
import os
import select
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import MongoClient

from deploy.embedded import supervisor
from deploy.embedded.kafka import KafkaServer
from deploy.embedded.mongo import MongoServer, missing_libraries
from deploy.embedded.process import EmbeddedError
from deploy.embedded.stack import Stack
from tests.support.stack import embedded_only

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]


async def create_topic(bootstrap: str, name: str) -> None:
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name=name, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()


async def produce(bootstrap: str, topic: str, values: list[bytes]) -> None:
    producer: Any = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(topic, value, key=b"owl")
    finally:
        await producer.stop()


async def consume(bootstrap: str, topic: str, count: int, group: str | None = None) -> list[bytes]:
    consumer: Any = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        session_timeout_ms=1_000,
        heartbeat_interval_ms=300,
    )
    await consumer.start()
    try:
        return [(await asyncio.wait_for(consumer.getone(), 20)).value for _ in range(count)]
    finally:
        await consumer.stop()


def ends(pid: int, seconds: float = 20) -> bool:
    """Whether a process that is not our child ends in time."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


async def test_kafka_carries_records(stack: Stack) -> None:
    topic = f"test-{uuid.uuid4()}"
    await create_topic(stack.bootstrap, topic)
    await produce(stack.bootstrap, topic, [b"one", b"two"])
    assert await consume(stack.bootstrap, topic, 2, group=topic) == [b"one", b"two"]


async def test_kafka_makes_no_topic_out_of_thin_air(stack: Stack) -> None:
    topic = f"test-{uuid.uuid4()}"
    producer: Any = AIOKafkaProducer(bootstrap_servers=stack.bootstrap, request_timeout_ms=500)
    await producer.start()
    try:
        with pytest.raises(KafkaError):
            await producer.send_and_wait(topic, b"lost")
        assert topic not in (await producer.client.fetch_all_metadata()).topics()
    finally:
        await producer.stop()


async def test_mongodb_has_transactions(stack: Stack) -> None:
    client = cast("Any", AsyncIOMotorClient)(stack.mongo_uri)
    things = client[f"test-{uuid.uuid4()}"].things
    try:
        await things.insert_one({"_id": 0})
        async with await client.start_session() as session:
            with pytest.raises(ZeroDivisionError):
                async with session.start_transaction():
                    await things.insert_one({"_id": 1}, session=session)
                    raise ZeroDivisionError
            async with session.start_transaction():
                await things.insert_one({"_id": 2}, session=session)
                await things.update_one({"_id": 0}, {"$set": {"seen": True}}, session=session)
        assert [found["_id"] async for found in things.find().sort("_id")] == [0, 2]
    finally:
        client.close()


@embedded_only
def test_everything_listens_on_the_loopback_only(stack: Stack) -> None:
    for server in (stack.kafka, stack.mongo):
        if server is not None:
            assert listening_addresses(server.pid) == {"127.0.0.1"}


def listening_addresses(pid: int) -> set[str]:
    """The addresses that a process listens on, from the kernel's tables."""
    sockets = {os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir() if entry.is_symlink()}
    found: set[str] = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                raw = bytes.fromhex(fields[1].split(":")[0])
                v4 = raw if len(raw) == 4 else raw[-4:]
                mapped = len(raw) == 4 or raw[:8] == bytes(8)
                found.add(".".join(str(part) for part in reversed(v4)) if mapped else raw.hex())
    return found


@embedded_only
async def test_kafka_comes_back_from_a_kill_with_its_records(tmp_path: Path) -> None:
    server = KafkaServer(tmp_path)
    server.start()
    try:
        bootstrap, before = server.bootstrap, server.pid
        await create_topic(bootstrap, "kept")
        await produce(bootstrap, "kept", [b"one", b"two"])
        server.kill()
        assert not server.alive
        server.start()
        assert (server.bootstrap, server.alive) == (bootstrap, True)
        assert server.pid != before
        await produce(bootstrap, "kept", [b"three"])
        assert await consume(bootstrap, "kept", 3) == [b"one", b"two", b"three"]
    finally:
        server.stop()


@embedded_only
def test_mongodb_comes_back_from_a_kill_with_its_documents(tmp_path: Path) -> None:
    server = MongoServer(tmp_path)
    server.start()
    try:
        uri = server.uri
        with MongoClient[dict[str, Any]](uri, w="majority") as client:
            client.test.things.insert_one({"_id": 1})
            server.kill()
            server.start()
            assert server.uri == uri
            client.test.things.insert_one({"_id": 2})
            assert client.test.things.count_documents({}) == 2
    finally:
        server.stop()


@embedded_only
@pytest.mark.parametrize("auth", [False, True], ids=["open", "with users"])
def test_mongodb_takes_up_the_data_of_an_earlier_owner_on_another_port(tmp_path: Path, auth: bool) -> None:
    uris: list[str] = []
    for earlier in range(2):
        server = MongoServer(tmp_path, auth=auth, timeout=30)
        server.start()
        try:
            uris.append(server.uri)
            with MongoClient[dict[str, Any]](server.uri, w="majority") as client:
                assert client.test.things.count_documents({}) == earlier
                client.test.things.insert_one({})
        finally:
            server.stop()
    assert len(set(uris)) == 2


@embedded_only
def test_a_paused_server_answers_nothing_until_it_goes_on(tmp_path: Path) -> None:
    server = MongoServer(tmp_path)
    server.start()
    try:
        with MongoClient[dict[str, Any]](server.uri, socketTimeoutMS=300, retryReads=False) as client:
            client.admin.command("ping")
            server.pause()
            with pytest.raises(Exception, match="timed out"):
                client.admin.command("ping")
            server.resume()
            client.admin.command("ping")
        server.pause()
    finally:
        server.stop()  # also while paused
    assert not server.alive


@embedded_only
def test_mongodb_can_ask_for_users(tmp_path: Path) -> None:
    server = MongoServer(tmp_path, auth=True)
    for _ in range(2):  # the second start finds its administrator
        server.start()
        try:
            with MongoClient[dict[str, Any]](server.uri) as client:
                client.test.things.insert_one({})
            anonymous = f"mongodb://127.0.0.1:{server.port}/?directConnection=true"
            with MongoClient[dict[str, Any]](anonymous) as client, pytest.raises(Exception, match="authentication"):
                client.test.things.insert_one({})
        finally:
            server.stop()


OWNER = """
import sys, threading
from pathlib import Path
from deploy.embedded.mongo import MongoServer

server = MongoServer(Path(sys.argv[1]))
# Started by a thread that ends: the server belongs to the process all the same.
thread = threading.Thread(target=server.start)
thread.start()
thread.join()
if sys.argv[2] == "fork":
    import os
    child = os.fork()
    if child == 0:
        os.close(1)
        threading.Event().wait(60)
    print(child, flush=True)
print(server.pid, flush=True)
if sys.argv[2] != "leave":
    sys.stdin.read()
"""


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Starts a process that starts a server."""
    started: list[subprocess.Popen[str]] = []

    def start(mode: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", OWNER, str(tmp_path), mode],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@embedded_only
def test_a_killed_owner_leaves_no_server(owner: Callable[[str], subprocess.Popen[str]]) -> None:
    process = owner("stay")
    assert process.stdout
    server = int(process.stdout.readline())
    assert not ends(server, 0.5), "the server outlives the thread that started it"
    process.kill()
    assert ends(server)


@embedded_only
def test_a_killed_owner_leaves_no_server_though_a_fork_of_it_lives(
    owner: Callable[[str], subprocess.Popen[str]],
) -> None:
    process = owner("fork")
    assert process.stdout
    child, server = int(process.stdout.readline()), int(process.stdout.readline())
    process.kill()
    try:
        assert ends(server)
        assert not ends(child, 0)
    finally:
        os.kill(child, signal.SIGKILL)


@embedded_only
def test_an_owner_that_forgets_to_stop_leaves_no_server(owner: Callable[[str], subprocess.Popen[str]]) -> None:
    process = owner("leave")
    server = int(process.communicate()[0])
    assert ends(server)


@embedded_only
def test_a_killed_guard_leaves_no_server(tmp_path: Path) -> None:
    server = MongoServer(tmp_path)
    server.start()
    pid = server.pid
    parent = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    os.kill(parent, signal.SIGKILL)
    assert ends(pid)
    server.stop()


@embedded_only
def test_the_background_stack_runs_until_it_is_told_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    monkeypatch.delenv("MONGODB_URI", raising=False)
    assert supervisor.status(tmp_path) is None
    assert not supervisor.down(tmp_path)
    running = supervisor.up(tmp_path)
    try:
        assert supervisor.up(tmp_path) == running
        with MongoClient[dict[str, Any]](running.mongo_uri) as client:
            client.admin.command("ping")
        with pytest.raises(EmbeddedError, match="already runs"):
            supervisor.run(tmp_path)
    finally:
        started = time.monotonic()
        assert supervisor.down(tmp_path)
    assert time.monotonic() - started < 15
    assert supervisor.status(tmp_path) is None
    assert ends(running.pid, 10)


def test_missing_libraries_are_named() -> None:
    said = "\tlibcurl.so.4 => not found\n\tlibm.so.6 => /lib/libm.so.6 (0x0)\n"
    said += "mongod: /lib/libc.so.6: version `GLIBC_2.34' not found (required by mongod)\n"
    assert missing_libraries(said) == ["libcurl.so.4", "GLIBC_2.34"]
