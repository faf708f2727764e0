"""`python -m owlbus.supervisor DIRECTORY`: keeps a whole stack running in the background until SIGTERM.

The owner of everything: it holds the directory's lock, says in `run.json` what runs, and brings back whatever ends by
itself, under its old name and port. When it ends, also by `kill -9`, so does all the rest.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from deploy.embedded.process import LOOPBACK, EmbeddedError, tail
from deploy.embedded.stack import Stack
from deploy.embedded.supervisor import is_locked, lock
from owlbus import running
from owlbus.errors import OwlbusError
from owlbus.fleet import ROOT, SERVICES, Fleet
from owlbus.running import Member, Running
from owlbus.stack import Step
from owlbus.stack import running as running_stack
from shared.runtime.kafka.access import KafkaUnavailable, TopicsUnfit

FIRST_PORT = 8101
START_SECONDS = 180.0
WATCH_SECONDS = 0.5
PAUSE_SECONDS = 2.0
"""How long after its start something that ended is left alone, so that a crash at every start is no tight loop."""

_background: list[subprocess.Popen[bytes]] = []  # so that a long-lived caller can reap them


def main(directory: Path) -> int:
    """Run in the foreground until a signal; the exit code."""
    directory.mkdir(parents=True, exist_ok=True)
    with lock(directory) as free:
        if not free:
            print(f"a stack already runs in {directory}", file=sys.stderr)
            return 1
        try:
            asyncio.run(_serve(directory))
        except asyncio.CancelledError:
            return 0
        except (OwlbusError, EmbeddedError, KafkaUnavailable, TopicsUnfit) as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            (directory / running.STATE).unlink(missing_ok=True)
    return 0


async def _serve(directory: Path) -> None:
    this = asyncio.current_task()
    assert this is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, this.cancel)

    def at(step: str) -> None:
        running.write(directory, Running(os.getpid(), step))

    async with running_stack(directory, ports=_ports(), step=at) as (stack, fleet):
        _say(directory, stack, fleet)
        await _watch(directory, stack, fleet)


def _ports() -> dict[str, int]:
    """The same ports each time, where nobody else has them."""
    wanted = {f"{service}-0": FIRST_PORT + number for number, service in enumerate(SERVICES)}
    return {instance: port for instance, port in wanted.items() if _is_free(port)}


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind((LOOPBACK, port))
            return True
    return False


def _say(directory: Path, stack: Stack, fleet: Fleet) -> None:
    members = tuple(Member(r.service, r.instance, r.url, r.pid, str(r.log)) for r in fleet.replicas)
    embedded = tuple(name for name, server in (("kafka", stack.kafka), ("mongodb", stack.mongo)) if server)
    environment = fleet.environment("ideas", "owlbus-tools", 1)
    running.write(
        directory, Running(os.getpid(), "ready", stack.bootstrap, stack.mongo_uri, embedded, members, environment)
    )


async def _watch(directory: Path, stack: Stack, fleet: Fleet) -> None:
    started: dict[str, float] = {}
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        if not stack.alive:
            print("a server ended by itself: starting it again", flush=True)
            await asyncio.to_thread(_revive, stack)
        for replica in fleet.replicas:
            if replica.alive or time.monotonic() - started.get(replica.instance, 0.0) < PAUSE_SECONDS:
                continue
            print(f"{replica.instance} ended by itself: starting it again", flush=True)
            started[replica.instance] = time.monotonic()
            await asyncio.to_thread(replica.stop)
            await asyncio.to_thread(replica.start)
            _say(directory, stack, fleet)


def _revive(stack: Stack) -> None:
    for server in (stack.kafka, stack.mongo):
        if server and not server.alive:
            server.stop()
            server.start()


# --- from the command line


def up(directory: Path, step: Step) -> Running:
    """Start a stack in the background, or find the one that runs; return once all is ready. Raises OwlbusError."""
    directory.mkdir(parents=True, exist_ok=True)
    log = directory / "supervisor.log"
    process = None if is_locked(directory) else _spawn(directory, log)
    until, said = time.monotonic() + START_SECONDS, ""
    while True:
        found = running.read(directory)
        if found and found.step == "ready":
            return found
        if found and found.step != said:
            said = found.step
            step(said)
        if process is not None and process.poll() is not None:
            raise OwlbusError(f"it did not start; {log} ends:\n{tail(log)}")
        if time.monotonic() > until:
            raise OwlbusError(f"it was not ready after {START_SECONDS:.0f} s: see {log}")
        time.sleep(0.1)


def _spawn(directory: Path, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "owlbus.supervisor", str(directory.absolute())],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    _background.append(process)
    return process


def down(directory: Path) -> bool:
    """End the stack of a directory and return when nothing of it is left; False if none ran."""
    if not is_locked(directory):
        return False
    until, told = time.monotonic() + START_SECONDS, 0
    while is_locked(directory):
        # Asked again each time: a supervisor that is only starting has not written its pid yet.
        found = running.read(directory)
        if found and found.pid != told:
            told = found.pid
            with suppress(ProcessLookupError):
                os.kill(told, signal.SIGTERM)
        if time.monotonic() > until:
            raise OwlbusError(f"the supervisor {told} did not end within {START_SECONDS:.0f} s: kill it by its id")
        time.sleep(0.1)
    for process in _background:
        process.poll()
    return True


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
