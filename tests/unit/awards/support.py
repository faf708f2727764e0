"""A round under a pack, step by step, for tests of `awards`."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from services.awards.domain import CATEGORY, NOMINATION, ROUND
from services.awards.domain.commands import CastBallot, CloseCategory, ConfirmGrades, OpenRound
from services.awards.domain.rules import category_id, round_id
from shared.contracts.awards import CategoryAnnounced, CategoryClosed, IdeaNominated, NomineeListed
from shared.contracts.types import Author, Authority
from shared.engine.message import Actor, Event
from shared.rules.loader import pack
from tests.support.adopted import adopted, authors
from tests.support.given import NOON, Given

SEOUL, NATIONAL, OPEN_CALL = "seoul-2025-1", "kr-national-2023-09", "open-call"
PACKS = (SEOUL, NATIONAL, OPEN_CALL)

OFFICER = Actor("officer", "award_officer", "creative")
APPROVER = Actor("approver", "award_officer", "creative")
AUDITOR = Actor("auditor", "auditor")
PANEL = tuple(f"panel-{number}" for number in range(1, 11))
PANELISTS = tuple(Actor(person, "panelist") for person in PANEL)
CITIZEN = Actor("citizen-1", "citizen")
CLOSES = datetime(2025, 3, 20, 15, 0, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


def main_category(pack_id: str) -> str:
    """The id of the first category of the pack's round of 2025, which takes improvements."""
    return category_id(round_id(pack_id, 2025), pack(pack_id).awards.categories[0].code)


def given_round(pack_id: str) -> Given:
    """The round of 2025."""
    return Given(ROUND, round_id(pack_id, 2025), actor=OFFICER)


def given_category(pack_id: str) -> Given:
    """Its first category."""
    return Given(CATEGORY, main_category(pack_id), actor=OFFICER)


given_nomination = Given(NOMINATION, "i-1")


def opening(pack_id: str, **changes: Any) -> OpenRound:
    """An opening that suffices under every pack."""
    whole: dict[str, Any] = {
        "pack": pack_id,
        "year": 2025,
        "title": "2025년 창의상",
        "panel": PANEL,
        "non_officials": PANEL[:5],
        "closes_at": CLOSES,
    }
    return OpenRound(**(whole | changes))


def announced(pack_id: str) -> CategoryAnnounced:
    """What the round tells its first category."""
    return given_round(pack_id).when(opening(pack_id)).events[1]  # pyright: ignore[reportReturnType]


def nominated(
    pack_id: str,
    idea_id: str,
    *,
    score: str = "80",
    by: tuple[Author, ...] | None = None,
    received_on: date = date(2025, 2, 3),
) -> IdeaNominated:
    """What a nomination tells the first category."""
    idea = adopted(idea_id, pack=pack_id, score=score, by=by, received_on=received_on)
    return Given(NOMINATION, idea_id).when(idea).event(IdeaNominated)


def ballots(given: Given, idea_id: str, *points: str) -> Given:
    """Further ballots on one idea, by the members of the panel in order; a blank one is not cast."""
    for voter, given_points in zip(PANELISTS, points, strict=False):
        if given_points:
            command = CastBallot(idea_id=idea_id, points=Decimal(given_points))
            given = given(*given.past, *given.when(command, actor=voter).events)
    return given


def open_category(pack_id: str, *nominations: IdeaNominated) -> Given:
    """A category that takes ballots on these ideas."""
    given = given_category(pack_id)
    for message in (announced(pack_id), *nominations):
        given = given(*given.past, *given.when(message).events)
    return given


def closed(pack_id: str, scores: dict[str, str], **by: tuple[Author, ...]) -> CategoryClosed:
    """The close of the first category, with these scores out of 100 given by the whole panel."""
    given = open_category(pack_id, *(nominated(pack_id, idea, by=by.get(idea)) for idea in scores))
    most = pack(pack_id).awards.panel.ballot_scale.value.max
    for idea, score in scores.items():
        given = ballots(given, idea, *[str(Decimal(score) * most / 100)] * len(PANEL))
    return given.when(CloseCategory()).event(CategoryClosed)


def empty(pack_id: str, category: str) -> CategoryClosed:
    """The close of a category nobody was nominated for."""
    return closed(pack_id, {}).model_copy(update={"category_id": category})


def reported(pack_id: str, *results: CategoryClosed) -> Given:
    """An open round that has heard these results."""
    given = given_round(pack_id)
    given = given(*given.when(opening(pack_id)).events)
    for result in results:
        given = given(*given.past, *given.when(result).events)
    return given


def confirmation(category: str, **changes: Any) -> ConfirmGrades:
    """A confirmation with an authority that suffices."""
    whole: dict[str, Any] = {
        "category_id": category,
        "authority": Authority(document_no="창의-2025-7", approver="director", capacity="결재", at=date(2025, 3, 3)),
    }
    return ConfirmGrades(**(whole | changes))


def listed(events: tuple[Event, ...]) -> list[str]:
    """The ideas that these events list."""
    return [event.idea_id for event in events if isinstance(event, NomineeListed)]


__all__ = ["adopted", "authors"]
