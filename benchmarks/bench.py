"""What every part of a run is given: servers, services, a place for figures, and a voice."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import orjson

from benchmarks.events import Source
from benchmarks.machine import Meter, calibrate, spread
from deploy.embedded.process import Guarded
from deploy.embedded.stack import Stack
from owlbus.fleet import ROOT, Fleet
from shared.runtime.kafka.access import Access

MARK = b"FOUND "
SETTINGS = {"OWLBUS_LOG_LEVEL": "WARNING", "KAFKA_SESSION_TIMEOUT_MS": "10000"}
"""For every service process; the session outlasts a machine that is busy with something else."""


@dataclass
class Results:
    """What was found: `figures` by name, the single `rounds` behind them, and `facts` beside them."""

    figures: dict[str, float] = field(default_factory=dict[str, float])
    rounds: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    calibration: list[float] = field(default_factory=list[float])

    def ratio(self, name: str, above: str, below: str) -> float:
        """Set a figure to the median over rounds of one figure by the other; rounds are pairs run side by side."""
        pairs = zip(self.rounds[above], self.rounds[below], strict=True)
        self.figures[name] = median(one / other for one, other in pairs)
        return self.figures[name]

    def add(self, name: str, value: float) -> None:
        """One round's figure; the figure of that name is the median of all."""
        self.rounds.setdefault(name, []).append(value)
        self.figures[name] = median(self.rounds[name])

    def noise(self) -> dict[str, float]:
        """How far apart rounds of the same thing lay, and the calibration loop's times."""
        spreads = {name: round(spread(values), 3) for name, values in self.rounds.items() if len(values) > 1}
        return spreads | {"calibration": round(spread(self.calibration), 3)}


@dataclass
class Bench:
    """One run. What is compared is repeated `rounds` times; `scale` makes everything shorter for a first look."""

    directory: Path
    stack: Stack
    fleet: Fleet
    results: Results
    rounds: int = 3
    scale: float = 1.0
    begun: float = field(default_factory=perf_counter)
    _sources: dict[str, Source] = field(default_factory=dict[str, Source])

    def source(self, service: str) -> Source:
        """Whoever writes as this service in this run; its numbers go on."""
        return self._sources.setdefault(service, Source(service, self.partitions))

    def amount(self, events: int) -> int:
        """So many events, at this run's scale."""
        return max(1, int(events * self.scale))

    def lasting(self, seconds: float) -> float:
        """So many seconds, at this run's scale."""
        return max(2.0, seconds * self.scale)

    @property
    def access(self) -> Access:
        """The run's own way to Kafka."""
        return self.fleet.access

    @property
    def partitions(self) -> int:
        """How many partitions every topic has."""
        return self.fleet.partitions

    def say(self, text: str) -> None:
        """Tell how far it is."""
        print(f"[{perf_counter() - self.begun:5.0f} s] {text}", file=sys.stderr, flush=True)

    def calibrate(self) -> None:
        """Time the fixed work once more."""
        self.results.calibration.append(round(calibrate(), 4))

    def meter(self, **pids: int) -> Meter:
        """Watch who uses the processors: these processes, Kafka and mongod."""
        servers = {"kafka": self.stack.kafka, "mongod": self.stack.mongo}
        return Meter({**pids, **{name: server.pid for name, server in servers.items() if server is not None}})

    def turns(self, sides: Sequence[str], turn: int) -> list[str]:
        """The sides of a comparison in the order of this round: whoever was first is last in the next."""
        shift = turn % len(sides)
        return [*sides[shift:], *sides[:shift]]

    def run_process(self, module: str, *arguments: str, name: str = "", **environment: str) -> Guarded:
        """Start `python -m module`; it ends with this run at the latest."""
        log = self.directory / "logs" / f"{name or module}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        return Guarded([sys.executable, "-m", module, *arguments], log, _environment(environment), 10.0)

    async def child(self, module: str, *arguments: str, **environment: str) -> dict[str, Any]:
        """Run `python -m module` to its end; what it `hands_back`. Raises RuntimeError where it fails."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *arguments, env=_environment(environment), stdout=asyncio.subprocess.PIPE
        )
        printed, _ = await process.communicate()
        found = [line for line in printed.splitlines() if line.startswith(MARK)]
        if process.returncode or not found:
            raise RuntimeError(f"{module} ended with {process.returncode}: {printed.decode()[-2000:]}")
        return orjson.loads(found[-1].removeprefix(MARK))


def hand_back(**found: Any) -> None:
    """What a child has found, for `Bench.child`; services print their own lines beside it."""
    print((MARK + orjson.dumps(found)).decode(), flush=True)


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **more}


@asynccontextmanager
async def opened(directory: Path, results: Results, rounds: int = 3, scale: float = 1.0) -> AsyncGenerator[Bench]:
    """Servers and topics, for as long as a block runs."""
    stack = Stack(directory / "servers")
    stack.start()
    try:
        fleet = Fleet(directory, stack, settings=SETTINGS, prefix="bench_")
        await fleet.prepare()
        bench = Bench(directory, stack, fleet, results, rounds, scale)
        try:
            yield bench
        finally:
            fleet.stop()
    finally:
        stack.stop()
