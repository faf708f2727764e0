"""What `awards` says: rounds, nominations, ballots (journal), grades, settlements.

A round's id is `PACK.YEAR` and a category's `PACK.YEAR.CODE`: a nomination can name its category before the round
opens.
"""

from datetime import date
from typing import Any, Literal

from shared.contracts import awards_duties
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
    SealedProse,
    Value,
    Won,
)
from shared.engine.message import Event, Instant
from shared.engine.upcast import upcaster


@upcaster("awards.IdeaNominated", 1)
@upcaster("awards.NomineeListed", 1)
def _every_nominee_was_scored(data: dict[str, Any]) -> dict[str, Any]:
    """In version 1 nobody stood for an award without an evaluation; its data reads as it is."""
    return data


FURTHER = (awards_duties,)
"""Whoever imports this module knows all types of `awards`, for what a consumer doesn't know it sets aside."""


class RankedNominee(Value):
    """One nominated idea at the close of its category.

    `score` is None where fewer members of the panel voted on it than the quorum. `grade` is empty where the bands
    propose none; `tied` where equal nominees would get different grades and a named person has to order them.
    """

    idea_id: Id
    authors: tuple[Author, ...]
    score: Score | None
    rank: int
    grade: str = ""
    tied: bool = False


class RoundOpened(Event, type="awards.RoundOpened", key="round_id"):
    """An award round (회차) opened under a pack, with its budget. `owner` is the department that runs it."""

    round_id: Id
    pack: Code
    year: int
    title: Line
    categories: tuple[Id, ...]
    panel: tuple[PersonId, ...]
    budget_won: Won
    closes_at: Instant
    opened_by: PersonId
    rule: Rule
    owner: Id | None = None


class CategoryAnnounced(Event, type="awards.CategoryAnnounced", key="category_id"):
    """Told to a category by its round: ballots may be cast until `closes_at`."""

    category_id: Id
    round_id: Id
    pack: Code
    panel: tuple[PersonId, ...]
    closes_at: Instant
    owner: Id | None = None


class CategoryOpened(Event, type="awards.CategoryOpened", key="category_id"):
    """The category accepts ballots."""

    category_id: Id
    round_id: Id
    pack: Code
    panel: tuple[PersonId, ...]
    closes_at: Instant
    owner: Id | None = None


class IdeaNominated(Event, type="awards.IdeaNominated", key="category_id", version=2):
    """An idea stands for an award (추천): adopted and above the pack's line, or a practice that was confirmed.

    `score` is its evaluation; a practice may have none.
    """

    idea_id: Id
    category_id: Id
    round_id: Id
    pack: Code
    kind: Kind
    department: Id
    title: SealedLine
    authors: tuple[Author, ...]
    score: Score | None
    received_on: date
    rule: Rule


class IdeaNotNominated(Event, type="awards.IdeaNotNominated", key="idea_id"):
    """An adopted idea does not stand for an award, and why."""

    idea_id: Id
    reason: Code
    rule: Rule


class NomineeListed(Event, type="awards.NomineeListed", key="category_id", version=2):
    """The category put a nominated idea on its list. `score` is its evaluation; a practice may have none."""

    category_id: Id
    idea_id: Id
    title: SealedLine
    authors: tuple[Author, ...]
    score: Score | None
    received_on: date


class BallotCast(Event, type="awards.BallotCast", key="category_id", journal=True):
    """A voter scored one nominated idea; the latest ballot of a voter on an idea counts.

    `voice` is the body of voters it counts for: the panel, the citizens.
    """

    category_id: Id
    voter_id: PersonId
    voice: Code
    idea_id: Id
    points: Score


class BallotsClosed(Event, type="awards.BallotsClosed", key="category_id", journal=True):
    """No more ballots. Nothing of the result leaves before `disclosure_at`. `closed_by` is empty for the deadline."""

    category_id: Id
    closed_by: str
    disclosure_at: Instant


class CategoryClosed(Event, type="awards.CategoryClosed", key="round_id"):
    """Ballots are opened, all at once: ranking and the grades that the bands propose.

    `outcome` is "no_winner" where no nominee reaches a band, or there is no nominee at all. `closed_by` is the person
    who closed it, empty where the deadline did.
    """

    category_id: Id
    round_id: Id
    pack: Code
    outcome: Literal["proposed", "no_winner"]
    nominees: tuple[RankedNominee, ...]
    ballots: int
    closed_by: str
    rule: Rule


class ResultNoted(Event, type="awards.ResultNoted", key="round_id", journal=True):
    """The round took note of a category's result. `drafter` is the person who may therefore not confirm it."""

    round_id: Id
    category_id: Id
    outcome: Literal["proposed", "no_winner"]
    nominees: tuple[RankedNominee, ...]
    drafter: PersonId


class GradesConfirmed(Event, type="awards.GradesConfirmed", key="round_id"):
    """A named person confirmed or withheld the proposed grades of a category; its prizes add up to `committed_won`."""

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


class AwardNotGranted(Event, type="awards.AwardNotGranted", key="idea_id"):
    """A nominated idea gets no award: no grade, withheld with a reason, or it came to a category that takes no more."""

    idea_id: Id
    category_id: Id
    reason: Literal["no_grade", "withheld", "category_closed", "category_full"]
    note: SealedProse | None = None


class NominationSettled(Event, type="awards.NominationSettled", key="idea_id"):
    """The nomination ended with a grade and its settlement by shares."""

    idea_id: Id
    grade: Code
    prize_won: Won
    payments: tuple[Payment, ...]


class NominationEnded(Event, type="awards.NominationEnded", key="idea_id"):
    """The nomination ended without an award, and why."""

    idea_id: Id
    reason: Code


class RoundClosed(Event, type="awards.RoundClosed", key="round_id"):
    """All categories are confirmed. What was not granted returns to the budget."""

    round_id: Id
    granted_won: Won
    returned_won: Won


class SharesAwaited(Event, type="awards.SharesAwaited", key="idea_id"):
    """The authors' shares are open: what the idea wins is not settled before they stand."""

    idea_id: Id


class SharesNoted(Event, type="awards.SharesNoted", key="idea_id"):
    """The shares that stand, and by which prizes are settled."""

    idea_id: Id
    authors: tuple[Author, ...]


class SettlementHeld(Event, type="awards.SettlementHeld", key="idea_id"):
    """The idea won, but no money moves while its authors' shares are open."""

    idea_id: Id
    grade: Code
    prize_won: Won
