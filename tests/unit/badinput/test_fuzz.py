"""Requests made up from the OpenAPI documents: whatever comes, no fault of ours, and answers as the documents say.

Deterministic: the same documents give the same requests. What a document allows and a validator of the body still
refuses must be something that a JSON schema can't say (`UNSAYABLE`).
"""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import jsonschema
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from shared.engine.message import Actor
from tests.support.line import adopted_idea
from tests.unit.awards.support import main_category, opening
from tests.unit.badinput.support import NAMES, json_of, opened, received, submitted
from tests.unit.ideas.support import HEAD, LEAD, RECEIVER, SEOUL
from tests.unit.learning.support import LEAD as GROUP_LEAD
from tests.unit.learning.support import registration

pytestmark = pytest.mark.timeout(600)

EXAMPLES = 5
"""Per operation and mode (what the document allows, what it does not)."""

UNSAYABLE = frozenset(
    {
        "invalid_character",
        "number_too_large",
        "decimal_max_digits",
        "decimal_max_places",
        "decimal_whole_digits",
        "greater_than",
        "less_than_equal",
        "too_short",
        "value_error",
        "date_from_datetime_parsing",
        "datetime_from_date_parsing",
    }
)
"""Codes of field errors that a request may get although its document allows it."""

CAST = {
    "author": LEAD,
    "department": HEAD,
    "receiver": RECEIVER,
    "group_lead": GROUP_LEAD,
    "member": Actor("lee", "member", "transport"),
}


UNEXPECTED = ("malformed_body", "malformed_line", "unsupported_media_type", "no_such_route", "method_not_allowed")
"""What a request can't be that its document allows."""

LINES = "application/x-ndjson"


@schemathesis.serializer(LINES)
def one_line(context: Any, value: Any) -> bytes:  # pyright: ignore[reportUnusedParameter]
    """A bulk request of one line."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


class Town:
    """The four services with something in each, and a loop of their own to ask them in."""

    def __init__(self, directory: Path) -> None:
        self.runner = asyncio.Runner()
        self.house = self.runner.run(opened(directory))
        self.ids = self.runner.run(self._settle())
        self.codes: Counter[tuple[int, str]] = Counter()

    async def _settle(self) -> dict[str, list[str]]:
        house = self.house
        ideas = [await submitted(house), await received(house), await adopted_idea(house, SEOUL, "9")]
        await house.must(RECEIVER, "POST", f"/ideas/{ideas[1]}/completeness", {"outcome": "complete"})
        officer = Actor("p-30", "award_officer")
        panel = json_of(opening(SEOUL, closes_at=None))
        round = await house.must(officer, "POST", "/rounds", panel, service="awards")
        group = await house.must(GROUP_LEAD, "POST", "/groups", json_of(registration(SEOUL)), service="learning")
        offer = {"target": "parks", "owner": "owner"}
        await house.must(officer, "POST", f"/cases/{ideas[2]}/offers", offer, service="learning")
        return {
            "idea_id": ideas,
            "stage": ["first_pass"],
            "round_id": [round["id"]],
            "category_id": [main_category(SEOUL)],
            "group_id": [group["id"]],
            "target": ["parks"],
            "person_id": ["lee"],
            "voter_id": ["c-1"],
        }

    def ask(self, service: str, request: requests.PreparedRequest, role: str) -> httpx.Response:
        """Send what was made up, in this role."""
        return self.runner.run(self._ask(service, request, CAST.get(role, Actor("p-40", role, "d-1"))))

    async def _ask(self, service: str, request: requests.PreparedRequest, actor: Actor) -> httpx.Response:
        token = self.house.issuer.mint(actor.id, [actor.role], actor.department)
        headers = {name.encode(): str(value).encode() for name, value in request.headers.items()}
        transport = httpx.ASGITransport(self.house.apps[service])
        async with httpx.AsyncClient(transport=transport, base_url="http://house") as client:
            return await client.request(
                str(request.method),
                str(request.url),
                headers=headers | {b"Authorization": f"Bearer {token}".encode()},
                content=cast("str | bytes | None", request.body),
            )


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    town = Town(tmp_path_factory.mktemp("town"))
    with town.runner:
        yield town


def check(operation: Any, answer: httpx.Response, mode: GenerationMode) -> None:
    """The answer is one that the document promises; repairs are asked of a partition's owner, which is none here."""
    document = operation.schema.raw_schema
    content_type = answer.headers.get("content-type", "")
    elsewhere = answer.status_code == 503 and answer.json()["code"] == "not_owner" and "retry-after" in answer.headers
    assert elsewhere or answer.status_code < 500, f"{operation.label}: {answer.status_code} {answer.text}"
    if answer.status_code < 400:
        documented = operation.definition.raw["responses"].get(str(answer.status_code))
        assert documented is not None, f"{operation.label} answers {answer.status_code}, which is not documented"
        assert not answer.content or content_type in documented["content"], f"{operation.label}: {content_type}"
        lines = answer.text.splitlines() if content_type == LINES else ()
        refused = [line["problem"] for line in map(json.loads, lines) if line["outcome"] == "refused"]
    else:
        assert content_type == "application/problem+json"
        refused = [answer.json()]
        assert refused[0]["status"] == answer.status_code
    for body in refused:
        jsonschema.validate(body, document["components"]["schemas"]["Problem"])
        assert body["type"] == f"urn:owlbus:problem:{body['code']}" and (elsewhere or body["status"] < 500), body
        if mode is GenerationMode.POSITIVE:
            assert body["code"] not in UNEXPECTED, f"{operation.label}: {body}"
        if mode is GenerationMode.POSITIVE and body["code"] == "invalid_request":
            unsaid = [error for error in body.get("errors", ()) if error["code"] not in UNSAYABLE]
            assert not unsaid, f"{operation.label} refuses what its document allows: {unsaid}"


def as_servers_read(document: dict[str, Any]) -> Any:
    """The document with what its patterns mean to the server spelt out: to ECMA U+0085 is no white space."""
    return json.loads(json.dumps(document).replace(r"[^/\\s\\x00]", r"[^/\\s\\x00\\u0085]"))


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_sent_is_answered_as_documented(town: Town, name: str, mode: GenerationMode) -> None:
    schema: Any = schemathesis.openapi.from_dict(as_servers_read(town.house.apps[name].openapi()))
    count = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        roles = operation.definition.raw["x-roles"]

        @seed(20250303)
        @settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            derandomize=False,
            suppress_health_check=tuple(cast("Iterable[HealthCheck]", HealthCheck)),
            phases=[Phase.generate],
        )
        @given(
            case=operation.as_strategy(generation_mode=mode),
            role=st.sampled_from(roles),
            real=st.fixed_dictionaries({name: st.sampled_from(ids) for name, ids in town.ids.items()}),
            at_real=st.booleans(),
        )
        def run(case: Any, role: str, real: dict[str, str], at_real: bool) -> None:
            nonlocal count
            count += 1
            if at_real and case.path_parameters:
                case.path_parameters = {name: real.get(name, value) for name, value in case.path_parameters.items()}
            if case.headers:
                case.headers.pop("X-Owlbus-Role", None)  # it would seldom be the role of the token
            arguments = case.as_transport_kwargs(base_url="http://house")
            wanted = ("method", "url", "headers", "params", "json", "data")
            request = requests.Request(**{name: arguments.get(name) for name in wanted}).prepare()
            answer = town.ask(name, request, role)
            check(case.operation, answer, mode)
            town.codes[answer.status_code, answer.json()["code"] if answer.status_code >= 400 else ""] += 1

        run()
    print(f"\n{name} {mode.value}: {count} requests; all so far {dict(town.codes.most_common(12))}")
    assert count > 20
