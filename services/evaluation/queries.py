"""Reads of `evaluation` that go beyond one state. Nothing here is an event."""

from typing import Any

from services.evaluation.domain import EVALUATION, ROUND
from services.evaluation.domain.evaluation_state import Evaluation
from services.evaluation.domain.round_state import Round
from shared.duties.notice import shown
from shared.engine.message import Actor
from shared.runtime.problems import Problem
from shared.runtime.store.protocol import Reader

PAGE = 200


async def rankings(reader: Reader, round: Round, actor: Actor) -> dict[str, Any]:
    """The disclosed orders of a round, best first.

    One place tells of the others, so that whoever is in conflict about one idea sees no order at all. Raises Problem.
    """
    cursor: str | None = None
    while True:
        page = await reader.find(EVALUATION, {"round_id": round.id}, after=cursor, limit=PAGE)
        evaluations = (stored.state for stored in page.items)
        if any(isinstance(one, Evaluation) and one.conflict_of(actor.id, actor.department) for one in evaluations):
            raise Problem("not_found")
        cursor = page.cursor
        if cursor is None:
            break
    items = [one.model_dump(mode="json", exclude={"disclosed"}) for one in round.rankings if one.disclosed]
    return {"items": items, "next": None}


async def notices(reader: Reader, person: Actor, cursor: str | None, limit: int) -> dict[str, Any]:
    """What the person was told, by round. `limit` counts rounds."""
    page = await reader.find(ROUND, {"told.recipients": person.id}, after=cursor, limit=limit)
    rounds = (stored.state for stored in page.items)
    items = [one for round in rounds if isinstance(round, Round) for one in _told(round, person)]
    return {"items": items, "next": page.cursor}


def _told(round: Round, person: Actor) -> list[dict[str, Any]]:
    return shown(round.id, round.title, round.told, person.id)
