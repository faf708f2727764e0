"""The course of a repartition: look, fence, prove, grow the topics, give states their new homes, switch.

It may be killed on the way and run again: every step finds out whether it was done. Until the last write a service sees
nothing but the fence, and that write is a single transaction over all databases.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from owlbus.errors import OwlbusError
from owlbus.repair.proof import Proof, prove
from shared.engine.aggregate import key_of
from shared.engine.envelope import Unfit, UnknownType
from shared.engine.generation import Generation
from shared.engine.inputs import Held
from shared.engine.message import Actor
from shared.engine.partition import partition_of
from shared.engine.repartition import Side, obstacles, repartitioned
from shared.runtime.faultpoints import reached
from shared.runtime.kafka.access import Access
from shared.runtime.kafka.growth import counts_of, ends_of, grow_topics, members_of
from shared.runtime.service import Service
from shared.runtime.store.mongo import MongoStore
from shared.runtime.store.protocol import LostRace, StoreUnavailable, Unstorable, Write
from shared.runtime.store.relayout import APPNAME, LaidOut, Relayout

MOST = 1_000
"""The largest N; as in Settings."""
MAX_HELD = 10_000
MAX_HELD_BYTES = 64_000_000
"""What is moved of what was set aside is part of one transaction."""
LEFT_SECONDS = 15.0
"""How long members of a consumer group are waited for: a replica that was stopped is one until its session is over."""
POLL_SECONDS = 0.5
TIMEOUT_SECONDS = 30.0
CHUNK = 1_000
MOST_NAMED = 12


class Refused(OwlbusError):
    """N can't be changed now; the message says why, and nothing was changed."""


@dataclass(slots=True)
class Row:
    """What was done to one service: events and states that were proven, what moved, how long it took."""

    service: str
    events: int = 0
    states: int = 0
    differing: int = 0
    moved: int = 0
    held: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Outcome:
    """`before` partitions became `after`; `done` says that they did, and not only would. Rows are by service."""

    before: int
    after: int
    done: bool = False
    rows: list[Row] = field(default_factory=list[Row])


@dataclass(slots=True)
class Repartition:
    """One attempt. `databases` names each service's; `progress` is told what is going on, `by` is who wants it."""

    access: Access
    uri: str
    services: Sequence[Service]
    databases: Mapping[str, str]
    to: int
    by: str
    progress: Callable[[str], None] = lambda _: None
    _stores: dict[str, MongoStore] = field(default_factory=dict[str, MongoStore])
    _shelf: Relayout = field(init=False)

    def __post_init__(self) -> None:
        self._shelf = Relayout(self.uri, self.databases)

    async def run(self, *, act: bool = False) -> Outcome:
        """Do it, or only prove that it could be done. Raises Refused, KafkaUnavailable, TopicsUnfit."""
        try:
            return await self._run(act)
        except (StoreUnavailable, Unstorable) as error:
            raise OwlbusError(f"MongoDB: {error}; run the same command again") from error
        except LostRace as error:
            raise OwlbusError("a service has written meanwhile: stop all services and run it again") from error
        except (UnknownType, Unfit) as error:
            raise Refused(f"this release can't read the log: {error}") from error
        finally:
            await self._close()

    async def give_up(self) -> None:
        """Take away the fence of a repartition that was begun. Raises Refused once topics have grown."""
        try:
            layout = await self._layout()
            if not layout.moving:
                raise Refused("no repartition is under way")
            if set((await counts_of(self.access, self._topics)).values()) != {layout.count}:
                raise Refused("topics have grown already, and can't shrink: finish it with the same command and --yes")
            await self._shelf.lift(layout.count)
        finally:
            await self._close()

    # --- the steps

    async def _run(self, act: bool) -> Outcome:
        layout = await self._layout()
        outcome = Outcome(layout.count, self.to)
        if layout.count == self.to:
            return outcome
        await self._look(layout)
        sides = await self._sides(layout.count)
        if found := list(obstacles(sides, await ends_of(self.access, self._topics))):
            raise Refused(
                "; ".join(found[:MOST_NAMED]) + (f" … {len(found)} in all" if len(found) > MOST_NAMED else "")
            )
        held = {side.service: await self._held(side) for side in sides}
        if act and not layout.moving:
            self.progress("raising the fence")
            read = {side.service: side.partitions for side in sides}
            await self._shelf.fence(self.to, read, self.by, datetime.now(UTC))
            sides = await self._sides(layout.count)
        reached("after_fence")
        outcome.rows = await self._prove(sides, layout, act)
        reached("after_proof")
        for row in outcome.rows:
            row.held = sum(map(len, self._moving_held(held[row.service])))
        if act:
            await self._change(sides, held, outcome)
        return outcome

    async def _look(self, layout: LaidOut) -> None:
        if not layout.count < self.to <= MOST:
            raise Refused(f"there are {layout.count} partitions: --to must be more, {MOST:,} at most")
        if layout.moving not in (0, self.to):
            raise Refused(f"a repartition to {layout.moving} is under way: finish that one")
        counts = await counts_of(self.access, self._topics)
        if odd := {topic: count for topic, count in counts.items() if count not in (layout.count, self.to)}:
            raise Refused(f"the databases have {layout.count} partitions, but topics have others: {odd}")
        await self._nobody_is_there()

    async def _nobody_is_there(self) -> None:
        until = monotonic() + LEFT_SECONDS
        while there := {name: n for name, n in (await members_of(self.access, list(self.databases))).items() if n}:
            if monotonic() > until:
                who = ", ".join(f"{name} ({count})" for name, count in there.items())
                raise Refused(f"replicas are running: {who}; stop all services")
            self.progress(f"waiting for replicas to leave: {', '.join(there)}")
            await asyncio.sleep(POLL_SECONDS)

    async def _prove(self, sides: Sequence[Side], layout: LaidOut, act: bool) -> list[Row]:
        rows: list[Row] = []
        troubles: list[str] = []
        for service, side in zip(self.services, sides, strict=True):
            began = monotonic()
            store = self._store(service.name)
            proof = await prove(service, store, self._shelf, side.partitions, self.to, self.progress)
            troubles += proof.troubles
            rows.append(_row(service, proof, await self._moving(service, layout.count), monotonic() - began))
        if troubles:
            await self._withdraw(layout, act)
            count = sum(row.differing for row in rows)
            raise Refused(f"{count} things do not agree with the log: {'; '.join(troubles[:MOST_NAMED])}")
        return rows

    async def _withdraw(self, layout: LaidOut, act: bool) -> None:
        """What can't be proven is not begun; once topics have grown the fence stays, for there is no way back."""
        if act and set((await counts_of(self.access, self._topics)).values()) == {layout.count}:
            await self._shelf.lift(layout.count)

    async def _change(self, sides: Sequence[Side], held: Mapping[str, dict[int, list[Held]]], outcome: Outcome) -> None:
        self.progress(f"growing {len(self._topics)} topics")
        await grow_topics(self.access, self._topics, self.to)
        reached("after_growth")
        for service, row in zip(self.services, outcome.rows, strict=True):
            began = monotonic()
            await self._place(service)
            row.seconds = round(row.seconds + monotonic() - began, 2)
        reached("after_placing")
        self.progress("switching")
        await self._switch(sides, held)
        reached("after_switch")
        outcome.done = True

    async def _place(self, service: Service) -> None:
        for kind in service.aggregates:
            homes: dict[str, int] = {}
            async for id, place in self._shelf.places(service.name, kind):
                home = partition_of(key_of(id), self.to)
                if home != place:
                    homes[id] = home
                if len(homes) == CHUNK:
                    await self._shelf.place(service.name, kind, homes)
                    homes = {}
            await self._shelf.place(service.name, kind, homes)
            self.progress(f"{service.name}: {kind.name} is where it will live")

    async def _switch(self, sides: Sequence[Side], held: Mapping[str, dict[int, list[Held]]]) -> None:
        actor, now = Actor(self.by, "operator"), datetime.now(UTC)
        writes: dict[str, list[Write]] = {}
        over: dict[str, Generation] = {}
        for side in sides:
            plans = repartitioned(side, held[side.service], self.to, actor, now)
            tokens = {n: one.token for n, one in (await self._store(side.service).partitions(range(self.to))).items()}
            read = {one.number: one.token for one in side.partitions}
            writes[side.service] = [Write(plan, read.get(n, tokens[n])) for n, plan in enumerate(plans)]
            for plan in plans:
                plan.partition.token = secrets.token_hex(8)
            over[side.service] = Generation(len(side.partitions), tuple(one.sequence for one in side.partitions))
        await self._shelf.switch(self.to, writes, over)

    # --- what there is

    async def _layout(self) -> LaidOut:
        """The layout that all services share. Raises Refused where they don't."""
        found: dict[str, Any] = await self._shelf.layouts()
        if none := [self.databases[name] for name, layout in found.items() if layout is None]:
            raise Refused(f"no service has ever used the database {', '.join(none)}")
        if len({(layout.count, layout.moving) for layout in found.values()}) > 1:
            counts = ", ".join(f"{name} {layout.count}" for name, layout in found.items())
            raise Refused(f"the databases do not belong together, they have other numbers of partitions: {counts}")
        for name, layout in found.items():
            self._store(name).generations = layout.generations
        return next(iter(found.values()))

    async def _sides(self, count: int) -> list[Side]:
        sides: list[Side] = []
        for service in self.services:
            found = await self._store(service.name).partitions(range(count))
            folds = {kind.name: kind.fold for kind in service.aggregates}
            sides.append(Side(service.name, service.topics, [found[number] for number in range(count)], folds))
        return sides

    async def _held(self, side: Side) -> dict[int, list[Held]]:
        store = self._store(side.service)
        held = {one.number: list(await store.held(one.number, limit=MAX_HELD + 1)) for one in side.partitions}
        size = sum(len(one.value) for some in self._moving_held(held) for one in some)
        if sum(map(len, held.values())) > MAX_HELD or size > MAX_HELD_BYTES:
            raise Refused(f"{side.service} has set aside too much to be moved: redrive it first")
        return held

    def _moving_held(self, held: Mapping[int, Sequence[Held]]) -> list[list[Held]]:
        return [[one for one in some if one.key and partition_of(one.key, self.to) != n] for n, some in held.items()]

    async def _moving(self, service: Service, before: int) -> int:
        """How many states live elsewhere afterwards, whether they were placed already or not."""
        moving = 0
        for kind in service.aggregates:
            async for id, _ in self._shelf.places(service.name, kind):
                moving += partition_of(key_of(id), before) != partition_of(key_of(id), self.to)
        return moving

    def _store(self, service: str) -> MongoStore:
        if service not in self._stores:
            self._stores[service] = MongoStore(
                self.uri, self.databases[service], appname=APPNAME, timeout=TIMEOUT_SECONDS
            )
        return self._stores[service]

    async def _close(self) -> None:
        await asyncio.gather(*(store.close() for store in self._stores.values()))
        await self._shelf.close()

    @property
    def _topics(self) -> list[str]:
        return [topic for service in self.services for topic in service.own_topics]


def _row(service: Service, proof: Proof, moved: int, seconds: float) -> Row:
    return Row(service.name, proof.events, proof.states, proof.differing, moved, 0, round(seconds, 2))
