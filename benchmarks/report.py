"""What a run says at its end: the table of figures and targets, `build/bench.json` and the drawing."""

import json
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.bench import Results
from benchmarks.draw import page
from owlbus.fleet import ROOT


@dataclass(frozen=True)
class Target:
    """What a figure is to reach: at least, or at most with `most`."""

    figure: str
    value: float
    most: bool = False

    def met(self, found: float) -> bool:
        """Whether it is."""
        return found <= self.value if self.most else found >= self.value

    def __str__(self) -> str:
        return f"{'≤' if self.most else '≥'} {self.value:,g}"


TARGETS = (
    Target("stage_vs_floor_hot", 0.9),
    Target("stage_vs_floor_distinct", 0.45),
    Target("chain_vs_floor", 0.6),
    Target("stage_vs_tutorial", 150),
    Target("latency_50_p50_ms", 60, most=True),
    Target("latency_50_p99_ms", 300, most=True),
    Target("commands_per_s", 3_000),
    Target("http_commands_per_s", 1_500),
    Target("http_commands_p99_ms", 60, most=True),
    Target("http_two_vs_one", 1.0),
    Target("http_two_commands_p99_ms", 150, most=True),
    Target("rebuild_events_per_s", 25_000),
    Target("verify_export_events_per_s", 200_000),
    Target("verify_topics_events_per_s", 100_000),
    Target("restart_same_id_s", 2, most=True),
)


def write(results: Results) -> None:
    """Write the JSON and the page."""
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    content = {
        **{name: round(value, 4) for name, value in sorted(results.figures.items())},
        "targets": {one.figure: {"target": one.value, "most": one.most} for one in TARGETS},
        "rounds": {name: [round(value, 3) for value in values] for name, values in results.rounds.items()},
        "noise": results.noise(),
        "calibration_s": results.calibration,
        "facts": results.facts,
    }
    (build / "bench.json").write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (build / "bench.html").write_text(page(results), encoding="utf-8")


def print_table(results: Results) -> None:
    """All figures, those with a target first."""
    console = Console()
    table = Table("figure", box=None, pad_edge=False)
    for title in ("found", "target", ""):
        table.add_column(title, justify="right")
    for target in TARGETS:
        found = results.figures.get(target.figure)
        if found is not None:
            word = "[green]met[/]" if target.met(found) else "[red]not met[/]"
            table.add_row(target.figure, _text(found), str(target), word)
    named = {target.figure for target in TARGETS}
    for name, found in sorted(results.figures.items()):
        if name not in named:
            table.add_row(name, _text(found), "", "")
    console.print(table, highlight=False)
    _print_noise(console, results.noise())
    console.print("written: build/bench.json, build/bench.html", highlight=False)


def _print_noise(console: Console, noise: dict[str, float]) -> None:
    worst = sorted(noise.items(), key=lambda item: -item[1])
    text = ", ".join(f"{name} {value:.0%}" for name, value in worst)
    console.print(f"noise, (largest - smallest) / mean over rounds: {text}", highlight=False)


def _text(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
