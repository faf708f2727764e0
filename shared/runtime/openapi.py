"""The OpenAPI document, completed with what the framework can't know: roles, headers, problem documents."""

from typing import Any, cast

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from shared.runtime.auth import ROLE_HEADER
from shared.runtime.caller import Allow
from shared.runtime.problems import CONTENT_TYPE

PUBLIC = frozenset({"/", "/docs", "/openapi.json", "/asyncapi", "/health/live", "/health/ready", "/metrics"})
"""Paths that need no role, by name; there are no others."""

Operation = tuple[str, str]
"""Method and path template."""

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "instance", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string"},
        "facts": {"type": "object"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}


def roles_of(app: FastAPI) -> dict[Operation, tuple[str, ...]]:
    """The roles of every operation that is not public by name. Raises ValueError for one that names none."""
    roles: dict[Operation, tuple[str, ...]] = {}
    for route in iter_route_contexts(app.routes):
        path = route.path_format or ""
        if path in PUBLIC:
            continue
        found = _allow_of(getattr(route, "dependant", None))
        if found is None:
            raise ValueError(f"{sorted(route.methods or ())} {path} names no roles")
        roles |= {(method, path): found.roles for method in route.methods or ()}
    return roles


def document(app: FastAPI) -> dict[str, Any]:
    """The app's OpenAPI document with `x-roles` on every operation."""
    whole = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    components = whole.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    _place_definitions(whole)
    for (method, path), roles in roles_of(app).items():
        operation = cast("dict[str, Any] | None", whole["paths"].get(path, {}).get(method.lower()))
        if operation is not None:
            _complete(operation, method, roles)
    return whole


def _place_definitions(whole: dict[str, Any]) -> None:
    """Move the parts of schemas that routes brought themselves to where their references point."""
    operations = (operation for path in whole["paths"].values() for operation in path.values())
    for operation in operations:
        for content in operation.get("requestBody", {}).get("content", {}).values():
            whole["components"]["schemas"] |= content["schema"].pop("$defs", {})


def _complete(operation: dict[str, Any], method: str, roles: tuple[str, ...]) -> None:
    operation["x-roles"] = list(roles)
    operation["security"] = [{"token": []}]
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = {
        "description": "Problem (RFC 9457)",
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    names = [ROLE_HEADER] + (["Idempotency-Key", "If-Match"] if method == "POST" else ["If-None-Match"])
    operation.setdefault("parameters", []).extend(
        {"name": name, "in": "header", "required": False, "schema": {"type": "string"}} for name in names
    )


def _allow_of(dependant: Dependant | None) -> Allow | None:
    for dependency in dependant.dependencies if dependant else ():
        if isinstance(dependency.call, Allow):
            return dependency.call
    return None
