"""Clocks: real time, and one that can be moved forward for all processes at once."""

import multiprocessing
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from shared.runtime.clock import MAX_DRIFT, MovableClock, SystemClock, clock_of, drift

SPRING = datetime(2040, 3, 1, tzinfo=UTC)


def _tell_time(path: Path, pipe: Connection) -> None:
    clock = MovableClock(path)
    while pipe.recv() == "time":
        pipe.send(clock.now())


def test_two_processes_see_one_clock(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_tell_time, args=(tmp_path / "clock", theirs))
    process.start()
    try:
        clock = MovableClock(tmp_path / "clock")
        for to in (datetime.now(UTC), SPRING, SPRING + timedelta(days=1), SPRING + timedelta(days=1, seconds=5)):
            clock.advance(to + timedelta(seconds=1))
            ours.send("time")
            assert ours.poll(30)
            assert timedelta() <= ours.recv() - to < timedelta(seconds=30)
    finally:
        ours.send("end")
        process.join(30)
    assert process.exitcode == 0


def test_it_does_not_go_back(tmp_path: Path) -> None:
    clock, other = MovableClock(tmp_path / "clock"), MovableClock(tmp_path / "clock")
    clock.advance(SPRING)
    for late in (clock, other):
        with pytest.raises(ValueError, match="does not go back"):
            late.advance(SPRING - timedelta(days=1))
    assert other.now() >= SPRING
    (tmp_path / "clock").unlink()
    assert clock.now() >= SPRING


def test_many_small_steps_are_all_seen(tmp_path: Path) -> None:
    clock, other = MovableClock(tmp_path / "clock"), MovableClock(tmp_path / "clock")
    for day in range(1, 200):
        clock.advance(SPRING + timedelta(days=day))
        assert other.now() >= SPRING + timedelta(days=day)


def test_the_settings_choose(tmp_path: Path) -> None:
    assert isinstance(clock_of(None), SystemClock)
    assert isinstance(clock_of(tmp_path / "clock"), MovableClock)
    assert abs(clock_of(tmp_path / "clock").now() - SystemClock().now()) < timedelta(seconds=1)


@pytest.mark.parametrize(("off", "at_least"), [(0, 0), (60, 59), (-60, 59)])
async def test_drift_from_the_store(off: int, at_least: int) -> None:
    async def store_now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=off)

    found = await drift(store_now)
    assert timedelta(seconds=at_least) <= found <= timedelta(seconds=abs(off) + 1)
    assert (found > MAX_DRIFT) is bool(off)
