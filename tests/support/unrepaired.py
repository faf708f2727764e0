"""Stands in where the HTTP edge is tested without a machine: partitions that nobody can repair."""

from typing import Any

from shared.engine.inputs import Answer
from shared.engine.message import Actor
from shared.engine.partition import Partition
from shared.runtime.engine_port import Unavailable
from shared.runtime.mailbox import Mailbox
from shared.runtime.repairs import standing_of


class Unrepaired:
    """Implements `Repairing`: every repair is refused as if another replica had to be asked."""

    def __init__(self) -> None:
        self.read: list[tuple[int, int, Actor]] = []

    async def rewind(self, partition: int, to: int, actor: Actor, *, dry_run: bool = False) -> Answer:
        """See `Repairing`."""
        raise Unavailable("not_owner")

    async def recover(
        self, partition: int, actor: Actor, *, accept_loss: bool = False, dry_run: bool = False
    ) -> Answer:
        """See `Repairing`."""
        raise Unavailable("not_owner")

    async def resume(self, partition: int, actor: Actor, *, dry_run: bool = False) -> Answer:
        """See `Repairing`."""
        raise Unavailable("not_owner")

    async def rebuild(self, partition: int, actor: Actor, *, dry_run: bool = False) -> Answer:
        """See `Repairing`."""
        raise Unavailable("not_owner")

    async def note_reading(self, partition: int, number: int, actor: Actor) -> None:
        """See `Repairing`."""
        self.read.append((partition, number, actor))

    def standing(self) -> list[dict[str, Any]]:
        """See `Repairing`: one partition, of which all is well."""
        box = Mailbox(0, owned=True, partition=Partition(0, 1))
        return [standing_of(box, 0, 0, 0.0, 0.0)]
