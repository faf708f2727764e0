"""Links to Kafka and MongoDB that delay, stall and cut."""

from typing import ClassVar

from tests.chaos.faults.fault import Fault
from tests.chaos.link import Link
from tests.chaos.rig import Rig


class _OnLink(Fault):
    """Something that happens to one link; healing it is always the same."""

    to: ClassVar[str]

    def link(self, rig: Rig) -> Link:
        """Which one."""
        return rig.kafka_link if self.to == "Kafka" else rig.mongo_link

    async def heal(self, rig: Rig) -> None:
        """Mend it."""
        await self.link(rig).heal()


class Delayed(_OnLink):
    """Everything takes 150 to 400 ms longer, each way."""

    hold = 12.0

    async def inject(self, rig: Rig) -> None:
        """Slow it down."""
        await self.link(rig).delay(self.chance.uniform(0.15, 0.4))


class Stalled(_OnLink):
    """Connections stay open and nothing passes, longer than a database call may take."""

    hold = 12.0

    async def inject(self, rig: Rig) -> None:
        """Hold everything back."""
        await self.link(rig).stall()


class Cut(_OnLink):
    """All connections end, new ones too, for a while."""

    hold = 6.0

    async def inject(self, rig: Rig) -> None:
        """Cut it."""
        await self.link(rig).cut()


def _on(kind: type[_OnLink], to: str) -> type[_OnLink]:
    name = f"link to {to} {kind.__name__.lower()}"
    return type(f"{kind.__name__}{to}", (kind,), {"name": name, "to": to})


LINKS = tuple(_on(kind, to) for kind in (Delayed, Stalled, Cut) for to in ("Kafka", "MongoDB"))
