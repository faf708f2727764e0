"""Four real services with something in each of them, and what is asked of every answer to bad input."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

import httpx
from fastapi import FastAPI

from services.awards.service import SERVICE as AWARDS
from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.service import SERVICE as IDEAS
from services.learning.service import SERVICE as LEARNING
from shared.contracts.evaluation import IdeaEvaluated
from shared.contracts.types import Rule
from shared.engine.emit import Cause, Tip, write_entry
from shared.engine.message import Actor
from shared.engine.partition import partition_of
from tests.support.given import NOON
from tests.support.house import PARTITIONS, House
from tests.unit.ideas.support import LEAD, RECEIVER, SEOUL, submission

SERVICES = (IDEAS, EVALUATION, AWARDS, LEARNING)
NAMES = tuple(service.name for service in SERVICES)


async def opened(directory: Path) -> House:
    """All services, with nothing in them."""
    return await House(directory, *SERVICES).open()


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The answer is this problem, with all that RFC 9457 and this house ask for."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), answer.text
    assert body["status"] == status and body["type"] == f"urn:owlbus:problem:{code}"
    assert body["title"] and body["instance"] == answer.request.url.path
    return body


def entries(house: House) -> int:
    """How many events there are in all topics."""
    return sum(map(len, house.topics.values()))


# --- what the documents say


@dataclass(frozen=True)
class Operation:
    """One operation of one service, as its OpenAPI document has it."""

    service: str
    method: str
    path: str
    roles: tuple[str, ...]
    content: dict[str, Any]
    whole: dict[str, Any]

    @property
    def label(self) -> str:
        """For the name of a test."""
        return f"{self.service} {self.method} {self.path}"

    @property
    def takes_json(self) -> bool:
        """Whether it has a JSON body."""
        return "application/json" in self.content

    def at(self, id: str, number: str = "") -> str:
        """Its path with `id` for whatever stands in braces, and `number`, if given, for `{number}`."""
        given = {"{number}": number or id}
        parts = [given.get(part, id) if part.startswith("{") else part for part in self.path.split("/")]
        return "/".join(parts)

    def least(self) -> Any:
        """The smallest body its schema allows."""
        return _least(self.content["application/json"]["schema"], self.whole)


def operations(name: str, app: FastAPI) -> Iterator[Operation]:
    """Every operation of a service."""
    whole = app.openapi()
    for path, methods in whole["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            yield Operation(name, method.upper(), path, tuple(operation["x-roles"]), content, whole)


def _least(schema: dict[str, Any], whole: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _least(whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]], whole)
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _least(schema["anyOf"][0], whole)
    match schema.get("type"):
        case "object":
            parts = schema.get("properties", {})
            return {name: _least(parts[name], whole) for name in schema.get("required", ())}
        case "array":
            return [_least(schema["items"], whole)] * schema.get("minItems", 0)
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "string" if schema.get("format") == "date":
            return "2025-03-03"
        case _:
            return "0"


# --- what happens in them


def json_of(command: Any) -> dict[str, Any]:
    """A command as its body."""
    return cast("dict[str, Any]", command.model_dump(mode="json"))


async def submitted(house: House, author: Actor = LEAD, pack: str = SEOUL, **changes: Any) -> str:
    """A new idea; its id."""
    idea = await house.must(author, "POST", "/ideas", json_of(submission(pack, **changes)))
    return str(idea["id"])


async def received(house: House, **changes: Any) -> str:
    """An idea that was received."""
    idea_id = await submitted(house, **changes)
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/receipt", {})
    return idea_id


async def closed(house: House) -> str:
    """An idea that ended as no proposal."""
    idea_id = await received(house)
    ending = {"outcome": "closed", "ground": "complaint", "reason": "민원이다", "authority": SIGNED}
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/completeness", ending)
    return idea_id


async def withdrawn(house: House) -> str:
    """An idea that was taken back."""
    idea_id = await submitted(house)
    await house.must(LEAD, "POST", f"/ideas/{idea_id}/withdrawal", {})
    return idea_id


SIGNED = {"document_no": "창의-2025-1", "approver": "p-50", "capacity": "전결", "at": str(date(2025, 3, 3))}


async def park(house: House, idea_id: str) -> None:
    """Let `ideas` meet an event for this idea that is newer than it knows, so that it sets the idea aside."""
    number = partition_of(idea_id, PARTITIONS)
    event = IdeaEvaluated(
        idea_id=idea_id,
        stage="first_pass",
        pack=SEOUL,
        outcome="not_enough_raters",
        score=None,
        means=(),
        raters=0,
        closed_by="complete",
        rule=Rule(pack=SEOUL),
    )
    cause = Cause("test", "test", Actor("service:evaluation", "system"), NOON)
    source = f"evaluation/{(number + 1) % PARTITIONS}"
    entry = write_entry(source, PARTITIONS, Tip(0, "", {}), f"evaluation/{idea_id}", 1, event, cause, "1/1")
    newer = entry.value.replace(b"evaluation.IdeaEvaluated:1", b"evaluation.IdeaEvaluated:2")
    assert newer != entry.value
    house.topics.setdefault((entry.topic, number), []).append(newer)
    while await house.rooms["ideas"].advance():
        pass
    held = await house.rooms["ideas"].held(number)
    assert [one.key for one in held] == [idea_id], json.dumps([one.reason for one in held])
