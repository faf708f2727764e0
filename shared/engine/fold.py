"""Folding a log: the states that its events add up to."""

from collections.abc import Iterable

from shared.engine.aggregate import Aggregate
from shared.engine.emit import Stored
from shared.engine.envelope import Envelope, decode, event_of
from shared.engine.facts import FACT_TYPES


def fold_values(aggregate: Aggregate, values: Iterable[bytes], states: dict[str, Stored]) -> None:
    """Fold the events that `aggregate` emitted, in order, into `states` by id.

    `values` may hold other aggregates' events; they are passed over. Raises UnknownType or Unfit for an own event that
    this release can't read.
    """
    prefix = f"{aggregate.name}/"
    for value in values:
        envelope = decode(value)
        if envelope.subject.startswith(prefix) and envelope.type not in FACT_TYPES:
            id = envelope.subject.removeprefix(prefix)
            states[id] = fold_event(aggregate, id, states.get(id), envelope)


def fold_event(aggregate: Aggregate, id: str, before: Stored | None, envelope: Envelope) -> Stored:
    """Where the aggregate `id` stands after one of its events, which is no fact of the engine.

    Raises UnknownType or Unfit.
    """
    known = before or Stored(aggregate.fresh(id))
    state = aggregate.evolve(known.state, event_of(envelope))
    return Stored(state, envelope.version, known.correlation or envelope.correlation)
