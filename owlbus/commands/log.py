"""`owlbus log`: what an auditor asks of the topics alone."""

import asyncio
import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from owlbus.audit.check import LogCheck, check_log
from owlbus.fleet import TOPICS
from owlbus.running import HOME, settings_of_tools
from shared.runtime.kafka.access import Access

app = typer.Typer(no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]


@app.callback()
def about() -> None:
    """Read the log, from its topics alone, and see that it is whole."""


@app.command()
def verify(as_json: AsJson = False) -> None:
    """Check every event of every service: chains, gaps, forks, places, counts. Ends with 1 where something is wrong.

    What was changed, left out, swapped or forked is found. A tail that was cut off, or a chain that was rewritten as a
    whole, can't be seen from the topics alone: keep what `owlbus log heads` prints somewhere else.
    """
    report = _read("checking the log").report()
    if as_json:
        typer.echo(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        print_report(Console(), report)
    if not report["ok"]:
        raise typer.Exit(1)


@app.command()
def heads() -> None:
    """Print where each source's log ends, as JSON, to be kept where nobody who runs the system can change it."""
    typer.echo(json.dumps(_read("reading the log").report()["heads"], indent=2))


def print_report(console: Console, report: dict[str, Any]) -> None:
    """The check as a table, then what is wrong."""
    table = Table("topic", box=None, pad_edge=False)
    table.add_column("events", justify="right")
    for topic, count in report["topics"].items():
        table.add_row(topic, f"{count:,}")
    console.print(table, highlight=False)
    again = f", {report['redelivered']:,} copies of the same bytes" if report["redelivered"] else ""
    console.print(f"{report['events']:,} events of {report['sources']} sources{again}", highlight=False)
    for trouble in report["troubles"]:
        console.print(
            f"[red]{trouble['kind']}[/] {escape(trouble['where'])}: {escape(trouble['detail'])}", highlight=False
        )
    if report["ok"]:
        console.print("[green]every chain is whole[/]")
    else:
        console.print(f"[red]{report['faults']:,} faults[/]")


def _read(what: str) -> LogCheck:
    access = Access(settings_of_tools(HOME), "owlbus-log")
    return asyncio.run(_whole(access, what))


async def _whole(access: Access, what: str) -> LogCheck:
    check = LogCheck(access.settings.partitions)
    with Console(stderr=True).status(what) as status:
        async for check in check_log(access, TOPICS):
            status.update(f"{what}: {check.events:,} events")
    return check
