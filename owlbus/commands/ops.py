"""`owlbus ops`: technical operation."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated

import typer

from owlbus import running
from owlbus.commands import capacity, quarantine, repair, repartition, watching
from owlbus.errors import OwlbusError
from owlbus.fleet import TOPICS
from owlbus.running import HOME, settings_of_tools
from shared.runtime.clock import MovableClock
from shared.runtime.kafka.access import Access, create_topics, verify_topics

app = typer.Typer(no_args_is_help=True)
topics = typer.Typer(no_args_is_help=True)
app.add_typer(topics, name="topics")
app.add_typer(quarantine.app, name="quarantine")
app.command("top")(watching.top)
app.command("doctor")(watching.doctor)
app.command("rewind")(repair.rewind)
app.command("recover")(repair.recover)
app.command("resume")(repair.resume)
app.command("rebuild")(repair.rebuild)
app.command("repartition")(repartition.repartition)
app.command("capacity")(capacity.capacity)


@app.callback()
def about() -> None:
    """Operate the system: see how it is, find what is wrong, repair it; topics; the clock of development.

    The services are those of `owlbus up`, or those that OWLBUS_IDEAS_URL, OWLBUS_EVALUATION_URL, OWLBUS_AWARDS_URL and
    OWLBUS_LEARNING_URL name (several replicas separated by commas), with a token of the role operator in OWLBUS_TOKEN.
    docs/runbooks has a page for each alert and each finding.
    """


@topics.callback()
def about_topics() -> None:
    """The topics of all services: each has N partitions (OWLBUS_PARTITIONS), is kept for ever and replicated."""


@topics.command()
def create() -> None:
    """Create the topics that are missing, then verify all. The one declared step that makes topics."""
    access = Access(settings_of_tools(HOME), "owlbus-ops")
    asyncio.run(create_topics(access, TOPICS, access.settings.partitions))
    typer.echo(f"{len(TOPICS)} topics with {access.settings.partitions} partitions each")


@topics.command()
def verify() -> None:
    """See that every topic is as it must be; changes nothing. Ends with 1 and says what is wrong."""
    access = Access(settings_of_tools(HOME), "owlbus-ops")
    asyncio.run(verify_topics(access, TOPICS, access.settings.partitions))
    typer.echo(f"{len(TOPICS)} topics with {access.settings.partitions} partitions each, as they must be")


@app.command()
def clock(
    by_days: Annotated[float, typer.Option("--by-days", help="Move it forward by so many days.", min=0.0)] = 0.0,
    to: Annotated[str, typer.Option(help="Move it forward to a moment (ISO 8601 with offset).")] = "",
) -> None:
    """Show the movable clock of the stack in the background, or move it forward (never back). For development."""
    running.required(HOME)
    movable = MovableClock(HOME / "clock")
    try:
        if to:
            movable.advance(datetime.fromisoformat(to))
        elif by_days:
            movable.advance(movable.now() + timedelta(days=by_days))
    except (ValueError, TypeError) as error:
        raise OwlbusError(f"--to {to}: {error}") from None
    typer.echo(movable.now().isoformat(timespec="seconds"))
