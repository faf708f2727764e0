"""Reads of `awards` that go beyond one state: the award table, a person's payments and notices. No events here."""

from typing import Any

from services.awards.domain import NOMINATION, ROUND
from services.awards.domain.nomination import Nomination, Stage
from services.awards.domain.round import Award, Round
from services.awards.domain.rules import category_rules
from shared.duties.notice import shown
from shared.engine.message import Actor
from shared.runtime.store.protocol import Reader


async def award_table(reader: Reader, round: Round) -> dict[str, Any]:
    """All awards of a round by category, best first, with labels from the pack and titles from the nominations.

    Payments are those that were settled; while an idea's shares are open there are none, and it is `held`.
    """
    nominations = await _nominations(reader, [award.idea_id for award in round.awards])
    return {
        "round_id": round.id,
        "stage": round.stage.value,
        "title": round.title,
        "budget_won": round.budget_won,
        "granted_won": round.committed_won,
        "returned_won": round.returned_won,
        "categories": [_category(round, category_id, nominations) for category_id in round.categories],
    }


async def payments(reader: Reader, person: Actor, cursor: str | None, limit: int) -> dict[str, Any]:
    """The person's own parts of prizes, by idea."""
    page = await reader.find(NOMINATION, {"payments.person_id": person.id}, after=cursor, limit=limit)
    items = [
        {
            "idea_id": nomination.id,
            "title": _title(nomination),
            "category_id": nomination.category_id,
            "grade": nomination.grade,
            "prize_won": nomination.prize_won,
            **part.model_dump(mode="json", exclude={"person_id"}),
        }
        for stored in page.items
        if isinstance(nomination := stored.state, Nomination)
        for part in nomination.payments
        if part.person_id == person.id
    ]
    return {"items": items, "next": page.cursor}


async def notices(reader: Reader, person: Actor, cursor: str | None, limit: int) -> dict[str, Any]:
    """What the person was told, by round. `limit` counts rounds."""
    page = await reader.find(ROUND, {"told.recipients": person.id}, after=cursor, limit=limit)
    rounds = (stored.state for stored in page.items)
    items = [one for round in rounds if isinstance(round, Round) for one in _told(round, person)]
    return {"items": items, "next": page.cursor}


def _told(round: Round, person: Actor) -> list[dict[str, Any]]:
    return shown(round.id, round.title, round.told, person.id)


def _category(round: Round, category_id: str, nominations: dict[str, Nomination]) -> dict[str, Any]:
    result = round.result(category_id)
    awards = [award for award in round.awards if award.category_id == category_id]
    if result is None:
        outcome = "voting"
    elif not result.confirmed_by:
        outcome = "to_confirm"
    else:
        outcome = "awarded" if awards else "no_winner"
    return {
        "category_id": category_id,
        "label": category_rules(round.pack, category_id).label.model_dump(),
        "outcome": outcome,
        "confirmed_by": result.confirmed_by if result else "",
        "awards": [_award(round, award, nominations.get(award.idea_id)) for award in awards],
    }


def _award(round: Round, award: Award, nomination: Nomination | None) -> dict[str, Any]:
    grade = category_rules(round.pack, award.category_id).grade(award.grade)
    assert grade is not None, award.grade
    held = nomination is not None and nomination.shares_open
    settled = nomination.payments if nomination and nomination.stage is Stage.AWARDED else award.payments
    return {
        **award.model_dump(mode="json", exclude={"category_id", "payments"}),
        "payments": [] if held else [part.model_dump(mode="json") for part in settled],
        "held": held,
        "title": _title(nomination) if nomination else "",
        "label": grade.label.model_dump(),
    }


async def _nominations(reader: Reader, ideas: list[str]) -> dict[str, Nomination]:
    if not ideas:
        return {}
    page = await reader.find(NOMINATION, {"id": ideas}, limit=len(ideas))
    found = (stored.state for stored in page.items)
    return {one.id: one for one in found if isinstance(one, Nomination)}


def _title(nomination: Nomination) -> str:
    return nomination.title.value if nomination.title else ""
