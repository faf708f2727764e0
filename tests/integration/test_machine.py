"""The machine in this process, on real servers, when records, stores and Kafka are not as they should be."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from deploy.embedded.stack import Stack
from shared.engine.emit import Entry
from shared.engine.partition import partition_of
from shared.runtime.clock import MovableClock
from shared.runtime.engine_port import Unavailable
from shared.runtime.machine import Machine
from shared.runtime.service import Service
from tests.support.counter import COUNTER, TALLY, VAULT
from tests.support.counter_app import SERVICE
from tests.support.machines import OPERATOR, add, house_of, owns, send, tags, tallied
from tests.support.replica import expect_clean_chains, until

pytestmark = pytest.mark.integration


async def test_poison_in_mid_batch_stops_nobody_and_a_redrive_heals(servers: Stack, tmp_path: Path) -> None:
    async with house_of(servers, tmp_path) as house:
        machine = await house.machine()
        home = partition_of("t0", 12)
        await add(machine, "w1", tally="t0")
        await until(tallied(machine, "t0", ["w1"]), "the first arrives")
        await send(servers, "test.events", home, b"\xff not JSON", b"{}", b"")
        await add(machine, "w2", amount=13, tally="t0")
        await add(machine, "w3", tally="t0")
        await add(machine, "w4", tally="t1")
        await until(tallied(machine, "t1", ["w4"]), "a neighbour goes on")

        async def all_held() -> bool:
            return len(await machine.held(home)) == 5

        await until(all_held, "everything is set aside")
        held = await machine.held(home)
        assert [one.kind for one in held] == ["unreadable"] * 3 + ["bug", "waiting"]
        assert (await add(machine, "w5", key="t0")).code == "awaiting_repair"
        mended = await house.machine("b", service=_mended())
        answer = await mended.redrive("t0", OPERATOR)
        assert answer.body == {"target_id": "t0", "done": 2, "left": 0, "reason": ""}
        assert await tags(mended, TALLY, "t0") == ["w1", "w2", "w3"]


def _mended() -> Service:
    def decide(tally: Any, message: Any, context: Any) -> Any:
        return TALLY.decide(tally, message.model_copy(update={"amount": 1}), context)

    tally = replace(TALLY, decide=decide)
    return Service("test", [COUNTER, tally, VAULT], SERVICE.router)


async def test_a_gap_sets_one_channel_aside_and_a_copy_heals_it(servers: Stack, tmp_path: Path) -> None:
    async with house_of(servers, tmp_path) as house:
        machine = await house.machine()
        source, home = partition_of("c0", 12), partition_of("t0", 12)
        assert source != home
        relay = cast(Any, machine)._relay
        relay.disown([source])
        for i in range(3):
            await add(machine, f"w{i}", tally="t0")
        log = await cast(Any, machine)._store.log(source, 0)
        mine: list[Entry] = [e for batch in log for e in batch.entries if e.destination == home]
        await send(servers, "test.events", home, mine[0].value, mine[2].value)
        box = cast(Any, machine)._boxes[home]

        async def aside() -> bool:
            return [a.kind for a in box.partition.aside.values()] == ["gap"]

        await until(aside, "the channel is set aside")
        assert await tags(machine, TALLY, "t0") == ["w0"]
        relay.own({source: 0})
        await until(tallied(machine, "t0", ["w0", "w1", "w2"]), "the relay sends again")
        assert not box.partition.aside


async def test_two_replicas_give_the_same_answers_and_never_the_same_effect_twice(
    servers: Stack, tmp_path: Path
) -> None:
    async with house_of(servers, tmp_path) as house:
        one = await house.machine("a")
        two = await house.machine("b")
        await until(lambda: owns(two, 6), "partitions move")
        both = [one, two]
        answers = await asyncio.gather(*(add(both[i % 2], f"w{i}", f"c{i % 20}", tally="t0") for i in range(400)))
        again = await asyncio.gather(*(add(both[(i + 1) % 2], f"w{i}", f"c{i % 20}", tally="t0") for i in range(400)))
        assert [a.version for a in answers] == [a.version for a in again]

        async def all_there() -> bool:
            return len(await tags(one, TALLY, "t0")) == 400

        await until(all_there, "the tally has heard of all")
        assert sorted(await tags(two, TALLY, "t0")) == sorted(f"w{i}" for i in range(400))
    await expect_clean_chains(servers)


async def test_the_figures_of_a_partition_move_with_it(servers: Stack, tmp_path: Path) -> None:
    def parked(machine: Machine) -> int:
        found = [
            machine.metrics.registry.get_sample_value("owlbus_parked_keys", {"partition": str(p)}) for p in range(12)
        ]
        return int(sum(value or 0 for value in found))

    async with house_of(servers, tmp_path) as house:
        one = await house.machine("a")
        for i in range(8):
            await add(one, f"w{i}", amount=13, tally=f"t{i}")

        async def all_parked() -> bool:
            return parked(one) == 8

        await until(all_parked, "an unlucky number parks each tally")
        two = await house.machine("b")
        await until(lambda: owns(two, 6), "partitions move")

        async def shared() -> bool:
            return parked(one) + parked(two) == 8 and parked(two) > 0

        await until(shared, "each key is counted where its partition is")


async def test_a_deadline_fires_after_what_came_in_time(servers: Stack, tmp_path: Path) -> None:
    clock = MovableClock(tmp_path / "clock")
    async with house_of(servers, tmp_path) as house:
        machine = await house.machine(OWLBUS_DEVELOPMENT_CLOCK=str(tmp_path / "clock"))
        due = machine.clock.now() + timedelta(days=30)
        await add(machine, "w1", due=due)
        clock.advance(due + timedelta(seconds=1))

        async def expired() -> bool:
            stored = await machine.reader.state(COUNTER, "c0")
            return stored is not None and not stored.state.deadlines

        await until(expired, "the deadline fires")
        stored = await machine.reader.state(COUNTER, "c0")
        assert stored is not None and stored.version == 2


async def test_an_older_store_stops_the_partition(servers: Stack, tmp_path: Path) -> None:
    async with house_of(servers, tmp_path) as house:
        machine = await house.machine("a")
        await add(machine, "w1", tally="t0")
        await until(tallied(machine, "t0", ["w1"]), "it arrives")
        await cast(Any, machine)._consumer.commit_offsets()
    async with house_of(servers, tmp_path) as house:
        restored = await house.machine("a", database="owlbus_restored", joined=False)

        async def stopped() -> bool:
            return "stopped_partitions" in restored.ready().degraded

        await until(stopped, "the older store is noticed")
        assert set(restored.ready().details["stopped"].values()) == {"older_store"}
        with pytest.raises(Unavailable, match="partition_stopped"):
            await add(restored, "w2")


async def test_without_kafka_a_fresh_replica_reads_but_takes_no_command(killable: Stack, tmp_path: Path) -> None:
    assert killable.kafka is not None
    async with house_of(killable, tmp_path) as house:
        machine = await house.machine("a")
        await add(machine, "w1", tally="t0")
        await until(tallied(machine, "t0", ["w1"]), "it arrives")
        await asyncio.to_thread(killable.kafka.kill)
        assert (await add(machine, "w2", tally="t0")).code == ""
        fresh = await house.machine("b", joined=False)
        assert await tags(fresh, TALLY, "t0") == ["w1"]
        with pytest.raises(Unavailable, match="store_unverified"):
            await add(fresh, "w3")
        bold = await house.machine("c", joined=False, OWLBUS_START_UNVERIFIED="true")
        assert (await add(bold, "w4")).code == ""
        assert fresh.ready().ok and "kafka" in fresh.ready().degraded
        await asyncio.to_thread(killable.kafka.start)
        await until(tallied(machine, "t0", ["w1", "w2"]), "it catches up", 90)


async def test_a_new_fold_rebuilds_the_states_before_it_serves(servers: Stack, tmp_path: Path) -> None:
    async with house_of(servers, tmp_path) as house:
        machine = await house.machine("a")
        for i in range(5):
            await add(machine, f"w{i}", amount=2)
    doubled = replace(COUNTER, fold=2, evolve=_doubling)
    async with house_of(servers, tmp_path) as house:
        rebuilt = await house.machine(
            "a", service=Service("test", [doubled, TALLY, VAULT], SERVICE.router), joined=False
        )
        await until(lambda: _serves(rebuilt), "it serves again")
        stored = await rebuilt.reader.state(COUNTER, "c0")
        assert stored is not None and (stored.version, stored.state.model_dump()["total"]) == (6, 21)


def _doubling(counter: Any, event: Any) -> Any:
    return COUNTER.evolve(counter, event.model_copy(update={"amount": 2 * event.amount}))


async def _serves(machine: Machine) -> bool:
    try:
        await add(machine, "probe")
    except Unavailable:
        return False
    return True
