"""A channel: one source's events in one topic, as one partition reads them."""

from enum import Enum

from shared.engine.envelope import Envelope
from shared.engine.partition import Mark, Partition, partition_of

START = Mark(0, "", 0)
"""Where every channel begins."""


class Verdict(Enum):
    """What to do with the next record of a channel."""

    ACCEPT = "accept"
    DUPLICATE = "duplicate"
    GAP = "gap"
    FORK = "fork"


def channel_of(topic: str, source: str) -> str:
    """Name of the channel of `source` in `topic`."""
    return f"{topic}|{source}"


def judge(mark: Mark, sequence: int, previous: int, digest: str) -> Verdict:
    """Hold a record against the channel's mark.

    The record names the sequence before it on this channel (`previous`), so that a hole can't be mistaken for the next
    one; a copy at the mark with other bytes, one that skips back behind the mark, or one from where nothing was sent
    comes from a second history.
    """
    if sequence == mark.sequence and digest != mark.digest:
        return Verdict.FORK
    if 0 <= mark.previous < sequence < mark.sequence:
        return Verdict.FORK
    if sequence <= mark.sequence:
        return Verdict.DUPLICATE
    if previous == mark.sequence:
        return Verdict.ACCEPT
    return Verdict.GAP if previous > mark.sequence else Verdict.FORK


def why_stray(partition: Partition, topic: str, envelope: Envelope) -> str:
    """Why no relay can have written this event into this partition of `topic`; empty where one can.

    What lived here under an earlier N may come again: all of it was heard before N grew.
    """
    home = partition_of(envelope.key, partition.count)
    if home != partition.number and not _was_heard_here(partition, topic, envelope):
        return f"{envelope.key} lives in partition {home}"
    service, _, number = envelope.source.partition("/")
    if service != topic.partition(".")[0] or int(number) >= partition.count:
        return f"{envelope.source} does not write to {topic}"
    return ""


def _was_heard_here(partition: Partition, topic: str, envelope: Envelope) -> bool:
    if partition.number not in (partition_of(envelope.key, count) for count in partition.earlier):
        return False
    return envelope.sequence <= partition.marks.get(channel_of(topic, envelope.source), START).sequence


def is_lost_history(partition: Partition, envelope: Envelope) -> bool:
    """Whether an event of the partition's own log continues what is known of it, beyond its end.

    A topic is read in order, so of a lost history the beginning comes first; what follows no known event is a gap.
    """
    return envelope.previous <= partition.sequence < envelope.sequence
