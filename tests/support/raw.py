"""Records as nobody's relay would write them: any key, any headers, any size, any codec."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import (  # the one in Python, whose parts can be changed
    _DefaultRecordBatchBuilderPy as BatchBuilder,  # pyright: ignore[reportPrivateUsage]
)
from aiokafka.record.util import calc_crc32c

from deploy.embedded.stack import Stack
from tests.support.replica import access

MAX_REQUEST = 64_000_000
LZ4 = 3
CODEC = 0x07
FRAME = bytes.fromhex("04224d18604082")
"""Beginning of an LZ4 frame with independent blocks of 64 KB."""


class OddName(str):
    """The name of a header that is no text."""

    raw: bytes = b"\xff\xfe\x00odd"

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """The bytes as they are."""
        return self.raw


@dataclass(frozen=True)
class Raw:
    """One record. Without a key or a value it has none; `lz4` says that its batch is compressed so."""

    value: bytes | None
    key: bytes | None = None
    headers: tuple[tuple[str, bytes | None], ...] = ()
    lz4: bool = False


def batch_of(record: Raw) -> bytes:
    """A batch of this record alone, as it goes over the wire."""
    builder = BatchBuilder(2, 0, 0, -1, -1, -1, MAX_REQUEST)
    builder.append(0, None, record.key, record.value, list(record.headers))
    batch = bytearray(builder.build())
    if record.lz4:
        head = BatchBuilder.HEADER_STRUCT.size
        body = bytes(batch[head:])
        batch[head:] = FRAME + struct.pack("<I", len(body) | 1 << 31) + body + struct.pack("<I", 0)
        batch[BatchBuilder.ATTRIBUTES_OFFSET + 1] |= LZ4
        struct.pack_into(">i", batch, 8, len(batch) - BatchBuilder.AFTER_LEN_OFFSET)
        struct.pack_into(">I", batch, BatchBuilder.CRC_OFFSET, calc_crc32c(batch[BatchBuilder.ATTRIBUTES_OFFSET :]))
    return bytes(batch)


async def send_raw(stack: Stack, topic: str, partition: int, records: Sequence[Raw]) -> list[int]:
    """Write the records, one batch each, in order; their offsets."""
    producer: Any = AIOKafkaProducer(
        **access(stack).options(), acks="all", max_request_size=MAX_REQUEST, enable_idempotence=False
    )
    await producer.start()
    try:
        offsets: list[int] = []
        for record in records:
            builder: Any = producer.create_batch()
            builder._buffer = batch_of(record)
            builder._relative_offset = 1
            builder.close()
            sent = await (await producer.send_batch(builder, topic, partition=partition))
            offsets.append(sent.offset)
        return offsets
    finally:
        await producer.stop()
