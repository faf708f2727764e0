"""`make bench`: run the parts, print the table, write `build/bench.json` and `build/bench.html`.

    python -m benchmarks [--only stage,chain] [--rounds 3]
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks import stage
from benchmarks.bench import Bench, Results, opened
from owlbus.fleet import ROOT

PARTS: dict[str, Callable[[Bench], Awaitable[None]]] = {"stage": stage.run}
SETTINGS = {"OWLBUS_LOG_LEVEL": "WARNING", "KAFKA_SESSION_TIMEOUT_MS": "6000"}


def main() -> None:
    """Run what was asked for."""
    arguments = _arguments()
    results = Results()
    directory = Path(tempfile.mkdtemp(prefix="owlbus-bench-"))
    try:
        asyncio.run(_run(directory, results, arguments.only, arguments.rounds))
    finally:
        if arguments.keep:
            print(f"kept {directory}", file=sys.stderr)
        else:
            shutil.rmtree(directory, ignore_errors=True)
        _write(results)


async def _run(directory: Path, results: Results, only: list[str], rounds: int) -> None:
    async with opened(directory, results, SETTINGS) as bench:
        bench.rounds = rounds
        bench.calibrate()
        for name in only:
            bench.say(f"{name} begins")
            await PARTS[name](bench)
            bench.calibrate()


def _write(results: Results) -> None:
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    content = {
        **{name: round(value, 4) for name, value in sorted(results.figures.items())},
        "rounds": {name: [round(value, 3) for value in values] for name, values in results.rounds.items()},
        "noise": results.noise(),
        "calibration_s": results.calibration,
        "facts": results.facts,
    }
    (build / "bench.json").write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Owlbus beside the same work done otherwise.")
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(PARTS), help=",".join(PARTS))
    parser.add_argument("--rounds", type=int, default=3, help="how often what is compared is repeated")
    parser.add_argument("--keep", action="store_true", help="keep the directory with logs and data")
    return parser.parse_args()


if __name__ == "__main__":
    main()
