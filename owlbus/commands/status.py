"""`owlbus status`."""

import asyncio
import json
import re
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
import typer
from rich.console import Console
from rich.table import Table

from owlbus import running
from owlbus.fleet import health_of
from owlbus.running import HOME, NOTHING_RUNS, Member, Running
from shared.runtime.kafka.access import Access, KafkaUnavailable
from shared.runtime.settings import Settings

_LAG = re.compile(r"^owlbus_input_lag_records\{[^}]*\} (\S+)$", re.MULTILINE)
_STYLES = {"ok": "green", "degraded": "yellow"}


@dataclass(frozen=True)
class Line:
    """How one server or replica is. `partitions` and `lag` are None where they mean nothing."""

    name: str
    address: str
    health: str
    partitions: int | None = None
    lag: int | None = None
    pid: int | None = None
    note: str = ""


def status(as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False) -> None:
    """Show what runs and how it is: servers, services, health, partitions owned, records waiting.

    Ends with 1 when something is down or not ready, or nothing runs at all.
    """
    found = running.read(HOME)
    if found is None or found.step != "ready":
        typer.echo(NOTHING_RUNS if found is None else f"still starting: {found.step}", err=True)
        raise typer.Exit(1)
    if as_json:
        lines = asyncio.run(look(found))
        typer.echo(json.dumps([vars(line) for line in lines], indent=2))
    else:
        lines = print_status(Console(), found)
    if any(line.health not in ("ok", "degraded") for line in lines):
        raise typer.Exit(1)


def print_status(console: Console, found: Running) -> list[Line]:
    """Print the table; what is in it."""
    lines = asyncio.run(look(found))
    table = Table(box=None, pad_edge=False)
    for title, justify in (("", "left"), ("address", "left"), ("health", "left"), ("partitions", "right")):
        table.add_column(title, justify="right" if justify == "right" else "left")
    table.add_column("lag", justify="right")
    table.add_column("pid", justify="right")
    for line in lines:
        health = f"[{_STYLES.get(line.health, 'red')}]{line.health}[/] {line.note}"
        numbers = ["" if value is None else str(value) for value in (line.partitions, line.lag, line.pid)]
        table.add_row(line.name, line.address, health, *numbers)
    console.print(table, highlight=False)
    return lines


async def look(found: Running) -> list[Line]:
    """Ask everything that runs how it is."""
    async with httpx.AsyncClient(trust_env=False) as client:
        members = await asyncio.gather(*(_member(client, member) for member in found.members))
        kafka = await _kafka(found)
    return [kafka, _mongodb(found, members), *members]


async def _kafka(found: Running) -> Line:
    try:
        async with Access(Settings.read(found.environment), "owlbus-status").admin() as admin:
            await admin.list_topics()
    except KafkaUnavailable as error:
        return Line("kafka", found.bootstrap, "down", note=str(error))
    return Line("kafka", found.bootstrap, "ok", note="" if "kafka" in found.embedded else "(not ours)")


def _mongodb(found: Running, members: list[Line]) -> Line:
    """MongoDB as the services see it: they are its only users."""
    place = urlsplit(found.mongo_uri).netloc.rpartition("@")[2]
    seen = any(member.health in ("ok", "degraded") for member in members)
    note = "" if "mongodb" in found.embedded else "(not ours)"
    return Line("mongodb", place, "ok" if seen else "unreachable for every service", note=note)


async def _member(client: httpx.AsyncClient, member: Member) -> Line:
    report = await health_of(client, member.url)
    health = str(report["status"])
    if health == "down":
        return Line(member.instance, member.url, health, pid=member.pid, note=f"see {member.log}")
    details: dict[str, Any] = report.get("details", {})
    note = ", ".join([*report.get("degraded", ()), *(f"p{n}: {why}" for n, why in details.get("stopped", {}).items())])
    return Line(
        member.instance, member.url, health, len(details.get("owned", ())), await _lag(client, member), member.pid, note
    )


async def _lag(client: httpx.AsyncClient, member: Member) -> int | None:
    try:
        text = (await client.get(f"{member.url}/metrics", timeout=3.0)).text
    except httpx.HTTPError:
        return None
    return int(sum(float(value) for value in _LAG.findall(text)))
