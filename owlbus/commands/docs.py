"""`owlbus docs`."""

from typing import Annotated

import typer

from owlbus.fleet import ROOT


def docs(
    check: Annotated[bool, typer.Option("--check", help="Only say what is outdated, and end with 1.")] = False,
) -> None:
    """Write the generated documents again: events, law, lifecycle, roles below docs/, and each README's tables."""
    from owlbus.docs import generate  # noqa: PLC0415  (loads all services, which no other command needs)

    outdated = [
        (path, text) for path, text in generate().items() if not path.exists() or path.read_text("utf-8") != text
    ]
    for path, text in outdated:
        typer.echo(f"{'outdated' if check else 'wrote'} {path.relative_to(ROOT)}")
        if not check:
            path.write_text(text, "utf-8")
    if not outdated:
        typer.echo("all generated documents are current")
    elif check:
        raise typer.Exit(1)
