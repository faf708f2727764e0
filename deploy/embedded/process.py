"""One server process on this machine: started under a guard, watched, ended."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

GUARD = Path(__file__).with_name("guard.py")
LOOPBACK = "127.0.0.1"


class EmbeddedError(RuntimeError):
    """A server could not be had, and why; written for the person who reads it on a terminal."""


def free_port() -> int:
    """A port on the loopback address that nobody listens on.

    Outside the range from which the kernel takes ports for outgoing connections: a client that keeps connecting to
    a stopped server there can be given the server's own port, connect to itself and keep the server from coming back.
    """
    chooser = random.SystemRandom()
    for _ in range(200):
        port = chooser.randrange(20_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port
    raise EmbeddedError("no free port between 20000 and 32000")


def tail(path: Path, lines: int = 25) -> str:
    """The end of a log, for error messages."""
    if not path.exists():
        return "(no log)"
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


class Guarded:
    """A process that ends with the process that started it, however that ends.

    Invariant: while `alive`, `pid` is the server's own process, so signals to it hit no other.
    """

    def __init__(self, command: list[str], log: Path, environment: dict[str, str], grace: float) -> None:
        with log.open("ab") as output:
            self._guard = subprocess.Popen(
                [sys.executable, "-I", "-S", str(GUARD), str(os.getpid()), str(grace), *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                env=environment,
                start_new_session=True,  # Ctrl-C is for the owner, who then stops the server in order
            )
        self._grace = grace
        assert self._guard.stdout is not None
        with self._guard.stdout as report:
            line = report.readline()
        if not line:
            self._guard.wait()
            raise EmbeddedError(f"cannot start {command[0]}\n{tail(log)}")
        self.pid = int(line)

    @property
    def alive(self) -> bool:
        """Whether the server runs (a paused one does)."""
        return self._guard.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send the server a signal."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def stop(self) -> None:
        """End it in order; by force once the grace period is over."""
        assert self._guard.stdin is not None
        with contextlib.suppress(OSError):
            self._guard.stdin.close()
        self._guard.wait(self._grace + 10)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.signal(signal.SIGKILL)
        self.stop()


def _is_stopped(pid: int) -> bool:
    """Whether every thread has taken the stop; one that has not may still answer."""
    states: list[str] = []
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            states.append(stat.read_text().rpartition(")")[2].split()[0])
    return all(state in "Tt" for state in states)


class _PortTaken(Exception):
    """Somebody else took the chosen port between looking and listening."""


class Waiter(Protocol):
    """Waits for conditions of a server that is starting, and fails with its log instead of hanging."""

    def __call__(self, condition: Callable[[], bool], what: str) -> None: ...


class Server(ABC):
    """What Kafka and MongoDB have in common here: a directory, a port, a life.

    The port is chosen at the first start and kept: a server that comes back is found where it was.
    """

    name: str
    grace: float = 10.0

    def __init__(self, directory: Path, port: int | None = None, *, timeout: float = 90.0) -> None:
        self.directory = directory.absolute()
        self.timeout = timeout
        self._port = port
        self._process: Guarded | None = None

    # What a kind of server says about itself.

    @abstractmethod
    def _command(self) -> list[str]:
        """Prepare the directory for the port and return what to run."""

    @abstractmethod
    def _wait_ready(self, wait: Waiter, log_from: int) -> None:
        """Return once clients are served; `log_from` is where this run's log begins."""

    def _forget_ports(self) -> None:  # noqa: B027 (most servers have no other ports)
        """Choose other ports than `port` anew, too."""

    # What holds for all.

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self.directory / f"{self.name}.log"

    @property
    def port(self) -> int:
        """Where it listens; known from the first start on."""
        if self._port is None:
            raise EmbeddedError(f"{self.name} was never started")
        return self._port

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        return self._running().pid

    @property
    def alive(self) -> bool:
        """Whether the process runs (a paused one does)."""
        return self._process is not None and self._process.alive

    def start(self) -> None:
        """Start, and return once clients are served. Data and port of an earlier run are used again."""
        if self.alive:
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        chosen_here = self._port is None
        for _ in range(5):
            if self._port is None:
                self._port = free_port()
            try:
                self._start()
                return
            except _PortTaken:
                if not chosen_here:
                    break
                self._port = None
                self._forget_ports()
        raise EmbeddedError(f"{self.name} found its port taken\n{tail(self.log)}")

    def stop(self) -> None:
        """End in order, by force after the grace period; does nothing if it does not run."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def kill(self) -> None:
        """End by SIGKILL; `start` brings it back with what it had written."""
        self._running().kill()
        self._process = None

    def pause(self) -> None:
        """Stop the process in its tracks (SIGSTOP), all of its threads: connections stay open, nothing answers."""
        self._running().signal(signal.SIGSTOP)
        until = time.monotonic() + self.timeout
        while not _is_stopped(self.pid):
            if time.monotonic() > until:
                raise EmbeddedError(f"{self.name} does not stop")
            time.sleep(0.005)

    def resume(self) -> None:
        """Let a paused process go on."""
        self._running().signal(signal.SIGCONT)

    def _running(self) -> Guarded:
        if self._process is None:
            raise EmbeddedError(f"{self.name} does not run")
        return self._process

    def _start(self) -> None:
        log_from = self.log.stat().st_size if self.log.exists() else 0
        process = Guarded(self._command(), self.log, clean_environment(), self.grace)
        deadline = time.monotonic() + self.timeout

        def wait(condition: Callable[[], bool], what: str) -> None:
            while not condition():
                if not process.alive:
                    said = self.log_text(log_from)
                    if "Address already in use" in said:
                        raise _PortTaken
                    raise EmbeddedError(f"{self.name} ended while starting; its log ends:\n{tail(self.log)}")
                if time.monotonic() > deadline:
                    raise EmbeddedError(
                        f"{self.name}: no {what} within {self.timeout:.0f} s; its log ends:\n{tail(self.log)}"
                    )
                time.sleep(0.02)

        try:
            self._wait_ready(wait, log_from)
        except BaseException:
            process.kill()
            raise
        self._process = process

    def log_text(self, start: int = 0) -> str:
        """The log from a position on."""
        with self.log.open("rb") as stream:
            stream.seek(start)
            return stream.read().decode(errors="replace")


def clean_environment() -> dict[str, str]:
    """This process's environment without what would change how the servers run."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JAVA_", "JDK_", "_JAVA", "KAFKA_", "MONGODB_", "CLASSPATH", "LD_PRELOAD"))
    }
