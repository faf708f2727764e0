"""Where a key lives, and how a source's events are held against one another."""

import pytest
from aiokafka.partitioner import murmur2 as reference  # pyright: ignore[reportUnknownVariableType]
from hypothesis import given
from hypothesis import strategies as st

from shared.engine.channel import Verdict, judge
from shared.engine.partition import Mark, murmur2, partition_of


@given(st.binary(max_size=64))
def test_murmur2_is_kafkas(data: bytes) -> None:
    assert murmur2(data) & 0x7FFFFFFF == reference(data) & 0x7FFFFFFF


def test_a_key_stays_where_it_is() -> None:
    assert [partition_of(key, 12) for key in ("제안-1", "idea", "")] == [
        partition_of(k, 12) for k in ("제안-1", "idea", "")
    ]
    assert {partition_of(f"k{i}", 12) for i in range(200)} == set(range(12))


@pytest.mark.parametrize(
    ("sequence", "previous", "digest", "verdict"),
    [
        (6, 5, "x", Verdict.ACCEPT),
        (9, 5, "x", Verdict.ACCEPT),
        (5, 3, "m", Verdict.DUPLICATE),
        (3, 1, "x", Verdict.DUPLICATE),
        (4, 3, "x", Verdict.FORK),
        (5, 3, "x", Verdict.FORK),
        (9, 6, "x", Verdict.GAP),
        (9, 4, "x", Verdict.FORK),
    ],
)
def test_a_record_is_held_against_the_mark(sequence: int, previous: int, digest: str, verdict: Verdict) -> None:
    assert judge(Mark(5, "m", 3), sequence, previous, digest) is verdict
