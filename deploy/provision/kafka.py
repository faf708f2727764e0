"""Users and access control lists of Kafka, as the super user: what is declared is there afterwards, and nothing else.

The client library has no calls for SCRAM users, so the request is spelled out here (KIP-554).
"""

import hashlib
import secrets
from collections.abc import Collection, Mapping
from typing import Any

from aiokafka.protocol.admin import CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    CompactArray,
    CompactBytes,
    CompactString,
    Int8,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

from deploy.provision.grants import Acl, Operation, Resource
from shared.runtime.kafka.access import Access

SCRAM_SHA_512 = 2
ITERATIONS = 8_192
ANY, LITERAL, ALLOW = 1, 3, 3
EVERYWHERE = "*"


class ProvisionError(Exception):
    """A server refused what it was asked to prepare; the message says what."""


class _ScramResponse(Response):
    API_KEY = 51  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]
    API_VERSION = 0  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _ScramRequestV0(RequestStruct):
    API_KEY = 51
    API_VERSION = 0
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _ScramResponse
    SCHEMA = Schema(
        ("deletions", CompactArray(("name", CompactString("utf-8")), ("mechanism", Int8), ("tags", TaggedFields))),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _ScramRequest(Request[_ScramRequestV0]):
    API_KEY = 51

    def __init__(self, passwords: Mapping[str, str]) -> None:
        self._passwords = passwords

    def build(self, request_struct_class: type[_ScramRequestV0]) -> _ScramRequestV0:
        no_tags: dict[int, bytes] = {}
        upsertions = [(name, *_salted(password), no_tags) for name, password in self._passwords.items()]
        return request_struct_class([], upsertions, no_tags)


def _salted(password: str) -> tuple[int, int, bytes, bytes]:
    salt = secrets.token_bytes(32)
    return SCRAM_SHA_512, ITERATIONS, salt, hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)


async def provision(access: Access, passwords: Mapping[str, str], acls: Collection[Acl]) -> None:
    """Give these users these passwords and exactly these rights. Raises ProvisionError, KafkaUnavailable."""
    async with access.admin() as admin:
        answer = await _ask(admin, _ScramRequest(passwords))
        for user, code, message, _ in answer.results:
            _accepted(code, f"user {user}: {message}")
        found = await _acls(admin)
        for acl in sorted(set(acls) - found):
            await _create(admin, acl)
        for acl in sorted(found - set(acls)):
            await _delete(admin, acl)


async def _ask(admin: Any, request: Any) -> Any:
    """Send a request that the client has no call for; `_send_to_controller` is what its own calls go through."""
    return await admin._send_to_controller(request)


async def _acls(admin: Any) -> set[Acl]:
    """The rights that are in force, of users and things of the kinds that are declared here."""
    untyped: Any = DescribeAclsRequest  # its annotations leave out that None stands for all
    answer = await _ask(admin, untyped(ANY, None, ANY, None, None, ANY, ANY))
    _accepted(answer.error_code, f"access control lists: {answer.error_message}")
    found: set[Acl] = set()
    for kind, name, _pattern, entries in answer.resources:
        for principal, _host, operation, _permission in entries:
            found.add(Acl(principal.removeprefix("User:"), Resource(kind), name, Operation(operation)))
    return found


async def _create(admin: Any, acl: Acl) -> None:
    request = CreateAclsRequest(acl.resource, acl.name, LITERAL, f"User:{acl.user}", EVERYWHERE, acl.operation, ALLOW)
    for code, message in (await _ask(admin, request)).creation_responses:
        _accepted(code, f"{acl}: {message}")


async def _delete(admin: Any, acl: Acl) -> None:
    request = DeleteAclsRequest(acl.resource, acl.name, LITERAL, f"User:{acl.user}", EVERYWHERE, acl.operation, ALLOW)
    for code, message, _matching in (await _ask(admin, request)).filter_responses:
        _accepted(code, f"{acl}: {message}")


def _accepted(code: int, what: str) -> None:
    if code:
        raise ProvisionError(f"Kafka refused {what} (error {code})")
