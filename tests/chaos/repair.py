"""The documented commands that some faults need; a fault whose command this release lacks is skipped and says so."""

import asyncio
import sys

from owlbus.commands import ops
from owlbus.errors import OwlbusError
from owlbus.fleet import ROOT
from tests.chaos.rig import Rig

SECONDS = 180.0


class Command:
    """`owlbus ops NAME`, run as an operator would, with the settings of the tools in its environment."""

    name: str

    def missing(self) -> str:
        """What is missing for it, "" where nothing."""
        known = {command.name or getattr(command.callback, "__name__", "") for command in ops.app.registered_commands}
        return "" if self.name in known else f"needs `owlbus ops {self.name}`"

    async def call(self, rig: Rig, *arguments: str) -> None:
        """Run it to its end. Raises OwlbusError with what it said."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "owlbus", "ops", self.name, *arguments),
            cwd=ROOT,
            env=rig.fleet.environment("ideas", "owlbus-tools", 1),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(SECONDS):
            said, _ = await process.communicate()
        if process.returncode:
            raise OwlbusError(f"owlbus ops {self.name} {' '.join(arguments)}: {said.decode(errors='replace')[-2000:]}")


class Rewind(Command):
    """`owlbus ops rewind SOURCE --to N`: the source's relay sends again what its log holds behind N."""

    name = "rewind"

    async def run(self, rig: Rig, source: str, *, to: int) -> None:
        """Rewind one source, such as `ideas/3`."""
        await self.call(rig, source, "--to", str(to))


class Recover(Command):
    """`owlbus ops recover SERVICE`: imports the tail that the store lacks from the service's own topics."""

    name = "recover"

    async def run(self, rig: Rig, service: str) -> None:
        """Recover all stopped partitions of one service."""
        await self.call(rig, service)
