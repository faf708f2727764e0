"""Services that are killed, crash, stop in their tracks, or come and go."""

import asyncio
import random
import signal
import time
from typing import Any, ClassVar

from aiokafka import AIOKafkaConsumer

from owlbus.client import until
from owlbus.fleet import SERVICES, Replica
from shared.runtime.faultpoints import POINTS
from shared.runtime.kafka.assignor import WholePartitionAssignor
from tests.chaos.faults.fault import Fault
from tests.chaos.rig import SESSION_MS, Rig


class OnReplica(Fault):
    """Something that happens to one replica."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self._at = (chance.randrange(len(SERVICES)), chance.random())

    def victim(self, rig: Rig) -> Replica:
        """Whom it hits."""
        replicas = rig.fleet.of(SERVICES[self._at[0]])
        return replicas[int(self._at[1] * len(replicas))]


class Killed(OnReplica):
    """`kill -9`, and back at once under the same instance id.

    Recovery runs from just before the kill, for then people begin to wait: the death, the start of the new process and
    its way into the group are all in it. It ends when every partition of the service has an owner that serves it: it
    has read the document and reads on in Kafka from there.
    """

    name = "kill -9, same id"
    promised: ClassVar[float | None] = 2.0

    async def inject(self, rig: Rig) -> None:
        """Kill and start."""
        victim, self.since = self.victim(rig), time.monotonic()
        await asyncio.to_thread(victim.kill)
        await asyncio.to_thread(victim.start)

    async def recovered(self, rig: Rig) -> None:
        """Its partitions are served again."""
        await rig.owned(SERVICES[self._at[0]])


class Moved(Killed):
    """`kill -9`, and another one comes in its place, under an instance id nobody knows.

    Recovery, measured likewise, has the session of the dead one in it: until that is over Kafka waits for it.
    """

    name = "kill -9, new place"
    promised: ClassVar[float | None] = 8.0

    async def inject(self, rig: Rig) -> None:
        """Kill, put another in its place, start that."""
        victim, self.since = self.victim(rig), time.monotonic()
        await asyncio.to_thread(victim.kill)
        await asyncio.to_thread(rig.fleet.replace(victim).start)


class Crash(OnReplica):
    """A process that dies at a named point of its own work."""

    point: ClassVar[str]

    async def inject(self, rig: Rig) -> None:
        """Start it so that it will die, wait until it has, start it again."""
        victim, times = self.victim(rig), self.chance.randint(1, 5)
        await asyncio.to_thread(victim.kill)
        await asyncio.to_thread(victim.start, OWLBUS_CRASH_AT=f"{self.point}:{times}")

        async def dead() -> bool:
            return not victim.alive

        await until(dead, f"{victim.instance} dies at {self.point}", seconds=90)
        self.since = time.monotonic()
        await asyncio.to_thread(victim.start)


def _crash_at(point: str) -> type[Crash]:
    return type(f"CrashAt_{point}", (Crash,), {"name": f"crash at {point}", "point": point})


CRASHES = tuple(_crash_at(point) for point in POINTS)


class Zombie(OnReplica):
    """A process that stops in its tracks for longer than its session, and goes on as if nothing had been."""

    async def inject(self, rig: Rig) -> None:
        """Stop it."""
        self.victim(rig).signal(signal.SIGSTOP)

    async def heal(self, rig: Rig) -> None:
        """Let it go on."""
        self.victim(rig).signal(signal.SIGCONT)


class Zombie15(Zombie):
    """For 15 seconds."""

    name = "zombie of 15 s"
    hold = 15.0


class Zombie30(Zombie):
    """For 30 seconds."""

    name = "zombie of 30 s"
    hold = 30.0


class Storm(Fault):
    """A stranger joins a service's group every two seconds, and leaves."""

    name = "rebalance storm"
    members = 8
    stays = 2.0

    async def inject(self, rig: Rig) -> None:
        """One member after the other; what they are given they never read."""
        service = self.chance.choice(SERVICES)
        for number in range(self.members):
            member = _stranger(rig, service, number)
            await member.start()
            await asyncio.sleep(self.stays)
            await member.stop()


def _stranger(rig: Rig, service: str, number: int) -> Any:
    options: dict[str, Any] = rig.fleet.access.options() | {"client_id": f"stranger-{number}", "group_id": service}
    return AIOKafkaConsumer(
        f"{service}.events",
        f"{service}.journal",
        **options,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        partition_assignment_strategy=[WholePartitionAssignor()],
        session_timeout_ms=SESSION_MS,
        heartbeat_interval_ms=500,
    )


class RollingRestart(Fault):
    """Every replica of every service is stopped in order and started again, one after the other."""

    name = "rolling restart"

    async def inject(self, rig: Rig) -> None:
        """One after the other, the next once the last is ready."""
        for replica in list(rig.fleet.replicas):
            await asyncio.to_thread(replica.stop)
            await asyncio.to_thread(replica.start)
            await replica.ready()
