"""Record batches as they come from Kafka, read so that no record can keep its neighbours from being read.

aiokafka gives up on a whole partition where the name of a header is no UTF-8, or where a batch is compressed in a way
it knows no library for: every attempt fails at the same place, and what follows is never seen. Here such a name is
read with its odd bytes escaped, and each record of a batch that can't be opened is stood in for by one without value
that says why.
"""

import struct
from collections.abc import Iterator
from typing import Any, Self, cast

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import (
    _DefaultRecordBatchPy as SlowBatch,  # pyright: ignore[reportPrivateUsage]
)
from aiokafka.record.default_records import (
    _DefaultRecordPy as PlainRecord,  # pyright: ignore[reportPrivateUsage]
)
from aiokafka.record.memory_records import MemoryRecords

LENGTH_AT = 8
"""Where a batch says how many bytes follow its first twelve."""
BEFORE_LENGTH_COUNTS = 12


class Unopened(bytes):
    """Stands in for a value that can't be reached; `reason` says why."""

    reason: str

    def __new__(cls, reason: str) -> Self:
        """An empty value with this reason."""
        value = super().__new__(cls)
        value.reason = reason
        return value


def read_every_record() -> None:
    """Make all consumers of this process read as this module says. Harmless when repeated."""
    fetcher.MemoryRecords = Batches


class Batches:
    """The batches of one answer to a fetch, for aiokafka in place of its `MemoryRecords`."""

    def __init__(self, data: bytes) -> None:
        self._batches: Any = MemoryRecords(data)
        self._data = memoryview(data)
        self._position = 0

    def size_in_bytes(self) -> int:
        """Bytes of all batches."""
        return self._batches.size_in_bytes()

    def has_next(self) -> bool:
        """Whether there is another whole batch."""
        return self._batches.has_next()

    def next_batch(self) -> "Batch":
        """The next one."""
        begin = self._position
        (length,) = struct.unpack_from(">i", self._data, begin + LENGTH_AT)
        self._position = begin + BEFORE_LENGTH_COUNTS + length
        return Batch(self._batches.next_batch(), self._data[begin : self._position])


class Batch:
    """One batch; whatever else aiokafka asks of it is asked of its own."""

    def __init__(self, batch: Any, data: memoryview) -> None:
        self._batch = batch
        self._data = data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator[Any]:
        """Its records, every offset of them."""
        try:
            return iter(list(self._batch))
        except UnicodeDecodeError:
            return iter(self._with_names_escaped())
        except Exception as error:
            # What a codec raises on bytes that are none of its own is not listed anywhere.
            return iter(self._stood_in_for(error))

    def _with_names_escaped(self) -> list[Any]:
        slow: Any = SlowBatch(self._data)
        iter(slow)  # opens what is compressed
        slow._buffer = _Escaping(slow._buffer)
        return list(slow)

    def _stood_in_for(self, error: Exception) -> list[Any]:
        value = Unopened(f"in a batch that can't be opened: {error}")
        begin, end, time = self._batch.base_offset, self._batch.next_offset, self._batch.max_timestamp
        return [PlainRecord(offset, time, 0, None, value, []) for offset in range(begin, end)]


class _Escaping(bytearray):
    """Bytes whose parts decode without fail."""

    def __getitem__(self, where: Any) -> Any:
        if isinstance(where, slice):
            return _Escaping(super().__getitem__(cast("slice[int, int, None]", where)))
        return super().__getitem__(cast("int", where))

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """As text, with what is none escaped."""
        return super().decode(encoding, "backslashreplace")
