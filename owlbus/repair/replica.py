"""What a replica says of itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Replica:
    """What one replica says of itself; `partitions` are those it owns. One that does not answer has status "down"."""

    service: str
    url: str
    health: Mapping[str, Any]
    partitions: Sequence[Mapping[str, Any]] = ()

    @property
    def name(self) -> str:
        """Its instance id, its address where it does not answer."""
        return str(self.health.get("details", {}).get("instance", self.url))

    @property
    def status(self) -> str:
        """ "ok", "degraded", "failing" or "down"."""
        return str(self.health.get("status", "down"))
