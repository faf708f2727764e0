"""Lines to the services: in bounded requests, in order for each idea, again where somebody was not ready yet.

Every line has a key that is its identity for ever, so that sending it twice changes nothing; it is sent until it is
answered for good.
"""

import asyncio
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import orjson

from owlbus.client import PATIENCE_SECONDS, Acting
from shared.intake.mapping import Kind
from shared.intake.take import Line

PLACES = {
    Kind.IDEAS: ("ideas", "/ideas/imports"),
    Kind.VOTES: ("ideas", "/votes/imports"),
    Kind.SCORES: ("evaluation", "/scores/imports"),
    Kind.DECISIONS: ("ideas", "/decisions/imports"),
    Kind.CASES: ("ideas", "/cases/imports"),
    Kind.UNITS: ("ideas", "/departments/imports"),
    Kind.PEOPLE: ("ideas", "/people/imports"),
    Kind.DUTIES: ("ideas", "/duties/imports"),
}
"""Service and path that take each kind."""

LANES = 4
"""Requests at once. All lines of an idea are in one lane, so that they are decided in their order."""

MAX_LINES = 500
MAX_BYTES = 4_000_000
"""Bounds of one request: an HTTP client sends all of it before it reads the answer."""

WAITING = (Kind.SCORES, Kind.CASES)
"""Kinds that need what follows from other lines only after a while: an evaluation, an implementation."""

ARRIVAL_SECONDS = 60.0
"""How long lines of these kinds wait for that."""

_LONGEST_PAUSE = 1.0


@dataclass
class Outcome:
    """What became of the lines: taken now, taken by an earlier run, or refused with the problem document."""

    done: int = 0
    known: int = 0
    refused: list[tuple[Line, dict[str, Any]]] = field(default_factory=list[tuple[Line, dict[str, Any]]])


@dataclass(frozen=True, slots=True)
class _Parcel:
    line: Line
    content: bytes


class Sending:
    """Sends the lines of one kind; tells `step` how many more have their final answer."""

    def __init__(
        self,
        acting: Acting,
        kind: Kind,
        *,
        dry_run: bool = False,
        step: Callable[[int], None] = lambda _: None,
        arrival_seconds: float = ARRIVAL_SECONDS,
    ) -> None:
        self.outcome = Outcome()
        self._acting = acting
        self._service, path = PLACES[kind]
        self._path = f"{path}?dry_run=true" if dry_run else path
        self._step = step
        self._waits = 0.0 if dry_run or kind not in WAITING else arrival_seconds
        self._early: list[_Parcel] = []

    async def run(self, lines: Sequence[Line]) -> Outcome:
        """Send all. Raises ApiError where a whole request is refused, OwlbusError where nobody answers."""
        lanes: list[list[_Parcel]] = [[] for _ in range(LANES)]
        for line in lines:
            lanes[_lane(line)].append(_Parcel(line, orjson.dumps(line.body) + b"\n"))
        try:
            async with asyncio.TaskGroup() as group:
                for lane in lanes:
                    group.create_task(self._send(lane))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        await self._send_early()
        return self.outcome

    async def _send(self, parcels: Sequence[_Parcel]) -> None:
        for batch in batches(parcels):
            await self._until_answered(batch)

    async def _until_answered(self, batch: Sequence[_Parcel]) -> None:
        """Send a batch, and what was unavailable of it again before anything later goes."""
        until, pause, waiting = time.monotonic() + PATIENCE_SECONDS, 0.05, batch
        while True:
            again = await self._once(waiting, patient=time.monotonic() < until)
            if not again:
                return
            if len(again) < len(waiting):
                until, pause = time.monotonic() + PATIENCE_SECONDS, 0.05
            waiting, pause = again, min(_LONGEST_PAUSE, pause * 2)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))

    async def _once(self, batch: Sequence[_Parcel], *, patient: bool) -> list[_Parcel]:
        """Send a batch once; what is to be sent again."""
        answers = await self._acting.post_lines(self._service, self._path, [one.content for one in batch])
        again: list[_Parcel] = []
        for one, answer in zip(batch, answers, strict=True):
            if patient and answer["outcome"] == "unavailable":
                again.append(one)
            else:
                self._settle(one, answer)
        return again

    def _settle(self, parcel: _Parcel, answer: dict[str, Any]) -> None:
        match answer["outcome"]:
            case "done":
                self.outcome.done += 1
            case "known":
                self.outcome.known += 1
            case _ if self._waits and answer["problem"]["code"] == "not_found":
                self._early.append(parcel)
                return
            case _:
                self.outcome.refused.append((parcel.line, answer["problem"]))
        self._step(1)

    async def _send_early(self) -> None:
        """Lines whose idea was not there: again, until it is or the time is over."""
        until, pause = time.monotonic() + self._waits, 0.05
        while self._early:
            if time.monotonic() > until:
                self._waits = 0.0
            early, self._early = self._early, []
            await self._send(early)
            if self._early:
                pause = pause * 1.5 if len(self._early) == len(early) else 0.05
                await asyncio.sleep(min(_LONGEST_PAUSE, pause))


def batches(parcels: Sequence[_Parcel]) -> Iterator[list[_Parcel]]:
    """Cut into requests within the bounds; a line that is too long goes alone, and is refused by its reader."""
    batch: list[_Parcel] = []
    size = 0
    for parcel in parcels:
        if batch and (len(batch) == MAX_LINES or size + len(parcel.content) > MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(parcel)
        size += len(parcel.content)
    if batch:
        yield batch


def _lane(line: Line) -> int:
    body = line.body
    idea = body.get("id") or body.get("idea_id") or f"{body.get('source')}/{body.get('source_id')}"
    return crc32(str(idea).encode()) % LANES
