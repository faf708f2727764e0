"""Events on the wire, and chains over them."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage as CloudKafkaMessage
from cloudevents.core.bindings.kafka import from_structured_event
from cloudevents.core.formats.json import JSONFormat

from shared.engine.chain import ChainCheck
from shared.engine.envelope import Envelope, UnknownType, Unreadable, decode, encode, event_of
from shared.engine.message import Actor
from shared.engine.upcast import upcast, upcaster
from tests.support.counter import Add, Added, deciders
from tests.support.world import World, call, world


def _entries(count: int = 3) -> World:
    own = world(deciders())
    for i in range(count):
        own.give(call(Add(amount=i), f"k{i % 2}", wish=f"w{i}"))
    return own


def test_what_is_encoded_reads_back_the_same() -> None:
    entry = _entries(1).log[0]
    envelope = decode(entry.value)
    assert encode(envelope) == entry.value
    assert event_of(envelope) == Added(counter_id="k0", amount=0)
    assert (envelope.id, envelope.subject, envelope.version) == ("test/0/1", "counter/k0", 1)


def test_every_attribute_is_a_flat_lower_case_string() -> None:
    raw: dict[str, Any] = orjson.loads(_entries(1).log[0].value)
    attributes = {name: value for name, value in raw.items() if name != "data"}
    assert all(isinstance(value, str) and name.islower() and name.isalnum() for name, value in attributes.items())


def test_fields_added_later_are_ignored_by_a_reader() -> None:
    raw: dict[str, Any] = orjson.loads(_entries(1).log[0].value)
    raw["data"]["later"] = 1
    assert event_of(decode(orjson.dumps(raw))) == Added(counter_id="k0", amount=0)


@pytest.mark.parametrize("missing", ["id", "source", "sequence", "previous", "chain", "data", "partitionkey", "time"])
def test_an_event_without_an_attribute_is_unreadable(missing: str) -> None:
    raw: dict[str, Any] = orjson.loads(_entries(1).log[0].value)
    del raw[missing]
    with pytest.raises(Unreadable):
        decode(orjson.dumps(raw))


@pytest.mark.parametrize(
    ("name", "value"),
    [("partitionkey", []), ("type", ["x"]), ("actorid", 1), ("sequence", 1), ("data", []), ("sequence", str(10**20))],
)
def test_an_event_with_an_attribute_of_another_kind_is_unreadable(name: str, value: object) -> None:
    raw: dict[str, Any] = orjson.loads(_entries(1).log[0].value)
    raw[name] = value
    raw["id"] = f"{raw['source']}/{raw['sequence']}"
    raw["dataschema"] = f"urn:owlbus:{raw['type']}:1"
    with pytest.raises(Unreadable):
        decode(orjson.dumps(raw))


def test_the_cloudevents_library_reads_it() -> None:
    entry = _entries(1).log[0]
    message = CloudKafkaMessage(dict(entry.headers), entry.key.encode(), entry.value)
    event = from_structured_event(message, JSONFormat())
    assert (event.get_id(), event.get_source(), event.get_type()) == ("test/0/1", "test/0", "test.Added")
    assert event.get_extension("sequence") == "1"


def test_an_old_version_is_read_as_todays() -> None:
    @upcaster("test.Upcast", 1)
    def _amount(data: dict[str, Any]) -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        return {**data, "amount": int(data["amount"])}

    assert upcast("test.Upcast", 1, 2, {"amount": "3"}) == {"amount": 3}
    with pytest.raises(KeyError):
        upcast("test.Upcast", 2, 3, {})


def test_an_unknown_type_is_told() -> None:
    envelope = Envelope(
        "test/0", "test.Nothing", 1, "x/1", datetime(2025, 1, 1, tzinfo=UTC), "k", 1, 0, "", 1, "c", "c", "1/1",
        Actor("p", "author"), {},
    )  # fmt: skip
    with pytest.raises(UnknownType):
        event_of(envelope)


def _check(values: list[bytes]) -> ChainCheck:
    check = ChainCheck()
    for value in values:
        check.add("test.events", decode(value), value)
    return check


def test_an_untouched_log_has_no_faults_in_any_order() -> None:
    values = [entry.value for entry in _entries(5).log]
    check = _check([*reversed(values), values[2]])
    assert check.faults() == ()
    assert (check.redelivered, check.counts, check.heads()["test/0"].sequence) == (1, {"test.events": 5}, 5)


def test_a_missing_event_is_located() -> None:
    values = [entry.value for entry in _entries(5).log]
    assert [(f.sequence, f.kind) for f in _check([*values[:2], *values[3:]]).faults()] == [(3, "missing")]


def test_a_changed_event_is_located_by_its_successor() -> None:
    values = [entry.value for entry in _entries(5).log]
    values[1] = values[1].replace(b'"amount":1', b'"amount":9')
    assert [(f.sequence, f.kind) for f in _check(values).faults()] == [(3, "chain")]


def test_a_forked_event_is_located() -> None:
    values = [entry.value for entry in _entries(5).log]
    values.append(values[1].replace(b'"amount":1', b'"amount":9'))
    assert [(f.sequence, f.kind) for f in _check(values).faults()] == [(2, "fork")]
