"""A link on loopback that a test has power over: what passes can be delayed, stalled or cut."""

import asyncio
import sys

from deploy.embedded.process import free_port
from owlbus.errors import OwlbusError
from owlbus.fleet import ROOT


class Link:
    """Hands on what comes to `port` to the port `target`, both ways; ends with this process.

    A delayed link adds seconds to every chunk; a stalled one keeps connections open and hands on nothing; a cut one
    ends what there is and takes nothing new.
    """

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self._target = target
        self._process: asyncio.subprocess.Process | None = None

    async def open(self) -> None:
        """Begin to listen. Raises OwlbusError where that can't be."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.chaos.relaying", str(self.port), str(self._target)),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        await self._answered()

    async def close(self) -> None:
        """End all connections and listen no more."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            await self._process.wait()

    async def delay(self, seconds: float) -> None:
        """Add so much to every chunk."""
        await self._tell(f"delay {seconds}")

    async def stall(self) -> None:
        """Hand on nothing until healed."""
        await self._tell("stall")

    async def cut(self) -> None:
        """End every connection, and each new one at once, until healed."""
        await self._tell("cut")

    async def heal(self) -> None:
        """Be a link as any other."""
        await self._tell("heal")

    async def _tell(self, line: str) -> None:
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        await self._answered()

    async def _answered(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        if not await self._process.stdout.readline():
            raise OwlbusError(f"the link to port {self._target} has ended")
