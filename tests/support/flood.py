"""Very many requests at once over connections of their own: HTTP by hand, since a client's pool would queue them."""

import asyncio
import resource
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

SPARE_FILES = 500
PATIENCE_SECONDS = 240.0
OPENING_AT_ONCE = 500


def raise_file_limit() -> int:
    """Let this process and those it starts open as many files as may be; how many connections that leaves room for."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard - SPARE_FILES


@dataclass(frozen=True)
class Sent:
    """One request; it may be sent again as it is."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def bytes(self) -> bytes:
        """On the wire."""
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: flood", f"Content-Length: {len(self.body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body


@dataclass
class Flood:
    """Sends requests to one address until each was accepted: 503 and broken connections are tried again.

    Nothing is sent before `connections` stand open. `outstanding` is how many have been sent and not answered, `most`
    the highest it ever was, `broken` which connections broke and how.
    """

    host: str
    port: int
    connections: int
    statuses: Counter[int] = field(default_factory=Counter[int])
    broken: Counter[str] = field(default_factory=Counter[str])
    outstanding: int = 0
    most: int = 0
    wrong: list[str] = field(default_factory=list[str])
    began: float = 0.0
    _opening: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(OPENING_AT_ONCE))

    def __post_init__(self) -> None:
        self._all_open = asyncio.Barrier(self.connections)

    async def send(self, requests: list[Sent]) -> None:
        """All of `requests`, over one of the connections, each only when the one before it was accepted."""
        reader, writer = await self._open()
        await self._all_open.wait()
        self.began = self.began or time.monotonic()
        waiting = list(reversed(requests))
        while waiting:
            assert time.monotonic() < self.began + PATIENCE_SECONDS, f"not answered within {PATIENCE_SECONDS} s"
            try:
                while waiting and await self._accepted(reader, writer, waiting[-1]):
                    waiting.pop()
            except (OSError, asyncio.IncompleteReadError) as error:
                self.broken[type(error).__name__] += 1
                reader, writer = await self._open()
        writer.close()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        until = time.monotonic() + PATIENCE_SECONDS
        async with self._opening:
            while True:
                try:
                    return await asyncio.open_connection(self.host, self.port)
                except OSError as error:
                    self.broken[f"{type(error).__name__} while opening"] += 1
                    assert time.monotonic() < until, f"no connection within {PATIENCE_SECONDS} s"
                    await asyncio.sleep(0.2)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: Sent) -> bool:
        self.outstanding += 1
        self.most = max(self.most, self.outstanding)
        try:
            writer.write(request.bytes)
            status, headers, body = await _answer(reader)
        finally:
            self.outstanding -= 1
        self.statuses[status] += 1
        if status == 503:
            assert "retry-after" in headers and orjson.loads(body)["code"], body
            await asyncio.sleep(float(headers["retry-after"]))
        elif status != 200:
            self.wrong.append(f"{status} {body[:300]!r}")
        return status != 503


async def _answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    return int(head[0].split()[1]), headers, await reader.readexactly(int(headers["content-length"]))
