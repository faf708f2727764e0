"""`owlbus log receipt`: making a 접수증, and checking one without any server."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from owlbus.audit.check import LogCheck
from owlbus.audit.heads import read_heads
from owlbus.audit.outcome import WRONG, auditing, write_text
from owlbus.audit.receipt import Mismatch, Receipt, against, as_json, make_receipt, mismatches
from owlbus.audit.receipt_file import as_page, facts, read_receipt
from owlbus.audit.telling import visible
from owlbus.commands.options import AsJson, Lang
from owlbus.running import HOME, settings_of_tools
from shared.runtime.kafka.access import Access

PROVEN = (
    "proven: the bytes have this hash, and every field here is what the bytes say",
    "not proven offline: that the log holds them (compare the hash with `owlbus log show`), and the order "
    "(the holder of the receipt just before has the hash that is named here)",
)


class _Issuing(TyperGroup):
    """`receipt ID` is `receipt issue ID`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["issue", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_Issuing, no_args_is_help=True, rich_markup_mode="rich")
Language = Annotated[Lang, typer.Option(help="Language of receipt and page.")]


@app.callback()
def about() -> None:
    """Make the receipt (접수증) of an idea with `receipt ID`, or check one with `receipt verify FILE`."""


@app.command()
def issue(
    id: Annotated[str, typer.Argument(help="Of an idea that was received.")],
    json_out: Annotated[bool, typer.Option("--json", help="Print it as JSON, as it is to be kept.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write that JSON to a file.")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page that carries it as text.")] = None,
    lang: Language = Lang.KO,
) -> None:
    """Make the receipt (접수증) of an idea: `owlbus log receipt ID` does the same.

    It has the idea's id, the day and the person that received it, its order among the year's receipts, the bytes of the
    receipt event with their SHA-256 and position, the hash of the receipt just before it, and where all logs ended
    then. Persons are ids. The order is that of recorded time (Asia/Seoul decides the year), then of position; an import
    has the moment it was imported, whatever day it was received on.

    Ends with 0; with 1 where the idea was not received or the log is not whole, 2 where the log could not be read.
    """
    with auditing():
        receipt = asyncio.run(_made(id))
        if out:
            write_text(out, as_json(receipt))
        if html:
            write_text(html, as_page(receipt, lang.value))
    if json_out:
        typer.echo(as_json(receipt), nl=False)
    elif not (out or html):
        _print(receipt, lang)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A receipt, as JSON or as a page.")],
    kept: Annotated[
        Path | None, typer.Option("--against", metavar="HEADS", help="Heads that `owlbus log heads` printed once.")
    ] = None,
    json_out: AsJson = False,
    lang: Language = Lang.KO,
) -> None:
    """Check a receipt without any server: its bytes against its hash, and every field against the bytes.

    Whether the log still holds these bytes, and the order of receipts, can't be seen from one receipt alone: two
    holders compare theirs, or somebody asks the log. Heads that were kept elsewhere (--against) must not contradict it.

    Ends with 0 where it holds, 1 where something in it is wrong, 2 where the file is no receipt.
    """
    with auditing():
        receipt, wrong = read_receipt(file)
        wrong += mismatches(receipt)
        wrong += against(receipt, read_heads(kept)) if kept else []
    if json_out:
        found = {"ok": not wrong, "receipt": receipt.model_dump(mode="json"), "wrong": [asdict(one) for one in wrong]}
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        _print(receipt, lang)
        _verdict(wrong)
    if wrong:
        raise typer.Exit(WRONG)


def _print(receipt: Receipt, lang: Lang) -> None:
    for name, value in facts(receipt, lang.value):
        typer.echo(f"{name}: {visible(value)}")


def _verdict(wrong: list[Mismatch]) -> None:
    typer.echo()
    for one in wrong:
        typer.echo(visible(f"wrong: {one.field}: the receipt says {one.stated}, found {one.found}"))
    for line in () if wrong else PROVEN:
        typer.echo(line)


async def _made(id: str) -> Receipt:
    access = Access(settings_of_tools(HOME), "owlbus-log")
    with Console(stderr=True).status("reading the log") as status:

        def grown(check: LogCheck) -> None:
            status.update(f"reading the log: {check.records:,} of {check.expected:,} records")

        return await make_receipt(access, id, grown)
