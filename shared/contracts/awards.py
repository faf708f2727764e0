"""What `awards` says: rounds, nominations, ballots (journal), grades, settlements.

A round's id is `PACK.YEAR` and a category's `PACK.YEAR.CODE`: a nomination can name its category before the round opens.
"""

from typing import Literal

from shared.contracts.types import (
    Author,
    Authority,
    Code,
    Id,
    Kind,
    Line,
    Payment,
    PersonId,
    Rule,
    Score,
    SealedLine,
    Value,
    Won,
)
from shared.engine.message import Event, Instant


class RankedNominee(Value):
    """One nominated idea at the close of its category. `grade` is empty where the bands propose none."""

    idea_id: Id
    title: SealedLine
    authors: tuple[Author, ...]
    score: Score
    rank: int
    grade: str = ""


class RoundOpened(Event, type="awards.RoundOpened", key="round_id"):
    """An award round (회차) opened under a pack, with its budget."""

    round_id: Id
    pack: Code
    year: int
    title: Line
    categories: tuple[Id, ...]
    budget_won: Won
    rule: Rule


class CategoryAnnounced(Event, type="awards.CategoryAnnounced", key="category_id"):
    """Told to a category by its round: ballots may be cast until `closes_at`."""

    category_id: Id
    round_id: Id
    pack: Code
    panel: tuple[PersonId, ...]
    closes_at: Instant | None = None


class CategoryOpened(Event, type="awards.CategoryOpened", key="category_id"):
    """The category accepts ballots."""

    category_id: Id
    round_id: Id
    pack: Code
    panel: tuple[PersonId, ...]
    closes_at: Instant | None = None


class IdeaNominated(Event, type="awards.IdeaNominated", key="category_id"):
    """An adopted idea reached the pack's line and stands for an award (추천)."""

    idea_id: Id
    category_id: Id
    round_id: Id
    kind: Kind
    department: Id
    title: SealedLine
    authors: tuple[Author, ...]
    score: Score
    rule: Rule


class IdeaNotNominated(Event, type="awards.IdeaNotNominated", key="idea_id"):
    """An adopted idea does not stand for an award, and why."""

    idea_id: Id
    reason: Code
    rule: Rule


class NomineeListed(Event, type="awards.NomineeListed", key="category_id"):
    """The category put a nominated idea on its list."""

    category_id: Id
    idea_id: Id
    title: SealedLine
    authors: tuple[Author, ...]
    score: Score


class BallotCast(Event, type="awards.BallotCast", key="category_id", journal=True):
    """A panelist scored one nominated idea; the latest ballot of a panelist on an idea counts."""

    category_id: Id
    panelist_id: PersonId
    idea_id: Id
    points: Score


class CategoryClosed(Event, type="awards.CategoryClosed", key="round_id"):
    """Ballots are closed and opened at once: ranking and the grades that the bands propose.

    `outcome` is "no_winner" where no nominee reaches a band, or there is no nominee at all.
    """

    category_id: Id
    round_id: Id
    pack: Code
    outcome: Literal["proposed", "no_winner"]
    nominees: tuple[RankedNominee, ...]
    ballots: int
    rule: Rule


class GradesConfirmed(Event, type="awards.GradesConfirmed", key="round_id"):
    """A named person confirmed (or withheld) the proposed grades of a category."""

    round_id: Id
    category_id: Id
    confirmed_by: PersonId
    authority: Authority | None
    granted: tuple[Id, ...]
    committed_won: Won
    rule: Rule


class AwardGranted(Event, type="awards.AwardGranted", key="idea_id"):
    """An idea won a grade. The payments add up to `prize_won` to the won."""

    idea_id: Id
    round_id: Id
    category_id: Id
    grade: Code
    prize_won: Won
    payments: tuple[Payment, ...]
    authority: Authority | None
    rule: Rule


class NominationSettled(Event, type="awards.NominationSettled", key="idea_id"):
    """The nomination ended with a grade and its settlement by shares."""

    idea_id: Id
    grade: Code
    prize_won: Won
    payments: tuple[Payment, ...]


class RoundClosed(Event, type="awards.RoundClosed", key="round_id"):
    """All categories are confirmed. What was not granted returns to the budget."""

    round_id: Id
    granted_won: Won
    returned_won: Won
