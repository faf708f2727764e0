"""The AsyncAPI document: whole, consistent, and true to what is really sent."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

import jsonschema
import orjson
import pytest

from shared.contracts import awards, evaluation, ideas, learning
from shared.engine.aggregate import Deciders
from shared.engine.inputs import Call
from shared.engine.message import Actor
from shared.engine.partition import Partition
from shared.engine.plan import plan
from shared.runtime.asyncapi import asyncapi_document, emitted_by
from tests.support.desk import NOTE
from tests.support.note import WriteNote

SERVICES = [module.__name__.rpartition(".")[2] for module in (awards, evaluation, ideas, learning)]


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in cast(dict[str, Any], value).items():
            if name == "$ref":
                yield part
            else:
                yield from references(part)
    elif isinstance(value, list):
        for part in cast(list[Any], value):
            yield from references(part)


def resolve(document: dict[str, Any], reference: str) -> Any:
    assert reference.startswith("#/")
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


@pytest.mark.parametrize("service", [*SERVICES, "desk"])
def test_it_is_consistent(service: str) -> None:
    document = asyncapi_document(Deciders(service, [NOTE] if service == "desk" else []))
    assert document["asyncapi"] == "3.0.0" and document["info"]["title"] and document["info"]["version"]
    for reference in references(document):
        resolve(document, reference)
    for name, channel in document["channels"].items():
        assert channel["address"] == name
    for operation in document["operations"].values():
        assert operation["action"] in ("send", "receive")
        channel = operation["channel"]["$ref"]
        assert operation["messages"]
        assert all(m["$ref"].startswith(f"{channel}/messages/") for m in operation["messages"])
    for message in document["components"]["messages"].values():
        assert message["summary"] and message["x-version"] >= 1 and message["x-key"]
        schema = message["payload"] | {"components": document["components"]}
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_event_of_a_service_is_sent() -> None:
    sent = {kind.TYPE for kind in emitted_by("ideas")}
    assert "ideas.IdeaSubmitted" in sent and "engine.CommandRefused" in sent
    assert not any(name.startswith("awards.") for name in sent)


def test_what_is_really_sent_fits_it() -> None:
    deciders = Deciders("desk", [NOTE])
    document = asyncapi_document(deciders)
    now = datetime.now(UTC)
    call = Call("c-1", "f", NOTE, "n-1", WriteNote(title="부엉이"), Actor("p-1", "author"), now)
    entries = plan(deciders, Partition(0, 1), {}, {}, [call]).entries
    assert len(entries) == 2
    for entry in entries:
        event = orjson.loads(entry.value)
        message = document["components"]["messages"][event["type"]]
        assert f"#/components/messages/{event['type']}" in {
            m["$ref"] for m in document["channels"][entry.topic]["messages"].values()
        }
        headers = {name: value.decode() for name, value in entry.headers}
        assert fits(document, message["payload"], event) and fits(document, message["headers"], headers)
        assert not fits(document, message["payload"], event | {"sequence": 1})


def fits(document: dict[str, Any], schema: dict[str, Any], value: Any) -> bool:
    validator: Any = jsonschema.Draft202012Validator(schema | {"components": document["components"]})
    return validator.is_valid(value)
