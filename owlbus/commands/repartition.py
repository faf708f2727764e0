"""`owlbus ops repartition`: more partitions for all services at one time."""

import asyncio
import json
from dataclasses import asdict
from importlib import import_module
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from owlbus.commands.options import AsJson
from owlbus.fleet import SERVICES
from owlbus.repair.repartition import Outcome, Repartition
from owlbus.running import HOME, settings_of_tools
from shared.runtime.kafka.access import Access
from shared.runtime.service import Service


def repartition(
    to: Annotated[int, typer.Option("--to", metavar="N", min=2, help="How many partitions every topic shall have.")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it. Without it everything is checked and nothing changed.")
    ] = False,
    give_up: Annotated[
        bool, typer.Option("--give-up", help="Let the services start as before; only until topics have grown.")
    ] = False,
    prefix: Annotated[str, typer.Option(metavar="TEXT", help="What the databases' names begin with.")] = "owlbus_",
    by: Annotated[str, typer.Option(metavar="PERSON", help="Who does it, as the journal shall say.")] = "operator",
    as_json: AsJson = False,
) -> None:
    """Give the deployment more partitions, all services at one time, while all of them are stopped.

    First everything is proven: all that was said has been heard, every log is whole, and every state, folded from it
    afresh, is field by field the one in the store. Then the topics grow, states get their new homes, and a transaction
    over all databases makes it so. Logs and records stay as and where they are.

    It may be killed at any moment and run again. Afterwards set OWLBUS_PARTITIONS and start the services. Needs
    KAFKA_BOOTSTRAP_SERVERS and MONGODB_URI of users who may do so; docs/runbooks/repartition.md has the steps.

    Ends with 0, or with 1 and the reason why not.
    """
    settings = settings_of_tools(HOME)
    with Console(stderr=True).status("looking") as status:
        attempt = Repartition(
            Access(settings, "owlbus-repartition"),
            settings.mongodb_uri.get_secret_value(),
            _services(),
            {name: f"{prefix}{name}" for name in SERVICES},
            to,
            by,
            status.update,
        )
        if give_up:
            asyncio.run(attempt.give_up())
            typer.echo("given up: the services may start as before")
            return
        outcome = asyncio.run(attempt.run(act=yes))
    if as_json:
        typer.echo(json.dumps(asdict(outcome), indent=2))
    else:
        print_outcome(Console(), outcome)


def print_outcome(console: Console, outcome: Outcome) -> None:
    """A table with a line for each service, and what to do next."""
    if outcome.before == outcome.after:
        console.print(f"there are {outcome.after} partitions already: set OWLBUS_PARTITIONS={outcome.after}")
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("service")
    for title in ("events", "states compared", "differing", "states moved", "set aside moved", "seconds"):
        table.add_column(title, justify="right")
    for row in outcome.rows:
        figures = (row.events, row.states, row.differing, row.moved, row.held)
        table.add_row(row.service, *(f"{figure:,}" for figure in figures), f"{row.seconds:.1f}")
    console.print(table)
    if outcome.done:
        console.print(
            f"{outcome.before} partitions became {outcome.after}: start all services with "
            f"OWLBUS_PARTITIONS={outcome.after}, and have a new dump made of every database"
        )
    else:
        console.print(f"nothing was changed; with --yes {outcome.before} partitions become {outcome.after}")


def _services() -> tuple[Service, ...]:
    return tuple(import_module(f"services.{name}.service").SERVICE for name in SERVICES)
