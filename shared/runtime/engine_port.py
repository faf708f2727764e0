"""What the HTTP edge asks of the machine behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from shared.engine.aggregate import Deciders
from shared.engine.inputs import Answer, Call, Held
from shared.engine.message import Actor
from shared.runtime.clock import Clock
from shared.runtime.store.protocol import Reader


class Unavailable(Exception):
    """Not now, come again later.

    `code`: "partition_stopped", "store_unverified", "rebuilding", "not_owner", "unavailable".
    """

    def __init__(self, code: str = "unavailable", retry_after: float = 1.0) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Report:
    """How a process is. `degraded` names what it does without; `details` are facts for operators, without secrets."""

    ok: bool
    degraded: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Repairing(Protocol):
    """What an operator can have done to a partition that this process owns.

    Each says what it would do with `dry_run`, is a fact in the journal once done, and does no harm when repeated. All
    raise Unavailable, with the code "not_owner" where another replica must be asked.
    """

    async def rewind(self, partition: int, to: int, actor: Actor, *, dry_run: bool = False) -> Answer:
        """Send again what the partition's log holds behind number `to`."""
        ...

    async def recover(
        self, partition: int, actor: Actor, *, accept_loss: bool = False, dry_run: bool = False
    ) -> Answer:
        """Import what an older store lacks from the service's own topics, and serve again."""
        ...

    async def resume(self, partition: int, actor: Actor, *, dry_run: bool = False) -> Answer:
        """Go on with a stopped partition as it is now."""
        ...

    async def rebuild(self, partition: int, actor: Actor, *, dry_run: bool = False) -> Answer:
        """Fold the partition's states from its log again."""
        ...

    async def note_reading(self, partition: int, number: int, actor: Actor) -> None:
        """Keep that somebody looked at the content of what was set aside."""
        ...

    def standing(self) -> Sequence[Mapping[str, Any]]:
        """How the partitions of this process are, for those who repair them."""
        ...


class Engine(Protocol):
    """One service's machine in this process."""

    @property
    def service(self) -> str: ...
    @property
    def deciders(self) -> Deciders: ...
    @property
    def reader(self) -> Reader: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def partitions(self) -> int: ...
    @property
    def repairs(self) -> Repairing: ...

    async def execute(self, call: Call) -> Answer:
        """Decide on a command, also in a partition that another replica owns. Raises Unavailable."""
        ...

    async def preview(self, calls: Sequence[Call]) -> Sequence[Answer]:
        """What deciding on `calls` now, one after another, would answer; nothing is written. Raises Unavailable."""
        ...

    async def redrive(self, key: str, actor: Actor) -> Answer:
        """Try again, in order, what waits behind a parked key. Raises Unavailable."""
        ...

    async def held(self, partition: int, key: str | None = None, *, limit: int = 200) -> tuple[Held, ...]:
        """What is set aside in a partition, in order; of one key, or all. Raises Unavailable."""
        ...

    def owns(self, partition: int) -> bool:
        """Whether this process owns the partition now."""
        ...

    async def owner(self, partition: int) -> str | None:
        """Base URL of the other replica that owns the partition, None where unknown or this one."""
        ...

    def stale(self, partition: int) -> bool:
        """Whether reads of this partition lag behind for an unknown time (it is stopped)."""
        ...

    def live(self) -> Report:
        """Whether the loops advance."""
        ...

    def ready(self) -> Report:
        """Whether it can serve."""
        ...
