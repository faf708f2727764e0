"""`owlbus ops quarantine`: what was set aside, and trying it again."""

import asyncio
import base64
import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from owlbus.commands.options import AsJson
from owlbus.commands.repair import DryRun, OnePartition, Service
from owlbus.errors import OwlbusError
from owlbus.repair.site import Site, site

T = TypeVar("T")
app = typer.Typer(no_args_is_help=True)


@app.callback()
def about() -> None:
    """What was set aside, with its reason: list it, look at it, try it again in order."""


@app.command("list")
def listing(
    service: Annotated[str | None, typer.Argument(metavar="[SERVICE]", help="Only this service.")] = None,
    partition: OnePartition = None,
    as_json: AsJson = False,
) -> None:
    """List what is set aside, where and why; no content. Ends with 0."""

    async def listed(here: Site) -> list[dict[str, Any]]:
        services = [service] if service else list(here.urls)
        return [{"service": one, **row} for one in services for row in await _held(here, one, partition)]

    rows = _run(listed)
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False)
    for title in ("where", "number", "key", "kind", "since", "reason"):
        table.add_column(title)
    for row in rows:
        where = f"{row['service']}/{row['partition']}"
        table.add_row(where, str(row["number"]), row["key"], row["kind"], row["time"][:19], row["reason"])
    Console().print(table if rows else "nothing is set aside")


@app.command()
def show(
    service: Service,
    partition: Annotated[int, typer.Argument(metavar="PARTITION", min=0)],
    number: Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="As `list` prints it.")],
    content: Annotated[
        bool, typer.Option("--content", help="Its bytes too: needs the role auditor, and is kept in the journal.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show one thing that was set aside; with --content also what it holds, which only an auditor may see.

    That it was looked at is written to the journal (engine.EvidenceRead). Ends with 0, or 1 where there is none.
    """

    async def shown(here: Site) -> dict[str, Any]:
        if content:
            return await here.get(service, f"/ops/quarantine/{partition}/{number}", "auditor")
        for row in await _held(here, service, partition):
            if row["number"] == number:
                return row
        raise OwlbusError(f"{service}/{partition} has set nothing aside under {number}")

    row = _run(shown)
    if "value" in row:
        row["value"] = base64.b64decode(row["value"]).decode("utf-8", "backslashreplace")
    if as_json:
        typer.echo(json.dumps(row, indent=2, ensure_ascii=False))
    else:
        typer.echo("\n".join(f"{name + ':':<11}{value}" for name, value in row.items()))


@app.command()
def redrive(
    service: Service,
    key: Annotated[str | None, typer.Argument(metavar="[KEY]", help="Only this key.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All keys that something is held of.")] = False,
    partition: OnePartition = None,
    rate: Annotated[float, typer.Option("--rate", min=0.1, help="Keys a second at most.")] = 50.0,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Try again, in order, what is held of a key or of all; it stops at the first failure of each key.

    Works also in a partition that stopped because too many keys were parked: it serves again once few enough are left.
    Ends with 0 where nothing is left, 1 where something still waits.
    """
    if (key is None) is not everything:
        raise OwlbusError("name a KEY, or --all")
    rows = _run(lambda here: _redriven(here, service, key, partition, rate, dry_run))
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        verb = "would be tried" if dry_run else "done"
        lines = [f"{row['key']}: {row['done']} {verb}, {row['left']} left {row['reason']}".rstrip() for row in rows]
        typer.echo("\n".join(lines) or "nothing is held")
    if not dry_run and any(row["left"] for row in rows):
        raise typer.Exit(1)


async def _redriven(
    here: Site, service: str, only: str | None, partition: int | None, rate: float, dry_run: bool
) -> list[dict[str, Any]]:
    """A row a key. A list holds a part of what is held only, so it is asked for until it brings no new key."""
    rows: dict[str, dict[str, Any]] = {}
    while True:
        held: dict[str, int] = {}
        for row in await _held(here, service, partition):
            held[row["key"]] = held.get(row["key"], 0) + 1
        keys = [one for one in ([only] if only else held) if one and one not in rows]
        for one in keys:
            rows[one] = {"key": one, "done": held.get(one, 0), "left": 0, "reason": ""}
            if not dry_run:
                rows[one] |= await _one_key(here, service, one)
                await asyncio.sleep(1 / rate)
        if dry_run or not keys:
            return list(rows.values())


async def _one_key(here: Site, service: str, key: str) -> Mapping[str, Any]:
    """Until nothing is left or nothing moves: one request tries a part of what is held."""
    done = 0
    while True:
        answer = await here.post(service, "/ops/redrive", {"key": key})
        done += answer["done"]
        if not answer["left"] or not answer["done"]:
            return {"done": done, "left": answer["left"], "reason": answer["reason"]}


async def _held(here: Site, service: str, partition: int | None) -> list[dict[str, Any]]:
    query = "" if partition is None else f"?partition={partition}"
    return (await here.get(service, f"/ops/quarantine{query}"))["items"]


def _run(work: Callable[[Site], Coroutine[Any, Any, T]]) -> T:
    async def acted() -> T:
        here = site()
        try:
            return await work(here)
        finally:
            await here.close()

    return asyncio.run(acted())
