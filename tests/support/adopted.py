"""Adopted ideas as `ideas` tells of them, for tests of those who react to them."""

from datetime import date
from decimal import Decimal

from shared.contracts.ideas import IdeaAdopted
from shared.contracts.types import Author, Kind, Rule
from shared.engine.message import seal


def authors(**shares: str) -> tuple[Author, ...]:
    """Authors by person and share, lead first: `authors(kim="60", lee="40")`."""
    return tuple(Author(person_id=person, share=Decimal(share)) for person, share in shares.items())


def adopted(
    idea_id: str = "i-1",
    *,
    pack: str = "seoul-2025-1",
    kind: Kind = Kind.IMPROVE,
    score: str | None = "80",
    by: tuple[Author, ...] | None = None,
    received_on: date = date(2025, 2, 3),
    decided_on: date = date(2025, 3, 3),
) -> IdeaAdopted:
    """An adopted idea of kim's in the transport department."""
    return IdeaAdopted(
        idea_id=idea_id,
        pack=pack,
        kind=kind,
        category="교통",
        department="transport",
        title=seal("심야 버스", "kim"),
        authors=by or authors(kim="100"),
        score=None if score is None else Decimal(score),
        reason=seal("시민 불편 해소", idea_id),
        received_on=received_on,
        decided_on=decided_on,
        decided_by="head",
        rule=Rule(pack=pack),
    )
