"""Emitting: events decided on become entries of the log, numbered, chained and addressed.

Pure. Invariant: the entries of a source have consecutive sequences, each is chained to the bytes before it and names
the sequence that went before it to the same topic and destination.

What is made for every single event is never changed, but not frozen either: a frozen dataclass takes many times as long
to make.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Self

from pydantic_core import to_json

from shared.engine.aggregate import Aggregate, State, key_of
from shared.engine.envelope import CONTENT_TYPE, MAX_BYTES, Envelope, digest_of, encode
from shared.engine.message import Actor, DeadlineReached, Event, Message
from shared.engine.partition import Partition, partition_of


class Bug(Exception):
    """A decision or fold that broke a rule of the engine; the message says which."""


class TooLarge(Bug):
    """An event over the limit. Where a person's command asks for it, it is the command that says too much."""


@dataclass(slots=True)
class Stored:
    """A state with its version (events so far) and the correlation of its first event."""

    state: State
    version: int = 0
    correlation: str = ""


@dataclass(slots=True)
class Entry:
    """One event on its way out: bytes as they are for ever, and where they go (`topic`, partition `destination`)."""

    sequence: int
    value: bytes
    topic: str
    destination: int
    key: str
    subject: str
    headers: tuple[tuple[str, bytes], ...]


@dataclass(slots=True)
class Cause:
    """Why events happen: id, correlation, who acts, when, and the trace to go on with."""

    id: str
    correlation: str
    actor: Actor
    time: datetime
    traceparent: str = ""


@dataclass(slots=True)
class Step:
    """One aggregate's part in an input: where it stood, the events it emitted, and where it stands after each."""

    aggregate: Aggregate
    id: str
    before: Stored
    events: tuple[Event, ...]
    after: tuple[Stored, ...]


@dataclass(slots=True)
class Tip:
    """The end of the log while an input is being planned."""

    sequence: int
    chain: str
    sent: dict[str, int]

    @classmethod
    def of(cls, partition: Partition) -> Self:
        """Where the partition's log ends now."""
        return cls(partition.sequence, partition.chain, dict(partition.sent))


def topic_of(service: str, kind: type[Event]) -> str:
    """The topic that `service` publishes events of this class to."""
    return f"{service}.journal" if kind.JOURNAL else f"{service}.events"


def fold_step(kind: Aggregate, before: Stored, events: Sequence[Event], cause: Cause) -> tuple[Stored, ...]:
    """Where the aggregate stands after each of the events."""
    folded: list[Stored] = []
    state, version = before.state, before.version
    correlation = before.correlation or cause.correlation
    for event in events:
        state, version = kind.evolve(state, event), version + 1
        folded.append(Stored(state, version, correlation))
    return tuple(folded)


def check_deadline_moved(message: Message, step: Step) -> None:
    """Raise Bug where a decision on a deadline left it where it was."""
    if not isinstance(message, DeadlineReached):
        return
    after = step.after[-1] if step.after else step.before
    if after.state.deadlines.get(message.name) == message.due:
        raise Bug(f"{step.aggregate.name} left its deadline {message.name} where it was")


def write_steps(source: str, count: int, tip: Tip, steps: Sequence[Step], cause: Cause) -> list[Entry]:
    """All events of one cause as entries, in order; `tip` moves along. Raises TooLarge."""
    total = sum(len(step.events) for step in steps)
    entries: list[Entry] = []
    for step in steps:
        for event, after in zip(step.events, step.after, strict=True):
            index = f"{len(entries) + 1}/{total}"
            entries.append(
                write_entry(source, count, tip, f"{step.aggregate.name}/{step.id}", after.version, event, cause, index)
            )
    return entries


def write_entry(
    source: str, count: int, tip: Tip, subject: str, version: int, event: Event, cause: Cause, index: str
) -> Entry:
    """One event as an entry of `source`'s log; `tip` moves along. Raises TooLarge."""
    topic = topic_of(source.partition("/")[0], type(event))
    key = key_of(event.partition_key)
    destination = partition_of(key, count)
    channel = f"{topic}|{destination}"
    envelope = Envelope(
        source=source,
        type=event.TYPE,
        schema_version=event.VERSION,
        subject=subject,
        time=cause.time,
        key=key,
        sequence=tip.sequence + 1,
        previous=tip.sent.get(channel, 0),
        chain=tip.chain,
        version=version,
        correlation=cause.correlation,
        causation=cause.id,
        cause_index=index,
        actor=cause.actor,
    )
    value = encode(envelope, to_json(event))
    if len(value) > MAX_BYTES:
        raise TooLarge(f"{event.TYPE} of {len(value)} bytes")
    tip.sequence, tip.chain = envelope.sequence, digest_of(value)
    tip.sent[channel] = envelope.sequence
    return Entry(
        envelope.sequence,
        value,
        topic,
        destination,
        envelope.key,
        subject,
        _headers(envelope, cause.traceparent),
    )


def _headers(envelope: Envelope, traceparent: str) -> tuple[tuple[str, bytes], ...]:
    headers = (
        *_common_headers(envelope.source, envelope.type),
        ("ce_id", envelope.id.encode()),
        ("ce_subject", envelope.subject.encode()),
    )
    if traceparent:
        return (*headers, ("traceparent", _child_span(traceparent, envelope.id).encode()))
    return headers


@cache
def _common_headers(source: str, type: str) -> tuple[tuple[str, bytes], ...]:
    return (
        ("content-type", CONTENT_TYPE.encode()),
        ("ce_specversion", b"1.0"),
        ("ce_source", source.encode()),
        ("ce_type", type.encode()),
    )


def _child_span(traceparent: str, event_id: str) -> str:
    """The same trace, with a span id that derives from the event (W3C Trace Context, section 3.2)."""
    version, trace, _, flags = traceparent.split("-", 3)
    return f"{version}-{trace}-{hashlib.sha256(event_id.encode()).hexdigest()[:16]}-{flags}"
