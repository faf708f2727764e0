"""A channel: one source's events in one topic, as one partition reads them."""

from enum import Enum

from shared.engine.partition import Mark

START = Mark(0, "")
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
    one; a copy at the mark with other bytes, or one that skips back behind the mark, comes from a second history.
    """
    if sequence == mark.sequence and digest != mark.digest:
        return Verdict.FORK
    if sequence <= mark.sequence:
        return Verdict.DUPLICATE
    if previous == mark.sequence:
        return Verdict.ACCEPT
    return Verdict.GAP if previous > mark.sequence else Verdict.FORK
