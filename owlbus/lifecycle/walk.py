"""Walks through an aggregate: every message it takes, in every state it was seen in, decided on and folded for real.

Deterministic for a seed. A transition is in the result only if a decider gave the event and the evolver moved the
state; what is refused leads nowhere. States that differ in nothing that matters are visited once: in the stage, in the
deadlines, in which fields are filled.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from random import Random
from typing import Any, cast

from pydantic import BaseModel

from owlbus.lifecycle.made import Maker
from owlbus.lifecycle.suggested import DEPARTMENTS, JUDGES, PEOPLE, ROLES
from shared.engine.aggregate import Aggregate, Context, Refused, State
from shared.engine.message import Actor, Command, DeadlineReached, Event, Message, system_actor
from shared.rules.pack import Pack

NOON = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
"""Tuesday 3 March 2026, 12:00 in Seoul; every shipped calendar covers it."""

LATER = (timedelta(0), timedelta(0), timedelta(days=5), timedelta(days=50))

STATES = 48
"""As many states are walked on from under one pack, taking turns among stages, deadlines and stages of parts."""

TRIES, AGAIN, ENOUGH = 60, 12, 8
"""Messages of one class that are made for one state: while none was ever taken, later, and how many are to be taken."""

REMEMBERED, OUTCOMES = 2, 6
"""Messages that were taken before are tried again first: as many for each of so many outcomes."""

READINGS = 8
"""What reads along is drawn anew; so there are more tries by as much."""

DEADLINES = 5
"""So many deadlines may pass one after the other."""

MANY = 4
"""Lists that are at least this long differ in nothing."""

Attempt = tuple[Message, Actor, datetime]
NEW = "new"
KNOWN = "kept"


@dataclass(frozen=True, order=True, slots=True)
class Step:
    """One event in one stage: what was decided on (`by`), and where it led. Without a stage field: from new to kept."""

    before: str
    by: str
    event: str
    after: str


@dataclass(slots=True)
class Walk:
    """What was seen of one aggregate: its steps, the states it was in, the types of what it said."""

    aggregate: Aggregate
    steps: set[Step] = field(default_factory=set[Step])
    states: list[State] = field(default_factory=list[State])
    events: set[str] = field(default_factory=set[str])


def stage_field(aggregate: Aggregate) -> str | None:
    """The field that says how far an aggregate has come: the first one that is an enum whose first member is new."""
    for name, field_ in aggregate.state.model_fields.items():
        kind = field_.annotation
        if isinstance(kind, type) and issubclass(kind, Enum) and name in ("stage", "phase"):
            return name
    return None


def walk(
    service: str, aggregate: Aggregate, packs: Sequence[Pack], known: Mapping[Aggregate, Walk], seed: str = ""
) -> Walk:
    """Walk under each of the packs. `known` are the walks of what it reads."""
    found = Walk(aggregate)
    for pack in packs:
        _Walker(service, aggregate, pack, known, seed, found).run()
    return found


class _Walker:
    """One walk under one pack, into `found`."""

    def __init__(
        self,
        service: str,
        aggregate: Aggregate,
        pack: Pack,
        known: Mapping[Aggregate, Walk],
        seed: str,
        found: Walk,
    ) -> None:
        self._service, self._aggregate, self._pack, self._found = service, aggregate, pack, found
        self._random = Random(f"{seed}/{service}/{aggregate.name}/{pack.id}")
        self._ids = _ids(aggregate, pack, service)
        self._reads = {
            other.state: [state for state in known[other].states if getattr(state, "pack", "") in ("", pack.id)]
            for other in aggregate.reads
        }
        self._stage = stage_field(aggregate)
        self._seen: set[Any] = set()
        self._waiting: dict[Any, list[State]] = {}
        self._walked: Counter[Any] = Counter()
        self._taken: dict[type[Message], dict[tuple[str, ...], list[Attempt]]] = {}

    def run(self) -> None:
        """Until no new state turns up."""
        self._arrive(self._aggregate.fresh(aggregate_id(self._aggregate, self._ids)))
        while (state := self._next()) is not None:
            maker = Maker(self._random, self._pack, state, self._ids)
            blank = state == self._aggregate.fresh(state.id)
            for kind in sorted(self._aggregate.takes, key=lambda one: one.__name__):
                if blank and issubclass(kind, Command) and not kind.CREATES:
                    continue  # the engine answers `not_found`
                attempts = self._attempts(state, maker, kind)
                taken = 0
                while taken < ENOUGH and (attempt := next(attempts, None)) is not None:
                    taken += self._try(state, *attempt) is not None
            self._let_fall_due(state)

    def _let_fall_due(self, state: State | None) -> None:
        """Let deadline after deadline pass, without anything in between."""
        for _ in range(DEADLINES):
            if state is None or state.due is None:
                return
            due, name = min((due, name) for name, due in state.deadlines.items())
            state = self._try(state, DeadlineReached(name=name, due=due), system_actor(self._service), max(due, NOON))

    def _attempts(self, state: State, maker: Maker, kind: type[Message]) -> Iterator[Attempt]:
        if kind is DeadlineReached:
            for name, due in sorted(state.deadlines.items()) * (READINGS if self._reads else 1):
                yield DeadlineReached(name=name, due=due), system_actor(self._service), max(due, NOON)
            return
        yield from [one for taken in self._taken.get(kind, {}).values() for one in taken]
        for _ in range(AGAIN if self._taken.get(kind) else TRIES * (READINGS if self._reads else 1)):
            now = NOON + self._random.choice(LATER)
            message = maker.message(kind, now)
            if message is not None:
                yield message, self._actor(maker, state, message), now

    def _actor(self, maker: Maker, state: State, message: Message) -> Actor:
        if isinstance(message, Event):
            return system_actor(self._service)
        pick = self._random.choice
        own = str(getattr(state, "department", "")) or pick(DEPARTMENTS)
        person = pick(pick((JUDGES, maker.people or PEOPLE, maker.leads or JUDGES)))
        return Actor(person, pick(ROLES), pick((own, pick(DEPARTMENTS))))

    def _try(self, state: State, message: Message, actor: Actor, time: datetime) -> State | None:
        reads = {kind: self._random.choice(states) for kind, states in self._reads.items() if states}
        try:
            events = list(self._aggregate.decide(state, message, Context(time, actor, "walk/1", reads)))
            steps: list[tuple[State, Event, State]] = []
            for event in events:
                after = self._aggregate.evolve(state, event)
                steps.append((state, event, after))
                state = after
        except (Refused, AssertionError, LookupError, ValueError):
            return None  # refused, or nothing that could come to pass
        if not events:
            return None
        by = "deadline" if isinstance(message, DeadlineReached) else _name(type(message))
        for before, event, after in steps:
            self._found.events.add(event.TYPE)
            self._found.steps.add(Step(self._name(before, NEW), by, event.TYPE, self._name(after, KNOWN)))
        outcomes = self._taken.setdefault(type(message), {})
        outcome = outcomes.setdefault(tuple(event.TYPE for event in events), [])
        if len(outcomes) <= OUTCOMES and len(outcome) < REMEMBERED and (message, actor, time) not in outcome:
            outcome.append((message, actor, time))
        self._arrive(state)
        return state

    def _name(self, state: State, default: str) -> str:
        if self._stage is not None:
            return str(getattr(state, self._stage).value)
        return NEW if state == self._aggregate.fresh(state.id) else KNOWN

    def _arrive(self, state: State) -> None:
        key = self._signature(state)
        if key not in self._seen:
            self._seen.add(key)
            self._found.states.append(state)
            self._waiting.setdefault(self._sort(state), []).append(state)

    def _next(self) -> State | None:
        """A state of the sort that was walked on from least."""
        waiting = [sort for sort, states in self._waiting.items() if states]
        if not waiting or sum(self._walked.values()) >= STATES:
            return None
        sort = min(waiting, key=lambda one: self._walked[one])
        self._walked[sort] += 1
        return self._waiting[sort].pop(0)

    def _sort(self, state: State) -> Any:
        deadlines = frozenset(name.partition(".")[0] for name in state.deadlines)
        return self._name(state, NEW), deadlines, _inner(state)

    def _signature(self, state: State) -> Any:
        blank = self._aggregate.fresh(state.id)
        filled = tuple(n for n in type(state).model_fields if getattr(state, n) != getattr(blank, n))
        enums = tuple(v for n in type(state).model_fields if isinstance(v := getattr(state, n), Enum | bool))
        sizes = tuple(min(len(cast(tuple[Any, ...], v)), MANY) for v in dict(state).values() if isinstance(v, tuple))
        return filled, enums, sizes, tuple(sorted(state.deadlines)), _inner(state)


def _inner(state: State) -> frozenset[str]:
    """How far the parts of a state have come."""
    parts = (
        part for value in dict(state).values() if isinstance(value, tuple) for part in cast(tuple[Any, ...], value)
    )
    return frozenset(
        value.value
        for part in parts
        if isinstance(part, BaseModel)
        for value in dict(part).values()
        if isinstance(value, Enum)
    )


def _ids(aggregate: Aggregate, pack: Pack, service: str) -> dict[str, str]:
    """One value for each part of an id; what a round is called follows from its pack."""
    values = {
        "idea_id": "i-1",
        "voter_id": "p-9",
        "person_id": "p-1",
        "department_id": "d-1",
        "round_id": f"{pack.id}.2026",
        "name": "2026",
        "stage": pack.evaluation.round.first(),
        "category_id": f"{pack.id}.2026.{pack.awards.categories[0].code}",
        "register_id": f"{pack.ideas.receipt_register.value}.2026",
    }
    return {name: values.get(name, f"{name.removesuffix('_id')}-1") for name in aggregate.id_fields}


def aggregate_id(aggregate: Aggregate, ids: Mapping[str, str]) -> str:
    """The id that these parts make."""
    return "/".join(ids[name] for name in aggregate.id_fields)


def _name(kind: type[Message]) -> str:
    return kind.TYPE if issubclass(kind, Event) else kind.__name__
