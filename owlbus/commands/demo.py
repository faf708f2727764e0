"""`owlbus demo`."""

from pathlib import Path
from typing import Annotated

import typer

from owlbus.commands.options import Lang
from owlbus.demo.run import BUILD
from owlbus.demo.run import demo as run_demo


def demo(
    source: Annotated[
        Path | None,
        typer.Option("--input", "-i", help="Real input instead: a directory (or file) of petitions as JSON lines."),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the servers' data below demo-run.")] = False,
    out: Annotated[Path, typer.Option(help="Where the page, the figures and the run's own files go.")] = BUILD,
    lang: Annotated[Lang, typer.Option(help="Language of the page.")] = Lang.KO,
) -> None:
    """Run the guided scenario on a stack of its own, and tell what came of it.

    Starts Kafka, MongoDB and the four services, takes forty-five ideas from submission to spread through the public
    APIs, reads the log back, and ends everything. Writes build/demo.html and build/demo.json. Ends with 1 where the log
    and the services do not agree. With --input the same line runs on real petitions; what they lack follows a seeded
    rule, which the account names.
    """
    account = run_demo(source, out=out.absolute(), keep=keep, language=lang.value)
    if account.faults:
        raise typer.Exit(1)
