"""Batches that aiokafka would not get past."""

import gzip
import struct
from typing import Any

import pytest
from aiokafka.record.default_records import (
    _DefaultRecordBatchPy as SlowBatch,  # pyright: ignore[reportPrivateUsage]
)
from aiokafka.record.memory_records import MemoryRecords

from shared.runtime.kafka.batches import Batches, Unopened
from tests.support.raw import OddName, Raw, batch_of

PLAIN = Raw(b"v", b"k", (("name", b"value"), ("none", None)))
ODD = Raw(b"v", b"k", ((OddName("x"), b"\xff"), ("", b"")))


def _read(*batches: bytes) -> list[Any]:
    found, records = Batches(b"".join(batches)), list[Any]()
    assert found.size_in_bytes() == sum(map(len, batches))
    while found.has_next():
        batch = found.next_batch()
        assert batch.validate_crc() and not batch.is_control_batch
        records += batch
    return records


def _seen(record: Any) -> tuple[Any, ...]:
    return record.offset, record.key, record.value, list(record.headers)


def _gzipped(batch: bytes) -> bytes:
    head = SlowBatch.HEADER_STRUCT.size
    whole = bytearray(batch[:head] + gzip.compress(batch[head:]))
    whole[SlowBatch.ATTRIBUTES_OFFSET + 1] |= SlowBatch.CODEC_GZIP
    struct.pack_into(">i", whole, 8, len(whole) - SlowBatch.AFTER_LEN_OFFSET)
    return bytes(whole)


def test_what_aiokafka_can_read_is_read_as_aiokafka_does() -> None:
    assert [_seen(record) for record in _read(batch_of(PLAIN))] == [(0, b"k", b"v", [*PLAIN.headers])]


@pytest.mark.parametrize("packed", [bytes, _gzipped])
def test_a_header_whose_name_is_no_text_is_read_escaped(packed: Any) -> None:
    value = packed(batch_of(ODD))
    batch = MemoryRecords(value).next_batch()
    with pytest.raises(UnicodeDecodeError):
        list(batch)  # pyright: ignore[reportArgumentType, reportUnknownArgumentType]
    (record,) = list(Batches(value).next_batch())
    assert _seen(record) == (0, b"k", b"v", [("\\xff\\xfe\x00odd", b"\xff"), ("", b"")])


def test_each_record_of_a_batch_that_can_not_be_opened_is_stood_in_for() -> None:
    closed = bytearray(batch_of(Raw(b"v", lz4=True)))
    struct.pack_into(">q", closed, 0, 40)
    struct.pack_into(">i", closed, SlowBatch.ATTRIBUTES_OFFSET + 2, 2)  # three offsets
    records = list(Batches(bytes(closed)).next_batch())
    assert [(record.offset, record.value, record.key) for record in records] == [(40 + i, b"", None) for i in range(3)]
    assert all(isinstance(record.value, Unopened) and "lz4" in record.value.reason for record in records)


def test_what_follows_a_batch_that_can_not_be_opened_is_read() -> None:
    records = _read(batch_of(PLAIN), batch_of(Raw(b"v", lz4=True)), batch_of(ODD), batch_of(PLAIN))
    assert [record.value for record in records] == [b"v", b"", b"v", b"v"]
