"""What an aggregate takes and gives: commands, events, deadlines, and who stands behind them.

Pure. An event class declares its own stable type name, version, key and topic, so that nothing about it is listed
twice.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, PlainSerializer

T = TypeVar("T")

TEXT_LIMIT = 30_000
"""Longest free text in characters; keeps every event below the broker's limit (the longest real one has 25,710)."""


def wire_time(moment: datetime) -> str:
    """A moment in UTC as it stands on the wire."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


Instant = Annotated[datetime, PlainSerializer(wire_time, return_type=str, when_used="json")]
"""A moment in UTC; on the wire always with microseconds and `Z`, so that equal moments are equal bytes."""


class Message(BaseModel):
    """Anything an aggregate can be asked to decide on. Immutable; unknown fields are refused where it is made."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Command(Message):
    """A person's wish, answered with events or a refusal.

    `creates` says that the aggregate need not exist yet; without it an unknown id is refused as `not_found`.
    """

    CREATES: ClassVar[bool] = False

    def __init_subclass__(cls, *, creates: bool = False, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.CREATES = creates


class DeadlineReached(Message):
    """A named deadline of an aggregate has passed; its legal time is `due`, however late it is noticed.

    The decision must move or clear the deadline, or the engine treats it as a bug.
    """

    name: str
    due: Instant


class Event(Message):
    """A fact. `key` names the field that holds the id of the aggregate the event is *for*: it decides the partition.

    A `journal` event is internal to its service (topic `<service>.journal`); all others are public contract.
    Raises TypeError where two classes claim the same type name.
    """

    TYPE: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1
    KEY: ClassVar[str] = ""
    JOURNAL: ClassVar[bool] = False
    REGISTRY: ClassVar[dict[str, type["Event"]]] = {}

    def __init_subclass__(
        cls, *, type: str = "", key: str = "", version: int = 1, journal: bool = False, **options: Any
    ) -> None:
        super().__init_subclass__(**options)
        if not type:
            return
        if type in Event.REGISTRY:
            raise TypeError(f"two event classes are called {type}")
        cls.TYPE, cls.KEY, cls.VERSION, cls.JOURNAL = type, key, version, journal
        Event.REGISTRY[type] = cls

    @property
    def partition_key(self) -> str:
        """Id of the aggregate this event is for."""
        return str(getattr(self, self.KEY))


class Sealed(BaseModel, Generic[T]):
    """Free text of a person, on the wire as an object, so that encrypting it later changes no contract.

    `key` names whose key seals it (a person or an aggregate); `alg` is "none" until encryption comes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    key: str
    alg: Literal["none"] = "none"
    value: T


def seal(value: T, key: str) -> Sealed[T]:
    """Seal `value` under the key named `key`."""
    return Sealed(key=key, value=value)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: person id, the role used for this act, department. The engine itself acts in the role `system`."""

    id: str
    role: str
    department: str = ""


SYSTEM = "system"


def system_actor(service: str) -> Actor:
    """The service itself, acting on an event or a deadline."""
    return Actor(id=f"service:{service}", role=SYSTEM)
