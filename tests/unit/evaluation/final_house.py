"""A final in pairs over HTTP: a round that has ended, its judges, and what they choose."""

from datetime import datetime
from typing import Any

from shared.engine.message import Actor
from shared.rules.loader import pack
from tests.support.house import House
from tests.unit.evaluation.round_house import complete, get, name, opened, sheet, sign, submitted, wait
from tests.unit.evaluation.rounds import id_of
from tests.unit.evaluation.support import AUDITOR, CHAIR, rater
from tests.unit.ideas.support import authors

EXPERT, STAGE = "expert-review", "paired_final"
JUDGES = tuple(f"r-{number}" for number in range(1, 6))


def where(pack_id: str) -> str:
    """The path of the final."""
    return f"/finals/{id_of(pack_id)}/{STAGE}"


async def ended(house: House, pack_id: str, points: tuple[str, ...], *signing: Actor, apart: bool = True) -> list[str]:
    """A round that has ended, its orders disclosed: an idea for each of the points; `apart`: with another co-author."""
    ideas: list[str] = []
    for number in range(len(points)):
        wrote = {"authors": authors(("p-1", "60"), (f"w-{number}", "40"))} if apart else {}
        ideas.append(await submitted(house, pack_id, **wrote))
        await complete(house, ideas[-1])
    path = await opened(house, pack_id, *ideas)
    await sign(house, path, *(rater(number) for number in range(1, 6)), *signing)
    for one in pack(pack_id).evaluation.round.stages:
        numbers = range(1, 1 + max(3, rules_min(pack_id, one.stage)))
        for idea, given in zip(ideas, points, strict=True):
            await name(house, path, idea, *(f"r-{number}" for number in numbers))
            body = {**sheet(pack_id, one.stage, given), "confidence": 3}
            for number in numbers:
                to = f"/evaluations/{idea}/{one.stage}/scores"
                await house.must(rater(number), "POST", to, body, service="evaluation")
        await house.must(CHAIR, "POST", f"{path}/closing", {}, service="evaluation")
    assert (await get(house, CHAIR, path))["phase"] == "ended"
    return ideas


def rules_min(pack_id: str, stage: str) -> int:
    """How many raters the pack needs at least."""
    found = pack(pack_id).evaluation.stage(stage)
    assert found is not None
    return found.raters_min.value


async def begun(house: House, pack_id: str, *judges: str, by: Actor = CHAIR, due: str | None = None) -> Any:
    """The final is opened and drawn; what the auditor sees."""
    body = {"judges": list(judges or JUDGES), "due": due}
    answer = await house.ask(by, "POST", where(pack_id), body, service="evaluation")
    assert answer.status_code == 200 and "ETag" not in answer.headers, answer.text
    await house.settle()
    return await get(house, AUDITOR, where(pack_id))


async def choose(house: House, pack_id: str, order: list[str], judge: str, *, upto: int | None = None) -> None:
    """The judge compares the own pairs, by this order."""
    actor = Actor(judge, "rater")
    for pair in (await get(house, actor, where(pack_id)))["pairs"][:upto]:
        better = min((pair["left"], pair["right"]), key=order.index)
        to = f"{where(pack_id)}/pairs/{pair['number']}"
        await house.must(actor, "PUT", to, {"better": better}, service="evaluation")


async def disclosed(house: House, pack_id: str) -> Any:
    """The final after its announced end, as the auditor sees it."""
    await wait(house, (await get(house, AUDITOR, where(pack_id)))["closes_at"])
    state = await get(house, AUDITOR, where(pack_id))
    if datetime.fromisoformat(state["disclosure_at"]) > house.clock.now():
        await wait(house, state["disclosure_at"])
    return await get(house, AUDITOR, where(pack_id))
