"""A rolling upgrade to a release that reads a topic more and says an event in a newer version."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import httpx

from shared.engine.envelope import Envelope, digest_of, encode
from shared.engine.message import Actor
from shared.engine.partition import GENESIS, partition_of
from shared.runtime.kafka.access import create_topics
from tests.chaos.faults.fault import Fault
from tests.chaos.rig import SESSION_MS, Rig
from tests.support.counter_app import SERVICE
from tests.support.replica import TALLIES, Load, Replica, expect_exactly_once, until

NEWER = "tests.chaos.newer_app"
OTHER = "other.events"
OPERATOR = {"X-Owlbus-Person": "o-1", "X-Owlbus-Roles": "operator"}
LOADED = 60
SENT = 24
SECONDS = 180.0


class RollingUpgrade(Fault):
    """Two replicas of the made-up service under a load of its own; then one after the other comes back newer.

    Meanwhile the older one is told of events it can't read and parks their keys: once all are newer, a redrive brings
    them back. What another service sends on the new topic must have arrived, too.
    """

    name = "rolling upgrade"

    async def inject(self, rig: Rig) -> None:
        """All of it; AssertionError where something is missing or doubled."""
        access, servers = rig.fleet.access, rig.fleet.servers
        await create_topics(access, [*SERVICE.own_topics, OTHER], rig.fleet.partitions)
        replicas = [Replica(servers, rig.directory / "logs", f"test-{n}") for n in range(2)]
        load = Load([replica.url for replica in replicas], patient=(409,))
        task: asyncio.Task[None] | None = None
        try:
            for replica in replicas:
                await asyncio.to_thread(replica.start, **_session())
            await asyncio.gather(*(replica.ready() for replica in replicas))
            task = asyncio.create_task(load.run(4))
            await load.grows(LOADED, SECONDS)
            tags = await _send(access)
            for replica in replicas:
                await asyncio.to_thread(replica.stop)
                replica.module = NEWER
                await asyncio.to_thread(replica.start, **_session())
                await replica.ready()
            await _redrive(replicas)
            await load.grows(LOADED, SECONDS)
            load.stop()
            await asyncio.wait_for(task, SECONDS)
            await _redrive(replicas)
            await expect_exactly_once(replicas[0].url, load.accepted, also_tallied=tags)
            assert not load.failures, load.failures[:3]
        finally:
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await asyncio.gather(*(asyncio.to_thread(replica.stop) for replica in replicas))


def _session() -> dict[str, str]:
    return {"KAFKA_SESSION_TIMEOUT_MS": str(SESSION_MS)}


async def _send(access: Any) -> list[str]:
    """What another service sends, before anybody reads it: one source, one channel to each partition."""
    producer, chain = access.producer(), GENESIS
    sent: dict[int, int] = {}
    await producer.start()
    try:
        for sequence in range(1, SENT + 1):
            tally, tag = f"t{sequence % TALLIES}", f"other{sequence}"
            place = partition_of(tally, access.settings.partitions)
            value = encode(_envelope(sequence, sent.get(place, 0), chain, tally, tag))
            await producer.send_and_wait(OTHER, value, partition=place, key=tally.encode())
            sent[place], chain = sequence, digest_of(value)
    finally:
        await producer.stop()
    return [f"other{sequence}" for sequence in range(1, SENT + 1)]


def _envelope(sequence: int, previous: int, chain: str, tally: str, tag: str) -> Envelope:
    return Envelope(
        source="other/0",
        type="other.Sent",
        schema_version=1,
        subject=f"sender/{tag}",
        time=datetime.now(UTC),
        key=tally,
        sequence=sequence,
        previous=previous,
        chain=chain,
        version=1,
        correlation=tag,
        causation=f"command/{tag}",
        cause_index="1/1",
        actor=Actor("service:other", "system"),
        data={"tally_id": tally, "tag": tag},
    )


async def _redrive(replicas: list[Replica]) -> None:
    """As an operator does: see what is set aside, redrive its keys, until nothing is left."""
    async with httpx.AsyncClient(headers=OPERATOR, timeout=15.0, trust_env=False) as client:

        async def nothing_left() -> bool:
            url = replicas[0].url
            held = (await client.get(f"{url}/ops/quarantine")).json()["items"]
            for key in {one["key"] for one in held}:
                await client.post(f"{url}/ops/redrive", json={"key": key})
            return not held

        await until(nothing_left, "nothing is set aside any more", SECONDS)
