"""The OpenAPI document, completed with what the framework can't know: roles, headers, problem documents."""

from typing import Any, cast

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from shared.runtime.auth import ROLE_HEADER
from shared.runtime.caller import IDEMPOTENCY_KEY, Allow
from shared.runtime.problems import CONTENT_TYPE

PUBLIC = frozenset({"/", "/docs", "/openapi.json", "/asyncapi", "/health/live", "/health/ready", "/metrics"})
"""Paths that need no role, by name; there are no others."""

Operation = tuple[str, str]
"""Method and path template."""

DECIMAL = r"^[0-9]+(\.[0-9]+)?$"
"""A decimal as a string, as it always stands in answers. None of those that people send is negative."""

_READING: dict[str, dict[str, Any]] = {"If-None-Match": {}}
_CHANGING: dict[str, dict[str, Any]] = {
    "Idempotency-Key": {"pattern": rf"^{IDEMPOTENCY_KEY}$"},
    "If-Match": {"pattern": r'^(\*|"\d{1,18}")$'},
}

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
    _spell_out(whole)
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
    if method == "GET":
        operation["responses"]["304"] = {"description": "The version of If-None-Match"}
    headers = {ROLE_HEADER: {"enum": list(roles)}, **(_READING if method == "GET" else _CHANGING)}
    parameters = operation.setdefault("parameters", [])
    own = {parameter["name"] for parameter in parameters}
    parameters.extend(
        {"name": name, "in": "header", "required": False, "schema": {"type": "string", **schema}}
        for name, schema in headers.items()
        if name not in own
    )


def _spell_out(schema: Any) -> None:
    """Say what the models refuse and their schemas keep to themselves: keys of no pattern, text that is no number."""
    if isinstance(schema, list):
        for part in cast("list[Any]", schema):
            _spell_out(part)
    elif isinstance(schema, dict):
        parts = cast("dict[str, Any]", schema)
        if "patternProperties" in parts:
            parts.setdefault("additionalProperties", False)
        variants: list[dict[str, Any]] = parts.get("anyOf", [])
        if any(variant.get("type") == "number" for variant in variants):
            for variant in variants:
                if variant == {"type": "string"}:
                    variant["pattern"] = DECIMAL
        for part in parts.values():
            _spell_out(part)


def _allow_of(dependant: Dependant | None) -> Allow | None:
    for dependency in dependant.dependencies if dependant else ():
        if isinstance(dependency.call, Allow):
            return dependency.call
    return None
