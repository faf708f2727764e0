"""The whole log as one file: every record's bytes as they lie in Kafka, to be kept and checked without any server.

The file begins with a line of JSON that says what it is. Each record follows as a line with topic, partition, offset
and the lengths of key and value (-1 for none), then key, value and a line end. Topics that are written to have no one
end: after the line "here" comes what was written while they were read, which may fill holes and opens none. A file that
was cut off is noticed: it ends with a line that counts its records.
"""

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, cast

import orjson
from pydantic import BaseModel, ValidationError

from owlbus.audit.check import LogCheck
from owlbus.audit.outcome import Unchecked
from shared.runtime.kafka.access import Access
from shared.runtime.kafka.records import Record, TopicReader

KIND = "owlbus-log"
VERSION = 1
LONGEST_LINE = 1_000
NONE = -1
HERE = b"here\n"


class Title(BaseModel):
    """The first line: what the file is, when the reading of the topics began, how many partitions a topic has."""

    kind: str = KIND
    version: int = VERSION
    made_at: datetime
    partitions: int
    topics: tuple[str, ...]


async def write_export(
    path: Path, access: Access, topics: Sequence[str], progress: Callable[[int], None] = lambda _: None
) -> int:
    """Write all records of `topics` to `path`, which is there whole or not at all; return how many.

    Raises TopicsUnfit, KafkaUnavailable, and Unchecked where the file can't be written.
    """
    title = Title(made_at=datetime.now(UTC), partitions=access.settings.partitions, topics=tuple(topics))
    async with TopicReader(access, topics) as reader:
        reader.expect(access.settings.partitions)
        try:
            with _replacing(path) as file:
                file.write(title.model_dump_json().encode() + b"\n")
                await _copy(reader, file, progress)
                file.write(HERE)
                await _copy(reader, file, progress)
                file.write(b"end %d\n" % reader.read)
        except OSError as error:
            raise Unchecked(f"{path} can't be written: {error}") from None
        return reader.read


async def _copy(reader: TopicReader, file: BinaryIO, progress: Callable[[int], None]) -> None:
    async for records in reader.to_end():
        file.writelines(map(_framed, records))
        progress(reader.read)


@contextmanager
def _replacing(path: Path) -> Generator[BinaryIO]:
    """A new file that takes the place of `path` once it is whole and on the disk."""
    with NamedTemporaryFile(dir=path.absolute().parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            yield cast(BinaryIO, file)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def check_export(path: Path) -> LogCheck:
    """Check every record of an export as `check_log` does those of topics. Raises Unchecked where it is not whole."""
    try:
        with path.open("rb") as file:
            title = _title(path, file)
            check = LogCheck(title.partitions)
            check.chains.counts.update(dict.fromkeys(title.topics, 0))
            for record in _records(path, file, check.end_here):
                check.add(record)
            return check
    except OSError as error:
        raise Unchecked(f"{path} can't be read: {error}") from None


def _framed(record: Record) -> bytes:
    key, value = record.key, record.value
    lengths = (NONE if key is None else len(key), NONE if value is None else len(value))
    head = f"{record.topic} {record.partition} {record.offset} {lengths[0]} {lengths[1]}\n"
    return b"".join((head.encode(), key or b"", value or b"", b"\n"))


def _title(path: Path, file: BinaryIO) -> Title:
    try:
        title = Title.model_validate(orjson.loads(file.readline(LONGEST_LINE)))
    except (ValidationError, orjson.JSONDecodeError):
        raise Unchecked(f"{path} is no export of a log") from None
    if (title.kind, title.version) != (KIND, VERSION):
        raise Unchecked(f"{path} is {title.kind} {title.version}, not {KIND} {VERSION}")
    return title


def _records(path: Path, file: BinaryIO, here: Callable[[], None]) -> Iterator[Record]:
    count = 0
    while head := file.readline(LONGEST_LINE):
        if head == b"end %d\n" % count:
            return
        if head == HERE:
            here()
            continue
        try:
            topic, partition, offset, key_length, value_length = head.decode().split(" ")
            lengths = int(key_length), int(value_length)
            body = file.read(max(0, lengths[0]) + max(0, lengths[1]) + 1)
            if body[-1:] != b"\n" or min(lengths) < NONE:
                break
            at = max(0, lengths[0])
            key = None if lengths[0] == NONE else body[:at]
            value = None if lengths[1] == NONE else body[at:-1]
            yield Record(topic, int(partition), int(offset), key, value)
        except ValueError:
            break
        count += 1
    raise Unchecked(f"{path} is damaged behind record {count}, or was cut off there")
