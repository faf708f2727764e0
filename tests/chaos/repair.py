"""The documented commands that some faults need; a fault whose command this release lacks is skipped and says so."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine

from owlbus.commands import ops
from owlbus.errors import OwlbusError
from owlbus.fleet import ROOT, SERVICES, TOPICS
from shared.runtime.kafka.access import KafkaUnavailable
from shared.runtime.kafka.coordinators import stuck_coordinators
from tests.chaos.rig import Rig, at_once

SECONDS = 180.0
HEAL_SECONDS = 180.0
WELL_SECONDS = 20.0
"""What heals by itself has healed by then; what has not is asked for its coordinators."""


class Command:
    """`owlbus ops NAME`, run as an operator would, with the settings of the tools in its environment."""

    name: str

    def missing(self) -> str:
        """What is missing for it, "" where nothing."""
        known = {command.name or getattr(command.callback, "__name__", "") for command in ops.app.registered_commands}
        return "" if self.name in known else f"needs `owlbus ops {self.name}`"

    async def call(self, rig: Rig, *arguments: str) -> None:
        """Run it to its end. Raises OwlbusError with what it said."""
        code, said = await self.ended(rig, *arguments)
        if code:
            raise OwlbusError(f"owlbus ops {self.name} {' '.join(arguments)}: {said[-2000:]}")

    async def ended(self, rig: Rig, *arguments: str) -> tuple[int, str]:
        """Run it to its end: its exit code and what it said."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "owlbus", "ops", self.name, *arguments),
            cwd=ROOT,
            env=_environment(rig),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(SECONDS):
            said, _ = await process.communicate()
        return process.returncode or 0, said.decode(errors="replace")


def _environment(rig: Rig) -> dict[str, str]:
    """Where an operator finds everything, and who that operator is."""
    urls = {
        f"OWLBUS_{service.upper()}_URL": ",".join(replica.url for replica in rig.fleet.of(service))
        for service in SERVICES
    }
    token = rig.fleet.issuer.mint("operator-1", ["operator"])
    return rig.fleet.environment("ideas", "owlbus-tools", 1) | urls | {"OWLBUS_TOKEN": token}


class Rewind(Command):
    """`owlbus ops rewind SERVICE --to N`: its relays send again what their logs hold behind N."""

    name = "rewind"

    async def run(self, rig: Rig, service: str, *, to: int) -> None:
        """Rewind all sources of one service."""
        await self.call(rig, service, "--to", str(to))


class Resume(Command):
    """`owlbus ops resume SERVICE`: partitions whose topics were made anew read them from their beginning."""

    name = "resume"

    async def run(self, rig: Rig, service: str) -> None:
        """Resume all stopped partitions of one service."""
        await self.call(rig, service)


class Doctor(Command):
    """`owlbus ops doctor`: ends with 0 where nothing is wrong."""

    name = "doctor"

    async def heals(self, rig: Rig, step: Callable[[], Awaitable[None]]) -> None:
        """Take the steps of a runbook again and again until nothing is found: partitions notice one after another.

        Raises OwlbusError with what was said last.
        """
        until = time.monotonic() + HEAL_SECONDS
        while True:
            code, said = 1, ""
            try:
                await step()
            except OwlbusError as error:
                said = str(error)
            else:
                code, said = await self.ended(rig)
            if code == 0:
                return
            if time.monotonic() > until:
                raise OwlbusError(f"not healed within {HEAL_SECONDS:.0f} s; at last: {said[-2000:]}")


class Recover(Command):
    """`owlbus ops recover SERVICE`: imports the tail that the store lacks from the service's own topics."""

    name = "recover"

    async def run(self, rig: Rig, service: str) -> None:
        """Recover all stopped partitions of one service."""
        await self.call(rig, service)


async def restarting(rig: Rig, recovery: Coroutine[None, None, None]) -> int:
    """Let a recovery come to its end; restart the broker as often as it lasts because of a coordinator that is stuck.

    That is docs/runbooks/coordinator-stuck.md, a bug of Kafka that only a restart heals. The number of restarts is
    returned. Raises what the recovery raises.
    """
    waiting, restarts = asyncio.create_task(recovery), 0
    try:
        while not (await asyncio.wait({waiting}, timeout=WELL_SECONDS))[0]:
            if await _coordinator_is_stuck(rig):
                await at_once(rig.kafka.stop)
                await at_once(rig.kafka.start)
                restarts += 1
        await waiting
    finally:
        waiting.cancel()
    return restarts


async def _coordinator_is_stuck(rig: Rig) -> bool:
    try:
        return bool(await stuck_coordinators(rig.fleet.access, SERVICES, TOPICS[0]))
    except KafkaUnavailable:
        return False
