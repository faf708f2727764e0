"""Options that several commands have."""

from enum import StrEnum
from typing import Annotated

import typer


class Lang(StrEnum):
    """Language of what people read."""

    KO = "ko"
    EN = "en"


AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
