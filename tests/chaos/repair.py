"""The documented commands that some faults need; a fault whose command this release lacks is skipped and says so."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

from owlbus.commands import ops
from owlbus.errors import OwlbusError
from owlbus.fleet import ROOT, SERVICES
from tests.chaos.rig import Rig

SECONDS = 180.0
HEAL_SECONDS = 180.0


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
