"""What a prize may be, and who gets how much of it. To the won: no won is lost and none is made."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from shared.contracts.types import Author, Payment
from shared.engine.aggregate import require
from shared.rules.awards import AwardsRules, Grade, Remainder


def prize_of(rules: AwardsRules, grade: Grade, authors: int, wanted: int | None) -> int:
    """The prize of one award: what the pack proposes, or another amount that was chosen within the grade's range.

    From a number of authors on the upper end may rise (공무원 제안 규정 제17조 in packs that follow it).
    """
    if wanted is None:
        return grade.prize_won.value
    limits = grade.prize_range.value
    highest = limits.max
    uplift = rules.uplift.value
    if uplift is not None and authors >= uplift.authors_min:
        highest = int(limits.max * (100 + uplift.percent) / 100)
    require(limits.min <= wanted <= highest, "prize_out_of_range", grade=grade.code, lowest=limits.min, highest=highest)
    return wanted


def split(prize_won: int, authors: Sequence[Author], remainder: Remainder) -> tuple[Payment, ...]:
    """The prize by contribution shares. The payments add up to `prize_won`, and equal shares differ by a won at most.

    Won that do not divide go one each to the largest fractions; among equal ones in the order of `authors`, lead first.
    """
    assert remainder is Remainder.LARGEST_REMAINDER_LEAD_FIRST, remainder
    whole = Fraction(sum((author.share for author in authors), Decimal(0)))
    exact = [Fraction(author.share) * prize_won / whole for author in authors]
    won = [int(part) for part in exact]
    by_fraction = sorted(range(len(authors)), key=lambda at: (won[at] - exact[at], at))
    for at in by_fraction[: prize_won - sum(won)]:
        won[at] += 1
    return tuple(Payment(person_id=a.person_id, share=a.share, won=w) for a, w in zip(authors, won, strict=True))
