"""The auditor's tools on real servers: real logs that were tampered with, and a store that only may be read."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from deploy.embedded.stack import Stack
from owlbus.audit.check import LogCheck, check_log
from owlbus.audit.heads import Heads, heads_of
from owlbus.audit.outcome import Unchecked
from owlbus.audit.replay import replay
from owlbus.commands.log import verified
from shared.engine.aggregate import derive_id
from shared.engine.inputs import Call
from shared.engine.message import Actor
from shared.engine.partition import partition_of
from shared.runtime.kafka.access import Access, create_topics
from shared.runtime.kafka.records import Record, TopicReader, read_topics
from shared.runtime.machine import Machine
from shared.runtime.settings import Settings
from shared.runtime.store.mongo import MongoStore
from shared.runtime.store.protocol import StoreUnavailable
from shared.runtime.store.readonly import ReadOnlyMongo
from tests.support.counter import COUNTER, Add
from tests.support.counter_app import SERVICE
from tests.support.logs import TAMPERINGS, VICTIM, Log, topics_of, written
from tests.support.replica import environment, until
from tests.support.stack import ON_CONTAINERS
from tests.support.world import COUNT

pytestmark = pytest.mark.integration
DATABASE = "owlbus_test"


# --- logs that were tampered with


def way_to(stack: Stack) -> Access:
    return Access(Settings.read(environment(stack, "audit", 1, OWLBUS_PARTITIONS=str(COUNT))), "audit")


async def publish(access: Access, log: Log) -> None:
    await create_topics(access, sorted({topic for topic, _ in log}), COUNT)
    producer: Any = access.producer()
    await producer.start()
    try:
        for (topic, partition), values in log.items():
            await asyncio.gather(*[await producer.send(topic, value, partition=partition) for value in values])
    finally:
        await producer.stop()


async def checked(access: Access, service: str) -> LogCheck:
    return [check async for check in check_log(access, topics_of(service))][-1]


async def groups_of(access: Access) -> set[str]:
    async with access.admin() as admin:
        found: list[Any] = await admin.list_consumer_groups()
    return {str(group[0]) for group in found}


def kept_of(service: str) -> Heads:
    """The heads of the log as it was written, before anybody touched it."""
    check = LogCheck(COUNT)
    for (topic, partition), values in written(service).items():
        for offset, value in enumerate(values):
            check.add(Record(topic, partition, offset, None, value))
    return heads_of(check)


FOUND: dict[str, tuple[set[str], set[str]]] = {
    "whole": (set(), set()),
    "double": (set(), set()),
    "change": ({"chain"}, set()),
    "delete": ({"missing", "gap"}, set()),
    "swap": ({"gap"}, set()),
    "fork": ({"fork"}, set()),
    "garbage": ({"unreadable"}, set()),
    "cut-off": (set(), {"cut off"}),
    "vanish": (set(), {"vanished"}),
    "rewrite": (set(), {"rewritten"}),
}
"""What is found from the topics alone, and what only heads that were kept find."""


@pytest.mark.parametrize("case", TAMPERINGS)
async def test_tampering_is_found_as_far_as_it_can_be(stack: Stack, case: str) -> None:
    service = f"audit-{case}"
    access, log = way_to(stack), written(service)
    TAMPERINGS[case](log, service)
    await publish(access, log)
    groups = await groups_of(access)
    check = await checked(access, service)
    alone, more = FOUND[case]
    report = verified(check, None)
    assert {one["kind"] for one in report["troubles"]} == alone and report["ok"] is (not alone)
    assert (report["redelivered"] > 0) is (case == "double")
    against = verified(check, kept_of(service))
    assert {one["kind"] for one in against["troubles"]} == alone | more
    assert against["ok"] is not (alone or more)
    if more:
        assert [one["where"].rpartition("/")[0] for one in against["troubles"]] == [f"{service}/{VICTIM}"]
    assert await groups_of(access) == groups


async def test_what_only_seems_to_be_missing_is_read_once_more(stack: Stack) -> None:
    """Topics are not written at one moment: an event may come after the ends were asked for."""
    access, log = way_to(stack), written("audit-late")
    place = ("audit-late.events", VICTIM)
    late, log[place] = log[place][4:5], log[place][:4]
    rest = written("audit-late")[place][5:]
    await publish(access, {**log, ("audit-late.events", VICTIM): [*log[place]]})
    reading = check_log(access, topics_of("audit-late"))
    check = await anext(reading)
    while check.records < check.expected:
        check = await anext(reading)
    await publish(access, {place: [*late, *rest]})
    check = [grown async for grown in reading][-1]
    assert check.report()["ok"] and check.report()["events"] == sum(map(len, written("audit-late").values()))


async def test_topics_read_in_step_come_whole_and_leave_no_group(stack: Stack) -> None:
    access, log = way_to(stack), written("audit-step", 60)
    await publish(access, log)
    groups = await groups_of(access)
    async with TopicReader(access, topics_of("audit-step")) as reader:
        read = [record async for batch in reader.to_end(in_step=True) for record in batch]
        again = [record async for batch in reader.to_end(in_step=True) for record in batch]
    plain = [record async for batch in read_topics(access, topics_of("audit-step")) for record in batch]
    found: Log = {place: [] for place in log}
    for record in read:
        found[record.topic, record.partition].append(record.value or b"")
    assert found == log and again == [] and len(plain) == len(read) == reader.read
    assert await groups_of(access) == groups


# --- replaying a store that may only be read


@dataclass
class Audited:
    """The made-up service on servers of its own, with users: its machine, and what the auditor is given."""

    machine: Machine
    access: Access
    uri: str
    admin: MongoClient[dict[str, Any]]

    async def add(self, wish: str, key: str, tally: str = "", **fields: Any) -> None:
        command = Add(amount=fields.pop("amount", 1), tag=wish, tally=tally, **fields)
        now = self.machine.clock.now()
        call = Call(derive_id(wish), command.model_dump_json(), COUNTER, key, command, Actor("p-1", "author"), now)
        answer = await self.machine.execute(call)
        assert not answer.code, answer

    async def replay(self, settle: float = 0.0, *, uri: str = "", database: str = DATABASE) -> dict[str, Any]:
        live = ReadOnlyMongo(uri or self.uri, database)
        try:
            return await replay(SERVICE, self.access, live, settle=settle)
        finally:
            await live.close()

    @property
    def store(self) -> Any:
        return self.admin[DATABASE]


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Stack]:
    """Servers of a test's own, where MongoDB asks for users."""
    if ON_CONTAINERS:
        pytest.skip("needs a MongoDB that asks for users, so an embedded one; STACK=containers")
    with Stack(tmp_path / "servers", auth=True) as own:
        if own.kafka is None or own.mongo is None:
            pytest.skip("needs servers of its own, so the embedded ones")
        yield own


@asynccontextmanager
async def audited(stack: Stack) -> AsyncGenerator[Audited]:
    settings = Settings.read(environment(stack, "a", 1))
    access = Access(settings, "audit")
    await create_topics(access, SERVICE.topics, settings.partitions)
    machine = Machine(SERVICE, settings, MongoStore(stack.mongo_uri, DATABASE, appname="test/a"), lambda reason: None)
    await machine.start()
    try:

        async def owns() -> bool:
            return len(machine.ready().details["owned"]) == settings.partitions

        await until(owns, "it owns all partitions")
        with MongoClient[dict[str, Any]](stack.mongo_uri) as admin:
            role = {"role": "read", "db": DATABASE}
            admin[DATABASE].command("createUser", "auditor", pwd="only-reads", roles=[role])
            place = stack.mongo_uri.rpartition("@")[2].replace("/?", f"/{DATABASE}?")
            yield Audited(machine, access, f"mongodb://auditor:only-reads@{place}", admin)
    finally:
        await machine.stop()


async def published(one: Audited) -> None:
    async def drained() -> bool:
        return cast(Any, one.machine)._relay.drained()

    await until(drained, "all is published")


async def test_replay_with_a_user_that_only_reads(servers: Stack) -> None:
    async with audited(servers) as one:
        for i in range(30):
            await one.add(
                f"w{i}", f"c{i % 5}", f"t{i % 3}", due=one.machine.clock.now().replace(year=2999) if i < 2 else None
            )
        groups = await groups_of(one.access)
        report = await one.replay(settle=20.0)
        assert report["ok"], report["findings"]
        assert report["aggregates"]["counter"] == {"folded": 5, "live": 5, "equal": 5}
        assert await groups_of(one.access) == groups
        await _only_reads(one)
        await _names_what_was_changed(one)
        with pytest.raises(Unchecked, match="no partitions"):
            await one.replay(uri=servers.mongo_uri, database="somebody-elses")


async def _only_reads(one: Audited) -> None:
    with MongoClient[dict[str, Any]](one.uri) as auditor:
        assert auditor[DATABASE].counter.count_documents({}) == 5
        for write in (
            lambda: auditor[DATABASE].counter.insert_one({"_id": "x"}),
            lambda: auditor[DATABASE].counter.update_one({}, {"$set": {"version": 0}}),
            lambda: auditor[DATABASE].log.delete_many({}),
            lambda: auditor[DATABASE].counter.create_index("x"),
        ):
            with pytest.raises(OperationFailure, match="not authorized"):
                write()
    stranger = ReadOnlyMongo(one.uri.replace("only-reads", "guessed"), DATABASE)
    with pytest.raises(StoreUnavailable, match="Authentication failed"):
        await stranger.partitions()
    await stranger.close()


async def _names_what_was_changed(one: Audited) -> None:
    await published(one)
    one.store.counter.update_one({"_id": "c2"}, {"$set": {"state.total": 1_000, "state.tags.1": "forged"}})
    one.store.counter.update_one({"_id": "c0"}, {"$unset": {"due": ""}})
    one.store.tally.delete_one({"_id": "t1"})
    one.store.vault.insert_one({"_id": "v", "p": 0, "key": "v", "version": 1, "correlation": "", "state": {}})
    number = partition_of("c3", 12)
    chain = one.store.partitions.find_one({"_id": number})["chain"]
    one.store.partitions.update_one({"_id": number}, {"$set": {"chain": "f" * 64}})
    report = await one.replay()
    found = {(f["kind"], f["where"], f["path"]): (f["folded"], f["live"]) for f in report["findings"]}
    assert found.keys() == {
        ("differs", "counter/c2", "state.total"),
        ("differs", "counter/c2", "state.tags[1]"),
        ("differs", "counter/c0", "due"),
        ("missing", "tally/t1", ""),
        ("surplus", "vault/v", ""),
        ("partition", f"test/{number}", "chain"),
    }
    assert found["differs", "counter/c2", "state.total"] == (6, 1_000)
    assert found["partition", f"test/{number}", "chain"] == (chain, "f" * 64)


async def test_replay_waits_for_what_is_on_its_way_and_compares_a_service_that_goes_on(servers: Stack) -> None:
    async with audited(servers) as one:
        await one.add("w0", "c0", "t0")
        await published(one)
        relay = cast(Any, one.machine)._relay
        number = partition_of("c0", 12)
        relay.disown([number])
        await one.add("w1", "c0")
        held_back = await one.replay()
        assert {(f["kind"], f["where"]) for f in held_back["findings"]} == {
            ("ahead", f"test/{number}"),
            ("ahead", "counter/c0"),
        }
        replaying = asyncio.create_task(one.replay(settle=30.0))
        await asyncio.sleep(0)
        relay.own({number: 0})
        assert (await replaying)["ok"]

        going = True

        async def load() -> None:
            i = 0
            while going:
                i += 1
                await one.add(f"x{i}", f"c{i % 3}", f"t{i % 4}")

        loading = asyncio.create_task(load())
        try:
            reports = [await one.replay(settle=30.0)]
            while len(reports) < 5 or reports[-1]["events"] == reports[0]["events"]:
                reports.append(await one.replay(settle=30.0))
            checks = [[check async for check in check_log(one.access, SERVICE.own_topics)][-1] for _ in range(5)]
        finally:
            going = False
            await loading
        assert [report["findings"] for report in reports if not report["ok"]] == []
        assert [check.troubles() for check in checks if check.troubles()] == []
