"""Recovery drills on real servers: what was lost comes back, nothing twice. `pytest -s` prints time and loss."""

import asyncio
from collections import Counter as Multiset
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pymongo
import pytest
from pymongo.database import Database

from deploy.embedded.stack import Stack
from owlbus.repair.diagnosis import Finding, diagnose
from owlbus.repair.replica import Replica
from shared.engine.partition import partition_of
from shared.runtime.engine_port import Unavailable
from shared.runtime.kafka.access import create_topics
from shared.runtime.machine import Machine
from shared.runtime.service import Service
from tests.support.counter import COUNTER, TALLY, VAULT
from tests.support.counter_app import SERVICE
from tests.support.drills import Drill, copy_database, lose_kafka, make_anew
from tests.support.machines import OPERATOR, add, house_of, owns, send, tags
from tests.support.replica import access, expect_clean_chains, until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]
DATABASE = "owlbus_test"
TALLIES = [f"t{i}" for i in range(5)]


async def _load(machine: Machine, begin: int, end: int) -> None:
    """Adds with unique tags, each told to a tally."""
    wanted = range(begin, end)
    answers = await asyncio.gather(*(add(machine, f"w{i}", f"c{i % 20}", tally=TALLIES[i % 5]) for i in wanted))
    assert {answer.code for answer in answers} == {""}


async def _counted(machine: Machine) -> tuple[Multiset[str], Multiset[str]]:
    """The tags at both stages."""
    first: Multiset[str] = Multiset()
    second: Multiset[str] = Multiset()
    for i in range(20):
        first.update(await tags(machine, COUNTER, f"c{i}"))
    for tally in TALLIES:
        second.update(await tags(machine, TALLY, tally))
    return first, second


async def _settled(machine: Machine, count: int) -> None:
    """Wait until both stages have heard of so many."""

    async def heard() -> bool:
        first, second = await _counted(machine)
        return first.total() >= count and second.total() >= count

    await until(heard, f"{count} heard of at both stages")


async def _expect_exactly_once(machine: Machine, count: int) -> dict[str, int]:
    wanted = Multiset(f"w{i}" for i in range(count))
    await _settled(machine, count)
    first, second = await _counted(machine)
    lost, doubled = (wanted - first) + (wanted - second), (first - wanted) + (second - wanted)
    assert not lost and not doubled, f"lost {sorted(lost)[:20]}, doubled {sorted(doubled)[:20]}"
    return {"accepted": count, "lost": lost.total(), "doubled": doubled.total()}


def _stopped(machine: Machine) -> dict[int, str]:
    return machine.ready().details["stopped"]


async def _stops(machine: Machine, why: str, count: int) -> None:
    async def stopped() -> bool:
        return list(_stopped(machine).values()).count(why) >= count

    await until(stopped, f"{count} partitions stop: {why}")


async def _commit_offsets(machine: Machine) -> None:
    await cast(Any, machine)._consumer.commit_offsets()


async def test_an_older_dump_is_recovered_from_the_own_topics(servers: Stack, tmp_path: Path) -> None:
    drill = Drill("older store")
    async with house_of(servers, tmp_path) as house:
        machine = await house.machine()
        await _load(machine, 0, 300)
        await _settled(machine, 300)
        await asyncio.to_thread(copy_database, servers.mongo_uri, DATABASE, "dump")
        await _load(machine, 300, 1_000)
        await _settled(machine, 1_000)
        await _commit_offsets(machine)
        answers = [await add(machine, f"w{i}", f"c{i % 20}", tally=TALLIES[i % 5]) for i in range(1_000)]
    await asyncio.to_thread(copy_database, servers.mongo_uri, "dump", DATABASE)
    async with house_of(servers, tmp_path) as house:
        machine = await house.machine(joined=False)
        await _stops(machine, "older_store", 2)
        stopped = sorted(_stopped(machine))
        dry = [(await machine.repairs.recover(n, OPERATOR, dry_run=True)).body for n in stopped]
        assert sorted(_stopped(machine)) == stopped and {one["lost"] for one in dry} == {0}
        async with drill.timed("recovery"):
            for number in stopped:
                done = await machine.repairs.recover(number, OPERATOR)
                assert (done.code, done.body) == ("", dry[stopped.index(number)])
        assert not _stopped(machine)
        figures = await _expect_exactly_once(machine, 1_000)
        again = [await add(machine, f"w{i}", f"c{i % 20}", tally=TALLIES[i % 5]) for i in range(1_000)]
        assert [one.version for one in again] == [one.version for one in answers]
        assert {one.repeated for one in again} == {True}
        repeated = await machine.repairs.recover(stopped[0], OPERATOR)
        assert repeated.body["events"] == 0
        await _expect_exactly_once(machine, 1_000)
        drill.tell(partitions=len(stopped), events=sum(one["events"] for one in dry), **figures)
    await expect_clean_chains(servers)


async def test_what_no_topic_holds_is_lost_only_with_consent(servers: Stack, tmp_path: Path) -> None:
    async with house_of(servers, tmp_path) as house:
        machine = await house.machine()
        await _load(machine, 0, 20)
        await _settled(machine, 20)
        await asyncio.to_thread(copy_database, servers.mongo_uri, DATABASE, "dump")
        await add(machine, "kept", "c0")
        relay = cast(Any, machine)._relay

        async def published() -> bool:
            return relay.drained()

        await until(published, "all is published")
        relay.disown(range(12))
        await add(machine, "unpublished", "c0")
        await _commit_offsets(machine)
    await asyncio.to_thread(copy_database, servers.mongo_uri, "dump", DATABASE)
    async with house_of(servers, tmp_path) as house:
        machine = await house.machine(joined=False)
        await _stops(machine, "older_store", 1)
        (home,) = _stopped(machine)
        refused = await machine.repairs.recover(home, OPERATOR)
        assert (refused.code, refused.facts["lost"]) == ("would_lose", 1)
        assert _stopped(machine) == {home: "older_store"}
        with pytest.raises(Unavailable, match="partition_stopped"):
            await add(machine, "while it stands still", "c0")
        done = await machine.repairs.recover(home, OPERATOR, accept_loss=True)
        assert done.body["lost"] == 1
        assert (await tags(machine, COUNTER, "c0"))[-1] == "kept"
        assert (await add(machine, "after it", "c0")).code == ""
    await expect_clean_chains(servers)


def _tear(store: Database[dict[str, Any]], dump: Database[dict[str, Any]], *, longer: int) -> None:
    """As a copy of one collection after another tears: logs older than their documents, and one that is younger."""
    others = {"_id.p": {"$ne": longer}}
    store["log"].delete_many(others)
    store["log"].insert_many(dump["log"].find(others))
    document = dump["partitions"].find_one({"_id": longer})
    assert document is not None
    store["partitions"].replace_one({"_id": longer}, document)


async def test_a_dump_of_no_one_moment_stops_its_partitions_and_the_topics_alone_bring_all_back(
    servers: Stack, tmp_path: Path
) -> None:
    drill, home = Drill("torn dump, then no dump"), partition_of("c0", 12)
    with pymongo.MongoClient[dict[str, Any]](servers.mongo_uri) as client:
        async with house_of(servers, tmp_path) as house:
            machine = await house.machine()
            await _load(machine, 0, 200)
            await _settled(machine, 200)
            await asyncio.to_thread(copy_database, servers.mongo_uri, DATABASE, "dump")
            await _load(machine, 200, 300)
            await _settled(machine, 300)
            answers = [await add(machine, f"w{i}", f"c{i % 20}", tally=TALLIES[i % 5]) for i in range(300)]
        _tear(client[DATABASE], client["dump"], longer=home)
        async with house_of(servers, tmp_path) as house:
            machine = await house.machine(joined=False)
            await _stops(machine, "torn_store", 2)
            assert _stopped(machine)[home] == "torn_store"
            with pytest.raises(Unavailable, match="partition_stopped"):
                await machine.repairs.resume(home, OPERATOR)
            assert _stopped(machine)[home] == "torn_store"
        client.drop_database(DATABASE)
    async with house_of(servers, tmp_path) as house:
        machine = await house.machine(joined=False)
        await _stops(machine, "older_store", 2)
        async with drill.timed("recovery"):
            for number in sorted(_stopped(machine)):
                done = await machine.repairs.recover(number, OPERATOR)
                assert (done.code, done.body["lost"]) == ("", 0)
        figures = await _expect_exactly_once(machine, 300)
        again = [await add(machine, f"w{i}", f"c{i % 20}", tally=TALLIES[i % 5]) for i in range(300)]
        assert [(one.version, one.repeated) for one in again] == [(one.version, True) for one in answers]
        drill.tell(**figures)
    await expect_clean_chains(servers)


@pytest.mark.parametrize("what", ["kafka", "topic"])
async def test_topics_that_were_made_anew_are_filled_again(servers: Stack, tmp_path: Path, what: str) -> None:
    drill = Drill(f"{what} made anew")
    async with house_of(servers, tmp_path) as house:
        machine = await house.machine()
        await _load(machine, 0, 500)
        await _settled(machine, 500)
        async with drill.timed("noticed"):
            if what == "kafka":
                await asyncio.to_thread(lose_kafka, servers)
                await create_topics(access(servers), SERVICE.topics, 12)
            else:
                await make_anew(servers, "test.events")
            await _stops(machine, "topic_truncated", 1)
        async with drill.timed("repair"):
            for number in range(12):
                await machine.repairs.rewind(number, 0, OPERATOR)

            async def resumed() -> bool:
                for number in _stopped(machine):
                    await machine.repairs.resume(number, OPERATOR)
                return await owns(machine, 12)

            await until(resumed, "all partitions serve")
        await _load(machine, 500, 700)
        figures = await _expect_exactly_once(machine, 700)
        drill.tell(**figures)
    await expect_clean_chains(servers)


def _mended() -> Service:
    def decide(tally: Any, message: Any, context: Any) -> Any:
        return TALLY.decide(tally, message.model_copy(update={"amount": 1}), context)

    return Service("test", [COUNTER, replace(TALLY, decide=decide), VAULT], SERVICE.router)


async def test_more_than_a_hundred_parked_keys_stop_a_partition_until_they_are_redriven(
    servers: Stack, tmp_path: Path
) -> None:
    drill = Drill("too many parked keys")
    bad = [key for i in range(9_999) if partition_of(key := f"bad{i}", 12) == 3][:130]
    fine = next(key for i in range(99) if partition_of(key := f"fine{i}", 12) == 3)
    async with house_of(servers, tmp_path) as house:
        machine = await house.machine()
        await asyncio.gather(*(add(machine, f"w-{key}", "c0", amount=13, tally=key) for key in bad))
        await _stops(machine, "too_many_parked", 1)
        with pytest.raises(Unavailable, match="partition_stopped"):
            await add(machine, "not now", fine)
    async with house_of(servers, tmp_path) as house:
        mended = await house.machine(joined=False, service=_mended())
        await _stops(mended, "too_many_parked", 1)
        async with drill.timed("repair"):
            while 3 in _stopped(mended):
                for key in {one.key for one in await mended.held(3)}:
                    await mended.redrive(key, OPERATOR)
        assert (await add(mended, "now", fine)).code == ""
        for key in bad:

            async def heard(key: str = key) -> bool:
                if await mended.held(3, key):
                    await mended.redrive(key, OPERATOR)
                return await tags(mended, TALLY, key) == [f"w-{key}"]

            await until(heard, f"{key} heard of it once")
        drill.tell(keys=len(bad), lost=0, doubled=0)
    await expect_clean_chains(servers)


async def test_parked_keys_that_an_operator_accepts_do_not_stop_a_partition(servers: Stack, tmp_path: Path) -> None:
    bad = [key for i in range(9_999) if partition_of(key := f"bad{i}", 12) == 3][:102]
    fine = next(key for i in range(99) if partition_of(key := f"fine{i}", 12) == 3)
    async with house_of(servers, tmp_path) as house:
        machine = await house.machine()
        await asyncio.gather(*(add(machine, f"w-{key}", "c0", amount=13, tally=key) for key in bad))
        await _stops(machine, "too_many_parked", 1)

        async def all_held() -> bool:
            await machine.repairs.resume(3, OPERATOR)
            return 3 not in _stopped(machine)

        await until(all_held, "it goes on")
        assert (await add(machine, "now", fine)).code == ""
        assert len(await machine.held(3)) == len(bad)


async def test_a_state_that_was_changed_by_hand_is_found_and_rebuilt(servers: Stack, tmp_path: Path) -> None:
    home = partition_of("c0", 12)
    async with house_of(servers, tmp_path) as house:
        machine = await house.machine()
        for number in range(5):
            await add(machine, f"w{number}", "c0")
        with pymongo.MongoClient[dict[str, Any]](servers.mongo_uri) as client:
            client[DATABASE]["counter"].update_one({"_id": "c0"}, {"$set": {"state.total": 1_000_000}})
        dry = await machine.repairs.rebuild(home, OPERATOR, dry_run=True)
        assert dry.body == {"partition": home, "states": 1, "differing": 1}
        stored = await machine.reader.state(COUNTER, "c0")
        assert stored is not None and stored.state.model_dump()["total"] == 1_000_000
        assert (await machine.repairs.rebuild(home, OPERATOR)).body["differing"] == 1
        stored = await machine.reader.state(COUNTER, "c0")
        assert stored is not None and stored.state.model_dump()["total"] == 5
        assert (await machine.repairs.rebuild(home, OPERATOR, dry_run=True)).body["differing"] == 0
        assert (await add(machine, "after it", "c0")).version == 6


async def test_a_gap_is_healed_by_the_command_that_the_doctor_prints(servers: Stack, tmp_path: Path) -> None:
    drill = Drill("gap by a record that is gone")
    async with house_of(servers, tmp_path) as house:
        machine = await house.machine()
        source, home = partition_of("c0", 12), partition_of("t0", 12)
        relay = cast(Any, machine)._relay
        await add(machine, "w0", "c0", tally="t0")

        async def published() -> bool:
            return relay.drained() and await tags(machine, TALLY, "t0") == ["w0"]

        await until(published, "the first is heard")
        relay.disown([source])
        for number in (1, 2):
            await add(machine, f"w{number}", "c0", tally="t0")
        log = await cast(Any, machine)._store.log(source, 0)
        mine = [entry for batch in log for entry in batch.entries if entry.destination == home]
        await send(servers, "test.events", home, mine[2].value)

        async def found() -> bool:
            return bool(_gaps(machine))

        await until(found, "the doctor finds the gap")
        (gap,) = _gaps(machine)
        assert gap.command == f"owlbus ops rewind test/{source} --to {mine[0].sequence}" and gap.trial is not None
        relay.own({source: log[-1].last})
        async with drill.timed("repair"):
            body = {**gap.trial[1], "dry_run": False}
            answer = await house.ask(machine, OPERATOR, "POST", gap.trial[0], body)
            assert answer.json()["events"] == log[-1].last - mine[0].sequence

            async def heard() -> bool:
                return await tags(machine, TALLY, "t0") == ["w0", "w1", "w2"] and not _gaps(machine)

            await until(heard, "everything is heard once")
        drill.tell(lost=0, doubled=0)
    await expect_clean_chains(servers)


def _gaps(machine: Machine) -> list[Finding]:
    replica = Replica("test", "", {"status": "ok"}, machine.repairs.standing())
    return [one for one in diagnose([replica], 12) if one.runbook == "channel-gap"]
