"""What each service may do on Kafka and MongoDB: exactly what it declares in code, and nothing is listed here by hand.

Pure. A service reads the topics of the events it takes, writes its own two, and is a member of its own group. In its
database the log and the first answers can be added to and never changed; nothing can be dropped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from importlib import import_module
from typing import Any

from owlbus.fleet import SERVICES
from shared.engine.aggregate import Aggregate
from shared.runtime.service import Service
from shared.runtime.store.documents import (
    COMMANDS,
    CURSORS,
    LOG,
    META,
    OWNERS,
    PARTITIONS,
    PROGRESS,
    PROJECTED,
    QUARANTINE,
)

AUDITOR = "auditor"
"""Reads everything, writes nothing."""


class Resource(IntEnum):
    """Kinds of things in Kafka, by the number of its protocol."""

    TOPIC = 2
    GROUP = 3


class Operation(IntEnum):
    """What may be done with them; READ and WRITE include seeing that a thing is there."""

    READ = 3
    WRITE = 4
    DESCRIBE_CONFIGS = 10


@dataclass(frozen=True, slots=True, order=True)
class Acl:
    """One thing that one user may do, from anywhere."""

    user: str
    resource: Resource
    name: str
    operation: Operation


def all_services() -> tuple[Service, ...]:
    """The tables of contents of the four services."""
    return tuple(import_module(f"services.{name}.service").SERVICE for name in SERVICES)


def all_topics(services: Sequence[Service]) -> tuple[str, ...]:
    """Every topic there is."""
    return tuple(topic for service in services for topic in service.own_topics)


def acls_of(service: Service) -> frozenset[Acl]:
    """What a service may do on Kafka."""
    group = Acl(service.name, Resource.GROUP, service.name, Operation.READ)
    written = {Acl(service.name, Resource.TOPIC, topic, Operation.WRITE) for topic in service.own_topics}
    return frozenset({group} | written | _reading(service.name, service.topics))


def acls_of_auditor(services: Sequence[Service]) -> frozenset[Acl]:
    """What the auditor may do on Kafka: read all topics, outside every group."""
    return frozenset(_reading(AUDITOR, all_topics(services)))


def _reading(user: str, topics: Sequence[str]) -> set[Acl]:
    return {
        Acl(user, Resource.TOPIC, topic, operation)
        for topic in topics
        for operation in (Operation.READ, Operation.DESCRIBE_CONFIGS)
    }


_PREPARING = ("listCollections", "createCollection", "createIndex")
_STATES = ("find", "insert", "update", "remove")
_HINTS = ("find", "insert", "update")
_COLLECTIONS = {
    PARTITIONS: _HINTS,
    META: _HINTS,
    CURSORS: _HINTS,
    OWNERS: _HINTS,
    LOG: ("find", "insert"),
    COMMANDS: ("find", "insert"),
    QUARANTINE: ("find", "insert", "remove"),
    PROGRESS: _HINTS,
    PROJECTED: _STATES,
}


def database_of(service: Service) -> str:
    """The name of a service's database."""
    return f"owlbus_{service.name}"


def privileges_on(database: str, aggregates: Iterable[Aggregate]) -> list[dict[str, Any]]:
    """What a service may do in its database, as MongoDB takes it. States are removed only to be folded anew."""
    actions = _COLLECTIONS | {aggregate.name: _STATES for aggregate in aggregates}
    everywhere = {"resource": _resource(database, ""), "actions": list(_PREPARING)}
    return [
        everywhere,
        *({"resource": _resource(database, name), "actions": list(may)} for name, may in sorted(actions.items())),
    ]


def _resource(database: str, collection: str) -> dict[str, str]:
    return {"db": database, "collection": collection}
