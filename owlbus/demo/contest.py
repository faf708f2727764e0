"""A round of evaluation: signed statements, conflicts, assignment by the system, blind scores, figures beside them."""

from collections.abc import Mapping
from typing import Any

from owlbus.client import Acting, until
from owlbus.demo.crew import each, shown
from owlbus.demo.data import CITY, IdeaPlan, RoundPlan
from owlbus.demo.scenario import Story, sheet_of, stage_of

BEST = 10
"""Of how many best ideas the chances are asked for, in the set outside the round."""


async def contest(story: Story) -> None:
    """From the opening to its end; what is in conflict is declared, or found, and kept out."""
    plans = [plan for plan in story.plans if plan.worth]
    round = story.crew.cast.round
    text = "심사 회차 · 이해관계 · 배정  a round, conflicts, assignment"
    with story.show.phase("contest", text, len(plans) + 3) as phase:
        await _open(story, round, plans)
        phase.step()
        given = await _assign(story, round, plans)
        phase.step()
        await _provoke_conflict(story, round)
        await each(plans, lambda plan: _score(story, plan, round, given[story.id(plan)]), done=phase.step)
        await story.crew.chair.post("evaluation", f"/rounds/{round.id}/closing")
        phase.step()


async def figures(story: Story) -> None:
    """The round's figures come by themselves; those of all ideas outside rounds the chair asks for."""
    round = story.crew.cast.round
    stages = {plan.pack: stage_of(plan).code for plan in story.plans}
    alone = f"/results/{CITY}/{stages[CITY]}"
    with story.show.phase("figures", "보정 점수 · 신뢰도  calibrated scores, reliability", 2) as phase:
        await story.crew.chair.post("evaluation", alone, {"top": BEST})
        for path in (f"/results/{round.id}/{stages[round.pack]}", alone):
            await _until_disclosed(story, path)
            phase.step()


async def _until_disclosed(story: Story, path: str) -> None:
    async def disclosed() -> bool:
        found = await story.crew.auditor.find("evaluation", path)
        return found is not None and found["phase"] == "disclosed"

    await until(disclosed, f"{path} is disclosed")


async def _open(story: Story, round: RoundPlan, plans: list[IdeaPlan]) -> None:
    """Opened, with its ideas; everybody who is to rate signs and declares."""
    chair, path = story.crew.chair, f"/rounds/{round.id}"
    await chair.post("evaluation", "/rounds", {"pack": round.pack, "name": round.name, "title": round.title})
    await chair.post("evaluation", f"{path}/ideas", {"ideas": [story.id(plan) for plan in plans]})
    await _until_joined(story, round, plans)
    offered = {"raters": [{"person_id": rater} for rater in round.raters]}
    what = "서약하지 않은 심사위원의 배정"
    await story.refused(what, chair, "evaluation", f"/assignments/{round.id}/{stage_of(plans[0]).code}", offered)
    for rater, planned in round.raters.items():
        interests = [
            {"idea_id": story.id(story.plan(plan)), "ground": ground} for plan, ground in planned.declares.items()
        ]
        statement = {"complete": True, "interests": interests}
        await rater_of(story, rater).post("evaluation", f"{path}/statements", statement)


async def _until_joined(story: Story, round: RoundPlan, plans: list[IdeaPlan]) -> None:
    """All ideas are being scored, and the system knows where their authors work."""
    auditor = story.crew.auditor

    async def joined() -> bool:
        entries = (await auditor.get("evaluation", f"/rounds/{round.id}"))["entries"]
        return len(entries) == len(plans) and all(entry["standing"] == "scoring" for entry in entries)

    async def known() -> bool:
        paths = [f"/evaluations/{story.id(plan)}/{stage_of(plan).code}" for plan in plans]
        return all([(await auditor.get("evaluation", path))["relations"]["teams"] for path in paths])

    await until(joined, f"{len(plans)} ideas have joined {round.id}")
    await until(known, "it is known where the authors work")


def rater_of(story: Story, rater: str) -> Acting:
    """A rater of the round, who works in a department."""
    return story.crew.api.acting(rater, "rater", story.crew.cast.round.raters[rater].department)


async def _assign(story: Story, round: RoundPlan, plans: list[IdeaPlan]) -> Mapping[str, list[str]]:
    """The raters of each idea, as the system finds them."""
    chair, path = story.crew.chair, f"/assignments/{round.id}/{stage_of(plans[0]).code}"
    await chair.post("evaluation", path, {"raters": [{"person_id": rater} for rater in round.raters]})
    found: list[dict[str, Any]] = []

    async def made() -> bool:
        assignment = await chair.get("evaluation", path)
        found[:] = assignment["given"]
        return assignment["phase"] == "made"

    await until(made, f"raters of {round.id} are assigned")
    return {one["idea_id"]: one["raters"] for one in found}


async def _provoke_conflict(story: Story, round: RoundPlan) -> None:
    """Who declared a conflict can't score all the same."""
    for rater, planned in round.raters.items():
        for plan in (story.plan(declared) for declared in planned.declares):
            stage = stage_of(plan)
            path = f"/evaluations/{story.id(plan)}/{stage.code}/scores"
            sheet = sheet_of(story, stage, 0, plan.worth)
            await story.refused("이해관계를 신고한 심사위원의 점수", rater_of(story, rater), "evaluation", path, sheet)


async def _score(story: Story, plan: IdeaPlan, round: RoundPlan, raters: list[str]) -> None:
    stage = stage_of(plan)
    path = f"/evaluations/{story.id(plan)}/{stage.code}"
    for number, rater in enumerate(raters):
        acting = rater_of(story, rater)
        await shown(acting, "evaluation", path)
        points = _points(plan, rater, round.raters[rater].leaning)
        await acting.post("evaluation", f"{path}/scores", sheet_of(story, stage, number, points))


def _points(plan: IdeaPlan, rater: str, leaning: int) -> list[int]:
    """What the rater gives by criterion: near the idea's worth, by the own leaning above or below it."""
    most = [int(criterion.scale.value.max) for criterion in stage_of(plan).criteria]
    turn = sum(map(ord, plan.id + rater))
    return [
        min(max(worth + leaning + (turn + place * place) % 3 - 1, 0), top)
        for place, (worth, top) in enumerate(zip(plan.worth, most, strict=True))
    ]
