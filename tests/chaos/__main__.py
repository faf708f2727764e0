"""`python -m tests.chaos`: a run with a seed; ends with 1 where anything was lost, doubled, reordered or stuck."""

import asyncio
import json
import random
import shlex
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tests.chaos import disks
from tests.chaos.faults import ALL, BY_NAME
from tests.chaos.plan import make_plan
from tests.chaos.report import Report
from tests.chaos.run import run_plan

console = Console(width=max(110, Console().width))


def main(
    minutes: Annotated[float, typer.Option(help="About how long.")] = 25.0,
    rate: Annotated[float, typer.Option(help="Ideas a second; each is about eight requests.")] = 3.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same plan; 0 draws one.")] = 0,
    faults: Annotated[str, typer.Option(help="Only these, by name or part of it, separated by commas.")] = "",
    out: Annotated[Path, typer.Option(help="Where the figures go.")] = Path("build/chaos.json"),
) -> None:
    """Run the four services under load while faults are injected, and count what was lost."""
    seed = seed or random.SystemRandom().randrange(1, 1_000_000)
    wanted = [BY_NAME[name] for name in BY_NAME if not faults or any(part in name for part in faults.split(","))]
    plan = make_plan(seed, minutes, wanted or ALL)
    report = Report(seed, minutes, rate)
    console.print(f"seed {seed}: {len(plan)} steps, {rate:g} ideas a second", highlight=False)
    directory = Path(tempfile.mkdtemp(prefix="owlbus-chaos-"))
    asyncio.run(run_plan(directory, plan, report, lambda line: console.print(line, highlight=False, markup=False)))
    report.print(console)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(report.document(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if not report.ok:
        again = f"make chaos SEED={seed} MINUTES={minutes:g} RATE={rate:g}" + (
            f" FAULTS={shlex.quote(faults)}" if faults else ""
        )
        console.print(f"[red]failed[/]; to repeat it: {again}\nlogs and data are in {directory}", highlight=False)
        raise typer.Exit(1)
    shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    disks.enter("tests.chaos")
    typer.run(main)
