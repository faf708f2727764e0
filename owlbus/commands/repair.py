"""`owlbus ops rewind, recover, resume, rebuild`: what repairs a partition."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

import typer
from rich.console import Console

from owlbus.commands.options import AsJson
from owlbus.errors import OwlbusError
from owlbus.repair.site import Site, site

DryRun = Annotated[bool, typer.Option("--dry-run", help="Change nothing; say what would be done.")]
Service = Annotated[str, typer.Argument(metavar="SERVICE", help="ideas, evaluation, awards or learning.")]
OnePartition = Annotated[
    int | None, typer.Option("--partition", "-p", min=0, help="Only this one. [default: all that need it]")
]
Work = Callable[[Site], Awaitable[list[dict[str, Any]]]]


def rewind(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="ideas/3, or ideas for all of its partitions.")],
    to: Annotated[int, typer.Option("--to", min=0, help="Send again what stands behind this number; 0 is everything.")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Have a source send again what its log holds behind a number: for gaps, and for topics that were made anew.

    The log is never deleted, so nothing is lost; readers pass over what they know, so nothing is doubled. Repeating it
    is harmless. Ends with 0, or with 1 and a line that says why it could not be done.
    """
    service, _, number = source.partition("/")
    if number and not number.isdigit():
        raise OwlbusError(f"{source} is no source: ideas/3, for example")

    async def work(here: Site) -> list[dict[str, Any]]:
        numbers = [int(number)] if number else await _owned(here, service, lambda row: True)
        return [await _repair(here, service, "rewind", one, dry_run, {"to": to}) for one in numbers]

    _run(work, as_json, lambda row: f"{service}/{row['partition']}: {row['events']} events again, up to {row['until']}")


def recover(
    service: Service,
    partition: OnePartition = None,
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Go on without events that only the lost store knew.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """After an older dump of a store was restored: import what it lacks from the service's own topics.

    The events come back with their bytes unchanged, into log, states, answered commands and numbers; then the partition
    serves again. Records that had no effect are read again. Without --partition, all partitions that stopped for it.
    Repeating it is harmless, also after it was killed. Ends with 0, or with 1 where something could not be recovered.
    """

    async def work(here: Site) -> list[dict[str, Any]]:
        numbers = await _owned(here, service, lambda row: row["why"] == "older_store", partition)
        more = {"accept_loss": accept_loss}
        return [await _repair(here, service, "recover", one, dry_run, more) for one in numbers]

    _run(
        work,
        as_json,
        lambda row: (
            f"{service}/{row['partition']}: {row['events']} events behind {row['after']}, {row['commands']} commands"
            f" answered before, {row['lost']} lost"
        ),
    )


def resume(service: Service, partition: OnePartition = None, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Go on with partitions that stopped, as they are now.

    Topics that end before what was read of them are read from their beginning; parked keys stay parked and are accepted
    so far; anything else is looked at again, and stops again where it is as before. Ends with 0, or with 1.
    """

    async def work(here: Site) -> list[dict[str, Any]]:
        numbers = await _owned(
            here, service, lambda row: row["standing"] == "stopped" and row["why"] != "older_store", partition
        )
        return [await _repair(here, service, "resume", one, dry_run, {}) for one in numbers]

    _run(work, as_json, lambda row: f"{service}/{row['partition']}: {_resumed(row)}")


def rebuild(service: Service, partition: OnePartition = None, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Fold the states from the log again, and say how many differed. With --dry-run, only compare.

    A partition answers commands 503 while it is rebuilt; its reads say that they are stale. States that the log does
    not know are removed. Ends with 0; with 1 where a dry run found a difference.
    """

    async def work(here: Site) -> list[dict[str, Any]]:
        numbers = await _owned(here, service, lambda row: True, partition)
        return [await _repair(here, service, "rebuild", one, dry_run, {}) for one in numbers]

    rows = _run(
        work, as_json, lambda row: f"{service}/{row['partition']}: {row['differing']} of {row['states']} differ"
    )
    if dry_run and any(row["differing"] for row in rows):
        raise typer.Exit(1)


def _resumed(row: Mapping[str, Any]) -> str:
    if not row["why"]:
        return "it was not stopped"
    return (
        f"was stopped ({row['why']}); {row['parked']} keys parked, read again: {', '.join(row['reread']) or 'nothing'}"
    )


async def _owned(
    here: Site, service: str, wanted: Callable[[Mapping[str, Any]], bool], only: int | None = None
) -> list[int]:
    """The partitions that are wanted among those that have an owner; the one that was asked for, whatever it is."""
    if only is not None:
        return [only]
    if service not in here.urls:
        raise OwlbusError(f"no service {service} here: {', '.join(here.urls)}")
    replicas = [replica for replica in await here.look() if replica.service == service]
    return sorted(row["partition"] for replica in replicas for row in replica.partitions if wanted(row))


async def _repair(
    here: Site, service: str, what: str, partition: int, dry_run: bool, more: Mapping[str, Any]
) -> dict[str, Any]:
    return await here.post(service, f"/ops/{what}", {"partition": partition, "dry_run": dry_run, **more})


def _run(work: Work, as_json: bool, line: Callable[[Mapping[str, Any]], str]) -> list[dict[str, Any]]:
    async def acted() -> list[dict[str, Any]]:
        here = site()
        try:
            return await work(here)
        finally:
            await here.close()

    with Console(stderr=True).status("working"):
        rows = asyncio.run(acted())
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
    else:
        typer.echo("\n".join(map(line, rows)) or "nothing needs it")
    return rows
