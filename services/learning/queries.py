"""Reads of `learning` that go beyond one state: how far a case has spread. Nothing here is an event."""

from typing import Any

from services.learning.domain import OFFER
from services.learning.domain.offer import Offer
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


def _target(offer: Offer) -> dict[str, Any]:
    return {
        "target": offer.target,
        "owner": offer.owner,
        "due_at": offer.due_at,
        "answered_by": offer.answered_by,
        "answered_on": offer.answered_on,
        "reason": offer.reason.value if offer.reason else "",
    }
