"""Bytes that a consumer may meet and nobody meant: random ones, and events that were damaged on the way."""

from collections.abc import Iterator
from typing import Any, cast

import orjson
from hypothesis import strategies as st

NASTY: tuple[bytes, ...] = (
    b"null",
    b"true",
    b"-0.0",
    b"1e308",
    b"1e999",
    b"NaN",
    str(2**63).encode(),
    str(-(2**63) - 1).encode(),
    str(2**64).encode(),
    b"1" * 400,
    b"1" * 5_000,
    b'"' + b"9" * 5_000 + b'"',
    b'"1E+999999"',
    b'"-0"',
    b'"sNaN"',
    b'"\\u0000"',
    b'"\\ud800"',
    b'"\\udfff\\ud800"',
    b'"\\u0661"',
    b'"$where"',
    b'"a.b/c|d"',
    b'"\xff"',
    b'"0001-01-01T00:00:00+23:59"',
    b'"9999-12-31T23:59:59.999999-23:59"',
    b'"2025-03-03"',
    b'"' + b"k" * 3_000 + b'"',
    b"[]",
    b"[" * 900 + b"]" * 900,
    b"[" * 5_000,
    b'{"a":' * 900 + b"1" + b"}" * 900,
    b'{"":1,"$set":{"a\\u0000b":1},"a.b":2}',
    b'{"key":"k","alg":"none","value":{"\\u0000":"x","$a":"y"}}',
)
"""JSON, or nearly, that readers and databases stumble over."""

PLACE = "\x1aPLACE\x1a"


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where something stands in it, at any depth."""
    found = [path] if path else []
    if isinstance(value, dict):
        for name, part in cast(dict[str, Any], value).items():
            found += paths(part, (*path, name))
    if isinstance(value, list):
        for index, part in enumerate(cast(list[Any], value)):
            found += paths(part, (*path, index))
    return found


def replaced(value: bytes, path: tuple[str | int, ...], new: bytes) -> bytes:
    """An event with other JSON at one place."""
    raw: Any = orjson.loads(value)
    at = raw
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = PLACE
    return orjson.dumps(raw).replace(orjson.dumps(PLACE), new)


@st.composite
def nasty_part(draw: st.DrawFn, value: bytes) -> bytes:
    """The event with something nasty in one place."""
    return replaced(value, draw(st.sampled_from(paths(orjson.loads(value)))), draw(st.sampled_from(NASTY)))


def every_nasty_part(value: bytes) -> Iterator[bytes]:
    """The event with each nasty thing in each place."""
    for path in paths(orjson.loads(value)):
        for new in NASTY:
            yield replaced(value, path, new)


@st.composite
def swapped(draw: st.DrawFn, value: bytes) -> bytes:
    """The event with two of its attributes exchanged."""
    raw: dict[str, Any] = orjson.loads(value)
    one, two = draw(st.tuples(st.sampled_from(sorted(raw)), st.sampled_from(sorted(raw))))
    raw[one], raw[two] = raw[two], raw[one]
    return orjson.dumps(raw)


@st.composite
def flipped(draw: st.DrawFn, value: bytes) -> bytes:
    """The event with a few bits flipped."""
    damaged = bytearray(value)
    for bit in draw(st.lists(st.integers(0, 8 * len(value) - 1), min_size=1, max_size=4)):
        damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


@st.composite
def cut(draw: st.DrawFn, value: bytes) -> bytes:
    """The event with a piece left out, doubled, or with random bytes in it."""
    begin, end = sorted(draw(st.tuples(st.integers(0, len(value)), st.integers(0, len(value)))))
    middle = draw(st.sampled_from([b"", value[begin:end] * 2]) | st.binary(max_size=40))
    return value[:begin] + middle + value[end:]


def noise(value: bytes) -> st.SearchStrategy[bytes]:
    """Anything that may stand where `value` should, and sometimes `value` itself."""
    return st.binary(max_size=300) | flipped(value) | cut(value) | swapped(value) | nasty_part(value)
