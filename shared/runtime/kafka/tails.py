"""Reading a service's own topics for what its store lacks."""

from collections.abc import Mapping, Sequence

from shared.engine.emit import Entry
from shared.engine.envelope import Unreadable, decode
from shared.runtime.kafka.access import Access
from shared.runtime.kafka.records import Record, read_topics

SOURCE_HEADER = "ce_source"


async def read_tails(
    access: Access, service: str, topics: Sequence[str], ends: Mapping[int, int]
) -> dict[int, list[Entry]]:
    """The events of the service's partitions that bear a number above the one in `ends`, bytes unchanged, in any order.

    Reads the topics from their beginning: where an event lies says nothing about which partition emitted it. Copies
    are left out. Raises TopicsUnfit, KafkaUnavailable.
    """
    sources = {f"{service}/{number}": number for number in ends}
    found: dict[int, dict[tuple[int, bytes], Entry]] = {number: {} for number in ends}
    async for records in read_topics(access, topics):
        for record in records:
            number = sources.get(dict(record.headers).get(SOURCE_HEADER, b"").decode(errors="replace"))
            entry = _entry(record, f"{service}/{number}") if number is not None else None
            if number is not None and entry is not None and entry.sequence > ends[number]:
                found[number].setdefault((entry.sequence, entry.value), entry)
    return {number: list(entries.values()) for number, entries in found.items()}


def _entry(record: Record, source: str) -> Entry | None:
    """A record as the log keeps it; None where it is no event of `source`, whatever its headers say."""
    value = record.value or b""
    try:
        envelope = decode(value)
    except Unreadable:
        return None
    if envelope.source != source:
        return None
    return Entry(
        envelope.sequence, value, record.topic, record.partition, envelope.key, envelope.subject, record.headers
    )
