"""`owlbus token`."""

from datetime import timedelta
from typing import Annotated

import typer

from owlbus.errors import OwlbusError
from owlbus.running import HOME, NOTHING_RUNS
from owlbus.tokens import Issuer
from shared.runtime.auth import ROLES


def token(
    person: Annotated[str, typer.Argument(help="Who it is for, such as p-101.")],
    roles: Annotated[list[str], typer.Option("--role", "-r", help=f"A role, may be repeated: {', '.join(ROLES)}.")],
    department: Annotated[str, typer.Option("--dept", "-d", help="The department, where the role needs one.")] = "",
    hours: Annotated[float, typer.Option(help="How long it is good for.", min=0.01, max=24 * 30)] = 12.0,
) -> None:
    """Print a bearer token for the stack that `owlbus up` runs.

    curl -H "Authorization: Bearer $(owlbus token p-101 --role author)" http://127.0.0.1:8101/ideas
    """
    if unknown := [role for role in roles if role not in ROLES]:
        raise OwlbusError(f"there is no role {', '.join(unknown)}; the roles are {', '.join(ROLES)}")
    if not (HOME / "issuer").exists():
        raise OwlbusError(NOTHING_RUNS)
    typer.echo(Issuer(HOME / "issuer").mint(person, roles, department, timedelta(hours=hours)))
