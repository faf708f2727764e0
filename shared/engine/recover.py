"""Recovering a partition whose store came back older: what it lacks is read off its own events, bytes unchanged.

Pure. Invariant (tests/property/test_recover.py): after any part of the log's end was lost, recovery and reading the
records again give the same log, states, answers and sequence as if nothing had been lost, and no effect twice.

Own events tell log, states, answered commands and causes. They don't tell which records led to nothing or were set
aside: those are read again from the older offsets. So that what did have effects has them once, its cause is kept as
one that is done with (`event_mark`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared.engine.aggregate import Deciders
from shared.engine.emit import Entry, Stored
from shared.engine.envelope import SOURCE, Envelope, Unreadable, decode, digest_of
from shared.engine.facts import FACT_TYPES
from shared.engine.fold import fold_event
from shared.engine.inputs import Answer, CommandRecord, Held, StateRef, event_mark
from shared.engine.outcome import MAX_PLAN_BYTES, MAX_WRITES, PARKING, Plan
from shared.engine.partition import Partition


class Unrecoverable(Exception):
    """What the topics hold does not continue the store. The message says where and why; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Tail:
    """What the store lacks, in order. `torn` is the cause of the last events where not all of its events are there."""

    entries: tuple[Entry, ...]
    torn: str = ""

    @property
    def commands(self) -> int:
        """How many commands had been answered with what is in it."""
        causes = (decode(entry.value) for entry in self.entries)
        return len({one.causation for one in causes if _is_answer(one)})


def tail_of(partition: Partition, source: str, found: Iterable[Entry]) -> Tail:
    """The events of `source` behind the end of the store's log, among those that its topics hold.

    Raises Unrecoverable where one is missing before another, where two bear one number, or where they belong to
    another history than the store.
    """
    entries: dict[int, Entry] = {}
    for entry in found:
        known = entries.setdefault(entry.sequence, entry)
        if known.value != entry.value:
            raise Unrecoverable(f"two events are called {source}/{entry.sequence}")
    behind = [entries[sequence] for sequence in sorted(entries) if sequence > partition.sequence]
    chain, torn = partition.chain, ""
    for expected, entry in enumerate(behind, partition.sequence + 1):
        envelope = decode(entry.value)
        if entry.sequence != expected:
            raise Unrecoverable(f"{source}/{expected} is in no topic, {source}/{entry.sequence} is")
        if envelope.chain != chain:
            raise Unrecoverable(f"{source}/{expected} does not continue what stands before it: two histories")
        chain, torn = digest_of(entry.value), "" if _ends_its_cause(envelope) else envelope.causation
    return Tail(tuple(behind), torn)


def states_wanted(deciders: Deciders, entries: Iterable[Entry]) -> set[StateRef]:
    """The states that must be at hand before `entries` can be recovered."""
    return {ref for entry in entries if (ref := _emitter(deciders, entry.subject)) is not None}


def recover(
    deciders: Deciders,
    partition: Partition,
    states: Mapping[StateRef, Stored | None],
    held: Sequence[Held],
    entries: Sequence[Entry],
    ends: Mapping[str, int],
    *,
    max_writes: int = MAX_WRITES,
    max_bytes: int = MAX_PLAN_BYTES,
) -> Plan:
    """What is to be written for the first `consumed` of a tail's `entries`, whole causes at a time.

    `held` is all that the partition has set aside, `ends` where the topics that it reads end now.
    """
    work = _Recovery(deciders, partition.copy(), states, held)
    for index, entry in enumerate(entries):
        ended = work.take(entry)
        work.plan.consumed = index + 1
        if ended and (work.plan.writes >= max_writes or work.plan.size >= max_bytes):
            break
    work.settle(ends)
    return work.plan


class _Recovery:
    def __init__(
        self,
        deciders: Deciders,
        partition: Partition,
        states: Mapping[StateRef, Stored | None],
        held: Sequence[Held],
    ) -> None:
        self.deciders = deciders
        self.partition = partition
        self.loaded = states
        self.held = {one.number: one for one in held}
        self.numbers = {cause: one.number for one in held for cause in _causes_of(one)}
        self.causes: dict[str, None] = {}
        self.answers: dict[str, CommandRecord] = {}
        self.plan = Plan(partition)

    def take(self, entry: Entry) -> bool:
        """Take one event; whether its cause ends with it."""
        envelope = decode(entry.value)
        partition = self.partition
        partition.sequence, partition.chain = envelope.sequence, digest_of(entry.value)
        partition.sent[f"{entry.topic}|{entry.destination}"] = envelope.sequence
        partition.time = max(partition.time, envelope.time)
        self.plan.entries.append(entry)
        self.plan.size += len(entry.value)
        ref = None if envelope.type in FACT_TYPES else _emitter(self.deciders, entry.subject)
        if ref is not None:
            self._fold(ref, envelope)
        if ref is not None and _is_answer(envelope):
            self.answers[envelope.causation] = self._answer(envelope, ref)
        self.causes[envelope.causation] = None
        return _ends_its_cause(envelope)

    def settle(self, ends: Mapping[str, int]) -> None:
        """What follows from all that was taken: what is done with, what is parked no longer, how far records are known.

        A topic is known as far as it reaches now: what lies below may have been read before the store came back.
        """
        self.plan.commands.extend(self.answers.values())
        for cause in self.causes:
            self._is_done(cause)
        partition = self.partition
        waiting = {one.key for one in self.held.values() if one.kind in PARKING or one.kind == "waiting"}
        partition.parked = {key: reason for key, reason in partition.parked.items() if key in waiting}
        for topic, end in ends.items():
            if end > partition.offsets.get(topic, 0):
                partition.recovering[topic] = max(end, partition.recovering.get(topic, 0))

    def _fold(self, ref: StateRef, envelope: Envelope) -> None:
        kind = self.deciders.by_name[ref[0]]
        before = self.plan.states.get(ref) or self.loaded.get(ref)
        if before is None:
            self.plan.created.add(ref)
        self.plan.states[ref] = fold_event(kind, ref[1], before, envelope)

    def _answer(self, envelope: Envelope, ref: StateRef) -> CommandRecord:
        stored = self.plan.states[ref]
        body = stored.state.visible_to(envelope.actor)
        answer = Answer(subject=f"{ref[0]}/{ref[1]}", version=stored.version, body=body)
        return CommandRecord(envelope.causation.partition("/")[2], "", answer)

    def _is_done(self, cause: str) -> None:
        """Keep that a cause had its effects, and that it is set aside no longer."""
        if _is_event(cause):
            self.plan.commands.append(CommandRecord(event_mark(cause), "", Answer()))
        if cause.startswith("deadline/"):
            cause = cause.rpartition("/")[0]
        number = self.numbers.get(cause)
        if number in self.held:
            del self.held[number]
            self.plan.released.append(number)


def whole(entries: Sequence[Entry], most: int) -> Sequence[Entry]:
    """The first `most` entries and as many more as belong to the cause of the last of them."""
    end = min(most, len(entries))
    while 0 < end < len(entries) and not _ends_its_cause(decode(entries[end - 1].value)):
        end += 1
    return entries[:end]


def _emitter(deciders: Deciders, subject: str) -> StateRef | None:
    """The aggregate that emitted an event; None for a fact of the engine about something else."""
    name, _, id = subject.partition("/")
    return (name, id) if name in deciders.by_name else None


def _ends_its_cause(envelope: Envelope) -> bool:
    index, _, total = envelope.cause_index.partition("/")
    return index == total


def _is_answer(envelope: Envelope) -> bool:
    """Whether a command was accepted with it; that one was refused is a fact of the engine."""
    return envelope.causation.startswith("command/") and envelope.type not in FACT_TYPES


def _is_event(cause: str) -> bool:
    source, _, number = cause.rpartition("/")
    return number.isdigit() and SOURCE.fullmatch(source) is not None


def _causes_of(held: Held) -> Iterable[str]:
    """What events that followed from something set aside would name as their cause."""
    if not held.topic:
        return (f"deadline/{held.ref[0]}/{held.ref[1]}",)
    try:
        return (decode(held.value).id,)
    except Unreadable:
        return ()
