"""The envelope of an event: CloudEvents 1.0, structured JSON, attributes flat strings.

The bytes are the evidence: serialised once, then hashed, stored, published and exported unchanged.
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

import orjson
from pydantic import ValidationError

from shared.engine.message import Actor, Event, wire_time
from shared.engine.upcast import upcast

CONTENT_TYPE = "application/cloudevents+json"
MAX_BYTES = 900_000
"""Largest event; the broker refuses a batch of 1 MiB, and a larger one is a bug in `decide`."""

MAX_SEQUENCE = 2**63 - 1
"""What the store can keep."""

MAX_KEY = 128
"""Characters of a key; the store keeps it in a partition's document while it is parked."""

SOURCE = re.compile(r"[a-z][a-z0-9_-]{0,62}/(0|[1-9][0-9]{0,5})")
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


class Unreadable(ValueError):
    """A record that no relay wrote, or that can't be read at all. The message is the reason."""


class UnknownType(ValueError):
    """An event type that this release does not know."""


class Unfit(ValueError):
    """A known type in a version that is too new, or with data that does not fit."""


@dataclass(slots=True)
class Envelope:
    """The attributes of one event beside its data.

    `source` is a partition of a service ("ideas/3"), `sequence` its number there over both topics, `previous` the
    number sent before it to the same topic and destination, `chain` the SHA-256 of the source's preceding event.
    `subject` is the aggregate that emitted it ("idea/ID") and `version` that aggregate's version after it.
    `cause_index` is "2/3" for the second of three events of one cause.
    """

    source: str
    type: str
    schema_version: int
    subject: str
    time: datetime
    key: str
    sequence: int
    previous: int
    chain: str
    version: int
    correlation: str
    causation: str
    cause_index: str
    actor: Actor
    data: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def id(self) -> str:
        """Source and sequence: a position, unique for ever."""
        return f"{self.source}/{self.sequence}"


def digest_of(value: bytes) -> str:
    """SHA-256 of an event's bytes, in hexadecimal."""
    return hashlib.sha256(value).hexdigest()


def encode(envelope: Envelope, data: bytes | None = None) -> bytes:
    """Serialise. Called once in an event's life. `data` stands for the envelope's own where it is JSON already."""
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": envelope.id,
            "source": envelope.source,
            "type": envelope.type,
            "subject": envelope.subject,
            "time": _stamp(envelope.time),
            "datacontenttype": "application/json",
            "dataschema": f"urn:owlbus:{envelope.type}:{envelope.schema_version}",
            "partitionkey": envelope.key,
            "sequence": str(envelope.sequence),
            "previous": str(envelope.previous),
            "chain": envelope.chain,
            "version": str(envelope.version),
            "correlationid": envelope.correlation,
            "causationid": envelope.causation,
            "causeindex": envelope.cause_index,
            "actorid": envelope.actor.id,
            "actorrole": envelope.actor.role,
            "actordept": envelope.actor.department,
            "data": envelope.data if data is None else orjson.Fragment(data),
        }
    )


@lru_cache(maxsize=16)
def _stamp(moment: datetime) -> str:
    """Recorded time, the same for many events in a row. It comes from a clock, so that equal moments look the same."""
    return wire_time(moment)


def decode(value: bytes) -> Envelope:
    """Read an event's bytes. Raises Unreadable with the reason."""
    if len(value) > MAX_BYTES:
        raise Unreadable(f"{len(value):,} bytes, an event has {MAX_BYTES:,} at most")
    try:
        raw: Any = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"not JSON: {error}") from None
    if not isinstance(raw, dict):
        raise Unreadable("not a JSON object")
    try:
        return _from_attributes(cast(dict[str, Any], raw))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise Unreadable(f"not an event of ours: {type(error).__name__} {error}") from None


def _from_attributes(raw: dict[str, Any]) -> Envelope:
    kinds = list(map(type, raw.values()))
    data: Any = raw["data"]
    if type(data) is not dict or kinds.count(str) != len(kinds) - 1:
        raise TypeError(_of_another_kind(raw))
    source, key = raw["source"], raw["partitionkey"]
    sequence, previous = _number("sequence", raw["sequence"]), _number("previous", raw["previous"])
    if raw["id"] != f"{source}/{raw['sequence']}" or not previous < sequence <= MAX_SEQUENCE:
        raise ValueError("id, previous and sequence do not agree")
    if raw["specversion"] != "1.0":
        raise ValueError("specversion")
    _check_source(source)
    if not 0 < len(key) <= MAX_KEY or "/" in key:
        raise ValueError(f"no key is {key[:MAX_KEY] or 'empty'}")
    return Envelope(
        source,
        raw["type"],
        _schema_version(raw["type"], raw["dataschema"]),
        raw["subject"],
        _moment(raw["time"]),
        key,
        sequence,
        previous,
        raw["chain"],
        _number("version", raw["version"]),
        raw["correlationid"],
        raw["causationid"],
        raw["causeindex"],
        Actor(raw["actorid"], raw["actorrole"], raw["actordept"]),
        cast(dict[str, Any], data),
    )


def _of_another_kind(raw: dict[str, Any]) -> str:
    wrong = (name for name, value in raw.items() if type(value) is not (dict if name == "data" else str))
    name = next(wrong)
    return f"{name[:MAX_KEY]} is a {type(raw[name]).__name__}"


def _number(name: str, text: str) -> int:
    if not NUMBER.fullmatch(text):
        raise ValueError(f"{name} is {text[:MAX_KEY]!r}")
    return int(text)


def _schema_version(type: str, dataschema: str) -> int:
    schema, _, version = dataschema.rpartition(":")
    if schema != f"urn:owlbus:{type}":
        raise ValueError("dataschema")
    return _number("the version in dataschema", version)


# What many events have in common is read once. Only what is well-formed, and therefore short, is remembered.


@lru_cache(maxsize=1_000)
def _check_source(text: str) -> None:
    if not SOURCE.fullmatch(text):
        raise ValueError(f"no source is called {text[:MAX_KEY]}")


@lru_cache(maxsize=1_000)
def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"time {text} has no offset")
    return moment


def event_of(envelope: Envelope) -> Event:
    """The event inside, read at today's version, fields added since ignored.

    Raises UnknownType, or Unfit with the reason.
    """
    kind = Event.REGISTRY.get(envelope.type)
    if kind is None:
        raise UnknownType(f"unknown type {envelope.type}")
    if envelope.schema_version > kind.VERSION:
        raise Unfit(f"{envelope.type} has version {envelope.schema_version}, known up to {kind.VERSION}")
    try:
        data = upcast(envelope.type, envelope.schema_version, kind.VERSION, envelope.data)
        return kind.model_validate(data, extra="ignore")
    except ValidationError as error:
        where = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise Unfit(f"{envelope.type} does not fit: {where}") from None
    except KeyError as error:
        raise Unfit(f"{envelope.type} has no upcaster for {error}") from None
    except Exception as error:
        # An upcaster or a validator may raise anything on data that it was not made for.
        raise Unfit(f"{envelope.type} can't be read: {type(error).__name__}: {error}") from error
