"""`make bench`: run the parts, print the table, write `build/bench.json` and `build/bench.html`.

python -m benchmarks [--only hot,chain] [--rounds 3]
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks import chain, commands, latency, rebuild, restart, stage, verify
from benchmarks.bench import Bench, Results, opened
from benchmarks.report import print_table, write

PARTS: dict[str, tuple[Callable[[Bench], Awaitable[None]], ...]] = {
    "hot": (stage.hot, rebuild.ideas),
    "distinct": (stage.distinct, stage.streams_too, rebuild.evaluation, verify.run),
    "chain": (chain.run, latency.run),
    "commands": (commands.in_process, commands.through_http),
    "line": (commands.main_line,),
    "restart": (restart.run,),
}
"""Every part has servers of its own, so that none finds what another has left."""


def main() -> None:
    """Run what was asked for. Ends with 1 where a part failed; what was measured before is written down."""
    arguments = _arguments()
    results, failed = Results(), False
    for name in arguments.only:
        directory = Path(tempfile.mkdtemp(prefix="owlbus-bench-"))
        try:
            asyncio.run(_part(name, directory, results, arguments))
        except Exception as error:
            failed = True
            print(f"{name} failed: {type(error).__name__}: {error}", file=sys.stderr)
            if arguments.keep:
                raise
        finally:
            if arguments.keep:
                print(f"kept {directory}", file=sys.stderr)
            else:
                shutil.rmtree(directory, ignore_errors=True)
    write(results)
    print_table(results)
    sys.exit(1 if failed else 0)


async def _part(name: str, directory: Path, results: Results, arguments: argparse.Namespace) -> None:
    async with opened(directory, results, arguments.rounds, arguments.scale) as bench:
        bench.calibrate()
        for step in PARTS[name]:
            bench.say(f"{name}: {step.__module__.partition('.')[2]} begins")
            await step(bench)
        bench.calibrate()


def _arguments() -> argparse.Namespace:
    about = "Measure Owlbus beside the same work done otherwise."
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=about)
    parser.add_argument("--only", type=_names, default=list(PARTS), metavar="PART,…", help=", ".join(PARTS))
    parser.add_argument("--rounds", type=int, default=3, help="how often what is compared is repeated")
    parser.add_argument("--scale", type=float, default=1.0, help="0.1 for a first look: figures then mean little")
    parser.add_argument("--keep", action="store_true", help="keep logs and data, and stop at the first failure")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := set(names) - set(PARTS):
        raise argparse.ArgumentTypeError(f"no part is called {', '.join(sorted(unknown))}")
    return names or list(PARTS)


if __name__ == "__main__":
    main()
