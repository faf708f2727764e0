"""A made-up domain for tests of the engine: counters that are added to, and tallies that hear of it through Kafka.

`Counter` takes commands and has a deadline; `Tally` reacts to what a counter says; `Vault` reads its counter first.
"""

from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from shared.engine.aggregate import Aggregate, Context, Deciders, DomainModule, State, aggregate, require
from shared.engine.message import Command, DeadlineReached, Event, Instant


class Added(Event, type="test.Added", key="counter_id"):
    """A number was added to a counter; `tag` says which request it was."""

    counter_id: str
    amount: int
    tag: str = ""
    due: Instant | None = None


class Noted(Event, type="test.Noted", key="tally_id"):
    """For a tally, which may live in another partition."""

    tally_id: str
    amount: int
    tag: str = ""


class Expired(Event, type="test.Expired", key="counter_id"):
    """The counter's deadline passed."""

    counter_id: str
    due: Instant


class Tallied(Event, type="test.Tallied", key="tally_id", journal=True):
    """A tally took notice."""

    tally_id: str
    amount: int
    tag: str = ""


class Locked(Event, type="test.Locked", key="counter_id"):
    """The counter's vault was locked at this total."""

    counter_id: str
    total: int


class Add(Command, creates=True):
    """Add; from 1,000 on it is refused, at 666 the decider is broken. `tally` names a tally that hears of it."""

    amount: int
    tag: str = ""
    tally: str = ""
    due: datetime | None = None


class Lock(Command, creates=True):
    """Lock the vault at the counter's total."""


class Counter(State):
    """Sum, and the tags in the order in which they came."""

    total: int = 0
    tags: tuple[str, ...] = ()


class Tally(State):
    """What was heard of."""

    total: int = 0
    tags: tuple[str, ...] = ()


class Vault(State):
    """The total at which it was locked."""

    locked_at: int | None = None


def _decide_counter(counter: Counter, message: Add | DeadlineReached, context: Context) -> Iterator[Event]:
    match message:
        case Add():
            require(message.amount < 1_000, "too_much", recorded=True)
            if message.amount == 666:
                raise RuntimeError("a broken decider")
            yield Added(counter_id=counter.id, amount=message.amount, tag=message.tag, due=message.due)
            if message.tally:
                yield Noted(tally_id=message.tally, amount=message.amount, tag=message.tag)
        case DeadlineReached():
            yield Expired(counter_id=counter.id, due=message.due)


def _evolve_counter(counter: Counter, event: Event) -> Counter:
    match event:
        case Added():
            counter = counter.but(total=counter.total + event.amount, tags=(*counter.tags, event.tag))
            return counter.with_deadline("end", event.due) if event.due else counter
        case Expired():
            return counter.without_deadline("end")
        case _:
            return counter


def _decide_tally(tally: Tally, message: Noted, context: Context) -> Iterator[Event]:
    if message.amount == 13:
        raise RuntimeError("an unlucky number")
    yield Tallied(tally_id=tally.id, amount=message.amount, tag=message.tag)


def _evolve_tally(tally: Tally, event: Tallied) -> Tally:
    return tally.but(total=tally.total + event.amount, tags=(*tally.tags, event.tag))


def _decide_vault(vault: Vault, message: Lock, context: Context) -> Iterator[Event]:
    yield Locked(counter_id=vault.id, total=context.read(Counter).total)


def _evolve_vault(vault: Vault, event: Locked) -> Vault:
    return vault.but(locked_at=event.total)


def _module(decide: Any, evolve: Any, fold: int = 1) -> DomainModule:
    return cast(DomainModule, SimpleNamespace(FOLD=fold, decide=decide, evolve=evolve))


COUNTER = aggregate(_module(_decide_counter, _evolve_counter), key="counter_id")
TALLY = aggregate(_module(_decide_tally, _evolve_tally), key="tally_id")
VAULT = aggregate(_module(_decide_vault, _evolve_vault), key="counter_id", reads=[COUNTER])


def deciders(*aggregates: Aggregate) -> Deciders:
    """The made-up service "test"."""
    return Deciders("test", aggregates or (COUNTER, TALLY, VAULT))
