"""HTTP of graded outcomes (창의성과 평가). The grading itself is an evaluation like any other, with all of its routes.

Whoever is in conflict with one of the ideas sees no report: means tell of what they are made of.
"""

from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import Response

from services.evaluation.domain import EVALUATION
from services.evaluation.domain.attained import Graded, attained, share
from services.evaluation.domain.evaluation_state import Evaluation, Phase
from services.evaluation.domain.results import rules_of
from shared.contracts.types import Code
from shared.engine.message import Actor
from shared.rules.loader import pack, packs
from shared.runtime.caller import Caller, allow, reply
from shared.runtime.problems import Problem
from shared.runtime.store.protocol import Reader

router = APIRouter(tags=["outcomes"])

Reading = Annotated[Caller, allow("receiver", "chair", "award_officer", "auditor")]
PAGE = 200


@router.get("/outcomes/{pack_id}")
async def report(pack_id: Code, caller: Reading) -> Response:
    """What was expected of implemented ideas against what panels found, over all and by department (성과 비교)."""
    rules = pack(pack_id).evaluation.outcome if pack_id in packs() else None
    if rules is None:
        raise Problem("not_found")
    forecasts = await _scores(caller.reader, pack_id, rules.forecast, caller.actor)
    outcomes = await _scores(caller.reader, pack_id, rules.stage, caller.actor)
    graded = [
        Graded(idea, department, forecasts[idea][1], measured)
        for idea, (department, measured) in outcomes.items()
        if idea in forecasts
    ]
    found = attained(graded)
    head: dict[str, Any] = {"pack": pack_id, "forecast": rules.forecast, "stage": rules.stage}
    lines = [{name: str(v) if isinstance(v, Decimal) else v for name, v in asdict(one).items()} for one in found]
    return reply({**head, "over": len(graded), "all": lines[0] if lines else None, "departments": lines[1:]})


async def _scores(reader: Reader, pack_id: str, stage: str, actor: Actor) -> dict[str, tuple[str, Decimal]]:
    """Department and disclosed score, in per cent, by idea. Raises Problem for who is in conflict with any of them."""
    found: dict[str, tuple[str, Decimal]] = {}
    rules = rules_of(pack_id, stage)
    cursor: str | None = None
    while True:
        page = await reader.find(EVALUATION, {"pack": pack_id, "stage": stage}, after=cursor, limit=PAGE)
        for state in (stored.state for stored in page.items):
            assert isinstance(state, Evaluation)
            near = state.conflict_of(actor.id, actor.department) is not None
            if near and actor.role != "auditor":
                raise Problem("not_found")
            if state.phase is Phase.DISCLOSED and state.score is not None:
                found[state.idea_id] = (state.department, share(rules, state.score))
        cursor = page.cursor
        if cursor is None:
            return found
