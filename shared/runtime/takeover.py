"""Taking partitions over and letting them go: documents first, then offsets and seeks in one step.

A partition serves only if its store is of one moment and no older than what Kafka remembers of it, and only once its
states were folded by today's `evolve`.
"""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from shared.engine.aggregate import Aggregate, Deciders
from shared.engine.emit import Stored
from shared.engine.partition import Partition
from shared.runtime.folding import folded
from shared.runtime.kafka.access import Access, KafkaUnavailable, read_hints
from shared.runtime.mailbox import Mailbox, Standing
from shared.runtime.relay import Relay
from shared.runtime.store.protocol import LostRace, Store, StoreUnavailable

LOAD_SECONDS = 3.0
HINT_SECONDS = 2.0

log = structlog.get_logger("takeover")


class Takeover:
    """Moves mailboxes between LOADING, REBUILDING, SERVING and STOPPED. `seek` and `stopped` reach the consumer."""

    def __init__(
        self,
        access: Access,
        deciders: Deciders,
        topics: Sequence[str],
        store: Store,
        relay: Relay,
        address: str,
        count: int,
    ) -> None:
        self._access = access
        self._deciders = deciders
        self._topics = tuple(topics)
        self._store = store
        self._relay = relay
        self._address = address
        self._count = count
        self._verified = False
        self._rebuilds: set[asyncio.Task[None]] = set()
        self.seek: Callable[[Mailbox], None] = lambda box: None
        self.stopped: Callable[[Mailbox], None] = lambda box: None
        self.wake: Callable[[], None] = lambda: None

    async def verify(self, boxes: Sequence[Mailbox]) -> None:
        """Ask Kafka how far each partition's log is known to have gone. Raises KafkaUnavailable."""
        await self._raise_floors(boxes)
        self._verified = True
        for box in boxes:
            box.verified = True
        self.wake()

    async def _raise_floors(self, boxes: Sequence[Mailbox]) -> None:
        hints = await read_hints(self._access, self._deciders.service, self._topics, self._count)
        for box in boxes:
            box.floor = max(box.floor, hints[box.number])

    async def _ask_again(self, boxes: Sequence[Mailbox]) -> None:
        """Who owned `boxes` until now has gone on since this process asked at its start."""
        if not boxes or not self._verified:
            return
        try:
            async with asyncio.timeout(HINT_SECONDS):
                await self._raise_floors(boxes)
        except (KafkaUnavailable, TimeoutError) as error:
            log.warning("hints_not_asked_again", reason=str(error))

    async def take_over(self, boxes: Sequence[Mailbox]) -> None:
        """Own `boxes` from here on. What the store does not give in time is loaded by the committer later."""
        await self._ask_again(boxes)
        for box in boxes:
            box.reset([])
            box.owned = True
            box.whole = False
            box.cut = {}
            box.standing = Standing.LOADING
        try:
            async with asyncio.timeout(LOAD_SECONDS):
                await self.load([box for box in boxes if box.verified])
        except (StoreUnavailable, TimeoutError) as error:
            log.warning("not_loaded_yet", reason=str(error))

    def let_go(self, boxes: Sequence[Mailbox]) -> None:
        """Nothing that was read for `boxes` counts any more, and nothing is taken up again as long as Kafka moves them.

        They count as somebody else's at once: a round that is under way would load them again and publish their logs
        beside the next owner. That one was stopped is for its next owner to find, and to have repaired.
        """
        for box in boxes:
            box.owned = False
            box.look_again()
        self._relay.disown([box.number for box in boxes])

    async def hand_over(self) -> None:
        """Leave what was let go of as the next owner should find it. Raises StoreUnavailable."""
        await self._relay.hand_over()

    async def load(self, boxes: Sequence[Mailbox]) -> None:
        """Read the documents of `boxes` and serve them. Raises StoreUnavailable."""
        if not boxes:
            return
        epochs = {box.number: box.epoch for box in boxes}
        numbers = list(epochs)
        owned = [box.number for box in boxes if box.owned]
        documents = await self._store.partitions(numbers)
        cursors = await self._store.cursors(owned) if owned else {}
        if owned:
            await self._store.claim(owned, self._address)
        torn = await self._torn([box.number for box in boxes if not box.whole], documents)
        for box in boxes:
            if box.epoch != epochs[box.number] or box.standing is not Standing.LOADING:
                continue
            if box.number in torn:
                end, sequence = torn[box.number], documents[box.number].sequence
                log.error("torn_store", partition=box.number, sequence=sequence, log_ends_at=end)
                box.stop("torn_store")
                self.stopped(box)
            else:
                box.whole = True
                self._begin(box, documents[box.number], cursors)

    async def _torn(self, numbers: Sequence[int], documents: dict[int, Partition]) -> dict[int, int]:
        """Partitions whose log does not end where their document says, each with that end: a store of no one moment.

        Both are written in one transaction, and the document was read first. So a log that is shorter is torn, and one
        that is longer unless the document, read again, has come as far.
        """
        ends = await self._store.log_ends(numbers) if numbers else {}
        longer = [number for number, end in ends.items() if end > documents[number].sequence]
        now = documents | (await self._store.partitions(longer) if longer else {})
        return {n: end for n, end in ends.items() if end < documents[n].sequence or end > now[n].sequence}

    def _begin(self, box: Mailbox, partition: Partition, cursors: dict[int, int]) -> None:
        if partition.count != self._count:
            log.error("repartitioned", partition=box.number, count=partition.count, known=self._count)
            box.stop("repartitioned")
            self.stopped(box)
            return
        if partition.sequence < box.floor:
            log.error("older_store", partition=box.number, sequence=partition.sequence, known=box.floor)
            box.stop("older_store")
            self.stopped(box)
            return
        if partition.sequence == 0:
            partition.folds = {kind.name: kind.fold for kind in self._deciders.aggregates}
        outdated = [kind for kind in self._deciders.aggregates if partition.folds.get(kind.name) != kind.fold]
        if outdated:
            self._rebuild(box, partition, outdated)
            return
        if box.owned:
            self._relay.own({box.number: cursors.get(box.number, 0)})
        why = box.why_mend(partition)
        if why:
            if box.why != why:
                log.error("stopped_for_repair", partition=box.number, why=why, parked=len(partition.parked))
            box.mend(partition, why)
            self.stopped(box)
            return
        box.serve(partition, self._topics)
        if box.owned:
            self.seek(box)

    # --- rebuild

    def rebuild(self, box: Mailbox, partition: Partition) -> None:
        """Fold all states of a partition again, whatever numbers they bear; it serves again once that is done."""
        box.reset([])
        self._rebuild(box, partition, list(self._deciders.aggregates))

    def _rebuild(self, box: Mailbox, partition: Partition, outdated: list[Aggregate]) -> None:
        box.standing = Standing.REBUILDING
        task = asyncio.create_task(self._refold(box, box.epoch, partition, outdated))
        self._rebuilds.add(task)
        task.add_done_callback(self._rebuilds.discard)

    async def folded(self, number: int, kinds: Sequence[Aggregate]) -> dict[str, dict[str, Stored]]:
        """The states that a partition's log adds up to, by aggregate and id. Raises StoreUnavailable."""
        return await folded(self._store, number, self._count, kinds)

    async def _refold(self, box: Mailbox, epoch: int, partition: Partition, outdated: list[Aggregate]) -> None:
        log.info("rebuilding", partition=box.number, aggregates=[kind.name for kind in outdated])
        try:
            states = await self.folded(box.number, outdated)
            token = partition.token
            for kind in outdated:
                token = await self._store.refold(box.number, kind, states[kind.name], token)
        except (LostRace, StoreUnavailable) as error:
            log.info("rebuild_again", partition=box.number, reason=str(error))
        except Exception as error:
            # An `evolve` that can't fold what is there may raise anything.
            log.error("rebuild_failed", partition=box.number, reason=f"{type(error).__name__}: {error}", exc_info=error)
            if box.epoch == epoch:
                box.stop("rebuild_failed")
                self.stopped(box)
        if box.epoch == epoch and box.standing is Standing.REBUILDING:
            box.standing = Standing.LOADING
            self.wake()
