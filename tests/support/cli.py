"""Running the command line as people do, and seeing what it leaves behind."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def environment(**more: str) -> dict[str, str]:
    """This environment, without what the terminal of whoever runs the tests would change."""
    return {**os.environ, "COLUMNS": "140", "TERM": "dumb", **more}


def owlbus(*arguments: str, seconds: float = 200, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "owlbus", *arguments],
        cwd=ROOT,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def started(log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a command in the background; its output goes to `log`."""
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "owlbus", *arguments], cwd=ROOT, env=environment(), stdout=output, stderr=output
        )


def processes_of(directory: Path) -> list[str]:
    """Command lines of all living processes that have to do with a directory, by argument or environment."""
    mark, found = str(directory).encode(), list[str]()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            told = command + (process / "environ").read_bytes()
        except OSError:
            continue
        if mark in told and command and int(process.name) != os.getpid():
            found.append(command.replace(b"\0", b" ").decode(errors="replace")[:120])
    return found


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Wait for a condition; AssertionError where it does not come about in time."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.1)
