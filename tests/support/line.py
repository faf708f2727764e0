"""The main line through the public HTTP APIs, for tests that need an adopted idea."""

from typing import Any

from shared.engine.message import Actor
from tests.support.house import House
from tests.unit.evaluation.support import STAGES, rater, scores
from tests.unit.ideas.support import HEAD, LEAD, RECEIVER, adoption, submission


async def adopted_idea(house: House, pack_id: str, points: str, author: Actor = LEAD, **changes: Any) -> str:
    """An idea that was submitted, scored with `points` on every criterion, and adopted; its id."""
    idea = await house.must(author, "POST", "/ideas", submission(pack_id, **changes).model_dump(mode="json"))
    await decided(house, str(idea["id"]), pack_id, points)
    return str(idea["id"])


async def decided(house: House, idea_id: str, pack_id: str, points: str) -> None:
    """Receive, score and adopt an idea that was submitted."""
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/receipt", {})
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/completeness", {"outcome": "complete"})
    where = f"/evaluations/{idea_id}/{STAGES[pack_id]}"
    raters = {"raters": [f"r-{number}" for number in range(1, 6)]}
    await house.must(RECEIVER, "POST", f"{where}/raters", raters, service="evaluation")
    for number in range(1, 6):
        body = scores(pack_id, points).model_dump(mode="json")
        answer = await house.ask(rater(number), "POST", f"{where}/scores", body, service="evaluation")
        if answer.json().get("code") == "evaluation_closed":
            break
        assert answer.is_success, answer.text
        await house.settle()
    seen = await house.must(Actor("p-8", "auditor"), "GET", where, service="evaluation")
    for due in seen["deadlines"].values():
        house.clock.time = max(house.clock.time, house.clock.time.fromisoformat(due))
    await house.settle()
    await house.must(HEAD, "POST", f"/ideas/{idea_id}/adoption", adoption().model_dump(mode="json"))
