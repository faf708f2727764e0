"""`owlbus pack`: what packs say, how two of them differ, whether a draft holds together, what it would have done."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from owlbus.commands.options import AsJson, Lang
from owlbus.errors import OwlbusError
from owlbus.packs.files import differences, read
from shared.rules.loader import LIBRARY

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")

Named = Annotated[str, typer.Argument(metavar="PACK", help="The id of a pack, or a file with a draft.")]


@app.callback()
def about() -> None:
    """Rule packs: list and show them, compare two, check a draft, and try one on a past round."""


@app.command("list")
def list_packs(as_json: AsJson = False) -> None:
    """List the packs of this installation with their status and the day from which they are in force."""
    found = [LIBRARY.pack(name) for name in LIBRARY.packs()]
    rows = [
        {"id": one.id, "status": one.status.value, "in_force_from": str(one.in_force_from), "title": one.title.ko}
        for one in found
    ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        typer.echo(f"{row['id']:<22} {row['status']:<12} {row['in_force_from']}  {row['title']}")


@app.command()
def show(pack: Named) -> None:
    """Print a pack as JSON, as the services read it, with the source of every rule."""
    found, _ = read(pack)
    typer.echo(found.model_dump_json(indent=2))


@app.command()
def check(file: Named) -> None:
    """Check that a draft is a pack that makes sense as a whole.

    Ends with 1 where it is none; every field that is wrong is named with the reason.
    """
    found, _ = read(file)
    typer.echo(f"{found.id}: {found.status.value}, in force from {found.in_force_from}; it holds together")


@app.command()
def diff(
    first: Annotated[str, typer.Argument(metavar="A", help="A pack or a file.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    as_json: AsJson = False,
) -> None:
    """Compare two packs, rule by rule."""
    found = differences(read(first)[1], read(second)[1])
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
        return
    for one in found:
        typer.echo(f"{one.path}: {one.first} → {one.second}")


@app.command()
def simulate(
    draft: Annotated[str, typer.Option("--pack", metavar="DRAFT", help="A pack or a file with a draft.")],
    round_id: Annotated[str, typer.Option("--round", metavar="ID", help="An award round, such as open-call.2026.")],
    lang: Annotated[Lang, typer.Option(help="Language of the table.")] = Lang.KO,
    as_json: AsJson = False,
) -> None:
    """Replay a past award round under a draft: who is in, who is out, what it costs, which decisions would be late.

    Read from the log of the running stack, outside every consumer group; nothing is written. In the table + comes in,
    - drops out; left of each arrow stands what was, right of it what would have been.
    """
    from owlbus.packs.reading import past  # noqa: PLC0415  (loads the services, which others need not)
    from owlbus.packs.simulate import simulate as run  # noqa: PLC0415
    from owlbus.packs.tables import as_text  # noqa: PLC0415

    found, _ = read(draft)
    try:
        result = run(round_id, asyncio.run(past()), found)
    except LookupError:
        raise OwlbusError(f"no award round {round_id} was opened here") from None
    if as_json:
        report: dict[str, Any] = asdict(result) | {"entering": result.entering, "leaving": result.leaving}
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2, default=str))
    else:
        typer.echo(as_text(result, lang.value))
