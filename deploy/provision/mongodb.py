"""The replica set, one role and user per service and the auditor on MongoDB, as the super user."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.provision.grants import AUDITOR, database_of, privileges_on
from shared.engine.aggregate import Aggregate
from shared.runtime.service import Service

REPLICA_SET = "owlbus"
ALREADY_INITIALISED = 23
NOT_FOUND = (11, 31)
"""The server's error codes for a user and a role that are not there."""

Client = MongoClient[dict[str, Any]]


def provision(
    address: str, setup: str, password: str, services: Sequence[Service], passwords: Mapping[str, str], seconds: float
) -> None:
    """Make the replica set of the one server at `address`, and each user with exactly its rights.

    Raises PyMongoError where the server can't be reached within `seconds` or refuses.
    """
    with Client(
        f"mongodb://{address}/?directConnection=true",
        username=setup,
        password=password,
        serverSelectionTimeoutMS=int(seconds * 1_000),
    ) as client:
        _initiate(client, address)
        _wait_primary(client, seconds)
        for service in services:
            put_service(client, database_of(service), service.name, passwords[service.name], service.aggregates)
        reads = [{"role": "read", "db": database_of(service)} for service in services]
        _user(client, "admin", AUDITOR, passwords[AUDITOR], reads)


def _initiate(client: Client, address: str) -> None:
    config = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": address}]}
    try:
        client.admin.command("replSetInitiate", config)
    except OperationFailure as error:
        if error.code != ALREADY_INITIALISED:
            raise


def _wait_primary(client: Client, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not client.admin.command("hello").get("isWritablePrimary"):
        if time.monotonic() > until:
            raise PyMongoError(f"MongoDB has no primary after {seconds:.0f} s")
        time.sleep(0.1)


def put_service(client: Client, database: str, name: str, password: str, aggregates: Iterable[Aggregate]) -> None:
    """Give a service its user in its database, with exactly the rights that its store needs."""
    _put(client, database, "Role", name, privileges=privileges_on(database, aggregates), roles=[])
    _user(client, database, name, password, [{"role": name, "db": database}])


def _user(client: Client, database: str, name: str, password: str, roles: Sequence[Mapping[str, str]]) -> None:
    _put(client, database, "User", name, pwd=password, roles=list(roles))


def _put(client: Client, database: str, kind: str, name: str, **content: Any) -> None:
    """Make a user or role be as declared, whether it was there or not."""
    try:
        client[database].command(f"update{kind}", name, **content)
    except OperationFailure as error:
        if error.code not in NOT_FOUND:
            raise
        client[database].command(f"create{kind}", name, **content)
