"""Partitions move as a whole, evenly, and no more of them than must."""

from hypothesis import given
from hypothesis import strategies as st

from shared.runtime.kafka.assignor import share_out

MEMBERS = st.dictionaries(
    st.sampled_from("abcdef"), st.tuples(st.lists(st.integers(0, 11), unique=True), st.integers(0, 5)), min_size=1
)


@given(MEMBERS)
def test_everything_is_shared_out_once_and_evenly(claims: dict[str, tuple[list[int], int]]) -> None:
    shares = share_out(list(range(12)), claims)
    assert sorted(p for owned in shares.values() for p in owned) == list(range(12))
    sizes = [len(owned) for owned in shares.values()]
    assert max(sizes) - min(sizes) <= 1


def test_a_member_that_comes_moves_only_what_it_gets() -> None:
    before = share_out(list(range(12)), {"a": ([], 0), "b": ([], 0)})
    after = share_out(list(range(12)), {"a": (before["a"], 1), "b": (before["b"], 1), "c": ([], 0)})
    assert set(after["a"]) <= set(before["a"]) and set(after["b"]) <= set(before["b"])
    assert len(after["c"]) == 4


def test_a_later_claim_beats_an_earlier_one() -> None:
    shares = share_out([0, 1], {"old": ([0, 1], 1), "new": ([0], 2)})
    assert shares == {"new": [0], "old": [1]}
