"""`owlbus down`."""

import shutil
from typing import Annotated

import typer
from rich.console import Console

from owlbus import supervisor
from owlbus.running import HOME


def down(wipe: Annotated[bool, typer.Option("--wipe", help="Also delete its data, keys and logs.")] = False) -> None:
    """Stop what `owlbus up` started, and return when nothing of it is left. Data stays for the next `up`."""
    console = Console()
    with console.status("stopping"):
        ran = supervisor.down(HOME)
    console.print("stopped" if ran else "nothing was running")
    if wipe and HOME.exists():
        shutil.rmtree(HOME)
        console.print(f"deleted {HOME}", highlight=False)
