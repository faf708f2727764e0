"""Every route of every service has a line in the table, and lets in exactly the roles that its line names."""

from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from owlbus.docs import SERVICES
from owlbus.docs_roles import EVERY_SERVICE, Operation, Table
from shared.engine.message import Actor
from shared.runtime.auth import ROLES
from shared.runtime.caller import Caller, allow
from shared.runtime.openapi import PUBLIC, document, roles_of
from shared.runtime.service import Service
from tests.roles.world import WORDS, World, table

LINES = [
    pytest.param(service, line, id=f"{service.name} {line.name}")
    for service in SERVICES
    for line in table().of(service.name).values()
]


def faults(wanted: Table, service: str, app: FastAPI) -> list[str]:
    """What table and app disagree in, each with what to do about it."""
    lines, found = wanted.of(service), _operations(app)
    missing = [
        f"{service} {name}: add a line for {sorted(roles)} to tests/roles/table.yaml"
        for name, roles in found.items()
        if name not in lines
    ]
    gone = [f"{service} {name}: no such route, take its line out of the table" for name in lines if name not in found]
    other = [
        f"{service} {name}: the route takes {sorted(found[name])}, the table says {sorted(line.roles)}"
        for name, line in lines.items()
        if name in found and found[name] != line.roles
    ]
    return missing + gone + other


def _operations(app: FastAPI) -> dict[str, frozenset[str]]:
    """Roles by operation as the OpenAPI document tells them; routes that it hides are there too."""
    told = {
        f"{method.upper()} {path}": frozenset[str](operation.get("x-roles", ()))
        for path, operations in document(app)["paths"].items()
        for method, operation in operations.items()
    }
    return {f"{method} {path}": frozenset(roles) for (method, path), roles in roles_of(app).items()} | told


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
async def test_table_and_openapi_document_name_the_same_operations_and_roles(service: Service, made: World) -> None:
    assert faults(table(), service.name, made.house.apps[service.name]) == []


def test_the_table_has_a_column_for_every_role_and_names_what_is_public() -> None:
    assert table().roles == ROLES
    assert table().public == PUBLIC
    assert {line.service for line in table().operations} == {service.name for service in SERVICES} | {EVERY_SERVICE}


@pytest.mark.parametrize("hidden", [False, True])
def test_a_new_route_without_a_line_is_found(hidden: bool) -> None:
    router = APIRouter()

    @router.get("/ideas/{idea_id}/raters", include_in_schema=not hidden)
    async def raters(idea_id: str, caller: Annotated[Caller, allow("chair")]) -> None:
        """Something new."""

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for service in SERVICES:
        if service.name == "ideas":
            app.include_router(service.router)
    app.include_router(router)
    found = [fault for fault in faults(table(), "ideas", app) if "/ops/" not in fault]
    assert found == ["ideas GET /ideas/{idea_id}/raters: add a line for ['chair'] to tests/roles/table.yaml"]


def test_a_route_that_names_no_roles_starts_no_service() -> None:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_api_route("/open", lambda: None)
    with pytest.raises(ValueError, match="names no roles"):
        roles_of(app)


def test_a_line_without_a_route_and_a_line_with_other_roles_are_found(made: World) -> None:
    lines = table()
    line = lines.of("ideas")["GET /ideas"]
    gone = Operation("ideas", "GET", "/nowhere", "", line.cells)
    other = Operation("ideas", "GET", "/ideas", "idea", {**line.cells, "operator": "some"})
    kept = [one for one in lines.operations if one is not line]
    changed = Table(lines.public, (*kept, gone, other), lines.viewers, lines.views)
    first, second = faults(changed, "ideas", made.house.apps["ideas"])
    assert first == "ideas GET /nowhere: no such route, take its line out of the table"
    assert second.startswith("ideas GET /ideas: the route takes ")


@pytest.mark.parametrize(("service", "line"), LINES)
async def test_exactly_the_roles_of_its_line_get_in(service: Service, line: Operation, made: World) -> None:
    wrong: list[str] = []
    for role in ROLES:
        actor = Actor(f"nobody-{role}", role, "d-nowhere")
        # Ids of nothing, an empty body: whoever is let in gets no further than that, whatever the state of things is.
        path = line.path.replace("{", "no-").replace("}", "")
        answer = await made.house.ask(actor, line.method, path, None if line.is_query else {}, service=service.name)
        code = answer.json().get("code") if answer.status_code in (401, 403) else ""
        expected = "" if role in line.roles else "forbidden"
        if code != expected:
            wrong.append(f"{role}: {answer.status_code} {code}")
    assert wrong == []


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
async def test_what_is_public_shows_no_content_and_all_else_needs_a_token(service: Service, made: World) -> None:
    transport = httpx.ASGITransport(made.house.apps[service.name])
    async with httpx.AsyncClient(transport=transport, base_url="http://house") as client:
        for path in table().public:
            text = (await client.get(path)).text
            assert not [word for word in WORDS if word in text], path
        for line in table().of(service.name).values():
            assert (await client.request(line.method, line.path)).json()["code"] == "token_missing"
