"""Where a stack in the background says what it is, and how the tools find it.

Whether one runs is asked of its lock, which its supervisor holds for as long as it lives; never of a pid.
"""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from deploy.embedded.supervisor import is_locked
from owlbus.errors import OwlbusError
from owlbus.fleet import ROOT
from shared.runtime.settings import Settings

HOME = Path(os.environ.get("OWLBUS_HOME") or ROOT / ".owlbus")
"""Where `owlbus up` keeps data, keys and logs; what `make clean` leaves alone."""

STATE = "run.json"
NOTHING_RUNS = "nothing runs here: start it with `make up` (or name servers in KAFKA_BOOTSTRAP_SERVERS, MONGODB_URI)"


@dataclass(frozen=True)
class Member:
    """One replica as the supervisor started it."""

    service: str
    instance: str
    url: str
    pid: int
    log: str


@dataclass(frozen=True)
class Running:
    """A stack in the background. `step` is "ready" once everything serves; before, what it is at."""

    pid: int
    step: str
    bootstrap: str = ""
    mongo_uri: str = ""
    embedded: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    environment: dict[str, str] = field(default_factory=dict[str, str])

    def urls(self) -> dict[str, list[str]]:
        """Where each service answers."""
        found: dict[str, list[str]] = {}
        for member in self.members:
            found.setdefault(member.service, []).append(member.url)
        return found


def write(directory: Path, running: Running) -> None:
    """Say what runs; whole or not at all, for its owner's eyes."""
    fresh = directory / f"{STATE}.new"
    fresh.touch(0o600)
    fresh.write_text(json.dumps(asdict(running), indent=2) + "\n", encoding="utf-8")
    fresh.replace(directory / STATE)


def read(directory: Path) -> Running | None:
    """What runs in `directory`, also while it is still starting; None where nothing does."""
    try:
        raw: dict[str, Any] = json.loads((directory / STATE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if not is_locked(directory):
        return None
    raw["members"] = tuple(Member(**member) for member in raw["members"])
    raw["embedded"] = tuple(raw["embedded"])
    return Running(**raw)


def required(directory: Path) -> Running:
    """The stack that runs and is ready. Raises OwlbusError where none does."""
    found = read(directory)
    if found is None or found.step != "ready":
        raise OwlbusError(NOTHING_RUNS if found is None else f"it is still starting ({found.step}): try again soon")
    return found


def settings_of_tools(directory: Path) -> Settings:
    """How the tools reach Kafka: as the environment says, else as the stack in the background does."""
    if os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        known = dict(os.environ)
        if "OWLBUS_ISSUER_JWKS" not in known:
            known.setdefault("OWLBUS_ENVIRONMENT", "development")
        return Settings.read(known | {"OWLBUS_DEVELOPMENT_CLOCK": ""})
    return Settings.read(required(directory).environment)
