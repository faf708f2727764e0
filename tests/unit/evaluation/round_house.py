"""A round over HTTP, with `ideas` beside it."""

from datetime import datetime
from typing import Any

from shared.engine.message import Actor
from shared.rules.loader import pack
from tests.support.house import House
from tests.unit.evaluation.rounds import id_of, opening
from tests.unit.evaluation.support import CHAIR, RECEIVER, rater
from tests.unit.ideas.support import LEAD, submission


async def submitted(house: House, pack_id: str, **changes: Any) -> str:
    """An idea."""
    body = submission(pack_id, **changes).model_dump(mode="json")
    return str((await house.must(LEAD, "POST", "/ideas", body))["id"])


async def complete(house: House, idea: str) -> None:
    """It goes to evaluation."""
    await house.must(RECEIVER, "POST", f"/ideas/{idea}/receipt", {})
    await house.must(RECEIVER, "POST", f"/ideas/{idea}/completeness", {"outcome": "complete"})


async def opened(house: House, pack_id: str, *ideas: str) -> str:
    """A round with these ideas; its path."""
    body = opening(pack_id).model_dump(mode="json")
    await house.must(CHAIR, "POST", "/rounds", body, service="evaluation")
    path = f"/rounds/{id_of(pack_id)}"
    if ideas:
        await house.must(CHAIR, "POST", f"{path}/ideas", {"ideas": list(ideas)}, service="evaluation")
    return path


async def get(house: House, actor: Actor, path: str) -> Any:
    """What somebody sees."""
    return await house.must(actor, "GET", path, service="evaluation")


async def sign(house: House, path: str, *actors: Actor, interests: list[dict[str, str]] | None = None) -> None:
    """They sign the statement."""
    body = {"complete": True, "interests": interests or []}
    for actor in actors:
        await house.must(actor, "POST", f"{path}/statements", body, service="evaluation")


async def name(house: House, path: str, idea: str, *raters: str) -> None:
    """These are to score the idea."""
    body = {"idea_id": idea, "raters": list(raters)}
    await house.must(CHAIR, "POST", f"{path}/raters", body, service="evaluation")


def sheet(pack_id: str, stage: str, points: str) -> dict[str, Any]:
    """Every criterion with the same points."""
    found = pack(pack_id).evaluation.stage(stage)
    assert found is not None
    return {"scores": [{"criterion": c.code, "points": points, "reason": "근거"} for c in found.criteria]}


async def score(house: House, idea: str, pack_id: str, stage: str, points: str, *raters: int) -> None:
    """They score it."""
    for number in raters:
        path, body = f"/evaluations/{idea}/{stage}/scores", sheet(pack_id, stage, points)
        await house.must(rater(number), "POST", path, body, service="evaluation")


async def scored(house: House, path: str, idea: str, pack_id: str, stage: str, points: str, *raters: int) -> None:
    """They sign, are named, and score it."""
    await sign(house, path, *(rater(number) for number in raters))
    await name(house, path, idea, *(f"r-{number}" for number in raters))
    await score(house, idea, pack_id, stage, points, *raters)


async def wait(house: House, until: str) -> None:
    """Until then."""
    house.clock.time = datetime.fromisoformat(until)
    await house.settle()
