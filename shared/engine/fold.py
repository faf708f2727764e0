"""Folding a log: the states that its events add up to."""

from collections.abc import Iterable

from shared.engine.aggregate import Aggregate
from shared.engine.emit import Stored
from shared.engine.envelope import Envelope, decode, event_of
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
        id = envelope.subject.removeprefix(prefix)
        folded = fold_event(aggregate, id, states.get(id), envelope)
        if folded is not None:
            states[id] = folded


def fold_event(aggregate: Aggregate, id: str, before: Stored | None, envelope: Envelope) -> Stored | None:
    """Where the aggregate `id` stands after one of its events; `before` where that only notes a fact of the engine.

    Raises UnknownType or Unfit.
    """
    event = event_of(envelope)
    if type(event) in ENGINE_FACTS:
        return before
    known = before or Stored(aggregate.fresh(id))
    return Stored(aggregate.evolve(known.state, event), envelope.version, known.correlation or envelope.correlation)
