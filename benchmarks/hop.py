"""A chain of four small services, each of which hears the one before it and says one thing for each thing it hears.

python -m benchmarks.hop 1        one of them, as a process
"""

import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

from fastapi import APIRouter

from shared.contracts.types import Id, Line
from shared.engine.aggregate import Context, DomainModule, State, aggregate
from shared.engine.message import Event
from shared.runtime.service import Service

LENGTH = 4


class Passed(Event):
    """What goes down the chain. `sent` is when it began, in seconds on the clock of whoever began it."""

    hop_id: Id
    sent: float = 0.0
    amount: int = 0
    text: Line = ""


class Hop(State):
    """How much has passed here, and what came last."""

    count: int = 0
    total: int = 0
    text: str = ""


class Passed0(Passed, type="hop0.Passed", key="hop_id"):
    """What the benchmark itself says."""


class Passed1(Passed, type="hop1.Passed", key="hop_id"):
    """What the first service says."""


class Passed2(Passed, type="hop2.Passed", key="hop_id"):
    """What the second service says."""


class Passed3(Passed, type="hop3.Passed", key="hop_id"):
    """What the third service says."""


class Passed4(Passed, type="hop4.Passed", key="hop_id"):
    """What the last service says."""


EVENTS: tuple[type[Passed], ...] = (Passed0, Passed1, Passed2, Passed3, Passed4)


def _module(heard: type[Passed], said: type[Passed]) -> DomainModule:
    def decide(hop: Hop, message: Passed, context: Context) -> Iterator[Event]:
        yield said(hop_id=hop.id, sent=message.sent, amount=hop.total + message.amount, text=message.text)

    def evolve(hop: Hop, event: Passed) -> Hop:
        return hop.but(count=hop.count + 1, total=event.amount, text=event.text)

    decide.__annotations__ = {"hop": Hop, "message": heard, "context": Context, "return": Any}
    return cast(DomainModule, SimpleNamespace(FOLD=1, decide=decide, evolve=evolve))


def service(number: int) -> Service:
    """The service at this place in the chain, from 1 on."""
    module = _module(EVENTS[number - 1], EVENTS[number])
    return Service(name=f"hop{number}", aggregates=[aggregate(module, key="hop_id")], router=APIRouter())


def topics() -> list[str]:
    """All topics of the chain, the benchmark's own among them."""
    return [f"hop{number}.{kind}" for number in range(LENGTH + 1) for kind in ("events", "journal")]


if __name__ == "__main__":
    from shared.runtime.app import run

    run(service(int(os.environ["BENCH_HOP"])))
