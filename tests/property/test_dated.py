"""What an entry of a directory says on a day, however one gets there."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.ideas.domain.dated import Dated, on, turn_after

START = date(2025, 1, 1)


class Said(Dated):
    """An entry that can be told from others."""

    number: int


def _entry(number: int, first: int, length: int | None) -> Said:
    begins = START + timedelta(days=first)
    return Said(number=number, first=begins, last=None if length is None else begins + timedelta(days=length))


SPANS = st.lists(st.tuples(st.integers(0, 40), st.none() | st.integers(0, 20)), max_size=8)


@given(SPANS)
def test_walking_from_deadline_to_deadline_gives_what_holds_on_each_day(spans: list[tuple[int, int | None]]) -> None:
    entries = [_entry(number, first, length) for number, (first, length) in enumerate(spans)]
    day, counted = START - timedelta(days=1), on(entries, START - timedelta(days=1))
    turns: dict[date, Said | None] = {}
    while (turn := turn_after(entries, day)) is not None:
        assert turn > day
        day, counted = turn, on(entries, turn)
        turns[turn] = counted
    holds = on(entries, START - timedelta(days=1))
    for offset in range(70):
        today = START + timedelta(days=offset)
        if today in turns:
            assert turns[today] is not holds, "nothing fires for nothing"
            holds = turns[today]
        by_hand = [one for one in entries if one.first <= today and (one.last is None or today <= one.last)]
        assert holds is (by_hand[-1] if by_hand else None)
