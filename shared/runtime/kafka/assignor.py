"""Assigns partition p as a whole: the same member gets number p of every topic it subscribes to.

Sticky: each member tells what it owned and in which round, and keeps it as far as the shares allow, so that a rebalance
moves no more partitions than it must.
"""

from collections.abc import Iterable, Mapping

import orjson
from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.assignors.abstract import AbstractPartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata

VERSION = 0


class WholePartitionAssignor(AbstractPartitionAssignor):
    """An instance per consumer; it remembers that consumer's last assignment."""

    @property
    def name(self) -> str:
        """What the group's members agree on."""
        return "owlbus-whole"

    def __init__(self) -> None:
        self._owned: list[int] = []
        self._round = 0

    def metadata(self, topics: Iterable[str]) -> ConsumerProtocolMemberMetadata:  # pyright: ignore[reportIncompatibleMethodOverride]
        """What this member tells the group's leader: its topics, what it owned, in which round."""
        user_data = orjson.dumps({"owned": self._owned, "round": self._round})
        return ConsumerProtocolMemberMetadata(VERSION, list(topics), user_data)

    def assign(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, cluster: ClusterMetadata, members: Mapping[str, ConsumerProtocolMemberMetadata]
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        """Share the partition numbers out over the members; run by the group's leader only."""
        topics = {topic for member in members.values() for topic in member.subscription}
        numbers = sorted({p for topic in topics for p in cluster.partitions_for_topic(topic) or ()})
        claims = {member: _claim(data.user_data) for member, data in members.items()}
        latest = max((round_ for _, round_ in claims.values()), default=0)
        shares = share_out(numbers, {member: claims[member] for member in sorted(members)})
        user_data = orjson.dumps({"round": latest + 1})
        return {
            member: ConsumerProtocolMemberAssignment(
                VERSION, [(topic, shares[member]) for topic in sorted(data.subscription)], user_data
            )
            for member, data in members.items()
        }

    def on_assignment(self, assignment: ConsumerProtocolMemberAssignment) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Remember the outcome for the next round."""
        self._owned = sorted({p for _, numbers in assignment.assignment for p in numbers})
        self._round = int(orjson.loads(assignment.user_data or b"{}").get("round", 0))


def _claim(user_data: bytes) -> tuple[list[int], int]:
    data = orjson.loads(user_data or b"{}")
    return list(data.get("owned", [])), int(data.get("round", 0))


def share_out(numbers: list[int], claims: Mapping[str, tuple[list[int], int]]) -> dict[str, list[int]]:
    """Even shares (they differ by one at most); a claim of a later round beats one of an earlier."""
    shares: dict[str, list[int]] = {member: [] for member in claims}
    free = set(numbers)
    small, extra = divmod(len(numbers), len(claims))
    for member in sorted(claims, key=lambda name: (-claims[name][1], -len(claims[name][0]), name)):
        limit = small + (1 if extra > 0 else 0)
        kept = [p for p in claims[member][0] if p in free][:limit]
        extra -= len(kept) > small
        shares[member] = kept
        free -= set(kept)
    for p in sorted(free):
        smallest = min(shares, key=lambda name: (len(shares[name]), name))
        shares[smallest].append(p)
    return {member: sorted(owned) for member, owned in shares.items()}
