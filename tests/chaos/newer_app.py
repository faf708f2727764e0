"""A newer release of the made-up service (tests/support/counter_app.py): `python -m tests.chaos.newer_app`.

Its counters say `test.Noted` in version 2, with a unit, and its tallies also hear of what another service sends, so
that it reads a topic more. The older release knows neither.
"""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Annotated, Any, assert_never, cast

from fastapi import APIRouter
from fastapi.responses import Response

from shared.contracts.types import Id
from shared.engine.aggregate import Context, DomainModule, State, aggregate
from shared.engine.message import Command, Event
from shared.engine.upcast import upcaster
from shared.runtime.app import run
from shared.runtime.caller import Caller, allow
from shared.runtime.service import Service


class Sent(Event, type="other.Sent", key="tally_id"):
    """Another service has something to tally."""

    tally_id: str
    tag: str


class Added(Event, type="test.Added", key="counter_id"):
    """As in the older release."""

    counter_id: str
    amount: int
    tag: str = ""
    due: str | None = None


class Noted(Event, type="test.Noted", key="tally_id", version=2):
    """Since this release with a unit."""

    tally_id: str
    amount: int
    tag: str = ""
    unit: str


@upcaster("test.Noted", 1)
def _with_unit(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "unit": "pieces"}


class Tallied(Event, type="test.Tallied", key="tally_id", journal=True):
    """As in the older release."""

    tally_id: str
    amount: int
    tag: str = ""


class Add(Command, creates=True):
    """As in the older release."""

    amount: int
    tag: str = ""
    tally: str = ""


class Counter(State):
    """As in the older release."""

    total: int = 0
    tags: tuple[str, ...] = ()


class Tally(State):
    """As in the older release."""

    total: int = 0
    tags: tuple[str, ...] = ()


def _decide_counter(counter: Counter, message: Add, context: Context) -> Iterator[Event]:
    yield Added(counter_id=counter.id, amount=message.amount, tag=message.tag)
    if message.tally:
        yield Noted(tally_id=message.tally, amount=message.amount, tag=message.tag, unit="pieces")


def _evolve_counter(counter: Counter, event: Event) -> Counter:
    if isinstance(event, Added):
        return counter.but(total=counter.total + event.amount, tags=(*counter.tags, event.tag))
    return counter


def _decide_tally(tally: Tally, message: Noted | Sent, context: Context) -> Iterator[Event]:
    match message:
        case Noted():
            yield Tallied(tally_id=tally.id, amount=message.amount, tag=message.tag)
        case Sent():
            yield Tallied(tally_id=tally.id, amount=0, tag=message.tag)
        case _:
            assert_never(message)


def _evolve_tally(tally: Tally, event: Tallied) -> Tally:
    return tally.but(total=tally.total + event.amount, tags=(*tally.tags, event.tag))


def _module(decide: Any, evolve: Any) -> DomainModule:
    return cast(DomainModule, SimpleNamespace(FOLD=1, decide=decide, evolve=evolve))


COUNTER = aggregate(_module(_decide_counter, _evolve_counter), key="counter_id")
TALLY = aggregate(_module(_decide_tally, _evolve_tally), key="tally_id")

router = APIRouter()


@router.post("/counters/{counter_id}/additions")
async def add(counter_id: Id, body: Add, caller: Annotated[Caller, allow("author")]) -> Response:
    """Add."""
    return await caller.execute(COUNTER, counter_id, body)


@router.get("/counters/{counter_id}")
async def counter(counter_id: Id, caller: Annotated[Caller, allow("author")]) -> Response:
    """One counter."""
    return await caller.show(COUNTER, counter_id)


@router.get("/tallies/{tally_id}")
async def tally(tally_id: Id, caller: Annotated[Caller, allow("author")]) -> Response:
    """One tally."""
    return await caller.show(TALLY, tally_id)


SERVICE = Service(name="test", aggregates=[COUNTER, TALLY], router=router)

if __name__ == "__main__":
    run(SERVICE)
