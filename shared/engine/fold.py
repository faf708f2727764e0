"""Folding a log: the states that its events add up to."""

from collections.abc import Iterable

from shared.engine.aggregate import Aggregate
from shared.engine.emit import Stored
from shared.engine.envelope import decode, event_of
from shared.engine.facts import ENGINE_FACTS


def fold_values(aggregate: Aggregate, values: Iterable[bytes], states: dict[str, Stored]) -> None:
    """Fold the events that `aggregate` emitted, in order, into `states` by id.

    `values` may hold other aggregates' events; they are passed over. Raises UnknownType or Unfit for an own event that
    this release can't read.
    """
    prefix = f"{aggregate.name}/"
    for value in values:
        envelope = decode(value)
        if not envelope.subject.startswith(prefix):
            continue
        event = event_of(envelope)
        if type(event) in ENGINE_FACTS:
            continue
        id = envelope.subject.removeprefix(prefix)
        before = states.get(id) or Stored(aggregate.fresh(id))
        state = aggregate.evolve(before.state, event)
        states[id] = Stored(state, envelope.version, before.correlation or envelope.correlation)
