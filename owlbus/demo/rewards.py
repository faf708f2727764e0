"""The guided scenario from the decision on: implementation, the award round, settlement, spread."""

from decimal import Decimal
from typing import Any

from owlbus.client import until
from owlbus.demo.crew import each, shown
from owlbus.demo.data import CITY, IdeaPlan
from owlbus.demo.scenario import Story

PANELISTS_VOTING = 7
CITIZENS_VOTING = 3
NUDGES = (Decimal("0.5"), Decimal("-0.5"))


# --- decision and implementation


async def decisions(story: Story) -> None:
    """Departments adopt or refuse, with reasons and on their authority. One is late and decides after the awards."""
    plans = [plan for plan in story.having("adopt", "refuse") if not plan.late]
    with story.show.phase("decision", "채택 · 불채택  decisions", len(plans)) as phase:
        plan = plans[0]
        path = f"/ideas/{story.id(plan)}"
        head, other = story.crew.head(plan.department), story.crew.head("park")
        await story.refused("사유 없는 불채택", head, "ideas", f"{path}/refusal", {"authority": authority(story, plan)})
        await story.refused("소관이 아닌 부서의 채택", other, "ideas", f"{path}/adoption", _decision(story, plan))
        await each(plans, lambda plan: _decide(story, plan), done=phase.step)


async def _decide(story: Story, plan: IdeaPlan) -> None:
    act = "adoption" if plan.outcome == "adopt" else "refusal"
    head = story.crew.head(plan.department)
    await head.post("ideas", f"/ideas/{story.id(plan)}/{act}", _decision(story, plan))


def _decision(story: Story, plan: IdeaPlan) -> dict[str, Any]:
    body: dict[str, Any] = {"reason": plan.reason, "authority": authority(story, plan)}
    return body | ({"planned_date": story.days.later(plan.planned_after)} if plan.outcome == "adopt" else {})


def authority(story: Story, plan: IdeaPlan) -> dict[str, str]:
    """The document in which the department in charge decides today."""
    document = f"{story.crew.cast.place(plan.department)}-{sum(map(ord, plan.id)) % 9000 + 1000}"
    capacity = "결재" if plan.outcome == "adopt" else "전결"
    return {
        "document_no": document,
        "approver": f"d-{plan.department}",
        "capacity": capacity,
        "at": story.days.today(),
    }


async def implementation(story: Story) -> None:
    """Adopted ideas are carried out: begun, or moved to a later date."""
    story.days.forward(2)
    plans = [plan for plan in story.plans if plan.implementation]
    with story.show.phase("implementation", "실시  implementation", len(plans)) as phase:
        await each(plans, lambda plan: _begin(story, plan), done=phase.step)


async def _begin(story: Story, plan: IdeaPlan) -> None:
    head, path = story.crew.head(plan.department), f"/ideas/{story.id(plan)}/implementation"
    await shown(head, "ideas", path)
    if plan.implementation == "reschedule":
        moved = {"planned_date": story.days.later(plan.planned_after + 60), "reason": "구조 보강 공사를 먼저 마칩니다."}
        await head.post("ideas", f"{path}/reschedule", moved)
    else:
        await head.post("ideas", f"{path}/start", {})


async def results(story: Story) -> None:
    """Months later: completed, or given up with what was learnt."""
    story.days.forward(14)
    plans = [plan for plan in story.plans if plan.implementation in ("complete", "abandon")]
    with story.show.phase("results", "실시 결과  results", len(plans)) as phase:
        await each(plans, lambda plan: _finish(story, plan), done=phase.step)


async def _finish(story: Story, plan: IdeaPlan) -> None:
    head, path = story.crew.head(plan.department), f"/ideas/{story.id(plan)}/implementation"
    if plan.implementation == "complete":
        await head.post("ideas", f"{path}/completion", {"result": plan.result})
    else:
        given_up = {"reason": plan.reason_abandoned, "learnt": plan.learnt}
        await head.post("ideas", f"{path}/abandonment", given_up)


# --- awards


async def awards(story: Story) -> None:
    """A round is opened, the panel and citizens vote, the voting ends, a second person confirms the grades."""
    nominated = [plan for plan in story.plans if plan.ballots]
    with story.show.phase("awards", "서울창의상  award round", len(nominated) + 3) as phase:
        story.days.forward(3)
        await _open_round(story)
        await _until_nominated(story, nominated)
        await each(nominated, lambda plan: _vote(story, plan), done=phase.step)
        story.days.forward(5)
        for code in ("creative", "dropped_work"):
            await story.crew.award_officer.post("awards", f"/categories/{story.round_id}.{code}/closing", {})
        practice = await story.crew.award_officer.get("awards", f"/categories/{story.round_id}.practice")
        story.days.pass_by(practice["closes_at"])
        await _late_decisions(story)
        for code in ("creative", "dropped_work", "practice"):
            await _confirm(story, f"{story.round_id}.{code}")
            phase.step()


async def _open_round(story: Story) -> None:
    panel = story.crew.cast.panel
    body = {
        "pack": CITY,
        "year": int(story.days.today()[:4]),
        "title": "서울창의상 상반기",
        "panel": panel.members,
        "non_officials": panel.non_officials,
    }
    story.round_id = (await story.crew.award_officer.post("awards", "/rounds", body))["id"]


async def _until_nominated(story: Story, plans: list[IdeaPlan]) -> None:
    officer, wanted = story.crew.award_officer, {story.id(plan) for plan in plans}

    async def listed() -> bool:
        found = await officer.items("awards", f"/categories?round_id={story.round_id}")
        open_ones = [category for category in found if category["stage"] == "open"]
        return wanted <= {idea_id for category in open_ones for idea_id in category["nominees"]}

    await until(listed, f"{len(wanted)} ideas are nominated and may be voted on")


async def _vote(story: Story, plan: IdeaPlan) -> None:
    """Ballots whose mean is what the plan says: pairs a step above and below it, and one in the middle."""
    assert plan.ballots is not None
    code = {"drop_work": "dropped_work", "practice": "practice"}.get(plan.kind, "creative")
    path = f"/categories/{story.round_id}.{code}/ballots/{story.id(plan)}"
    panel, citizens = story.crew.cast.panel.members, list(story.crew.cast.citizens)
    turn = sum(map(ord, plan.id))
    voters = [(panel[(turn + n) % len(panel)], "panelist", plan.ballots[0], n) for n in range(PANELISTS_VOTING)]
    voters += [(citizens[(turn + n) % len(citizens)], "citizen", plan.ballots[1], n) for n in range(CITIZENS_VOTING)]
    for person, role, mean, number in voters:
        count = PANELISTS_VOTING if role == "panelist" else CITIZENS_VOTING
        points = mean if number == count - 1 else mean + NUDGES[number % 2]
        await story.crew.api.acting(person, role).put("awards", path, {"points": str(points)})


async def _late_decisions(story: Story) -> None:
    """The day by which a decision was owed passes without one; it comes all the same, and stays refused or adopted."""
    for plan in (plan for plan in story.plans if plan.late):
        idea = await story.crew.auditor.get("ideas", f"/ideas/{story.id(plan)}")
        story.days.pass_by(idea["decision_due"])
        await until_happened(story, f"/ideas/{story.id(plan)}/history", "ideas.DecisionOverdue")
        await _decide(story, plan)


async def until_happened(story: Story, path: str, event: str) -> None:
    """Wait until a history has an event of this type. Raises OwlbusError."""

    async def happened() -> bool:
        return any(one["type"] == event for one in await story.crew.auditor.items("ideas", path))

    await until(happened, f"{event} in {path}")


async def _confirm(story: Story, category_id: str) -> None:
    """A second person confirms; the drafter may not, and equal nominees have to be put in order."""
    approver, path = story.crew.award_approver, f"/rounds/{story.round_id}"
    authority = {"document_no": "창의행정담당관-2101", "approver": approver.person, "capacity": "전결"}
    body: dict[str, Any] = {"category_id": category_id, "authority": authority | {"at": story.days.today()}}
    results: list[dict[str, Any]] = []

    async def reported() -> bool:
        results.extend(
            one for one in (await approver.get("awards", path))["results"] if one["category_id"] == category_id
        )
        return bool(results)

    await until(reported, f"{category_id} reports its result")
    await _provoke_drafter(story, f"{path}/confirmations", body)
    order = [plan for plan in story.plans if story.ids[plan.id] in _tied(results[0])]
    if order:
        await story.refused("동점의 순서를 정하지 않은 확정", approver, "awards", f"{path}/confirmations", body)
        body["order"] = [story.id(plan) for plan in order]
    await approver.post("awards", f"{path}/confirmations", body)


async def _provoke_drafter(story: Story, path: str, body: dict[str, Any]) -> None:
    if body["category_id"].endswith("creative"):
        await story.refused("기안자가 스스로 한 등급 확정", story.crew.award_officer, "awards", path, body)


def _tied(result: dict[str, Any]) -> set[str]:
    return {nominee["idea_id"] for nominee in result["nominees"] if nominee["tied"]}


# --- spread


async def spread(story: Story) -> None:
    """Cases go to districts, which adopt, adapt or decline them; one lets the day pass."""
    story.days.forward(3)
    plans = [plan for plan in story.plans if plan.offers]
    with story.show.phase("spread", "확산  spread", 2 * len(plans)) as phase:
        await each(plans, lambda plan: _offer(story, plan), done=phase.step)
        story.days.forward(7)
        await each(plans, lambda plan: _answer(story, plan), done=phase.step)
        await _until_overdue(story, plans)


async def _offer(story: Story, plan: IdeaPlan) -> None:
    path = f"/cases/{story.id(plan)}"
    await shown(story.crew.spread_officer, "learning", path)
    for target, offer in plan.offers.items():
        await story.crew.spread_officer.post("learning", f"{path}/offers", {"target": target, "owner": offer.owner})


async def _answer(story: Story, plan: IdeaPlan) -> None:
    for target, offer in plan.offers.items():
        if offer.answer:
            owner = story.crew.api.acting(offer.owner, "department", target)
            body = {"answer": offer.answer, "reason": offer.reason}
            await owner.post("learning", f"/cases/{story.id(plan)}/offers/{target}/answer", body)


async def _until_overdue(story: Story, plans: list[IdeaPlan]) -> None:
    auditor = story.crew.auditor
    for plan in plans:
        for target in (target for target, offer in plan.offers.items() if not offer.answer):
            path = f"/cases/{story.id(plan)}/offers/{target}"
            story.days.pass_by((await auditor.get("learning", path))["due_at"])

            async def overdue(path: str = path) -> bool:
                return (await auditor.get("learning", path))["stage"] == "overdue"

            await until(overdue, f"{path} is overdue")
