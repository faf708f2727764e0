"""An aggregate: its state, how it decides, how it evolves, and where it lives.

Pure. The two functions of a domain module are read off by their annotations: what `decide` takes and what `evolve`
folds is listed in one place only, the annotation itself.
"""

import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol, Self, TypeVar
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field

from shared.engine.message import Actor, Command, Event, Instant, Message
from shared.engine.text import comparable

S = TypeVar("S", bound="State")


class Refused(Exception):
    """A command that may not happen, with a stable `code` and the facts a person needs to understand it.

    `recorded` asks for a journal entry (refusals by deadline, role or conflict of interest).
    """

    def __init__(self, code: str, *, recorded: bool = False, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.recorded = recorded
        self.facts = facts


def require(condition: bool, code: str, *, recorded: bool = False, **facts: Any) -> None:
    """Raise `Refused(code)` unless `condition` holds."""
    if not condition:
        raise Refused(code, recorded=recorded, **facts)


class State(BaseModel):
    """What an aggregate's events add up to. A fresh one has its id and defaults only.

    `deadlines` holds named instants; the engine fires the earliest as `DeadlineReached` once it has passed.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    deadlines: Mapping[str, Instant] = Field(default_factory=dict[str, datetime])

    def but(self, **changes: Any) -> Self:
        """A copy with some fields changed."""
        return self.model_copy(update=changes)

    def with_deadline(self, name: str, due: datetime) -> Self:
        """A copy in which the deadline `name` stands at `due`."""
        return self.but(deadlines={**self.deadlines, name: due})

    def without_deadline(self, *names: str) -> Self:
        """A copy without the deadlines `names`."""
        return self.but(deadlines={name: due for name, due in self.deadlines.items() if name not in names})

    @property
    def due(self) -> datetime | None:
        """The earliest deadline."""
        return min(self.deadlines.values(), default=None)

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """What `actor` may see of it, as JSON; empty where even its existence is hidden.

        Answers and queries show this and nothing else.
        """
        return self.model_dump(mode="json")

    def known_to(self, actor: Actor) -> bool:
        """Whether `actor` may learn that it exists. A command by anybody else is answered as if it did not."""
        return bool(self.visible_to(actor))

    def shows(self, event: type[Event], actor: Actor) -> bool:
        """Whether `actor` may see events of this class in the history; the journal is the auditor's."""
        return not event.JOURNAL or actor.role == "auditor"


@dataclass(slots=True)
class Context:
    """What a decision may know besides state and message: recorded time, who acts, what may be read along, fresh ids.

    `time` is UTC. `cause` is the id of the command or event being decided; ids derive from it, never from chance.
    """

    time: datetime
    actor: Actor
    cause: str
    reads: Mapping[type[State], State] = field(default_factory=dict[type[State], State])

    def read(self, kind: type[S]) -> S:
        """The state of the aggregate `kind` with the same key, as of this point of the plan."""
        state = self.reads[kind]
        assert isinstance(state, kind)
        return state

    def new_id(self, label: str) -> str:
        """An id that the same cause gives again for the same `label`."""
        return derive_id(self.cause, label)


NAMESPACE = UUID("6f776c62-7573-5000-8000-000000000001")


def derive_id(*parts: str) -> str:
    """A UUID that depends on `parts` alone, as they are compared."""
    return str(uuid5(NAMESPACE, comparable("\x1f".join(parts))))


class DomainModule(Protocol):
    """A domain file: one aggregate's three pure parts. `FOLD` grows whenever `evolve` gives other states."""

    @property
    def FOLD(self) -> int: ...
    @property
    def decide(self) -> Callable[..., Iterable[Event]]: ...
    @property
    def evolve(self) -> Callable[..., Any]: ...


@dataclass(frozen=True, eq=False)
class Aggregate:
    """One kind of aggregate of a service, as its table of contents declares it.

    `id_fields` are the message fields that make up its id, joined by "/"; the first of them is the key, which decides
    the partition. `reads` are aggregates with the same key that its decisions may look at. It belongs to them: a
    command on it is refused as `not_found` where one of them does not exist, or may not be known to the actor.
    """

    name: str
    state: type[State]
    takes: frozenset[type[Message]]
    decide: Callable[..., Iterable[Event]]
    evolve: Callable[..., Any]
    fold: int
    id_fields: tuple[str, ...]
    reads: tuple["Aggregate", ...] = ()

    @property
    def key(self) -> str:
        """The field that decides the partition."""
        return self.id_fields[0]

    def id_of(self, message: Message) -> str:
        """Id of the aggregate that `message` is for."""
        if len(self.id_fields) == 1:
            return str(getattr(message, self.key))
        return "/".join(str(getattr(message, name)) for name in self.id_fields)

    @cached_property
    def _blank(self) -> State:
        return self.state(id="")

    def fresh(self, aggregate_id: str) -> State:
        """The state before the first event; its defaults are shared, for they never change."""
        return self._blank.but(id=aggregate_id)


def key_of(aggregate_id: str) -> str:
    """The key of an id: what stands before the first "/"."""
    return aggregate_id.partition("/")[0]


def aggregate(module: DomainModule, *, key: str, id: str = "", reads: Iterable[Aggregate] = ()) -> Aggregate:
    """Read an aggregate off its domain module.

    `id` is a template such as "idea_id/voter_id" and defaults to `key`, which it must begin with (ValueError
    otherwise).
    """
    id_fields = tuple((id or key).split("/"))
    if id_fields[0] != key:
        raise ValueError(f"the id {id} must begin with the key {key}")
    hints = typing.get_type_hints(module.decide)
    parameters = [hint for name, hint in hints.items() if name != "return"]
    state, message = parameters[0], parameters[1]
    return Aggregate(
        name=_snake(state.__name__),
        state=state,
        takes=frozenset(_members(message)),
        decide=module.decide,
        evolve=module.evolve,
        fold=module.FOLD,
        id_fields=id_fields,
        reads=tuple(reads),
    )


def _members(annotation: Any) -> tuple[type[Message], ...]:
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        return typing.get_args(annotation)
    return (annotation,)


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


class Deciders:
    """All aggregates of one service, found by what they take.

    Aggregates that take the same message are asked in declared order, all or nothing. Raises ValueError where two
    aggregates share a name or take the same command.
    """

    def __init__(self, service: str, aggregates: Iterable[Aggregate]) -> None:
        self.service = service
        self.aggregates = tuple(aggregates)
        self.by_name = {a.name: a for a in self.aggregates}
        self._takers: dict[type[Message], tuple[Aggregate, ...]] = {}
        for kind in self.aggregates:
            for message in kind.takes:
                self._takers[message] = (*self._takers.get(message, ()), kind)
        if len(self.by_name) < len(self.aggregates):
            raise ValueError(f"two aggregates of {service} share a name")
        for message, takers in self._takers.items():
            if issubclass(message, Command) and len(takers) > 1:
                raise ValueError(f"{message.__name__} is taken by more than one aggregate")

    def takers(self, message: type[Message]) -> tuple[Aggregate, ...]:
        """Who decides on messages of this class, in declared order."""
        return self._takers.get(message, ())

    @property
    def events_taken(self) -> tuple[type[Event], ...]:
        """Event classes that some aggregate reacts to."""
        return tuple(m for m in self._takers if issubclass(m, Event))
