"""Where events lie after N grew: from 2 partitions to 4, and on to 6."""

from shared.engine.generation import Generation, Segment, segments_of_key, segments_of_partition
from shared.engine.partition import partition_of

TWO, FOUR = Generation(2, (10, 30)), Generation(4, (15, 31, 7, 3))
KEY = next(key for n in range(99) if [partition_of(key := f"k{n}", count) for count in (2, 4, 6)] == [1, 3, 1])


def _plain(segments: tuple[Segment, ...]) -> list[tuple[int, int, int | None, int]]:
    return [(one.number, one.after, one.until, one.shift) for one in segments]


def test_without_a_growth_there_is_one_log_and_positions_are_numbers() -> None:
    assert _plain(segments_of_key([], 4, KEY)) == [(3, 0, None, 0)]
    assert _plain(segments_of_partition([], 4, 3)) == [(3, 0, None, 0)]


def test_a_key_goes_on_at_its_next_home_behind_all_positions_of_before() -> None:
    segments = segments_of_key([TWO, FOUR], 6, KEY)
    assert _plain(segments) == [(1, 0, 30, 0), (3, 0, 3, 30), (1, 31, None, 30 + 7 - 31)]
    last = [(one.until or one.after + 9) + one.shift for one in segments]
    first = [one.after + 1 + one.shift for one in segments]
    assert all(end < begin for end, begin in zip(last, first[1:], strict=False))


def test_only_segments_that_can_hold_a_key_of_the_partition_are_read() -> None:
    assert [one.number for one in segments_of_partition([TWO], 4, 2)] == [0, 2]
    assert [one.number for one in segments_of_partition([FOUR], 6, 5)] == [1, 3, 5]
    assert [one.number for one in segments_of_partition([Generation(3, (1, 1, 1))], 4, 0)] == [0, 1, 2, 0]


def test_a_segment_says_where_to_read_on_behind_a_position() -> None:
    segment = Segment(3, 0, 3, 30)
    assert [segment.behind(position) for position in (0, 30, 31, 32, 33, 99)] == [0, 0, 1, 2, None, None]
    assert Segment(1, 31, None, 6).behind(99) == 93
