"""Pages for people about a service's interfaces: self-contained, without scripts, readable without a network."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "h1{font-size:1.5rem}h2{font-size:1.1rem;margin:2rem 0 .25rem}code,pre{font:14px/1.45 ui-monospace,monospace}"
    "pre{background:#f4f4f2;padding:.75rem;overflow:auto}b{display:inline-block;min-width:4rem}p{margin:.25rem 0}"
    "small{color:#555}"
)


def operations(openapi: Mapping[str, Any]) -> str:
    """All HTTP operations with what they take and who may call them."""
    sections = (
        _operation(openapi, method, path, operation)
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    )
    links = '<p><a href="openapi.json">OpenAPI (JSON)</a> · <a href="asyncapi">AsyncAPI</a></p>'
    return _page(openapi["info"]["title"], links, sections)


def events(asyncapi: Mapping[str, Any]) -> str:
    """All messages with topic and direction."""
    sections = (
        _message(asyncapi, operation, reference["$ref"].rpartition("/")[2])
        for operation in asyncapi["operations"].values()
        for reference in operation["messages"]
    )
    return _page(asyncapi["info"]["title"], "<p>AsyncAPI 3 (JSON): <code>Accept: application/json</code></p>", sections)


def _operation(openapi: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]) -> str:
    lines = [
        f"<h2><b>{escape(method.upper())}</b> <code>{escape(path)}</code></h2>",
        f"<p>{escape(operation.get('description') or operation.get('summary', ''))}</p>",
        f"<p><small>{escape(', '.join(operation.get('x-roles', ())))}</small></p>",
    ]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return "".join(lines) + _fields(openapi, body)


def _message(asyncapi: Mapping[str, Any], operation: Mapping[str, Any], name: str) -> str:
    message = asyncapi["components"]["messages"][name]
    topic = operation["channel"]["$ref"].rpartition("/")[2]
    head = f"<h2><b>{escape(operation['action'])}</b> <code>{escape(message['name'])}</code></h2>"
    about = f"<p>{escape(message.get('summary', ''))}</p><p><small>{escape(topic)}</small></p>"
    return head + about + _fields(asyncapi, message["payload"]["properties"]["data"])


def _fields(whole: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    schema = whole["components"]["schemas"].get(name, schema)
    required = schema.get("required", ())
    lines = (
        f"{field}{'' if field in required else '?'}: {_type(part)}"
        for field, part in schema.get("properties", {}).items()
    )
    text = escape("\n".join(lines))
    return f"<pre>{text}</pre>" if text else ""


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(_type(part) for part in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"[{_type(schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("const") or schema.get("type", "any"))


def _page(title: str, lead: str, sections: Iterable[str]) -> str:
    head = f'<!doctype html><html lang="ko"><meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    return f"{head}<h1>{escape(title)}</h1>{lead}{''.join(sections)}</html>\n"
