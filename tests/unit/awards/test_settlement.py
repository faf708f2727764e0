"""Prizes by shares, in worked examples; what holds for all of them is in tests/property/test_awards.py."""

import pytest

from services.awards.domain.settlement import split
from shared.contracts.types import Author
from shared.rules.awards import Remainder
from tests.support.adopted import authors

SHARED = authors(kim="50", lee="50")
THIRDS = authors(kim="33.34", lee="33.33", park="33.33")
FOUR = authors(kim="40", lee="30", park="20", choi="10")


@pytest.mark.parametrize(
    ("prize", "by", "won"),
    [
        (3_000_000, authors(kim="100"), [3_000_000]),
        (500_001, SHARED, [250_001, 250_000]),  # of equal fractions the lead's comes first
        (500_001, SHARED[::-1], [250_001, 250_000]),
        (1_000_000, THIRDS, [333_400, 333_300, 333_300]),
        (100, THIRDS, [34, 33, 33]),
        (101, THIRDS, [34, 34, 33]),  # 33.67, 33.66, 33.66: two won are left, equals go in order
        (7, FOUR, [3, 2, 1, 1]),  # 2.8, 2.1, 1.4, 0.7: two won are left, for the largest fractions
        (0, FOUR, [0, 0, 0, 0]),
        (10, authors(kim="33.33", lee="33.33", park="33.33"), [4, 3, 3]),  # shares short of 100 lose nothing
    ],
)
def test_worked_examples(prize: int, by: tuple[Author, ...], won: list[int]) -> None:
    payments = split(prize, by, Remainder.LARGEST_REMAINDER_LEAD_FIRST)
    assert [part.won for part in payments] == won
    assert [(part.person_id, part.share) for part in payments] == [(one.person_id, one.share) for one in by]
