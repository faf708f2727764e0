"""Reads of `learning` that go beyond one state: how far a case has spread, notices. Nothing here is an event."""

from typing import Any

from services.learning.domain import GROUP, OFFER
from services.learning.domain.group import Group
from services.learning.domain.offer import Offer
from shared.duties.notice import shown
from shared.engine.message import Actor
from shared.runtime.store.protocol import Reader

WAITING = ("offered", "overdue")
ANSWERS = ("adopted", "adapted", "declined")


async def spread(reader: Reader, idea_id: str) -> dict[str, Any]:
    """The targets of a case by answer, or by stage where there is none yet, each with who answers and by when."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in (*ANSWERS, *WAITING)}
    cursor: str | None = None
    while True:
        page = await reader.find(OFFER, {"idea_id": idea_id}, after=cursor, limit=200)
        for stored in page.items:
            if isinstance(offer := stored.state, Offer):
                found[offer.answer or offer.stage.value].append(_target(offer))
        cursor = page.cursor
        if cursor is None:
            break
    counts = {name: len(targets) for name, targets in found.items()}
    return {"idea_id": idea_id, "offers": sum(counts.values()), "counts": counts, "targets": found}


async def notices(reader: Reader, person: Actor, cursor: str | None, limit: int) -> dict[str, Any]:
    """What the person was told, by group. `limit` counts groups."""
    page = await reader.find(GROUP, {"told.recipients": person.id}, after=cursor, limit=limit)
    groups = (stored.state for stored in page.items)
    items = [one for group in groups if isinstance(group, Group) for one in _told(group, person)]
    return {"items": items, "next": page.cursor}


def _told(group: Group, person: Actor) -> list[dict[str, Any]]:
    return shown(group.id, group.name, group.told, person.id)


def _target(offer: Offer) -> dict[str, Any]:
    return {
        "target": offer.target,
        "owner": offer.owner,
        "due_at": offer.due_at,
        "answered_by": offer.answered_by,
        "answered_on": offer.answered_on,
        "reason": offer.reason.value if offer.reason else "",
    }
