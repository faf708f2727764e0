"""Prizes split by shares: no won is lost, none is made, and more of a share is never less money."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from services.awards.domain.grading import Candidate, place, propose
from services.awards.domain.settlement import split
from shared.contracts.types import Author
from shared.rules.awards import Remainder
from shared.rules.loader import pack
from tests.support.adopted import adopted

FIRST = Remainder.LARGEST_REMAINDER_LEAD_FIRST


@st.composite
def shared_by(draw: st.DrawFn) -> tuple[Author, ...]:
    """Up to ten authors whose shares, in hundredths of a per cent, total 100; the largest leads."""
    count = draw(st.integers(1, 10))
    cuts = sorted(draw(st.sets(st.integers(1, 9_999), min_size=count - 1, max_size=count - 1)))
    parts = sorted((b - a for a, b in zip([0, *cuts], [*cuts, 10_000], strict=True)), reverse=True)
    return tuple(Author(person_id=f"p-{n}", share=Decimal(part) / 100) for n, part in enumerate(parts))


@given(st.integers(0, 50_000_000), shared_by())
def test_payments_add_up_to_the_prize_and_are_within_a_won_of_the_share(
    prize: int, authors: tuple[Author, ...]
) -> None:
    payments = split(prize, authors, FIRST)
    assert sum(part.won for part in payments) == prize
    assert [part.person_id for part in payments] == [author.person_id for author in authors]
    for part in payments:
        assert abs(part.won - Fraction(part.share) * prize / 100) < 1


@given(st.integers(0, 50_000_000), shared_by())
def test_a_larger_share_is_never_less_and_of_equal_ones_the_earlier_is_not_less(
    prize: int, authors: tuple[Author, ...]
) -> None:
    won = [part.won for part in split(prize, authors, FIRST)]
    assert won == sorted(won, reverse=True)


@given(st.lists(st.integers(0, 10_000), max_size=30), st.sampled_from(["seoul-2025-1", "open-call"]))
def test_grades_never_exceed_their_number_and_never_rise_with_a_lower_score(scores: list[int], pack_id: str) -> None:
    rules = pack(pack_id).awards
    category = rules.categories[0]
    idea = adopted()
    candidates = [
        Candidate(f"i-{n}", Decimal(score) / 100, Decimal(80), idea.received_on) for n, score in enumerate(scores)
    ]
    placed = place(rules, candidates)
    order = [one.idea_id for one in placed]
    for found in (propose(rules, category, placed), propose(rules, category, placed, order)):
        ladder = [grade.code for grade in category.grades]
        steps = [ladder.index(found.grades[id]) for id in order if id in found.grades]
        assert steps == sorted(steps)
        for grade in category.grades:
            limit = grade.count.value
            assert limit is None or list(found.grades.values()).count(grade.code) <= limit
    assert not propose(rules, category, placed, order).tied
