"""Facts of the engine itself. They go to the journal of the service they happened in and change no aggregate."""

from shared.engine.message import Event


class CommandRefused(Event, type="engine.CommandRefused", key="target_id", journal=True):
    """A command was refused by deadline, role or conflict of interest. Rate-limited per partition."""

    target_id: str
    command: str
    code: str


class Redriven(Event, type="engine.Redriven", key="target_id", journal=True):
    """Parked inputs of a key were tried again in order; `left` still wait, for the `reason` given."""

    target_id: str
    done: int
    left: int
    reason: str


class Rewound(Event, type="engine.Rewound", key="target_id", journal=True):
    """What partition `target_id` of this service had said behind number `to` was sent again, up to `until`."""

    target_id: str
    to: int
    until: int


class Recovered(Event, type="engine.Recovered", key="target_id", journal=True):
    """The store of partition `target_id` had ended at `after`; what it lacked up to `last` came from the topics.

    `commands` of them were answered to somebody. `lost` were known to exist and were in no topic.
    """

    target_id: str
    after: int
    last: int
    commands: int
    lost: int


class Resumed(Event, type="engine.Resumed", key="target_id", journal=True):
    """Partition `target_id` had stopped, `why`, and was told to go on: with so many keys `parked`, `reread` topics."""

    target_id: str
    why: str
    parked: int
    reread: tuple[str, ...]


class Rebuilt(Event, type="engine.Rebuilt", key="target_id", journal=True):
    """The states of partition `target_id` were folded again from its log; `differing` were not what they must be."""

    target_id: str
    states: int
    differing: int


class Repartitioned(Event, type="engine.Repartitioned", key="target_id", journal=True):
    """The deployment had `before` partitions and has `after`; what this source says from here on lies accordingly."""

    target_id: str
    before: int
    after: int


class EvidenceRead(Event, type="engine.EvidenceRead", key="target_id", journal=True):
    """Somebody looked at the content of what partition `target_id` had set aside under `number`."""

    target_id: str
    number: int


ENGINE_FACTS: frozenset[type[Event]] = frozenset(
    {CommandRefused, Redriven, Rewound, Recovered, Resumed, Rebuilt, Repartitioned, EvidenceRead}
)
FACT_TYPES = frozenset(kind.TYPE for kind in ENGINE_FACTS)
"""Events of these types are folded by nobody."""
