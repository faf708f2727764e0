"""The guided scenario: forty-five ideas from submission to spread, through the public APIs alone.

Each phase waits for what it needs by asking the services; what does not depend on one another is done at once. The
steps of the second half, from the decision on, are in `rewards`.
"""

from decimal import Decimal
from typing import Any

from owlbus.client import Acting, ApiError, until
from owlbus.demo import data
from owlbus.demo.crew import Crew, Days, each, shown
from owlbus.demo.data import IdeaPlan
from owlbus.demo.progress import Phase, Show
from owlbus.errors import OwlbusError
from shared.rules.evaluation import Stage
from shared.rules.loader import pack


class Story:
    """What is known while the scenario goes on. `ids` maps a plan's id to the idea's; `refusals` are those provoked."""

    def __init__(self, crew: Crew, days: Days, show: Show) -> None:
        self.crew = crew
        self.days = days
        self.show = show
        self.plans: tuple[IdeaPlan, ...] = (*data.ideas(), data.output())
        self.ids: dict[str, str] = {}
        self.refusals: list[dict[str, str]] = []
        self.round_id = ""
        """Of the award round."""

    def plan(self, plan_id: str) -> IdeaPlan:
        """The plan of this id."""
        return next(plan for plan in self.plans if plan.id == plan_id)

    def id(self, plan: IdeaPlan) -> str:
        """The idea's own id."""
        return self.ids[plan.id]

    def having(self, *outcomes: str) -> list[IdeaPlan]:
        """The plans with these outcomes."""
        return [plan for plan in self.plans if plan.outcome in outcomes]

    async def refused(self, what: str, acting: Acting, service: str, path: str, body: Any, *, key: str = "") -> None:
        """Try what must be refused, and keep the reason. Raises OwlbusError where it was accepted."""
        try:
            await (acting.put if path.endswith("/vote") else acting.post)(service, path, body, key=key)
        except ApiError as error:
            self.refusals.append({"what": what, "role": acting.role, "code": error.code, "status": str(error.status)})
            return
        raise OwlbusError(f"{what}: it was accepted, and must not be")


async def directories(story: Story) -> None:
    """The office lists departments and people; what is not listed is no longer accepted."""
    cast, receiver = story.crew.cast, story.crew.receiver
    staff = {person: {"name": name, "department": department} for person, (name, department) in cast.staff.items()}
    others = {person: {"name": name} for person, name in (cast.citizens | cast.union).items()}
    people = staff | others
    count = len(cast.departments) + len(people)
    with story.show.phase("directories", "부서 · 구성원 등록  departments and people", count) as phase:
        # People name departments, so these come first.
        for path, entries in (
            ("/departments", {code: {"name": name} for code, name in cast.departments.items()}),
            ("/people", people),
        ):
            await each(
                entries.items(),
                lambda entry, path=path: receiver.put("ideas", f"{path}/{entry[0]}", entry[1]),
                done=phase.step,
            )


async def intake(story: Story) -> None:
    """Submission, receipt, votes, completeness, and the learning group that hands its output over."""
    plans = [plan for plan in story.plans if not plan.into]
    story.days.forward()
    with story.show.phase("submission", "제출 · 접수 · 투표  submission, receipt, votes", len(plans)) as phase:
        await _provoke_at_submission(story)
        await each(plans, lambda plan: take_in(story, plan), done=phase.step)


async def take_in(story: Story, plan: IdeaPlan) -> None:
    """Submission, receipt, votes and check; where the plan holds it back, the check comes later."""
    if plan.id == "group-output":
        story.ids[plan.id] = await _hand_over(story, plan)
    else:
        submitter = story.crew.receiver if plan.channel == "paper" else story.crew.person(plan.lead)
        body = plan.submission()
        key = f"demo-{plan.id}"
        first = await submitter.post("ideas", "/ideas", body, key=key)
        story.ids[plan.id] = first["id"]
    if plan.outcome == "wait":
        return
    path = f"/ideas/{story.id(plan)}"
    receiver = story.crew.receiver
    await shown(receiver, "ideas", path)
    on_paper = {"reason": "온라인을 쓰지 못해 방문 제출", "document": f"방문-{plan.id}"}
    receipt = {"channel": plan.channel, **(on_paper if plan.channel == "paper" else {})}
    await receiver.post("ideas", f"{path}/receipt", receipt)
    await _vote(story, plan, path)
    if plan.id == "owl-bus":
        own = {"choice": "endorse"}
        await story.refused("자기 제안에 던진 표", story.crew.person(plan.lead), "ideas", f"{path}/vote", own)
    if not plan.held:
        await check(story, plan)


async def _hand_over(story: Story, plan: IdeaPlan) -> str:
    """A group is registered, works, and hands its output over; what becomes an idea bears the id it names."""
    group = data.group()
    lead = story.crew.api.acting(group.lead, "group_lead", group.department)
    fields = {"pack", "name", "topic", "department", "members"}
    registered = await lead.post("learning", "/groups", group.model_dump(include=fields))
    path = f"/groups/{registered['id']}"
    for activity in group.activities:
        await lead.post("learning", f"{path}/activities", {"held_on": story.days.today(), **activity.model_dump()})
    handed = await lead.post("learning", f"{path}/outputs", plan.submission())
    await lead.post("learning", f"{path}/closing", {"reason": "학습성과를 제안으로 넘기고 마칩니다."})
    return handed["outputs"][-1]["idea_id"]


async def _vote(story: Story, plan: IdeaPlan, path: str) -> None:
    cast = story.crew.cast
    voters = [person for person in (*cast.union, *cast.citizens, *cast.staff) if person not in plan.authors]
    counts = zip(("endorse", "object", "pass"), plan.votes, strict=True)
    choices = [choice for choice, count in counts for _ in range(count)]
    turn = sum(map(ord, plan.id)) % len(voters)
    for number, choice in enumerate(choices):
        voter = story.crew.person(voters[(turn + number) % len(voters)])
        if number == 0:  # somebody thinks again: only the later vote counts
            await voter.put("ideas", f"{path}/vote", {"choice": "pass"})
        await voter.put("ideas", f"{path}/vote", {"choice": choice})


async def check(story: Story, plan: IdeaPlan) -> None:
    """The check of completeness: on to evaluation, or closed on a ground."""
    body: dict[str, Any] = {"outcome": "complete"}
    if plan.outcome == "close":
        body = {"outcome": "closed", "ground": plan.ground, "reason": plan.reason}
    if plan.kind == "practice":
        await _check_facts(story, f"/ideas/{story.id(plan)}")
        return
    await story.crew.receiver.post("ideas", f"/ideas/{story.id(plan)}/completeness", body)


async def _check_facts(story: Story, path: str) -> None:
    """A running practice goes on by its facts, which somebody looked at."""
    a_year_ago = story.days.later(-365)
    body = {
        "outcome": "confirmed",
        "running_since": a_year_ago,
        "findings": "세 동주민센터를 찾아가 한 해 동안의 시행 기록을 확인했습니다.",
        "document": "현장확인-1",
    }
    await story.crew.receiver.post("ideas", f"{path}/facts", body)


async def _provoke_at_submission(story: Story) -> None:
    """What the rules forbid is refused with its reason, and a repeated request takes effect once."""
    plan = story.plans[0]
    author = story.crew.person(plan.lead)
    short = plan.submission() | {"authors": [{"person_id": plan.lead, "share": "99.99"}]}
    await story.refused("기여도의 합이 100이 아닌 제출", author, "ideas", "/ideas", short)
    await story.refused(
        "등록되지 않은 부서로 내는 제출", author, "ideas", "/ideas", plan.submission() | {"department": "nowhere"}
    )
    stranger = [{"person_id": plan.lead, "share": "60"}, {"person_id": "p-999", "share": "40"}]
    await story.refused(
        "등록되지 않은 사람과 함께 내는 제출", author, "ideas", "/ideas", plan.submission() | {"authors": stranger}
    )
    await story.refused("남의 이름으로 내는 제출", story.crew.person("p-131"), "ideas", "/ideas", plan.submission())
    key = f"demo-{plan.id}"
    first = await author.post("ideas", "/ideas", plan.submission(), key=key)
    again = await author.post("ideas", "/ideas", plan.submission(), key=key)
    if first["id"] != again["id"]:
        raise OwlbusError("the same request twice made two ideas")
    other = plan.submission() | {"title": "다른 제목"}
    await story.refused("같은 Idempotency-Key로 다른 내용", author, "ideas", "/ideas", other, key=key)


# --- evaluation


async def evaluation(story: Story) -> None:
    """Several raters per idea; one thinks again, one idea is withdrawn, two evaluations end at their deadline."""
    story.days.forward(2)
    plans = [plan for plan in story.plans if plan.scores]
    with story.show.phase("evaluation", "제안심사  evaluation", len(plans)) as phase:
        await each(plans, lambda plan: _evaluate(story, plan), done=phase.step)
        await _reach_decisions(story, phase)


def stage_of(plan: IdeaPlan) -> Stage:
    """The evaluation stage that the idea goes through."""
    rules = pack(plan.pack)
    stage = rules.evaluation.stage(rules.ideas.evaluation_stages.value[0])
    assert stage is not None
    return stage


async def _evaluate(story: Story, plan: IdeaPlan) -> None:
    stage = stage_of(plan)
    path = f"/evaluations/{story.id(plan)}/{stage.code}"
    await shown(story.crew.chair, "evaluation", path)
    raters = story.crew.cast.raters[: stage.raters_target.value]
    if len(raters) > 1:
        await story.crew.chair.post("evaluation", f"{path}/raters", {"raters": raters})
    if plan.id == "owl-bus":
        outsider = story.crew.api.acting("r-509", "rater")
        sheet = sheet_of(story, stage, 0, plan.scores[0])
        await story.refused("배정되지 않은 심사위원의 점수", outsider, "evaluation", f"{path}/scores", sheet)
    for number, points in enumerate(plan.scores):
        rater = story.crew.api.acting(raters[number], "rater")
        await rater.post("evaluation", f"{path}/scores", sheet_of(story, stage, number, points))
        if number == 0 and plan.rescored:
            await rater.post("evaluation", f"{path}/scores", sheet_of(story, stage, number, plan.rescored))
    if plan.outcome == "withdraw":
        author = story.crew.person(plan.lead)
        await author.post("ideas", f"/ideas/{story.id(plan)}/withdrawal", {"reason": plan.reason})


def sheet_of(story: Story, stage: Stage, rater: int, points: list[int]) -> dict[str, Any]:
    """A sheet with these points by criterion, each with a reason that suits it."""
    opinions = story.crew.cast.opinions
    scores: list[dict[str, str]] = []
    for place, (criterion, given) in enumerate(zip(stage.criteria, points, strict=True)):
        part = Decimal(given) / criterion.scale.value.max
        texts = (
            opinions.high if part >= Decimal("0.75") else opinions.middle if part >= Decimal("0.6") else opinions.low
        )
        reason = texts[(rater + place) % len(texts)]
        scores.append({"criterion": criterion.code, "points": str(given), "reason": reason})
    return {"scores": scores, "confidence": 3 + rater % 3}


async def _reach_decisions(story: Story, phase: Phase) -> None:
    """Everything that was scored awaits its decision; what lacks raters is closed by its deadline."""
    plans = story.having("adopt", "refuse")
    alone = [plan for plan in plans if not plan.worth]
    lacking = [plan for plan in alone if len(plan.scores) < stage_of(plan).raters_target.value]
    later = [plan for plan in plans if stage_of(plan).disclosure_at.value.after is not None]
    await _until_pending(story, [plan for plan in plans if plan not in (*lacking, *later)])
    for plan in lacking:
        path = f"/evaluations/{story.id(plan)}/{stage_of(plan).code}"
        story.days.pass_by((await story.crew.chair.get("evaluation", path))["closes_at"])
    await _until_pending(story, plans)
    phase.step()


async def _until_pending(story: Story, plans: list[IdeaPlan]) -> None:
    wanted = {story.id(plan) for plan in plans}

    async def pending() -> bool:
        found = await story.crew.auditor.items("ideas", "/ideas?stage=decision_pending&limit=200")
        return wanted <= {idea["id"] for idea in found}

    await until(pending, f"{len(wanted)} ideas await their decision")
