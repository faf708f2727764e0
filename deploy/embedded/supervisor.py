"""Keeps a stack running in the background until it is told to end.

The supervisor is the stack's owner: it holds `DIR/stack.lock` as long as it lives, writes the addresses to
`DIR/stack.json` once both servers serve, and ends on SIGTERM or when a server ends by itself. Whether a stack runs is
asked of the lock, never of a pid file alone: a pid may belong to somebody else by now.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.embedded.process import EmbeddedError, tail
from deploy.embedded.stack import Stack

ROOT = Path(__file__).parents[2]
ADDRESSES = "stack.json"
START_SECONDS = 180.0
_background: list[subprocess.Popen[bytes]] = []  # so that a long-lived caller can reap them


@dataclass(frozen=True)
class Running:
    """A stack that runs: its supervisor's pid and where its servers are."""

    pid: int
    bootstrap: str
    mongo_uri: str


def run(directory: Path, *, auth: bool = False) -> int:
    """Run a stack in the foreground until SIGTERM or SIGINT; the exit code."""
    directory.mkdir(parents=True, exist_ok=True)
    ending = {signal.SIGTERM, signal.SIGINT}
    # Blocked before anything starts, so that a signal in between is not lost; the servers' guards undo it.
    signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    with lock(directory) as held:
        if not held:
            raise EmbeddedError(f"a stack already runs in {directory}")
        addresses = directory / ADDRESSES
        addresses.unlink(missing_ok=True)
        with Stack(directory, auth=auth) as stack:
            _write(addresses, Running(os.getpid(), stack.bootstrap, stack.mongo_uri))
            try:
                while stack.alive:
                    if signal.sigtimedwait(ending, 0.5):
                        return 0
            finally:
                addresses.unlink(missing_ok=True)
            raise EmbeddedError(f"a server ended by itself; its log is in {directory}")


def up(directory: Path, *, auth: bool = False) -> Running:
    """Start a stack in the background, or find the one that runs; return once it serves."""
    directory.mkdir(parents=True, exist_ok=True)
    if running := status(directory):
        return running
    log = directory / "supervisor.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.embedded", "--directory", str(directory.absolute())]
            + (["--auth"] if auth else []),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    _background.append(process)
    found: list[Running] = []

    def started() -> bool:
        if process.poll() is not None:
            raise EmbeddedError(f"the stack did not start:\n{tail(log)}")
        found.extend(filter(None, [status(directory)]))
        return bool(found)

    try:
        _wait(started, START_SECONDS, f"the stack was not ready:\n{tail(log)}")
    except BaseException:
        process.terminate()
        raise
    return found[0]


def down(directory: Path) -> bool:
    """Stop the stack of a directory and return when it has ended; False if none ran."""
    if not is_locked(directory):
        return False

    def ended() -> bool:
        # Asked again each time: a supervisor that is still starting has not written its pid yet.
        if running := status(directory):
            with suppress(ProcessLookupError):
                os.kill(running.pid, signal.SIGTERM)
        return not is_locked(directory)

    _wait(ended, START_SECONDS, f"the stack in {directory} did not end")
    for process in _background:
        process.poll()
    return True


def status(directory: Path) -> Running | None:
    """The stack that runs in a directory and is ready, if any."""
    try:
        running = Running(**json.loads((directory / ADDRESSES).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    return running if is_locked(directory) else None


def _write(path: Path, running: Running) -> None:
    whole = path.with_suffix(".new")
    whole.touch(0o600)  # with users, the address holds a password
    whole.write_text(json.dumps(asdict(running), indent=2) + "\n", encoding="utf-8")
    whole.replace(path)


@contextmanager
def lock(directory: Path) -> Generator[bool]:
    """Hold the lock of a directory while the block runs; yields whether it was free."""
    with (directory / "stack.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def is_locked(directory: Path) -> bool:
    """Whether some process holds the lock of a directory."""
    if not (directory / "stack.lock").exists():
        return False
    with lock(directory) as free:
        return not free


def _wait(condition: Callable[[], bool], seconds: float, otherwise: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise EmbeddedError(otherwise)
        time.sleep(0.1)
