"""The AsyncAPI 3 document of a service, generated from the contracts and from what its deciders take.

The framework's own shows an empty payload, because records are read raw and in batches.
"""

from collections.abc import Iterable
from typing import Any

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from shared.engine.aggregate import Deciders
from shared.engine.emit import topic_of
from shared.engine.envelope import CONTENT_TYPE
from shared.engine.facts import ENGINE_FACTS
from shared.engine.message import Event

Json = dict[str, Any]

_TEXT = {"type": "string"}
_NUMBER = {"type": "string", "pattern": "^[0-9]+$"}
_ENVELOPE: Json = {
    "specversion": {"const": "1.0"},
    "id": {"type": "string", "description": "Source and sequence: ideas/3/1500"},
    "source": {"type": "string", "description": "A partition of a service: ideas/3"},
    "subject": {"type": "string", "description": "The aggregate that emitted it: idea/ID"},
    "time": {"type": "string", "format": "date-time"},
    "datacontenttype": {"const": "application/json"},
    "partitionkey": {"type": "string", "description": "The aggregate it is for"},
    "sequence": _NUMBER | {"description": "Number at the source, over both topics"},
    "previous": _NUMBER | {"description": "Number sent before it to this topic and partition"},
    "chain": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256 of the source's preceding event"},
    "version": _NUMBER | {"description": "Version of the subject after it"},
    "correlationid": _TEXT,
    "causationid": _TEXT,
    "causeindex": {"type": "string", "pattern": "^[0-9]+/[0-9]+$"},
    "actorid": _TEXT,
    "actorrole": _TEXT,
    "actordept": _TEXT,
}
_HEADERS: Json = {
    "type": "object",
    "required": ["content-type", "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject"],
    "properties": {
        "content-type": {"const": CONTENT_TYPE},
        "ce_specversion": {"const": "1.0"},
        **{f"ce_{name}": _TEXT for name in ("id", "source", "type", "subject")},
        "traceparent": {"type": "string", "description": "W3C Trace Context"},
    },
}


def emitted_by(service: str) -> list[type[Event]]:
    """Event classes of `service`, with the engine's own facts, by type name."""
    own = (kind for kind in Event.REGISTRY.values() if _service(kind) == service)
    return sorted({*own, *ENGINE_FACTS}, key=lambda kind: kind.TYPE)


def asyncapi_document(deciders: Deciders, version: str = "0.1.0") -> Json:
    """The document: topics as channels, events as messages, what the service sends and what it receives."""
    service = deciders.service
    sends = [(topic_of(service, kind), kind) for kind in emitted_by(service)]
    taken = sorted(deciders.events_taken, key=lambda kind: kind.TYPE)
    receives = [(topic_of(_service(kind), kind), kind) for kind in taken]
    kinds = sorted({kind for _, kind in (*sends, *receives)}, key=lambda kind: kind.TYPE)
    references, schemas = _schemas(kinds)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": f"Owlbus {service}", "version": version},
        "defaultContentType": CONTENT_TYPE,
        "channels": _channels([*sends, *receives]),
        "operations": _operations("send", sends) | _operations("receive", receives),
        "components": {
            "messages": {kind.TYPE: _message(kind, references[kind]) for kind in kinds},
            "schemas": schemas,
        },
    }


def _service(kind: type[Event]) -> str:
    return kind.TYPE.partition(".")[0]


def _channels(sent: Iterable[tuple[str, type[Event]]]) -> Json:
    channels: Json = {}
    for topic, kind in sent:
        channel = channels.setdefault(topic, {"address": topic, "messages": {}})
        channel["messages"][kind.TYPE] = {"$ref": f"#/components/messages/{kind.TYPE}"}
    return channels


def _operations(action: str, sent: Iterable[tuple[str, type[Event]]]) -> Json:
    operations: Json = {}
    for topic, kind in sent:
        operation = operations.setdefault(
            f"{action}.{topic}", {"action": action, "channel": {"$ref": f"#/channels/{topic}"}, "messages": []}
        )
        operation["messages"].append({"$ref": f"#/channels/{topic}/messages/{kind.TYPE}"})
    return operations


def _message(kind: type[Event], data: Json) -> Json:
    properties: Json = {
        **_ENVELOPE,
        "type": {"const": kind.TYPE},
        "dataschema": {"const": f"urn:owlbus:{kind.TYPE}:{kind.VERSION}"},
        "data": data,
    }
    return {
        "name": kind.TYPE,
        "title": kind.__name__,
        "summary": (kind.__doc__ or "").partition("\n\n")[0],
        "contentType": CONTENT_TYPE,
        "headers": _HEADERS,
        "payload": {"type": "object", "required": sorted(properties), "properties": properties},
        "x-version": kind.VERSION,
        "x-key": kind.KEY,
    }


def _schemas(kinds: Iterable[type[Event]]) -> tuple[dict[type[Event], Json], Json]:
    """Where each class's schema is, and all schemas by name (classes of two services may share one)."""
    modes: list[tuple[type[Event], JsonSchemaMode]] = [(kind, "serialization") for kind in kinds]
    references, whole = models_json_schema(modes, ref_template="#/components/schemas/{model}")
    return {kind: references[kind, mode] for kind, mode in modes}, whole.get("$defs", {})
