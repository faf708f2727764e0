"""The machine under a run: how steady it is, and who uses its processors.

A calibration loop of fixed work is timed before, between and after the parts: if it changes, so did the machine, and
figures of different moments can't be compared.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from time import perf_counter

TICKS = os.sysconf("SC_CLK_TCK")


def calibrate() -> float:
    """Seconds that a fixed piece of work takes on one processor."""
    begun = perf_counter()
    value = b"owlbus"
    for _ in range(400_000):
        value = hashlib.sha256(value).digest()
    return perf_counter() - begun


def spread(values: list[float]) -> float:
    """(largest - smallest) / mean."""
    return (max(values) - min(values)) / mean(values) if values else 0.0


def processor_seconds(pid: int) -> float:
    """Processor time that a process has used so far, 0 where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


@dataclass
class Meter:
    """Processors that named processes use between `begin` and `end`; 1.0 is one processor all the time."""

    pids: Mapping[str, int]
    shares: dict[str, float] | None = None
    _at: float = 0.0
    _before: dict[str, float] | None = None

    def begin(self) -> None:
        """From here on."""
        self._at = perf_counter()
        self._before = self._used()

    def end(self) -> None:
        """Until here."""
        assert self._before is not None
        seconds, used = perf_counter() - self._at, self._used()
        self.shares = {name: round((used[name] - self._before[name]) / seconds, 2) for name in used}

    def _used(self) -> dict[str, float]:
        return {name: processor_seconds(pid) for name, pid in self.pids.items()}
