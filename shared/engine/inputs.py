"""What a partition is given to decide on: records from Kafka, calls from HTTP, due deadlines, redrives, repairs."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.engine.aggregate import Aggregate, Deciders, key_of
from shared.engine.envelope import MAX_BYTES, Envelope, Unfit, UnknownType, Unreadable, decode, digest_of, event_of
from shared.engine.message import Actor, Command, Event
from shared.engine.partition import Partition

StateRef = tuple[str, str]
"""Name and id of an aggregate."""

KEPT_BYTES = 65_536
"""So much is kept of a record that is too large to be an event. The whole of it stays in Kafka."""


@dataclass(slots=True)
class Record:
    """One Kafka record, already read as far as it can be.

    `fault` is the kind of what is wrong with it ("unreadable", "unknown_type", "unfit", "bug") and `reason` says it in
    words. `envelope` is None where it is unreadable, `event` also where nobody here decides on its type. `value` is
    what is kept of its bytes, `digest` that of all of them. `jump` allows a hole in the offsets that Kafka confirmed.
    """

    topic: str
    offset: int
    value: bytes
    time: datetime
    digest: str = ""
    envelope: Envelope | None = None
    event: Event | None = None
    fault: str = ""
    reason: str = ""
    traceparent: str = ""
    jump: bool = False


def read_record(
    deciders: Deciders,
    topic: str,
    offset: int,
    value: bytes | None,
    time: datetime,
    traceparent: str = "",
    jump: bool = False,
    key: bytes | None = None,
) -> Record:
    """Read a record's bytes. Never raises: what is wrong with it is part of the answer.

    `key` is the record's own, for which a relay writes the event's partition key; None where it has none.
    """
    envelope: Envelope | None = None
    event: Event | None = None
    fault = reason = ""
    kept, digest = value or b"", digest_of(value or b"")
    try:
        envelope = _envelope_of(value, key)
        event = _event_of(deciders, envelope)
    except Unreadable as error:
        envelope, fault, reason = None, "unreadable", str(error)
    except UnknownType as error:
        fault, reason = "unknown_type", str(error)
    except Unfit as error:
        fault, reason = "unfit", str(error)
    if len(kept) > MAX_BYTES:
        kept, reason = kept[:KEPT_BYTES], f"{reason}; SHA-256 {digest}; the first {KEPT_BYTES:,} bytes are kept here"
    return Record(topic, offset, kept, time, digest, envelope, event, fault, reason, traceparent, jump)


def unread_record(topic: str, offset: int, time: datetime, reason: str, jump: bool = False) -> Record:
    """A record of which no byte can be reached, for this `reason`."""
    return Record(topic, offset, b"", time, digest_of(b""), fault="unreadable", reason=reason, jump=jump)


def _envelope_of(value: bytes | None, key: bytes | None) -> Envelope:
    if not value:
        raise Unreadable("no value (a tombstone)" if value is None else "an empty value")
    envelope = decode(value)
    if key is not None and key != envelope.key.encode():
        raise Unreadable(f"the record's key is {key[:200]!r}, the event's is {envelope.key}")
    return envelope


def _event_of(deciders: Deciders, envelope: Envelope) -> Event | None:
    kind = Event.REGISTRY.get(envelope.type)
    if kind is not None and not deciders.takers(kind):
        return None
    event = event_of(envelope)
    if key_of(event.partition_key) != envelope.key:
        raise Unreadable(f"its partitionkey is {envelope.key}, its {event.KEY} is {event.partition_key}")
    return event


@dataclass(frozen=True, slots=True)
class Call:
    """One command on one aggregate.

    `command_id` identifies the wish across retries, `fingerprint` its content. `expected_version` is what `If-Match`
    asked for. `correlation` ties everything that follows to it.
    """

    command_id: str
    fingerprint: str
    aggregate: Aggregate
    id: str
    command: Command
    actor: Actor
    time: datetime
    expected_version: int | None = None
    correlation: str = ""
    traceparent: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """Deadlines of one aggregate may have passed. A `reason` says why they are to be set aside and not tried."""

    aggregate: Aggregate
    id: str
    time: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """Something set aside, with its reason. `number` gives the order within the partition.

    A deadline that could not be decided has no topic; `ref` then says whose it is. `kind` is "unreadable",
    "unknown_type", "unfit", "bug" or, behind another one of the same key, "waiting". `origin` is the partition and
    number under which it was set aside, where it was moved since because N grew.
    """

    number: int
    key: str
    kind: str
    reason: str
    time: datetime
    topic: str = ""
    offset: int = -1
    value: bytes = b""
    traceparent: str = ""
    ref: StateRef = ("", "")
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Redrive:
    """Try again, in order, what is held for a parked key; not `complete` where the store holds more of it."""

    key: str
    actor: Actor
    time: datetime
    held: tuple[Held, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Repair:
    """What an operator does to the partition itself, or did; `fact` tells of it.

    `reread` names topics to be read from their beginning again, `tolerate` accepts the keys that are parked now.
    """

    fact: Event
    actor: Actor
    time: datetime
    reread: tuple[str, ...] = ()
    tolerate: bool = False


Input = Record | Call | Due | Redrive | Repair


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call gets: `code` is empty where it was accepted, else the stable code of the refusal with its `facts`.

    `repeated` says that an earlier call of the same command was given it.
    """

    code: str = ""
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    subject: str = ""
    version: int = 0
    body: dict[str, Any] = field(default_factory=dict[str, Any])
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """The stored first answer of a command. Without a fingerprint what it said is not known, only what it did.

    After a recovery an event that had its effects already stands here too, as `event_mark` names it.
    """

    command_id: str
    fingerprint: str
    answer: Answer


def event_mark(event_id: str) -> str:
    """The id under which it is kept that an event had its effects."""
    return f"event/{event_id}"


def wanted(deciders: Deciders, item: Input) -> set[StateRef]:
    """The states that must be at hand before `item` can be planned."""
    match item:
        case Record(event=event):
            return set() if event is None else _targets(deciders, event)
        case Call(aggregate=aggregate, id=id) | Due(aggregate=aggregate, id=id):
            return _with_reads(aggregate, id)
        case Repair():
            return set()
        case Redrive(held=held):
            refs: set[StateRef] = set()
            for one in held:
                refs |= wanted(deciders, revive(deciders, one, item.time))
            return refs


def answers_wanted(partition: Partition, item: Input) -> tuple[str, ...]:
    """Under which ids it may be stored that `item` had its effects already."""
    match item:
        case Call(command_id=command_id):
            return (command_id,)
        case Record(envelope=envelope) if envelope is not None and item.topic in partition.recovering:
            return (event_mark(envelope.id),)
        case _:
            return ()


def hold(item: Record | Due, number: int, key: str, kind: str, reason: str, time: datetime) -> Held:
    """An input as it is set aside."""
    if isinstance(item, Due):
        return Held(number, key, kind, reason, time, ref=(item.aggregate.name, item.id))
    return Held(number, key, kind, reason, time, item.topic, item.offset, item.value, item.traceparent)


def revive(deciders: Deciders, held: Held, time: datetime) -> Record | Due:
    """What was set aside, as the input it was."""
    if not held.topic:
        return Due(deciders.by_name[held.ref[0]], held.ref[1], time)
    return read_record(deciders, held.topic, held.offset, held.value, time, held.traceparent)


def _targets(deciders: Deciders, event: Event) -> set[StateRef]:
    refs: set[StateRef] = set()
    for kind in deciders.takers(type(event)):
        refs |= _with_reads(kind, kind.id_of(event))
    return refs


def _with_reads(aggregate: Aggregate, id: str) -> set[StateRef]:
    return {(aggregate.name, id)} | {(read.name, key_of(id)) for read in aggregate.reads}
