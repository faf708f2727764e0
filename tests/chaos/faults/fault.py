"""What every fault has in common."""

import random
from abc import ABC, abstractmethod
from typing import ClassVar

from tests.chaos.rig import Rig


class Fault(ABC):
    """Something that goes wrong, once: `inject` brings it about, `heal` ends it `hold` seconds later.

    All that is left to chance comes from `chance`, so that a seed gives the same fault again. A fault that heals itself
    leaves `heal` as it is. Recovery is measured from the beginning of the heal, or from `since` (monotonic) where the
    fault has set it: to the moment at which it struck, if it does not hold, or at which a server was back. `promised`
    is within how many seconds 95 of 100 recover where the fault is the only one and the machine is not the limit.
    """

    name: ClassVar[str]
    hold: float = 0.0
    promised: ClassVar[float | None] = None

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.since = 0.0

    def missing(self) -> str:
        """What this machine or this release lacks for it; "" where nothing."""
        return ""

    @abstractmethod
    async def inject(self, rig: Rig) -> None:
        """Bring it about; returns once it has happened."""

    async def heal(self, rig: Rig) -> None:  # noqa: B027 (most faults leave nothing to end)
        """End it, or repair what it left."""

    async def recovered(self, rig: Rig) -> None:
        """Wait until all is well. Raises OwlbusError."""
        await rig.recovered()
