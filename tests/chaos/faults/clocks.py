"""A machine whose clock is off."""

import asyncio

import httpx

from owlbus.client import until
from tests.chaos.faults.processes import OnReplica
from tests.chaos.rig import Rig
from tests.chaos.skewed import SECONDS, SERVICE

MODULE = "tests.chaos.skewed"
OFF_SECONDS = 3600


class ClockOff(OnReplica):
    """One replica's clock is an hour ahead; it must say that it is not fit, and harm nothing meanwhile."""

    name = "clock an hour off"
    hold = 10.0

    async def inject(self, rig: Rig) -> None:
        """Start it with the wrong time; wait until it says so. Raises OwlbusError where it does not."""
        victim = self.victim(rig)
        await asyncio.to_thread(victim.stop)
        victim.module = MODULE
        await asyncio.to_thread(victim.start, **{SERVICE: victim.service, SECONDS: str(OFF_SECONDS)})
        async with httpx.AsyncClient(trust_env=False) as client:

            async def unfit() -> bool:
                report = await victim.health(client)
                drift = report.get("details", {}).get("clock_drift_s", 0.0)
                return report["status"] == "failing" and abs(drift) > OFF_SECONDS / 2

            await until(unfit, f"{victim.instance} says that its clock is off", seconds=90)

    async def heal(self, rig: Rig) -> None:
        """Start it with the right time again."""
        victim = self.victim(rig)
        await asyncio.to_thread(victim.stop)
        victim.module = f"services.{victim.service}"
        await asyncio.to_thread(victim.start)
