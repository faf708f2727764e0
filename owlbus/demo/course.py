"""What may come between the receipt of an idea and its check: a supplement that stops the clock, and a merge."""

from owlbus.client import until
from owlbus.demo.crew import each
from owlbus.demo.data import IdeaPlan
from owlbus.demo.scenario import Story, check, take_in

DAYS_TO_ANSWER = 4


async def course(story: Story) -> None:
    """Authors supply what was missing while the clock stands still; what was handed in twice goes on as one."""
    paused = [plan for plan in story.plans if plan.supplement]
    joining = [plan for plan in story.plans if plan.into]
    text = "보완 · 병합  a supplement, a merge"
    with story.show.phase("course", text, 2 * len(paused) + len(joining)) as phase:
        await each(paused, lambda plan: _ask(story, plan), done=phase.step)
        story.days.forward(DAYS_TO_ANSWER)
        await each(paused, lambda plan: _supply(story, plan), done=phase.step)
        await each(joining, lambda plan: _join(story, plan), done=phase.step)


async def _ask(story: Story, plan: IdeaPlan) -> None:
    asked = plan.supplement
    assert asked is not None
    body = {"missing": asked.missing, "reason": asked.reason}
    await story.crew.receiver.post("ideas", f"/ideas/{story.id(plan)}/supplement", body)


async def _supply(story: Story, plan: IdeaPlan) -> None:
    asked = plan.supplement
    assert asked is not None
    path = f"/ideas/{story.id(plan)}/supplement/answer"
    if len(asked.answer) == len(asked.missing):
        other = {"sections": {"effect": "남의 제안을 보완합니다."}}
        await story.refused("남의 제안에 낸 보완", story.crew.person("p-131"), "ideas", path, other)
    await story.crew.person(plan.lead).post("ideas", path, {"sections": asked.answer})
    await check(story, plan)


async def _join(story: Story, plan: IdeaPlan) -> None:
    """The second of two ideas that read alike: found at its receipt, merged by consent, with shares agreed anew."""
    first = story.plan(plan.into)
    await take_in(story, plan)
    await _until_found(story, plan, first)
    receiver, into = story.crew.receiver, f"/ideas/{story.id(first)}"
    await receiver.post("ideas", f"{into}/merges", {"other_id": story.id(plan), "reason": plan.reason})
    merge = f"{into}/merges/{story.id(plan)}"
    await _until_phase(story, merge, "open")
    consent = {"consents": True}
    for author in [one for one in first.authors if one != first.lead][:1]:
        what = "대표 제안자가 아닌 사람의 병합 동의"
        await story.refused(what, story.crew.person(author), "ideas", f"{merge}/answer", consent)
    for lead in (first.lead, plan.lead):
        await story.crew.person(lead).post("ideas", f"{merge}/answer", consent)
    await _until_phase(story, merge, "merged")
    await _agree(story, first)
    await check(story, first)


async def _until_found(story: Story, plan: IdeaPlan, first: IdeaPlan) -> None:
    async def found() -> bool:
        known = await story.crew.receiver.get("ideas", f"/ideas/{story.id(plan)}/duplicates")
        return any(one["idea_id"] == story.id(first) and one["noted"] for one in known["items"])

    await until(found, f"{first.id} is found to read like {plan.id}")


async def _until_phase(story: Story, merge: str, phase: str) -> None:
    async def reached() -> bool:
        return (await story.crew.receiver.get("ideas", merge))["phase"] == phase

    await until(reached, f"{merge} is {phase}")


async def _agree(story: Story, plan: IdeaPlan) -> None:
    """The lead author proposes shares for everybody who is an author now; all others confirm."""
    path = f"/ideas/{story.id(plan)}/shares"
    authors = [{"person_id": person, "share": str(share)} for person, share in plan.agreed.items()]
    await story.crew.person(plan.lead).post("ideas", f"{path}/proposal", {"authors": authors})
    for person in plan.agreed:
        if person != plan.lead:
            await story.crew.person(person).post("ideas", f"{path}/confirmation")
