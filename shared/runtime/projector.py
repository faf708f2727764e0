"""Keeps projections up with the log, each partition at its own pace, and then does what follows from an event.

At least once: a row is the same whoever writes it, and what follows is a command whose id derives from the event. A
follower looks at an event only once all projections of this service hold it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

import structlog

from shared.engine.emit import Entry
from shared.engine.envelope import decode, event_of
from shared.engine.message import Event
from shared.engine.projection import Projection, Row
from shared.runtime.engine_port import Engine, Unavailable
from shared.runtime.store.protocol import LostRace, Store, StoreUnavailable

IDLE_SECONDS = 0.2
FAR_BEHIND = 100
"""Events of a partition."""
AGAIN_SECONDS = 1.0
BUG_SECONDS = 30.0
BATCHES = 20
"""Log documents that are read at a time: what is made of them may take long, and is done beside the event loop."""

log = structlog.get_logger("projector")


@dataclass(frozen=True)
class Follower:
    """What a service does beside its decisions once something has happened. It may be asked twice for one event.

    `follow` gets the engine, the event's id and the event; it raises Unavailable where it has to be tried again.
    """

    name: str
    takes: frozenset[type[Event]]
    follow: Callable[[Engine, str, Event], Awaitable[None]]


class Projector:
    """`ends` gives the last sequence of each partition that this process owns. `run` works until cancelled."""

    def __init__(
        self,
        engine: Engine,
        store: Store,
        projections: Sequence[Projection],
        followers: Sequence[Follower],
        ends: Callable[[], Mapping[int, int]],
    ) -> None:
        self._engine = engine
        self._store = store
        self._projections = tuple(projections)
        self._followers = tuple(followers)
        self._ends = ends
        self._done: dict[tuple[str, int], int] = {}

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            pause = IDLE_SECONDS
            try:
                if await self.step() and self._is_far_behind():
                    pause = 0.0
            except (LostRace, StoreUnavailable, Unavailable) as error:
                self._done.clear()
                log.info("projector_waits", reason=f"{type(error).__name__}: {error}")
                pause = AGAIN_SECONDS
            except Exception as error:
                # A bug in a projection leaves it behind, and what depends on it stands still; the service goes on.
                log.error("projector_failed", reason=f"{type(error).__name__}: {error}", exc_info=error)
                pause = BUG_SECONDS
            await asyncio.sleep(pause)

    def _is_far_behind(self) -> bool:
        """Whether there is more than a pause brings: one that follows each event at once reads for few at a time."""
        ends = self._ends()
        return any(ends.get(number, 0) - done > FAR_BEHIND for (_, number), done in self._done.items())

    async def step(self) -> bool:
        """Go on a little in every partition that has more; False where none has.

        Raises LostRace, StoreUnavailable or Unavailable.
        """
        ends = dict(self._ends())
        moved = False
        for projection in self._projections:
            for number, end in ends.items():
                moved |= await self._project(projection, number, end)
        for follower in self._followers:
            for number, end in ends.items():
                seen = [await self._place(one.name, number) for one in self._projections]
                moved |= await self._follow(follower, number, min([end, *seen]))
        return moved

    async def _project(self, projection: Projection, number: int, end: int) -> bool:
        read = await self._place(projection.name, number)
        if read >= end:
            return False
        entries, last = await self._entries(number, read)
        wanted = [entry for entry in entries if _is_one_of(entry, projection.takes)]
        rows = await asyncio.to_thread(_rows_of, projection, wanted) if wanted else {}
        await self._advance(projection.name, number, rows, read, last)
        return last > read

    async def _follow(self, follower: Follower, number: int, end: int) -> bool:
        read = await self._place(follower.name, number)
        if read >= end:
            return False
        entries, last = await self._entries(number, read)
        until = monotonic() + AGAIN_SECONDS
        for entry in entries:
            if entry.sequence > end or monotonic() > until:
                last = entry.sequence - 1
                break
            if _is_one_of(entry, follower.takes):
                await self._act(follower, entry)
        await self._advance(follower.name, number, {}, read, last)
        return last > read

    async def _act(self, follower: Follower, entry: Entry) -> None:
        """A bug in what follows is logged and passed over: nothing that was decided hangs on it."""
        envelope = decode(entry.value)
        try:
            await follower.follow(self._engine, envelope.id, event_of(envelope))
        except (LostRace, StoreUnavailable, Unavailable):
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            log.error("follower_failed", follower=follower.name, event_id=envelope.id, reason=reason, exc_info=error)

    async def _entries(self, number: int, after: int) -> tuple[list[Entry], int]:
        batches = await self._store.log(number, after, limit=BATCHES)
        entries = [entry for batch in batches for entry in batch.entries if entry.sequence > after]
        return entries, batches[-1].last if batches else after

    async def _place(self, name: str, number: int) -> int:
        if (name, number) not in self._done:
            self._done[name, number] = (await self._store.progress(name, [number]))[number]
        return self._done[name, number]

    async def _advance(
        self, name: str, number: int, rows: Mapping[int, tuple[Projection, Row]], read: int, last: int
    ) -> None:
        if last == read:
            return
        await self._store.advance(name, number, rows, read, last)
        self._done[name, number] = last


def _is_one_of(entry: Entry, kinds: frozenset[type[Event]]) -> bool:
    """Told by the header, so that most events need not be read."""
    name = next((value for key, value in entry.headers if key == "ce_type"), b"")
    return any(name == kind.TYPE.encode() for kind in kinds)


def _rows_of(projection: Projection, entries: Sequence[Entry]) -> dict[int, tuple[Projection, Row]]:
    made = ((entry.sequence, projection.project(event_of(decode(entry.value)))) for entry in entries)
    return {sequence: (projection, row) for sequence, row in made if row is not None}
