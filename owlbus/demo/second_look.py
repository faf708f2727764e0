"""After a refusal: a re-examination that an author asks for, and a claim once the idea was carried out after all."""

from typing import Any

from owlbus.client import until
from owlbus.demo.crew import each
from owlbus.demo.data import IdeaPlan, LookPlan
from owlbus.demo.rewards import authority, until_happened
from owlbus.demo.scenario import Story
from shared.rules.loader import pack


async def reexamination(story: Story) -> None:
    """Authors ask that a refusal be looked at again; a panel finds, and the department decides anew."""
    plans = [plan for plan in story.plans if plan.again]
    with story.show.phase("reexamination", "재심사  re-examination", len(plans)) as phase:
        await each(plans, lambda plan: _reexamine(story, plan), done=phase.step)


async def _reexamine(story: Story, plan: IdeaPlan) -> None:
    look = plan.again
    assert look is not None
    path, author = f"/ideas/{story.id(plan)}/reexamination", story.crew.person(plan.lead)
    await author.post("ideas", path, {"reason": look.reason})
    body = {"outcome": "adopted" if look.granted else "kept", **_answer(story, plan, look)}
    if look.granted:
        body["planned_date"] = story.days.later(plan.planned_after)
    head = story.crew.head(plan.department)
    await story.refused("심사위원회를 거치지 않은 재심사 결정", head, "ideas", f"{path}/decision", body)
    await _find(story, plan, look, "reexamination")
    await head.post("ideas", f"{path}/decision", body)
    await story.refused("두 번째 재심사 요청", author, "ideas", path, {"reason": look.reason})


async def claims(story: Story) -> None:
    """Months later a policy reads like a refused idea: its author is told, and claims."""
    plans = [plan for plan in story.plans if plan.claim]
    with story.show.phase("claims", "사후 실시 보상  claims", len(plans)) as phase:
        await each(plans, lambda plan: _claim(story, plan), done=phase.step)


async def _claim(story: Story, plan: IdeaPlan) -> None:
    look = plan.claim
    assert look is not None and look.policy is not None
    policy: dict[str, Any] = look.policy.model_dump()
    department = policy["department"]
    policy["in_force_on"] = story.days.today()
    entered = await story.crew.head(department).post("ideas", "/policies", policy)
    path, author = f"/ideas/{story.id(plan)}", story.crew.person(plan.lead)
    await until_happened(story, f"{path}/history", "ideas.MatchFound")
    await _until_told(story, plan)
    filed = {"reason": look.reason, "implemented_on": story.days.today(), "match_id": entered["id"]}
    await author.post("ideas", f"{path}/claims", filed)
    await _find(story, plan, look, "claim")
    body = {"outcome": "granted" if look.granted else "refused", **_answer(story, plan, look)}
    await story.crew.head(plan.department).post("ideas", f"{path}/claims/decision", body)


async def _until_told(story: Story, plan: IdeaPlan) -> None:
    author = story.crew.person(plan.lead)

    async def told() -> bool:
        notices = await author.items("ideas", "/me/notices")
        return any(one["notice"] == "match_found" and one["idea_id"] == story.id(plan) for one in notices)

    await until(told, f"{plan.lead} is told what {plan.id} reads like")


def _answer(story: Story, plan: IdeaPlan, look: LookPlan) -> dict[str, Any]:
    return {"reason": look.answer, "authority": authority(story, plan)}


async def _find(story: Story, plan: IdeaPlan, look: LookPlan, matter: str) -> None:
    """The smallest panel that the pack allows, half of it non-officials, all of whom vote."""
    panel = story.crew.cast.panel
    half = -(-pack(plan.pack).ideas.review.panel.members_min.value // 2)
    outside = panel.non_officials[:half]
    members = [*panel.officials[:half], *outside]
    path = f"/ideas/{story.id(plan)}/panels"
    convened = {"matter": matter, "members": members, "non_officials": outside}
    await story.crew.receiver.post("ideas", path, convened)
    against = 1 if look.granted else len(members) - 1
    votes = {"votes_for": len(members) - against, "votes_against": against}
    found = {"matter": matter, "attended": members, "reason": look.finding, **votes}
    await story.crew.receiver.post("ideas", f"{path}/finding", found)
