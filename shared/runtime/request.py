"""Reading what a request brings besides a valid body."""

import re
import secrets
from collections.abc import Iterator
from typing import Any, cast

from fastapi import Request

from shared.runtime.problems import Problem

MAX_INTEGER = 2**63 - 1
MAX_DEPTH = 32
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def expected_version(if_match: str) -> int | None:
    """The version that If-Match asks for, None where any will do. Raises Problem where it names no single version."""
    if if_match.strip() == "*":
        return None
    match = re.fullmatch(r'\s*"(\d{1,18})"\s*', if_match)
    if match is None:
        raise _bad_header("If-Match", 'one version such as "3", or *')
    return int(match[1])


def tags_of(if_none_match: str) -> set[str]:
    """The entity tags of If-None-Match, compared weakly (RFC 9110, section 13.1.2)."""
    return {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}


def checked_header(request: Request, name: str, pattern: str) -> str:
    """The header's value, empty where it is absent. Raises Problem where it does not match."""
    value = request.headers.get(name, "")
    if value and not re.fullmatch(pattern, value):
        raise _bad_header(name, f"must match {pattern}")
    return value


def traceparent_of(given: str) -> str:
    """The caller's trace, or a new one where the header makes no sense (W3C Trace Context, section 3.2)."""
    known = re.fullmatch(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}", given)
    return given if known else f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


async def refuse_unstorable(request: Request) -> None:
    """Refuse what JSON can say but store, log and files can't keep.

    That is NUL, lone surrogates, integers over 64 bits and endless nesting. Raises Problem with the paths of all.
    """
    errors = _unstorable_address(request)
    if await request.body():
        errors.extend(unstorable("body", await _parsed(request)))
    if errors:
        raise Problem("invalid_request", errors=errors)


def refuse_unstorable_address(request: Request) -> None:
    """The same for path and query alone, where the body is read later. Raises Problem."""
    if errors := _unstorable_address(request):
        raise Problem("invalid_request", errors=errors)


def unstorable(place: str, value: Any) -> list[dict[str, str]]:
    """What of a JSON value can't be kept, as errors per field."""
    return [_error(place, path, code) for path, code in _unstorable(value, ())]


def _unstorable_address(request: Request) -> list[dict[str, str]]:
    errors = [_error("path", "", "invalid_character")] if "\0" in request.url.path else []
    if b"%00" in request.scope["query_string"]:
        errors.append(_error("query", "", "invalid_character"))
    return errors


async def _parsed(request: Request) -> Any:
    try:
        return await request.json()
    except (ValueError, RecursionError):
        return None  # not JSON: validation of the body says so


def _unstorable(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if len(path) > MAX_DEPTH:
        yield ".".join(path), "nested_too_deep"
    elif isinstance(value, str):
        if _UNSTORABLE.search(value):
            yield ".".join(path), "invalid_character"
    elif isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            yield ".".join(path), "number_too_large"
    elif isinstance(value, dict):
        for name, part in cast(dict[str, Any], value).items():
            here = (*path, _UNSTORABLE.sub("?", name)[:100])
            yield from _unstorable(name, here)
            yield from _unstorable(part, here)
    elif isinstance(value, list):
        for index, part in enumerate(cast(list[Any], value)):
            yield from _unstorable(part, (*path, str(index)))


def _error(place: str, field: str, code: str) -> dict[str, str]:
    details = {
        "invalid_character": "NUL and halves of surrogate pairs are no text",
        "number_too_large": f"integers go up to {MAX_INTEGER}",
        "nested_too_deep": f"at most {MAX_DEPTH} levels",
    }
    return {"in": place, "field": field[:200], "code": code, "detail": details[code]}


def _bad_header(name: str, expected: str) -> Problem:
    return Problem(
        "invalid_request", errors=[{"in": "header", "field": name, "code": "invalid_header", "detail": expected}]
    )
