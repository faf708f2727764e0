"""`owlbus log`: what an auditor asks. Everything here only reads, and joins no consumer group."""

import asyncio
import json
import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from owlbus.audit.check import LogCheck, check_log
from owlbus.audit.export import check_export, write_export
from owlbus.audit.heads import Heads, heads_of, held_against, read_heads
from owlbus.audit.outcome import WRONG, Unchecked, Wrong, auditing, write_text
from owlbus.audit.story import Story, tell
from owlbus.audit.telling import as_page, as_text, visible
from owlbus.commands import receipt
from owlbus.commands.options import AsJson, Lang
from owlbus.fleet import SERVICES, TOPICS
from owlbus.running import HOME, settings_of_tools
from shared.runtime.kafka.access import Access

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")
app.add_typer(receipt.app, name="receipt")

ServiceName = Literal["ideas", "evaluation", "awards", "learning"]


@app.callback()
def about() -> None:
    """Read the log as an auditor does: is it whole, do the services show what it says, what happened, who came first.

    All of it only reads, outside every consumer group; a Kafka user that may read and describe the topics and a MongoDB
    user with the role "read" suffice. Servers are those of KAFKA_BOOTSTRAP_SERVERS and MONGODB_URI, else those of
    `owlbus up`.

    Every command ends with 0 where all is whole, 1 where something is wrong, 2 where it could not be checked.
    docs/audit.md says what each proves, and what it can't.
    """


@app.command()
def verify(
    against: Annotated[
        Path | None, typer.Option("--against", metavar="FILE", help="Heads that `owlbus log heads` printed once.")
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Check what `owlbus log export` wrote, without Kafka.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check every event of every service: chains, gaps, forks, places, counts.

    What was changed, left out, swapped or forked is found and named by source and position. Copies of the same bytes
    are redelivery: counted, no fault.

    A tail that was cut off, a chain that was rewritten as a whole or a source that vanished can't be seen from the
    topics alone. With --against, they are: keep what `owlbus log heads` prints where nobody who runs the system can
    change it.

    Ends with 0 where all is whole, 1 where something is wrong, 2 where it could not be checked.
    """
    with auditing():
        kept = read_heads(against) if against else None
        check = check_export(source) if source else _read("checking the log")
    report = verified(check, kept)
    if as_json:
        typer.echo(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        print_report(Console(), report)
    if not report["ok"]:
        raise typer.Exit(WRONG)


@app.command()
def heads() -> None:
    """Print where each source's log ends, as JSON with the moment it was made, to be kept for `verify --against`.

    Keep it where nobody who runs the system can change it: print it, mail it to the audit office, publish it.

    Ends with 0; with 1 where the log is not whole (the heads are printed all the same), 2 where it could not be read.
    """
    with auditing():
        check = _read("reading the log")
    typer.echo(heads_of(check).model_dump_json(indent=2))
    if faults := len(check.troubles()):
        typer.echo(f"owlbus: the log is not whole ({faults} faults): see `owlbus log verify`", err=True)
        raise typer.Exit(WRONG)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; one that is there is replaced.")],
) -> None:
    """Write the whole log into one file, byte by byte as it lies in the topics, for `verify --from`.

    What is written is not checked. Services may go on publishing.

    Ends with 0, or with 2 where the topics could not be read or the file not be written.
    """
    with auditing(), Console(stderr=True).status("exporting") as status:
        count = asyncio.run(
            write_export(file, _access(), TOPICS, lambda read: status.update(f"exporting: {read:,} records"))
        )
    typer.echo(f"{count:,} records in {file}")


@app.command()
def replay(
    service: Annotated[ServiceName, typer.Argument(help=f"One of {', '.join(SERVICES)}.")],
    database: Annotated[
        str, typer.Option(metavar="NAME", help="Its database; MONGODB_DATABASE or owlbus_SERVICE unless given.")
    ] = "",
    settle: Annotated[
        float, typer.Option(help="How many seconds to wait at most for events that are on their way.", min=0.0)
    ] = 10.0,
    as_json: AsJson = False,
) -> None:
    """Fold a service's events anew, straight from its topics, and compare with what its store shows.

    Each field that differs is named with its path, the folded and the live value; so are aggregates that only one of
    both has, and partitions whose log does not end where the topics do. The service may go on working: a state is
    compared at its own version, and one whose events have not come yet is waited for.

    MONGODB_URI names the store; a user with the role "read" suffices.

    Ends with 0 where all is the same, 1 where something differs, 2 where it could not be checked.
    """
    from owlbus.audit.replay import replay as run_replay  # noqa: PLC0415  (loads a service, which others need not)
    from owlbus.docs import SERVICES as ALL  # noqa: PLC0415
    from shared.runtime.store.readonly import ReadOnlyMongo  # noqa: PLC0415

    async def run() -> dict[str, Any]:
        access = _access()
        uri = os.environ.get("MONGODB_URI") or access.settings.mongodb_uri.get_secret_value()
        name = database or os.environ.get("MONGODB_DATABASE") or f"owlbus_{service}"
        live = ReadOnlyMongo(uri, name)
        contents = next(one for one in ALL if one.name == service)
        try:
            with Console(stderr=True).status(f"replaying {service}") as status:
                return await run_replay(contents, access, live, settle=settle, progress=status.update)
        finally:
            await live.close()

    with auditing():
        report = asyncio.run(run())
    if as_json:
        typer.echo(json.dumps(report, indent=2, ensure_ascii=False, default=str))
    else:
        print_replay(Console(), report)
    if not report["ok"]:
        raise typer.Exit(WRONG)


@app.command()
def show(
    id: Annotated[str, typer.Argument(help="Of an idea, a person, a round, a category, a group.")],
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write one page without scripts.")] = None,
    lang: Annotated[Lang, typer.Option(help="Language of timeline and page.")] = Lang.KO,
    as_json: AsJson = False,
) -> None:
    """Tell everything that happened to an idea, a person or a round.

    When (Asia/Seoul), what, who in which role, under which rule, on which authority, caused by what. Told is every
    event whose key is the id, whose subject contains it, whose actor it is, or whose data has it as a value.

    Whether the log is whole is another question: ask `owlbus log verify` first.

    Ends with 0, with 1 where no event has to do with the id, 2 where the log could not be read.
    """
    with auditing():
        story = asyncio.run(_story(id))
        if not story.happenings():
            raise Wrong(f"no event has to do with {visible(id)}")
        if html:
            write_text(html, as_page(story, lang.value))
            typer.echo(f"{len(story.happenings())} events in {html}", err=True)
    if as_json:
        typer.echo(json.dumps(story.document(), indent=2, ensure_ascii=False))
    elif not html:
        typer.echo(as_text(story, lang.value))


# --- what is printed


def verified(check: LogCheck, kept: Heads | None) -> dict[str, Any]:
    """The check as figures, held against kept heads where there are some."""
    lost = held_against(kept, check.chains) if kept else ()
    against = {"made_at": kept.made_at.isoformat(), "sources": len(kept.heads), "faults": len(lost)} if kept else None
    return check.report(lost) | {"against": against}


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
        where, detail = escape(visible(trouble["where"])), escape(visible(trouble["detail"]))
        console.print(f"[red]{trouble['kind']}[/] {where}: {detail}", highlight=False)
    if kept := report["against"]:
        fits = (
            "all of it is still there" if not kept["faults"] else f"[red]{kept['faults']:,} sources are not as kept[/]"
        )
        console.print(f"held against {kept['sources']} heads of {kept['made_at']}: {fits}", highlight=False)
    if report["ok"]:
        console.print("[green]every chain is whole[/]")
    else:
        console.print(f"[red]{report['faults']:,} faults[/]")


def print_replay(console: Console, report: dict[str, Any]) -> None:
    """The counts as a table, then what differs."""
    table = Table("aggregate", box=None, pad_edge=False)
    for column in ("folded", "live", "equal"):
        table.add_column(column, justify="right")
    for name, counts in report["aggregates"].items():
        table.add_row(name, *(f"{counts[column]:,}" for column in ("folded", "live", "equal")))
    console.print(table, highlight=False)
    console.print(f"{report['events']:,} events folded", highlight=False)
    for one in report["findings"]:
        said = one["detail"]
        if one["path"]:
            values = [json.dumps(one[side], ensure_ascii=False, default=str)[:300] for side in ("folded", "live")]
            said = f"{one['path']}: folded {values[0]}, live {values[1]}"
        line = f"[red]{one['kind']}[/] {escape(visible(one['where']))} {escape(visible(said))}"
        console.print(line, highlight=False, soft_wrap=True)
    total = sum(report["counts"].values())
    verdict = f"[red]{total:,} findings[/]" if total else "[green]the store shows what the events say[/]"
    console.print(verdict, highlight=False)


# --- reading


def _access() -> Access:
    return Access(settings_of_tools(HOME), "owlbus-log")


def _read(what: str) -> LogCheck:
    return asyncio.run(_whole(_access(), what))


async def _whole(access: Access, what: str) -> LogCheck:
    check = LogCheck(access.settings.partitions)
    with Console(stderr=True).status(what) as status:
        async for check in check_log(access, TOPICS):
            status.update(f"{what}: {check.records:,} of {check.expected:,} records")
    return check


async def _story(id: str) -> Story:
    if not id.isprintable():
        raise Unchecked("this is no id of anything")
    story = Story(id)
    with Console(stderr=True).status("reading the log") as status:
        async for story in tell(_access(), id):
            status.update(f"reading the log: {story.records:,} of {story.expected:,} records")
    return story
