"""Records that are wrong in one way each, made from the bytes of an event that is right."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from shared.engine.aggregate import Deciders
from shared.engine.emit import Entry
from shared.engine.partition import Partition, partition_of
from tests.support.counter import Add, deciders
from tests.support.raw import OddName, Raw
from tests.support.world import World, call

PARTITIONS = 12
HOME = 5
TRACE = b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"


def key_at(number: int, prefix: str) -> str:
    """A key of a deployment of twelve that lives in this partition."""
    return next(key for i in range(10_000) if partition_of(key := f"{prefix}-{i}", PARTITIONS) == number)


GOOD, ELSEWHERE = key_at(HOME, "good"), key_at(HOME + 1, "elsewhere")


class Source:
    """Partition `number` of the made-up service, as far as `HOME` hears of it."""

    def __init__(self, number: int, known: Deciders | None = None) -> None:
        self.number = number
        self._world = World(known or deciders(), Partition(number, PARTITIONS))
        self._key = key_at(number, "counter")

    def tell(self, tag: str, tally: str = GOOD) -> Entry:
        """The next event for a tally."""
        self._world.give(call(Add(amount=1, tag=tag, tally=tally), self._key, wish=f"{self.number}-{tag}"))
        return self._world.log[-1]


def changed(value: bytes, **attributes: Any) -> bytes:
    """The event with other attributes; None takes one away, a dict changes fields of its data."""
    raw = orjson.loads(value)
    for name, new in attributes.items():
        if new is None:
            del raw[name]
        elif isinstance(new, dict):
            raw[name] |= new
        else:
            raw[name] = new
    return orjson.dumps(raw)


@dataclass(frozen=True)
class Bad:
    """One way to be wrong, and how it ends: the kind it is held as ("" where it takes effect) and part of the reason.

    What comes `instead` of an event has its place in the source's sequence; all else is a stranger between two events.
    """

    name: str
    make: Callable[[bytes], Raw]
    kind: str
    says: str = ""
    instead: bool = False


def _bytes(name: str, value: bytes | None, says: str) -> Bad:
    return Bad(name, lambda _: Raw(value), "unreadable", says)


def _attribute(name: str, says: str, **attributes: Any) -> Bad:
    return Bad(name, lambda value: Raw(changed(value, **attributes)), "unreadable", says)


def _instead(name: str, kind: str, says: str, **attributes: Any) -> Bad:
    return Bad(name, lambda value: Raw(changed(value, **attributes)), kind, says, instead=True)


def _source(name: str, says: str, source: str) -> Bad:
    def make(value: bytes) -> Raw:
        return Raw(changed(value, source=source, id=f"{source}/{orjson.loads(value)['sequence']}"))

    return Bad(name, make, "unreadable", says)


def _headers(name: str, *headers: tuple[str, bytes | None]) -> Bad:
    return Bad(name, lambda value: Raw(value, headers=headers), "", instead=True)


VALUES = (
    _bytes("tombstone", None, "no value"),
    _bytes("empty", b"", "an empty value"),
    _bytes("not UTF-8", b'{"id": "\xff\xfe"}', "not JSON"),
    _bytes("not JSON", b"<event/>", "not JSON"),
    _bytes("cut short", b'{"id": "test/7/1", "sour', "not JSON"),
    _bytes("a list", b"[1, 2]", "not a JSON object"),
    _bytes("a number", b"7", "not a JSON object"),
    _bytes("null", b"null", "not a JSON object"),
    _bytes("another shape", b'{"specversion": "1.0", "hello": "world"}', "not an event of ours"),
    _bytes("nested too deep", b'{"data":' * 3_000 + b"1" + b"}" * 3_000, "not JSON"),
    _bytes("half a character", b'{"id": "\\ud800"}', "not JSON"),
    _bytes("not a number", b'{"id": NaN}', "not JSON"),
    _bytes("two megabytes", b"x" * 2_000_000, "2,000,000 bytes"),
    _bytes("two megabytes more", b"y" * 2_000_000, "2,000,000 bytes"),
    _bytes("two megabytes again", b"z" * 2_000_000, "2,000,000 bytes"),
    _bytes("more than the database stores", b"x" * 20_000_000, "20,000,000 bytes"),
    Bad("two megabytes of an event", lambda v: Raw(changed(v, data={"tag": "x" * 2_000_000})), "unreadable", "SHA-256"),
    Bad("no library opens it", lambda value: Raw(value, lz4=True), "unreadable", "lz4"),
)
ATTRIBUTES = (
    _attribute("sequence negative", "sequence is '-1'", sequence="-1"),
    _attribute("sequence no number", "sequence is 'many'", sequence="many"),
    _attribute("sequence of other digits", "sequence is", sequence="١", id="test/7/١"),
    _attribute("sequence huge", "sequence is", sequence=str(10**40)),
    _attribute("sequence over the limit", "do not agree", sequence=str(2**63), id=f"test/7/{2**63}"),
    _attribute("sequence a number", "sequence is a int", sequence=3),
    _attribute("sequence is not the id's", "do not agree", sequence="999"),
    _attribute("previous behind it", "do not agree", previous="900000"),
    _attribute("previous with a sign", "previous is '+0'", previous="+0"),
    _attribute("version no number", "version is '1.5'", version="1.5"),
    _attribute("no source", "source", source=None),
    _source("source of no service", "no source is called", "seven"),
    _source("source of another service", "ideas/7 does not write to test.events", "ideas/7"),
    _source("source out of range", "test/12 does not write to test.events", "test/12"),
    _attribute("time no date", "isoformat", time="yesterday"),
    _attribute("time without offset", "has no offset", time="2025-03-03T03:00:00"),
    _attribute("key of another partition", "lives in partition", partitionkey=ELSEWHERE, data={"tally_id": ELSEWHERE}),
    _attribute("no key", "no key is empty", partitionkey=""),
    _attribute("a long key", "no key is", partitionkey="k" * 5_000),
    _attribute("data no object", "data is a list", data=[1]),
    _attribute("an extension of another type", "priority is a int", priority=1),
    _attribute("schema of another type", "dataschema", dataschema="urn:owlbus:test.Other:1"),
    _attribute("key of other data", "its tally_id is", partitionkey=key_at(HOME, "other")),
    Bad("key of another record", lambda value: Raw(value, b"another"), "unreadable", "the record's key is b'another'"),
    Bad("key not UTF-8", lambda value: Raw(value, b"\xff\xfe"), "unreadable", "the record's key is"),
)
HEADERS = (
    _headers("name no text", (OddName("x"), b"1")),
    _headers("value no text", ("ce_type", b"\xff\xfe")),
    _headers("value none", ("ce_id", None), ("traceparent", None)),
    _headers("name empty or odd", ("", b""), ("\x00\n올빼미", b"1"), ("ce_id", b"1"), ("ce_id", b"2")),
    _headers("five thousand", *((f"h{i}", b"x") for i in range(5_000))),
    _headers("trace broken", ("traceparent", b"00-xyz"), ("traceparent", TRACE[:-1])),
    _headers("trace behind a broken one", ("traceparent", b"\xff"), ("traceparent", TRACE)),
    _headers("another content type", ("content-type", b"text/plain"), ("content-encoding", b"gzip")),
)
EVENTS = (
    _instead(
        "unknown type",
        "unknown_type",
        "unknown type test.Nuted",
        type="test.Nuted",
        dataschema="urn:owlbus:test.Nuted:1",
    ),
    _instead("newer version", "unfit", "has version 2, known up to 1", dataschema="urn:owlbus:test.Noted:2"),
    _instead("data does not fit", "unfit", "amount: Input should be a valid integer", data={"amount": "many"}),
    _instead("decider fails", "bug", "an unlucky number", data={"amount": 13}),
    Bad(
        "a number over 64 bits",
        lambda value: Raw(value.replace(b'"amount":1,', b'"amount":%d,' % 10**30)),
        "unfit",
        "amount: ",
        instead=True,
    ),
    _instead("a number that can't be stored", "bug", "can't be stored", data={"amount": 2**63}),
)
EVERY = (*VALUES, *ATTRIBUTES, *HEADERS, *EVENTS)
