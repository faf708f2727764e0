"""Folding a service's events straight from its topics, each source in the order of its log.

Pure. The two topics of a service are read side by side; an event whose predecessor has not come yet waits for it, so
that memory holds the states and what one topic is ahead of the other. Where N grew, another source goes on with an
aggregate: its versions say what comes before what.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from shared.engine.aggregate import Aggregate, key_of
from shared.engine.emit import Stored
from shared.engine.envelope import Envelope, Unreadable, decode, digest_of
from shared.engine.facts import FACT_TYPES
from shared.engine.fold import fold_event
from shared.engine.inputs import StateRef
from shared.engine.partition import GENESIS, partition_of
from shared.runtime.kafka.records import Record


@dataclass(frozen=True, slots=True)
class Folded:
    """A state that events add up to, and the partition that it lives in."""

    partition: int
    stored: Stored


@dataclass(slots=True)
class Line:
    """How far one source is folded: number and hash of its last event; `ahead` is what can't be folded yet."""

    sequence: int = 0
    digest: str = GENESIS
    ahead: dict[int, tuple[Envelope, str]] = field(default_factory=dict[int, tuple[Envelope, str]])


class ServiceFold:
    """The states of one service that has `partitions` today.

    `stepped` is told of each source and number as it is folded, `changed` of each state as it changes. What can't be
    folded is in `unfoldable` by aggregate, with the reason; its state is left out of `states`. `early` are events, by
    version, of aggregates whose earlier ones another source has and that have not come yet.
    """

    def __init__(self, service: str, aggregates: Iterable[Aggregate], partitions: int) -> None:
        self.states: dict[StateRef, Folded] = {}
        self.lines: dict[int, Line] = {}
        self.unfoldable: dict[StateRef, str] = {}
        self.events = 0
        self.most_ahead = 0
        self.stepped: Callable[[int, Line], None] = lambda number, line: None
        self.changed: Callable[[StateRef, Folded], None] = lambda ref, folded: None
        self._service = service
        self._aggregates = {aggregate.name: aggregate for aggregate in aggregates}
        self.early: dict[StateRef, dict[int, Envelope]] = {}
        self._partitions = partitions
        self._ahead = 0

    def add(self, record: Record) -> None:
        """Take one record. What is no event of this service is passed over: to find it is the check's business."""
        value = record.value or b""
        try:
            envelope = decode(value)
        except Unreadable:
            return
        service, _, number = envelope.source.rpartition("/")
        if service != self._service:
            return
        line = self.lines.setdefault(int(number), Line())
        if envelope.sequence <= line.sequence or envelope.sequence in line.ahead:
            return
        line.ahead[envelope.sequence] = (envelope, digest_of(value))
        self._ahead += 1
        self.most_ahead = max(self.most_ahead, self._ahead)
        while (after := line.ahead.pop(line.sequence + 1, None)) is not None:
            self._ahead -= 1
            self._step(int(number), line, *after)

    def _step(self, number: int, line: Line, envelope: Envelope, digest: str) -> None:
        self.events += 1
        line.sequence, line.digest = envelope.sequence, digest
        self._take(envelope)
        self.stepped(number, line)

    def _take(self, envelope: Envelope) -> None:
        name, _, id = envelope.subject.partition("/")
        ref = (name, id)
        if envelope.type in FACT_TYPES:
            return
        if ref not in self.unfoldable and envelope.version > self._version(ref) + 1:
            self.early.setdefault(ref, {})[envelope.version] = envelope
            return
        self._fold(ref, envelope)
        waiting = self.early.get(ref, {})
        while (following := waiting.pop(self._version(ref) + 1, None)) is not None:
            self._fold(ref, following)
        if not waiting:
            self.early.pop(ref, None)

    def _version(self, ref: StateRef) -> int:
        known = self.states.get(ref)
        return known.stored.version if known else 0

    def _fold(self, ref: StateRef, envelope: Envelope) -> None:
        if ref in self.unfoldable:
            return
        name, id = ref
        before = self.states.get(ref)
        try:
            after = fold_event(self._aggregates[name], id, before.stored if before else None, envelope)
        except Exception as error:
            # An `evolve` that is given what no decision made may raise anything.
            self.unfoldable[ref] = f"{envelope.id}: {type(error).__name__} {error}"
            self.states.pop(ref, None)
            return
        folded = self.states[ref] = Folded(partition_of(key_of(id), self._partitions), after)
        self.changed(ref, folded)
