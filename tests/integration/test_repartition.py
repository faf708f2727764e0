"""From 12 partitions to 24 on real servers, with traffic: nothing is lost, doubled, unreadable or unanswered."""

import asyncio
import signal
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pymongo
import pytest

from deploy.embedded.stack import Stack
from owlbus.fleet import GAUGE_SECONDS, waiting_at
from owlbus.repair.repartition import Refused, Repartition
from shared.engine.partition import partition_of
from shared.runtime.faultpoints import REPARTITION_POINTS
from shared.runtime.kafka.access import TopicsUnfit, create_topics
from shared.runtime.kafka.growth import counts_of
from shared.runtime.service import Service
from tests.support.counter import COUNTER, TALLY
from tests.support.counter_app import SERVICE as COUNTER_SERVICE
from tests.support.machines import OPERATOR, add, tags
from tests.support.pair import BAD, COUNTERS, HEARER, TALLIES, TOPICS, Pair
from tests.support.replica import HEADERS, Replica, access, prepare, until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]


@pytest.fixture
async def system(servers: Stack, tmp_path: Path) -> Pair:
    made = Pair(servers, tmp_path)
    await create_topics(made.access, TOPICS, 12)
    return made


async def test_everything_goes_on_under_another_n(system: Pair) -> None:
    async with system.running() as (first, second):
        await system.load(first, 0, 150)
        await system.settled(first, second)
        histories = {key: await first.reader.history(key) for key in COUNTERS}
    dry = await system.attempt().run()
    assert not dry.done and [row.service for row in dry.rows] == ["test", "hearer"]
    assert set((await counts_of(system.access, TOPICS)).values()) == {12}
    async with system.running() as (first, second):
        await system.load(first, 150, 200)
        await system.settled(first, second)
    outcome = await system.repartitioned()
    assert all(row.differing == 0 and row.states and row.events and row.moved for row in outcome.rows)
    print("\nrepartition:", outcome.rows)
    async with system.running() as (first, second):
        again = [
            await add(first, wish, COUNTERS[n % 30], tally=TALLIES[n % 15]) for n, wish in enumerate(system.answers)
        ]
        assert {answer.repeated for answer in again[1::7]} == {True}
        assert [one.version for one in again[1::7]] == [one.version for one in list(system.answers.values())[1::7]]
        await system.load(first, 200, 400)
        await system.settled(first, second)
        for key, before in histories.items():
            history = await first.reader.history(key)
            assert history[: len(before)] == before and len(history) > len(before)
            positions = [told.position for told in history]
            assert positions == sorted(set(positions))
            behind = await first.reader.history(key, after=positions[len(before) - 1], limit=2)
            assert behind == history[len(before) : len(before) + 2]
        system.clock.advance(system.clock.now() + timedelta(days=31))

        async def fired() -> bool:
            states = [await first.reader.state(COUNTER, key) for key in COUNTERS]
            return not any(stored.state.deadlines for stored in states if stored)

        await until(fired, "every deadline fires")
        await system.settled(first, second)
    check = await system.checked()
    assert {f"test/{n}" for n in range(24)} <= set(check.chains.sources)
    await system.replayed()


@pytest.mark.parametrize("points", [REPARTITION_POINTS])
async def test_killed_at_any_point_and_run_again(system: Pair, points: tuple[str, ...]) -> None:
    async with system.running() as (first, second):
        await system.load(first, 0, 60)
        await system.settled(first, second)
    for point in points:
        assert await asyncio.to_thread(system.killed_at, point, 24) == -signal.SIGKILL, point
        system.count = 12
        says = "OWLBUS_PARTITIONS says 12" if point == "after_switch" else "repartition --to 24 --yes"
        assert says in await system.refusal(12)
    outcome = await system.attempt().run(act=True)
    assert (outcome.before, outcome.after, outcome.done) == (24, 24, False)
    system.count = 24
    async with system.running() as (first, second):
        await system.load(first, 60, 160)
        await system.settled(first, second)
    await system.checked()
    await system.replayed()


async def test_what_cannot_be_is_refused_and_nothing_is_changed(system: Pair) -> None:
    async with system.running() as (first, second):
        await system.load(first, 0, 40)
        await system.settled(first, second)
        with pytest.raises(Refused, match="replicas are running: test"):
            await system.attempt().run(act=True)
    with pytest.raises(Refused, match="--to must be more"):
        await system.attempt(6).run(act=True)
    with pymongo.MongoClient[dict[str, Any]](system.stack.mongo_uri) as client:
        states = client["owlbus_test"]["counter"]
        kept = states.find_one_and_update({"_id": "c0"}, {"$set": {"state.total": 7_777}})
        with pytest.raises(Refused, match=r"test counter/c0: state\.total"):
            await system.attempt().run(act=True)
        assert kept is not None
        states.replace_one({"_id": "c0"}, kept)
        partitions = client["owlbus_hearer"]["partitions"]
        was = partitions.find_one_and_update({"_id": 3}, {"$set": {"marks": []}})
        with pytest.raises(Refused, match=r"hearer/3: test/.* it has heard up to 0"):
            await system.attempt().run(act=True)
        assert was is not None
        partitions.replace_one({"_id": 3}, was)
    assert set((await counts_of(system.access, TOPICS)).values()) == {12}
    async with system.running() as (first, second):
        await system.load(first, 40, 80)
        await system.settled(first, second)
    await system.checked()


async def test_given_up_before_topics_grew_all_is_as_before(system: Pair) -> None:
    async with system.running() as (first, second):
        await system.load(first, 0, 40)
        await system.settled(first, second)
    with pytest.raises(Refused, match="no repartition is under way"):
        await system.attempt().give_up()
    assert await asyncio.to_thread(system.killed_at, "after_proof", 24) == -signal.SIGKILL
    with pytest.raises(Refused, match="to 24 is under way"):
        await system.attempt(36).run(act=True)
    await system.attempt().give_up()
    async with system.running() as (first, second):
        await system.load(first, 40, 80)
        await system.settled(first, second)
    await asyncio.to_thread(system.killed_at, "after_growth", 24)
    with pytest.raises(Refused, match="topics have grown already"):
        await system.attempt().give_up()
    await system.repartitioned()


async def test_a_service_that_was_started_for_another_n_refuses_and_names_the_command(system: Pair) -> None:
    async with system.running() as (first, second):
        await system.load(first, 0, 10)
        await system.settled(first, second)
    said = await system.refusal(24)
    assert "the store of test has 12 partitions, OWLBUS_PARTITIONS says 24: set it to 12" in said
    assert "`owlbus ops repartition --to 24`" in said
    with pytest.raises(TopicsUnfit, match=r"12 partitions.* 24.*repartition --to 24"):
        await create_topics(system.access, TOPICS, 24)
    await system.repartitioned()
    assert "has 24 partitions, OWLBUS_PARTITIONS says 12: set it to 24" in await system.refusal(12)
    with pytest.raises(TopicsUnfit, match="24 partitions, OWLBUS_PARTITIONS says 12: set it to 24"):
        await create_topics(system.access, TOPICS, 12)


async def test_a_zombie_of_the_old_generation_writes_nothing(servers: Stack, tmp_path: Path) -> None:
    await prepare(servers)
    zombie, fresh = Replica(servers, tmp_path, "z"), Replica(servers, tmp_path, "f")
    zombie.start()
    await zombie.ready(12)
    assert await _added(zombie, "before") == 200

    async def quiet() -> bool:
        async with httpx.AsyncClient() as client:
            return await waiting_at(client, zombie.url) == 0

    await until(quiet, "all is read and published")
    await asyncio.sleep(GAUGE_SECONDS)
    await until(quiet, "still")
    zombie.signal(signal.SIGSTOP)
    attempt = Repartition(access(servers), servers.mongo_uri, (COUNTER_SERVICE,), {"test": "owlbus_test"}, 24, "o-1")
    assert (await attempt.run(act=True)).done
    zombie.signal(signal.SIGCONT)
    assert await _added(zombie, "late") in (0, 503)
    zombie.kill()
    fresh.start(OWLBUS_PARTITIONS="24")
    await fresh.ready(24)
    assert await _added(fresh, "after") == 200
    async with httpx.AsyncClient(headers=HEADERS) as client:
        assert (await client.get(f"{fresh.url}/counters/c0")).json()["tags"] == ["before", "after"]
    fresh.stop()


async def _added(replica: Replica, tag: str) -> int:
    """Status of an addition; 0 where nothing answers."""
    async with httpx.AsyncClient(headers=HEADERS, timeout=20.0) as client:
        body, key = {"amount": 1, "tag": tag, "tally": "t0"}, {"Idempotency-Key": tag}
        try:
            return (await client.post(f"{replica.url}/counters/c0/additions", json=body, headers=key)).status_code
        except httpx.HTTPError:
            return 0


def _mended() -> Service:
    def decide(tally: Any, message: Any, context: Any) -> Any:
        return TALLY.decide(tally, message.model_copy(update={"amount": 1}), context)

    return Service("hearer", [replace(TALLY, decide=decide)], HEARER.router)


async def test_what_is_parked_waits_at_its_new_home_and_repairs_work_over_both_generations(system: Pair) -> None:
    async with system.running() as (first, second):
        await system.load(first, 0, 60)
        for n, amount in enumerate([13, 1, 1]):
            await add(first, f"bad{n}", "another", amount=amount, tally=BAD)
        old, home = partition_of(BAD, 12), partition_of(BAD, 24)

        async def parked() -> bool:
            return len(await second.held(old)) == 3

        await until(parked, "an unlucky number parks its key")
        await until(lambda: system.drained(first, second), "all is read and published")
    outcome = await system.repartitioned()
    assert [row.held for row in outcome.rows] == [0, 3]
    async with system.running(_mended()) as (first, second):
        held = await second.held(home)
        assert [one.kind for one in held] == ["bug", "waiting", "waiting"] and held[0].origin == f"{old}/1"
        answer = await second.redrive(BAD, OPERATOR)
        assert answer.body == {"target_id": BAD, "done": 3, "left": 0, "reason": ""}
        await system.load(first, 60, 90)
        await system.settled(first, second)
        states = {key: await first.reader.state(COUNTER, key) for key in COUNTERS}
        tallies = {key: await tags(second, TALLY, key) for key in TALLIES}
        for machine in (first, second):
            for number in range(24):
                assert (await machine.repairs.rebuild(number, OPERATOR, dry_run=True)).body["differing"] == 0
                await machine.repairs.rebuild(number, OPERATOR)
                await machine.repairs.rewind(number, 0, OPERATOR)
        await until(lambda: system.drained(first, second), "all is read again")
        assert {key: await first.reader.state(COUNTER, key) for key in COUNTERS} == states
        assert {key: sorted(await tags(second, TALLY, key)) for key in TALLIES} == {
            key: sorted(some) for key, some in tallies.items()
        }
        assert not [one for n in range(24) for one in await second.held(n)]
        assert not [one for n in range(24) for one in await first.held(n)]
    check = await system.checked()
    assert check.chains.redelivered > 0
    await system.replayed()
