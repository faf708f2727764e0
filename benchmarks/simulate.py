"""`make simulate`: what one pass and two stages find of the truly best ideas.

The table, `build/simulate.json` and the drawing `build/simulate.html`.

python -m benchmarks.simulate [--pack seoul-2025-1] [--runs 60] [--seed 1]
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from math import sqrt
from statistics import fmean, stdev

from rich.console import Console
from rich.table import Table

from benchmarks.draw import STYLE
from owlbus.fleet import ROOT
from services.evaluation.analysis.simulation import Found, World, runs

WORDS = {
    "two_stages": "two stages",
    "one_pass": "one pass",
    "own_department": "own department only",
}
WIDTH, LABEL, ROW = 860, 240, 26


@dataclass(frozen=True)
class Line:
    """One way over all runs: means with their standard errors."""

    way: str
    ratings: float
    legal: float
    legal_error: float
    calibrated: float
    calibrated_error: float
    agreement: float
    reasons: tuple[str, ...]


def lines(found: Sequence[tuple[Found, ...]]) -> list[Line]:
    """The ways in their order."""
    return [_line(runs_of_one) for runs_of_one in zip(*found, strict=True)]


def _line(found: Sequence[Found]) -> Line:
    legal, calibrated = [one.legal for one in found], [one.calibrated for one in found]
    return Line(
        way=found[0].way,
        ratings=fmean(one.ratings for one in found),
        legal=fmean(legal),
        legal_error=_error(legal),
        calibrated=fmean(calibrated),
        calibrated_error=_error(calibrated),
        agreement=fmean(one.agreement for one in found),
        reasons=tuple(sorted({reason for one in found for reason in one.reasons})),
    )


def _error(values: Sequence[float]) -> float:
    return stdev(values) / sqrt(len(values)) if len(values) > 1 else 0.0


def page(said: str, found: Sequence[Line]) -> str:
    """The drawing: for each way a bar for the order of the scores and one for that of the calibrated scores."""
    bars = "".join(
        _bar(2 * place, f"{WORDS[one.way]}: score", one.legal, one.legal_error, "#2a6f97")
        + _bar(2 * place + 1, "calibrated", one.calibrated, one.calibrated_error, "#a9b4bd")
        for place, one in enumerate(found)
    )
    notes = "".join(
        f"<p>{escape(WORDS[one.way])}: the gate abstains ({escape(', '.join(one.reasons))}).</p>"
        for one in found
        if one.reasons
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Owlbus simulation</title><style>{STYLE}</style>'
        f"<h1>What a way of evaluating finds of the best</h1><p>{escape(said)}</p>"
        f'<svg viewBox="0 0 {WIDTH} {2 * len(found) * ROW}" role="img" aria-label="share of the best found">{bars}'
        f"</svg>{notes}</html>\n"
    )


def _bar(place: int, label: str, value: float, error: float, fill: str) -> str:
    y, long = place * ROW, WIDTH - LABEL - 110
    width, middle = long * value, y + 15
    ends = (LABEL + long * max(value - 2 * error, 0), LABEL + long * (value + 2 * error))
    return (
        f'<text x="{LABEL - 10}" y="{middle}" text-anchor="end">{escape(label)}</text>'
        f'<rect x="{LABEL}" y="{y}" width="{width:.1f}" height="20" rx="3" fill="{fill}"/>'
        f'<line x1="{ends[0]:.1f}" x2="{ends[1]:.1f}" y1="{y + 10}" y2="{y + 10}" stroke="#d1495b" stroke-width="2"/>'
        f'<text x="{ends[1] + 8:.1f}" y="{middle}">{value:.0%}</text>'
    )


def main() -> None:
    """Simulate, and say what was found."""
    arguments = _arguments()
    world = World()
    found = lines(list(runs(arguments.pack, world, arguments.seed, arguments.runs)))
    said = (
        f"Share of the {world.winners} truly best of {world.ideas} ideas, {world.raters} raters, "
        f"{arguments.runs} runs, seed {arguments.seed}, rules of {arguments.pack}; lines: two standard errors"
    )
    console = Console()
    console.print(said, highlight=False)
    table = Table(box=None, pad_edge=False)
    for title in ("way", "sheets", "score", "calibrated", "ICC(1)", "gate"):
        table.add_column(title, justify="left" if title in ("way", "gate") else "right")
    for one in found:
        shares = ((one.legal, one.legal_error), (one.calibrated, one.calibrated_error))
        gate = "abstains" if one.reasons else "open"
        table.add_row(
            WORDS[one.way],
            f"{one.ratings:,.0f}",
            *(f"{share:.0%} ± {error:.1%}" for share, error in shares),
            f"{one.agreement:.2f}",
            gate,
        )
    console.print(table, highlight=False)
    for one in (one for one in found if one.reasons):
        console.print(f"{WORDS[one.way]}: the gate abstains ({', '.join(one.reasons)})", highlight=False)
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    content = {"said": said, "world": asdict(world), "ways": [asdict(one) for one in found]}
    (build / "simulate.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    (build / "simulate.html").write_text(page(said, found), encoding="utf-8")
    console.print("written: build/simulate.json, build/simulate.html", highlight=False)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulate", description="Try ways of evaluating.")
    parser.add_argument("--pack", default="seoul-2025-1", help="whose rules; its round has two stages")
    parser.add_argument("--runs", type=int, default=60, help="how many invented towns")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
