"""HTTP clients in a process of their own, on raw connections so that they need little of the machine; prints JSON.

python -m benchmarks.clients '{"urls": …}'        see `Load`
"""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import orjson
import uvloop
from pydantic import TypeAdapter

from benchmarks.bench import hand_back
from benchmarks.conversation import Step, steps, whole_line
from shared.runtime.memory import keep_freed_memory

WARM_SECONDS = 2.0
PATIENCE_SECONDS = 30.0
RETRY_SECONDS = 0.02


@dataclass(frozen=True)
class Load:
    """Where, as whom (`tokens` by role and person), for how long, by how many; `line` is the whole main line."""

    urls: dict[str, list[str]]
    tokens: dict[str, str]
    seconds: float
    clients: int = 50
    line: bool = False


class Connection:
    """One kept-alive HTTP/1.1 connection to one address."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, method: str, path: str, token: str, key: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Status and body of the answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\nAuthorization: Bearer {token}\r\n"
            f"Idempotency-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answer.partition(b"content-length:")[2].partition(b"\r")[0])
        content = await reader.readexactly(length) if length else b""
        return int(answer[9:12]), orjson.loads(content) if content else {}


@dataclass
class Crowd:
    """All clients. `took` are seconds of accepted commands, `again` counts those that had to be sent again."""

    load: Load
    took: list[float] = field(default_factory=list[float])
    ideas: list[float] = field(default_factory=list[float])
    again: int = 0
    going: bool = True
    _ids: Iterator[int] = field(default_factory=count)

    async def run(self, client: int) -> None:
        """One client, idea by idea."""
        connections = {name: [Connection(url) for url in urls] for name, urls in self.load.urls.items()}
        while self.going:
            idea, number = "", next(self._ids)
            line = whole_line(client) if self.load.line else [("ideas", step) for step in steps(client)]
            for place, (service, step) in enumerate(line):
                ways = connections[service]
                body = await self._until_accepted(ways[(number + place) % len(ways)], step, idea, f"{number}-{place}")
                idea = idea or body["id"]
            self.ideas.append(perf_counter())

    async def _until_accepted(self, way: Connection, step: Step, idea: str, key: str) -> dict[str, Any]:
        token = self.load.tokens[f"{step.role}/{step.person}"]
        path, content = step.path.replace("{idea}", idea), orjson.dumps(step.body)
        until = perf_counter() + PATIENCE_SECONDS
        while True:
            begun = perf_counter()
            status, body = await way.send(step.method, path, token, key, content)
            if status < 300:
                self.took.append(perf_counter() - begun)
                return body
            if status not in (404, 409, 503) or perf_counter() > until:
                raise RuntimeError(f"{step.method} {path}: {status} {body}")
            self.again += 1
            await asyncio.sleep(RETRY_SECONDS)


async def main(load: Load) -> None:
    """Warm up, measure, print."""
    crowd = Crowd(load)
    tasks = [asyncio.create_task(crowd.run(number)) for number in range(load.clients)]
    await asyncio.sleep(WARM_SECONDS)
    first, ideas, begun = len(crowd.took), len(crowd.ideas), perf_counter()
    await asyncio.sleep(load.seconds)
    lasted, took = perf_counter() - begun, sorted(crowd.took[first:])
    done = len(crowd.ideas) - ideas
    crowd.going = False
    await asyncio.gather(*tasks)
    hand_back(
        per_s=len(took) / lasted,
        p50_ms=1000 * took[len(took) // 2],
        p99_ms=1000 * took[int(0.99 * len(took))],
        ideas_per_s=done / lasted,
        again=crowd.again,
    )


if __name__ == "__main__":
    keep_freed_memory()
    uvloop.run(main(TypeAdapter(Load).validate_json(sys.argv[1])))
