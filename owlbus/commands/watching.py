"""`owlbus ops top, doctor`: how everything is, and what is wrong."""

import asyncio
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

from owlbus.client import ApiError
from owlbus.commands.options import AsJson
from owlbus.errors import OwlbusError
from owlbus.fleet import SERVICES, TOPICS
from owlbus.repair.diagnosis import Finding, coordinator_stuck, diagnose
from owlbus.repair.replica import Replica
from owlbus.repair.site import Site, site
from owlbus.running import HOME, settings_of_tools
from shared.runtime.kafka.access import Access, KafkaUnavailable
from shared.runtime.kafka.coordinators import stuck_coordinators
from shared.runtime.settings import SettingsError
from shared.runtime.store.protocol import StoreUnavailable
from shared.runtime.store.sessions import OpenTransaction, open_transactions

COLUMNS = ("partition", "owner", "lag", "oldest s", "unpublished", "parked", "aside", "events/s", "standing")
ORPHAN_SECONDS = 10.0
PARTITIONS = 12

Sequences = dict[tuple[str, int], int]


def top(
    once: Annotated[bool, typer.Option("--once", help="Print it once and end.")] = False,
    every: Annotated[float, typer.Option("--every", min=0.2, help="Seconds between looks.")] = 2.0,
    as_json: AsJson = False,
) -> None:
    """Show every partition of every service, live: owner, what waits, what is parked, what is stopped and why.

    --json implies --once. Ends with Ctrl-C, or with 0 after --once.
    """
    asyncio.run(_top(once or as_json, every, as_json))


async def _top(once: bool, every: float, as_json: bool) -> None:
    here, before, then = site(), Sequences(), time.monotonic()
    try:
        rows, before = _rows(await here.look(), before, 0.0)
        if as_json:
            typer.echo(json.dumps(rows, indent=2))
        elif once:
            Console().print(_table(rows))
        else:
            with Live(_table(rows), refresh_per_second=4) as live:
                while True:
                    await asyncio.sleep(every)
                    now = time.monotonic()
                    rows, before = _rows(await here.look(), before, now - then)
                    then = now
                    live.update(_table(rows))
    finally:
        await here.close()


def _rows(replicas: Sequence[Replica], before: Sequences, seconds: float) -> tuple[list[dict[str, Any]], Sequences]:
    """A row a partition, with events a second since the last look."""
    rows: list[dict[str, Any]] = []
    now: Sequences = {}
    for replica in replicas:
        for row in replica.partitions:
            place = (replica.service, row["partition"])
            now[place] = row["sequence"] or before.get(place, 0)
            grown = now[place] - before.get(place, now[place])
            rate = round(grown / seconds, 1) if seconds else 0.0
            rows.append({"service": replica.service, "owner": replica.name, **row, "events_per_s": rate})
    return sorted(rows, key=lambda row: (SERVICES.index(row["service"]), row["partition"])), now


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in COLUMNS:
        table.add_column(title, justify="left" if title in ("partition", "owner", "standing") else "right")
    for row in rows:
        standing = f"[red]stopped: {row['why']}[/]" if row["standing"] == "stopped" else str(row["standing"])
        figures = (row["lag"], f"{row['input_age_s']:.1f}", row["unpublished"], row["parked"], len(row["aside"]))
        rate = f"{row['events_per_s']:.1f}"
        table.add_row(f"{row['service']}/{row['partition']}", row["owner"], *map(str, figures), rate, standing)
    return table


def doctor(as_json: AsJson = False) -> None:
    """Name what is wrong and why, with the command that repairs it and, dry, what that would do.

    docs/runbooks has a page for every finding. Ends with 0 where nothing is wrong, 1 where something is.
    """
    findings = asyncio.run(_examined())
    if as_json:
        typer.echo(json.dumps([{**asdict(finding), "effect": effect} for finding, effect in findings], indent=2))
    else:
        for finding, effect in findings:
            _tell(finding, effect)
        typer.echo("nothing is wrong" if not findings else f"{len(findings)} findings")
    if findings:
        raise typer.Exit(1)


async def _examined() -> list[tuple[Finding, Mapping[str, Any]]]:
    here = site()
    try:
        replicas = await here.look()
        found = [*await _stuck(), *diagnose(replicas, _partitions()), *await _orphans()]
        return [(finding, await _effect(here, finding)) for finding in found]
    finally:
        await here.close()


def _partitions() -> int:
    try:
        return settings_of_tools(HOME).partitions
    except (OwlbusError, SettingsError):
        return PARTITIONS


async def _stuck() -> list[Finding]:
    """Groups whose coordinator does not answer; none where Kafka can't be asked from here."""
    try:
        access = Access(settings_of_tools(HOME), "owlbus-doctor")
        found = await stuck_coordinators(access, SERVICES, TOPICS[0])
    except (OwlbusError, SettingsError, KafkaUnavailable):
        return []
    return [coordinator_stuck(one, embedded=not os.environ.get("KAFKA_BOOTSTRAP_SERVERS")) for one in found]


async def _orphans() -> list[Finding]:
    """Transactions that nobody goes on with; none where MongoDB can't be asked from here."""
    try:
        settings = settings_of_tools(HOME)
        found = await open_transactions(settings.mongodb_uri.get_secret_value())
    except (OwlbusError, SettingsError, StoreUnavailable):
        return []
    return [_orphan(one) for one in found if one.seconds > ORPHAN_SECONDS]


def _orphan(one: OpenTransaction) -> Finding:
    says = f"a transaction has been open for {one.seconds:.0f} s and holds locks; MongoDB ends it after 60 s"
    service, _, instance = one.name.partition("/")
    return Finding("orphan-transaction", service or "?", instance or "?", says)


async def _effect(here: Site, finding: Finding) -> Mapping[str, Any]:
    if finding.trial is None:
        return {}
    path, body = finding.trial
    try:
        return await here.post(finding.service, path, body)
    except (ApiError, OwlbusError) as error:
        return {"not_known": str(error)}


def _tell(finding: Finding, effect: Mapping[str, Any]) -> None:
    typer.echo(f"{finding.service} {finding.where}: {finding.says}")
    if finding.says_ko:
        typer.echo(f"    {finding.says_ko}")
    if finding.command:
        typer.echo(f"    repair:  {finding.command}")
    if effect:
        typer.echo("    effect:  " + ", ".join(f"{name} {value}" for name, value in effect.items()))
    typer.echo(f"    runbook: docs/runbooks/{finding.runbook}.md\n")
