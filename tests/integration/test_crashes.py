"""Real processes on real servers, killed at every point of docs/architecture.md's table: effects stay exact."""

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.embedded.stack import Stack
from shared.runtime.faultpoints import POINTS
from tests.support.replica import (
    Load,
    Replica,
    expect_clean_chains,
    expect_exactly_once,
    prepare,
)

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

CALM = {"KAFKA_SESSION_TIMEOUT_MS": "6000"}


@asynccontextmanager
async def _under_load(*replicas: Replica) -> AsyncGenerator[Load]:
    load = Load([replica.url for replica in replicas])
    task = asyncio.create_task(load.run())
    try:
        yield load
        load.stop()
        await asyncio.wait_for(task, 60)
        assert not load.failures
    finally:
        task.cancel()


async def test_a_crash_at_each_named_point_and_at_random_moments(servers: Stack, tmp_path: Path) -> None:
    await prepare(servers)
    replica = Replica(servers, tmp_path, "a")
    replica.start()
    try:
        await replica.ready()
        async with _under_load(replica) as load:
            await load.grows(50)
            for point in POINTS:
                replica.kill()
                replica.start(OWLBUS_CRASH_AT=f"{point}:3")
                await replica.died()
                replica.start()
                await load.grows(50)
            for moment in (7, 31, 83):
                await load.grows(moment)
                replica.kill()
                replica.start()
            await load.grows(50)
        await replica.ready()
        await expect_exactly_once(replica.url, load.accepted)
        await expect_clean_chains(servers)
    finally:
        replica.stop()


async def test_servers_killed_and_restarted(killable: Stack, tmp_path: Path) -> None:
    assert killable.kafka is not None and killable.mongo is not None
    await prepare(killable)
    replica = Replica(killable, tmp_path, "a")
    replica.start()
    try:
        await replica.ready()
        async with _under_load(replica) as load:
            await load.grows(50)
            await asyncio.to_thread(killable.kafka.kill)
            await load.grows(100)
            await asyncio.to_thread(killable.kafka.start)
            await load.grows(50)
            await asyncio.to_thread(killable.mongo.kill)
            await asyncio.to_thread(killable.mongo.start)
            await load.grows(50)
        await replica.ready()
        await expect_exactly_once(replica.url, load.accepted)
        await expect_clean_chains(killable)
    finally:
        replica.stop()


async def test_a_zombie_changes_nothing(servers: Stack, tmp_path: Path) -> None:
    await prepare(servers)
    zombie, other = Replica(servers, tmp_path, "a"), Replica(servers, tmp_path, "b")
    zombie.start()
    other.start()
    try:
        await zombie.ready()
        await other.ready()
        async with _under_load(zombie, other) as load:
            await load.grows(100)
            zombie.signal(signal.SIGSTOP)
            await other.ready(owning=12)
            await load.grows(100)
            zombie.signal(signal.SIGCONT)
            await load.grows(200)
        await zombie.ready()
        await expect_exactly_once(other.url, load.accepted)
        await expect_exactly_once(zombie.url, load.accepted)
        await expect_clean_chains(servers)
    finally:
        zombie.stop()
        other.stop()


async def test_replicas_that_come_and_go_in_order_publish_nothing_twice(servers: Stack, tmp_path: Path) -> None:
    await prepare(servers)
    a, b, c = (Replica(servers, tmp_path, name) for name in "abc")
    try:
        for replica in (a, b):
            replica.start(**CALM)
            await replica.ready()
        async with _under_load(a, b) as load:
            await load.grows(50)
            for replica in (a, b):
                await asyncio.to_thread(replica.stop)
                replica.start(**CALM)
                await replica.ready()
                await load.grows(50)
            c.start(**CALM)
            await c.ready()
            await load.grows(100)
        await expect_exactly_once(a.url, load.accepted)
        assert (await expect_clean_chains(servers)).redelivered == 0
    finally:
        for replica in (a, b, c):
            await asyncio.to_thread(replica.stop)
