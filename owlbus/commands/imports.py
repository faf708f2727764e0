"""`owlbus import`: files from elsewhere."""

import asyncio
import json
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from owlbus.errors import OwlbusError
from owlbus.fleet import ROOT
from owlbus.imports.report import Report, print_report, write_csv
from owlbus.imports.run import client_for, read_files, run_import, service_of
from owlbus.imports.template import write_template
from shared.intake.mapping import Kind, Mapping, MappingError, load
from shared.intake.take import Intake

BUILD = ROOT / "build"

app = typer.Typer(no_args_is_help=True)


class Lang(StrEnum):
    """Language of the reasons."""

    KO = "ko"
    EN = "en"


HELP = (
    "{what}\n\n"
    "FILE may be several files or directories: CSV (UTF-8 or CP949), JSON, JSON lines, XLSX. The mapping file says what"
    " their columns mean; docs/import.md explains it. Rows that can't be taken stop no other: they are listed with"
    " file, row, column and reason, and written to --report. Ends with 1 where there are any.\n\n"
    "Run it again at any time, also after it was killed: rows that are in already are known by their key and change"
    " nothing. Goes to the stack of `owlbus up`, or to OWLBUS_IDEAS_URL or OWLBUS_EVALUATION_URL with OWLBUS_TOKEN."
)

WHAT = {
    Kind.IDEAS: "Import ideas that were submitted elsewhere, each with its own dates.",
    Kind.VOTES: "Import votes that were cast elsewhere, each with its moment.",
    Kind.SCORES: "Import what raters scored elsewhere; waits up to a minute for ideas that are still on their way.",
    Kind.DECISIONS: "Import completeness checks and decisions that were made elsewhere.",
    Kind.CASES: "Import what became of adopted ideas elsewhere; waits up to a minute for decisions on their way.",
    Kind.UNITS: "Import bureaus, departments and teams, each from a day on.",
    Kind.PEOPLE: "Import people and where they work, each from a day on; their units are in already.",
    Kind.DUTIES: "Import who holds which duty from when; a later day announces a move, and open items follow.",
}


@app.callback()
def about() -> None:
    """Import ideas, votes, scores, decisions, cases and directories from files; a second run changes nothing."""


def _importing(kind: Kind) -> Callable[..., None]:
    """The command for one kind; all are called alike."""

    def command(
        files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files or directories.", exists=True)],
        map: Annotated[Path, typer.Option("--map", "-m", help="The mapping file (YAML).", exists=True, dir_okay=False)],
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; say what would be refused.")] = False,
        report: Annotated[
            Path | None, typer.Option(help=f"Where rows not taken are listed (CSV). [default: build/import-{kind}.csv]")
        ] = None,
        person: Annotated[str, typer.Option(help="Who imports (the stack of `owlbus up` only).")] = "importer",
        lang: Annotated[Lang, typer.Option(help="Language of the reasons.")] = Lang.KO,
        as_json: Annotated[bool, typer.Option("--json", help="Print the account as JSON.")] = False,
    ) -> None:
        mapping = _mapping(map, kind)
        console = Console(stderr=True)
        with console.status("reading"):
            intake = read_files(mapping, files, lang.value)
        account = asyncio.run(_sent(mapping, intake, person, console, dry_run, lang))
        path = report or BUILD / f"import-{kind}.csv"
        write_csv(path, account)
        _tell(account, path, as_json)
        if not account.ok:
            raise typer.Exit(1)

    return command


for _kind in Kind:
    app.command(_kind.value, help=HELP.format(what=WHAT[_kind]))(_importing(_kind))


@app.command()
def template(
    kind: Annotated[Kind, typer.Argument(help="What is to be imported.")],
    out: Annotated[Path, typer.Option(help="The directory for both files.", file_okay=False)] = Path(),
    example: Annotated[bool, typer.Option("--example", help="With a few invented rows.")] = False,
) -> None:
    """Write a spreadsheet with Korean columns to fill in, and the mapping file that reads it: KIND.xlsx, KIND.yaml."""
    written = write_template(kind, out, example=example)
    typer.echo(f"{written.workbook}\n{written.mapping}")
    typer.echo(f"then: owlbus import {kind} {written.workbook} --map {written.mapping} --dry-run")


def _mapping(path: Path, kind: Kind) -> Mapping:
    try:
        mapping = load(path)
    except MappingError as error:
        raise OwlbusError(str(error)) from None
    if mapping.kind is not kind:
        raise OwlbusError(f"{path.name} is a mapping for {mapping.kind}: call `owlbus import {mapping.kind}`")
    return mapping


async def _sent(mapping: Mapping, intake: Intake, person: str, console: Console, dry_run: bool, lang: Lang) -> Report:
    async with client_for(service_of(mapping)) as api:
        return await run_import(
            api, mapping, intake, person=person, console=console, dry_run=dry_run, language=lang.value
        )


def _tell(account: Report, path: Path, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(account.as_json(), ensure_ascii=False, indent=2))
        return
    console = Console()
    print_report(console, account)
    if account.refused or account.notes:
        console.print(f"\nall of them: {path}", highlight=False, markup=False, soft_wrap=True)
