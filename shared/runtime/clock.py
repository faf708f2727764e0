"""Where recorded time comes from. Tokens do not use it: they live in real time."""

import fcntl
import os
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

MAX_DRIFT = timedelta(seconds=5)
"""How far this machine's clock may be from the store's before the process is no longer ready."""


class Clock(Protocol):
    """Recorded time, UTC."""

    def now(self) -> datetime:
        """The moment that is recorded now."""
        ...


class SystemClock:
    """The system's time."""

    def now(self) -> datetime:
        """Real time."""
        return datetime.now(UTC)


class MovableClock:
    """A clock for development that runs ahead of real time, shared by all processes that name the same file.

    Invariant: it only ever moves forward. The file holds by how many microseconds it is ahead; a file that is not there
    means none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = 0
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Real time and what the clock is ahead; the file is read only when it has changed."""
        stamp = self._changed()
        if stamp > self._stamp:
            self._ahead = timedelta(microseconds=int(self._path.read_text()))
            self._stamp = stamp
        return datetime.now(UTC) + self._ahead

    def advance(self, to: datetime) -> None:
        """Move all processes' clocks to the moment `to`. Raises ValueError where that lies behind."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            now = self.now()
            if to < now:
                raise ValueError(f"the clock is at {now.isoformat()} already and does not go back")
            self._write(to - datetime.now(UTC))

    def _changed(self) -> int:
        try:
            return self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def _write(self, ahead: timedelta) -> None:
        fresh = self._path.with_suffix(".new")
        fresh.write_text(str(ahead // timedelta(microseconds=1)))
        # Two changes within one tick of the file system's clock would otherwise look like one.
        stamp = max(time.time_ns(), self._changed() + 1)
        os.utime(fresh, ns=(stamp, stamp))
        fresh.replace(self._path)


def clock_of(development_clock: Path | None) -> Clock:
    """The clock that the settings ask for."""
    return SystemClock() if development_clock is None else MovableClock(development_clock)


async def drift(store_now: Callable[[], Awaitable[datetime]]) -> timedelta:
    """How far this machine's real time is at least from the store's: what the question took is not held against it."""
    before = datetime.now(UTC)
    store = await store_now()
    after = datetime.now(UTC)
    return max(before - store, store - after, timedelta())
