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


ENGINE_FACTS: frozenset[type[Event]] = frozenset({CommandRefused, Redriven})
FACT_TYPES = frozenset(kind.TYPE for kind in ENGINE_FACTS)
"""Events of these types are folded by nobody."""
