"""`python -m tests.chaos.relaying PORT TARGET`: the process behind a link (tests/chaos/link.py).

A process of its own, so that neither the load nor the services' traffic waits for the other. It is told what to be
like by lines on standard input: `delay SECONDS`, `stall`, `cut`, `heal`; it answers each with a line, and ends when
there are no more.
"""

import asyncio
import sys
from contextlib import suppress

import uvloop

from deploy.embedded.process import LOOPBACK

CHUNK = 65_536


class Relaying:
    """Hands on what comes, both ways, as it comes, unless it was told otherwise."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._delay = 0.0
        self._cut = False
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()

    def told(self, line: str) -> None:
        """Be as the line says."""
        match line.split():
            case ["delay", seconds]:
                self._delay = float(seconds)
            case ["stall"]:
                self._flows.clear()
            case ["cut"]:
                self._cut = True
                for writer in list(self._writers):
                    writer.transport.abort()
            case _:
                self._delay, self._cut = 0.0, False
                self._flows.set()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        try:
            if self._cut:
                raise ConnectionError
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self._target)
        except OSError:
            writer.transport.abort()
            return
        await asyncio.gather(self._hand_on(reader, far_writer), self._hand_on(far_reader, writer))

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while chunk := await reader.read(CHUNK):
                if self._delay:
                    await asyncio.sleep(self._delay)
                await self._flows.wait()
                writer.write(chunk)
                await writer.drain()
        except (OSError, RuntimeError):  # uvloop's word for a transport that has ended
            writer.transport.abort()
        finally:
            self._writers.discard(writer)
            with suppress(OSError):
                writer.close()


async def main(port: int, target: int) -> None:
    """Until standard input ends."""
    relaying = Relaying(target)
    await asyncio.start_server(relaying.connected, LOOPBACK, port)
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    print("open", flush=True)
    while line := await lines.readline():
        relaying.told(line.decode())
        print("done", flush=True)


if __name__ == "__main__":
    uvloop.run(main(*map(int, sys.argv[1:3])))
