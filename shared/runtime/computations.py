"""Long computations of a service: what it declares, and the loop that has them done at the partition's owner.

What is asked for stands in the states (shared/engine/asking.py) and is looked for again and again, so that nothing has
to be remembered here: after a crash, or at the next owner, it is found and begun anew. Whoever computes it, the command
that brings the result has the same id, so that it is recorded once. An ask that leaves the state, or a partition that
leaves this process, ends the worker.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from time import monotonic
from typing import Any, Literal, get_args

import structlog
from pydantic import BaseModel

from shared.engine.aggregate import Aggregate, derive_id, key_of
from shared.engine.asking import Ask, Asking, Finding
from shared.engine.inputs import Answer, Call
from shared.engine.message import system_actor
from shared.engine.partition import partition_of
from shared.runtime.clock import Clock
from shared.runtime.engine_port import Unavailable
from shared.runtime.mailbox import Mailbox, Standing
from shared.runtime.store.protocol import Reader, StoreUnavailable
from shared.runtime.telemetry import Metrics
from shared.runtime.worker import WorkerFailed, name_of, work

LOOK_SECONDS = 0.5
REST_SECONDS = 300.0
"""Longest pause before something that failed is tried again."""

SECONDS = 600.0

Outcome = Literal["recorded", "refused", "failed", "cancelled"]
"""What came of an attempt: cancelled where nobody asks for it any more or the partition went elsewhere."""

log = structlog.get_logger("computations")


@dataclass(frozen=True)
class Computation:
    """One long computation: `name` is what the states of `aggregate` ask for.

    `gather` reads what it needs, in the service's process, from the state and from what no longer changes. `compute` is
    pure, a function of a module that a worker process imports; it takes what was gathered, a pydantic model that names
    the ask's id, and gives `finding`. After `seconds` it has failed. What can't be solved is a finding, too. Raises
    ValueError where a worker could not find `compute`.
    """

    name: str
    aggregate: Aggregate
    gather: Callable[[Reader, Any, Ask], Awaitable[BaseModel]]
    compute: Callable[[Any], Finding]
    finding: type[Finding]
    seconds: float = SECONDS

    def __post_init__(self) -> None:
        name_of(self.compute)
        if not issubclass(self.aggregate.state, Asking):
            raise ValueError(f"{self.aggregate.name} can't ask for {self.name}: its state is no `Asking`")
        if self.finding not in self.aggregate.takes:
            raise ValueError(f"{self.aggregate.name} does not take {self.finding.__name__}")

    def call(self, service: str, id: str, ask: Ask, finding: Finding, clock: Clock) -> Call:
        """The command that brings `finding`. Its id comes from the ask: found twice, it is recorded once."""
        command_id = derive_id(service, "computation", self.name, id, ask.id)
        # The same command id stands for the same question: a second answer gets the first one's, whatever it says.
        return Call(command_id, "", self.aggregate, id, finding, system_actor(service), clock.now())


def versions(*distributions: str) -> dict[str, str]:
    """The installed versions of these, for a finding."""
    return {name: version(name) for name in distributions}


@dataclass(slots=True)
class _Rest:
    """When something is tried again, after so many attempts."""

    attempts: int = 0
    until: float = 0.0

    def begin(self) -> None:
        self.attempts += 1
        self.until = monotonic() + min(REST_SECONDS, 2.0**self.attempts)


_Place = tuple[str, str, str]
"""Computation, aggregate id, ask id."""


@dataclass
class Computations:
    """Runs until cancelled, with `workers` processes at most. `tell` has a command decided in a partition."""

    service: str
    declared: Sequence[Computation]
    reader: Reader
    boxes: Sequence[Mailbox]
    tell: Callable[[int, Call], Awaitable[Answer]]
    clock: Clock
    metrics: Metrics
    workers: int
    _room: asyncio.Semaphore = field(init=False)
    _running: dict[_Place, asyncio.Task[None]] = field(default_factory=dict[_Place, asyncio.Task[None]])
    _rests: dict[_Place, _Rest] = field(default_factory=dict[_Place, _Rest])

    def __post_init__(self) -> None:
        self._room = asyncio.Semaphore(self.workers)
        for computation in self.declared:
            self.metrics.computations_open.labels(computation.name).set(0)
            # Shown as 0 from the first moment on, or nobody would see the first one happen.
            for outcome in get_args(Outcome):
                self.metrics.computations.labels(computation.name, outcome)

    async def run(self) -> None:
        """Look, begin, end, sleep a little. Workers end with it."""
        try:
            while self.declared:
                try:
                    await self.look()
                except StoreUnavailable as error:
                    log.info("computations_wait", reason=str(error))
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            await self._end(self._running)

    async def look(self) -> None:
        """Begin what is asked for in owned partitions, end what is not any more. Raises StoreUnavailable."""
        asked: dict[_Place, Computation] = {}
        for computation in self.declared:
            found = {place async for place in self._asked(computation)}
            self.metrics.computations_open.labels(computation.name).set(len(found))
            asked |= dict.fromkeys(found, computation)
        await self._end([place for place in self._running if place not in asked])
        self._rests = {place: rest for place, rest in self._rests.items() if place in asked}
        for place, computation in asked.items():
            rested = monotonic() >= self._rests.get(place, _Rest()).until
            if place not in self._running and rested:
                task = self._running[place] = asyncio.create_task(self._do(computation, place))
                task.add_done_callback(lambda _, place=place: self._running.pop(place, None))

    async def _asked(self, computation: Computation) -> AsyncIterator[_Place]:
        cursor: str | None = None
        while True:
            page = await self.reader.find(computation.aggregate, {"asked.name": computation.name}, after=cursor)
            for state in (stored.state for stored in page.items):
                ask = state.ask(computation.name) if isinstance(state, Asking) else None
                if ask is not None and self._serves(state.id):
                    yield computation.name, state.id, ask.id
            cursor = page.cursor
            if cursor is None:
                return

    def _home(self, id: str) -> int:
        return partition_of(key_of(id), len(self.boxes))

    def _serves(self, id: str) -> bool:
        box = self.boxes[self._home(id)]
        return box.owned and box.standing is Standing.SERVING

    async def _end(self, places: Sequence[_Place] | dict[_Place, Any]) -> None:
        tasks = [self._running[place] for place in places]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _do(self, computation: Computation, place: _Place) -> None:
        """One attempt. What it leaves undone is tried again after a rest that grows."""
        try:
            async with self._room:
                outcome = await self._attempt(computation, place)
        except asyncio.CancelledError:
            self._count(computation, "cancelled")
            raise
        except (StoreUnavailable, Unavailable) as error:
            outcome = "failed"
            log.info("computation_waits", name=computation.name, id=place[1], reason=str(error))
        except Exception as error:
            # Whatever a `gather` or a `compute` raises is a bug of its own and must stop no other.
            outcome = "failed"
            log.error("computation_failed", name=computation.name, id=place[1], reason=str(error), exc_info=error)
        self._rests.setdefault(place, _Rest()).begin()
        self._count(computation, outcome)

    async def _attempt(self, computation: Computation, place: _Place) -> Outcome:
        stored = await self.reader.state(computation.aggregate, place[1])
        state = stored.state if stored else None
        ask = state.ask(computation.name) if isinstance(state, Asking) else None
        if ask is None or ask.id != place[2]:
            return "cancelled"
        question = await computation.gather(self.reader, state, ask)
        with self.metrics.computation_seconds.time():
            answered = await work(computation.compute, question, computation.seconds)
        try:
            finding = computation.finding.model_validate_json(answered)
        except ValueError as error:
            raise WorkerFailed(f"what it found is no {computation.finding.__name__}: {error}") from error
        call = computation.call(self.service, place[1], ask, finding, self.clock)
        answer = await self.tell(self._home(place[1]), call)
        if answer.code:
            log.error("finding_refused", name=computation.name, id=place[1], code=answer.code)
            return "refused"
        return "recorded"

    def _count(self, computation: Computation, outcome: Outcome) -> None:
        self.metrics.computations.labels(computation.name, outcome).inc()
