"""One import from files to its account."""

import os
import time
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from owlbus.client import Api
from owlbus.demo.progress import Show
from owlbus.errors import OwlbusError
from owlbus.imports.report import Report, report_of
from owlbus.imports.send import PLACES, Sending
from owlbus.running import HOME, required
from owlbus.tokens import Issuer
from shared.intake.mapping import Mapping
from shared.intake.problems import FileProblem, Language
from shared.intake.take import Intake, take

TOKEN = "OWLBUS_TOKEN"
URLS = {"ideas": "OWLBUS_IDEAS_URL", "evaluation": "OWLBUS_EVALUATION_URL"}
ROLE = "receiver"


@dataclass(frozen=True)
class GivenToken:
    """A token that somebody else has made; who it is for stands in it."""

    token: str

    def mint(self, person_id: str, roles: Sequence[str], dept: str = "") -> str:
        """See `owlbus.client.Tokens`."""
        return self.token


def client_for(service: str, environment: Map[str, str] = os.environ) -> Api:
    """A client of the service and with the token that the environment names, else of the stack that runs here.

    Raises OwlbusError where there is neither, or only half of what is needed.
    """
    url, token = environment.get(URLS[service], ""), environment.get(TOKEN, "")
    if url and token:
        return Api({service: [url.rstrip("/")]}, GivenToken(token))
    if url or token:
        raise OwlbusError(
            f"{URLS[service]} and {TOKEN} belong together: set both, or none to use what `owlbus up` runs"
        )
    return Api(required(HOME).urls(), Issuer(HOME / "issuer"))


def read_files(mapping: Mapping, files: Sequence[Path], language: Language) -> Intake:
    """All rows of the files. Raises OwlbusError where one can't be read: then nothing is sent."""
    try:
        return take(mapping, files)
    except FileProblem as problem:
        raise OwlbusError(problem.said(language)) from None


async def run_import(
    api: Api,
    mapping: Mapping,
    intake: Intake,
    *,
    person: str,
    console: Console,
    dry_run: bool = False,
    language: Language = "ko",
) -> Report:
    """Send what was read, with progress on `console`. Raises ApiError, OwlbusError."""
    show, started = Show(console), time.monotonic()
    what = f"{mapping.kind}: {'trying' if dry_run else 'sending'} {len(intake.lines):,} rows"
    acting = api.acting(person, ROLE, language=language)
    with show.running(), show.phase(mapping.kind, what, len(intake.lines)) as phase:
        sending = Sending(acting, mapping.kind, dry_run=dry_run, step=phase.step)
        outcome = await sending.run(intake.lines)
    seconds = time.monotonic() - started
    return report_of(mapping, intake, outcome, dry_run=dry_run, language=language, seconds=seconds)


def service_of(mapping: Mapping) -> str:
    """The service that takes what a mapping makes."""
    return PLACES[mapping.kind][0]
