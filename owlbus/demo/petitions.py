"""The same line on real petitions: every one comes in as an idea under `open-call`, the rest follows a seeded rule.

What the source says is kept as it is: text, category, day, and how many agreed, as a declared total. What it doesn't
say (evaluation, decisions, awards, spread) follows from the seed and is named as such, here and in the account.
"""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from owlbus.client import Acting, ApiError, until
from owlbus.demo.account import Account
from owlbus.demo.crew import Crew, Days, each, shown
from owlbus.demo.datasets import read
from owlbus.demo.progress import Show
from owlbus.errors import OwlbusError
from owlbus.imports.send import Sending
from shared.contracts.types import imported_idea_id
from shared.intake.mapping import Kind
from shared.intake.take import Line

PACK = "open-call"
STAGE = "review"
DEPARTMENT = "plaza"
SEED = 20190401
ADOPTED = 40
OFFERED = 5
SECOND_RATER = 0.25
TARGETS = ("gwanak", "nowon", "mapo")
RULE = (
    f"원자료에 없는 것은 난수 씨앗값 {SEED}의 규칙으로 정했습니다: 가상의 심사위원 한 명이"
    f" 모든 제안을 채점하고(넷에 하나는 두 명이), 공감 수가 많은 {ADOPTED}편을 채택하고 나머지는 불채택하며,"
    f" 가상의 공적심사위원 세 명이 투표하고, 수상작 가운데 공감 수가 많은 {OFFERED}편은 세 자치구에 확산을 요청합니다."
    " 실제 판단이 아닙니다. [synthetic: everything after receipt follows a seeded rule]"
)


@dataclass(frozen=True)
class Petition:
    """One petition of the source, as the line of an import."""

    line: Line

    @property
    def number(self) -> str:
        """What the source calls it."""
        return self.line.body["source_id"]

    @property
    def agreed(self) -> int:
        """How many agreed, as the source counted."""
        return self.line.body["endorsements"]

    @property
    def idea_id(self) -> str:
        """Its id here."""
        return imported_idea_id(self.line.body["source"], self.number)


def scenario_of(source: Path) -> Callable[[Crew, Days, Show, Account], Awaitable[str]]:
    """The scenario on what `source` holds. Raises OwlbusError where that can't be read."""
    _, intake = read("petitions.ideas", source)
    return scenario([Petition(line) for line in intake.lines])


def scenario(petitions: list[Petition]) -> Callable[[Crew, Days, Show, Account], Awaitable[str]]:
    """The scenario on these petitions."""

    async def play(crew: Crew, days: Days, show: Show, account: Account) -> str:
        account.rule = RULE
        account.began = days.now().isoformat(timespec="seconds")
        return await _Line(crew, days, show, petitions).run()

    return play


class _Line:
    """The petitions on their way."""

    def __init__(self, crew: Crew, days: Days, show: Show, petitions: list[Petition]) -> None:
        self.crew = crew
        self.days = days
        self.show = show
        self.petitions = petitions
        by_agreement = sorted(petitions, key=lambda one: (-one.agreed, one.number))
        self.adopted = by_agreement[:ADOPTED]
        self.round_id = ""

    async def run(self) -> str:
        """All steps; the id of the idea that won an award and most people agreed with."""
        self.days.forward()
        count, chosen = len(self.petitions), {one.number for one in self.adopted}
        refused = [one for one in self.petitions if one.number not in chosen]
        with self.show.phase("import", "가져오기 · 요건 검토  import, completeness", 2 * count) as phase:
            await self._take_in(phase.step)
        with self.show.phase("evaluation", "제안심사  evaluation", count) as phase:
            await each(self.petitions, self._score, done=phase.step)
            await self._pending()
        with self.show.phase("decision", "채택 · 불채택  decisions", count) as phase:
            await each(self.adopted, self._adopt, done=phase.step)
            await each(refused, self._refuse, done=phase.step)
        with self.show.phase("awards", "시상  award round", ADOPTED) as phase:
            await self._award(phase.step)
        with self.show.phase("spread", "확산  spread", OFFERED) as phase:
            winners = await self._winners()
            await each(winners[:OFFERED], self._spread, done=phase.step)
        with self.show.phase("settle", "마무리  until everything has arrived", 1):
            await self._settled(len(winners))
        return winners[0].idea_id

    def _chance(self, petition: Petition, what: str) -> random.Random:
        return random.Random(f"{SEED}/{petition.number}/{what}")

    async def _take_in(self, done: Callable[[int], None]) -> None:
        """Import all, and find each complete."""
        sending = Sending(self.crew.receiver, Kind.IDEAS, step=done)
        outcome = await sending.run([petition.line for petition in self.petitions])
        for line, problem in outcome.refused:
            raise OwlbusError(f"{line.place}: {problem['code']}")

        async def complete(petition: Petition) -> None:
            path = f"/ideas/{petition.idea_id}/completeness"
            await self.crew.receiver.post("ideas", path, {"outcome": "complete"})

        await each(self.petitions, complete, done=partial(done, 1))

    async def _score(self, petition: Petition) -> None:
        """One synthetic rater, or two; the evaluation closes with the last sheet."""
        path = f"/evaluations/{petition.idea_id}/{STAGE}"
        chance = self._chance(petition, "score")
        raters = ["synthetic-rater-1"]
        if chance.random() < SECOND_RATER:
            raters.append("synthetic-rater-2")
            await _once_there(self.crew.chair, path, f"{path}/raters", {"raters": raters})
        for rater in raters:
            points = chance.randint(40, 95)
            sheet = {"scores": [{"criterion": "merit", "points": str(points)}], "comment": "씨앗에서 나온 점수"}
            await _once_there(self.crew.api.acting(rater, "rater"), path, f"{path}/scores", sheet)

    async def _pending(self) -> None:
        auditor, wanted = self.crew.auditor, len(self.petitions)

        async def pending() -> bool:
            return (await auditor.get("ideas", "/funnel"))["stages"].get("decision_pending", 0) == wanted

        await until(pending, f"{wanted} ideas await their decision")

    async def _adopt(self, petition: Petition) -> None:
        reason = f"공감 수가 많은 {ADOPTED}편에 들었습니다 (씨앗 규칙)."
        path = f"/ideas/{petition.idea_id}/adoption"
        await self.crew.head(DEPARTMENT).post("ideas", path, {"reason": reason})

    async def _refuse(self, petition: Petition) -> None:
        reason = f"공감 수가 많은 {ADOPTED}편에 들지 못했습니다 (씨앗 규칙)."
        path = f"/ideas/{petition.idea_id}/refusal"
        await self.crew.head(DEPARTMENT).post("ideas", path, {"reason": reason})

    # --- awards

    async def _award(self, done: Callable[[], None]) -> None:
        officer, panel = self.crew.award_officer, [f"synthetic-panelist-{n}" for n in (1, 2, 3)]
        year = int(self.days.today()[:4])
        body = {"pack": PACK, "year": year, "title": "열린 공모 (씨앗 규칙)", "panel": panel}
        self.round_id = (await officer.post("awards", "/rounds", body))["id"]
        category = f"/categories/{self.round_id}.open"
        nominees = await self._nominees(category)

        async def vote(petition: Petition) -> None:
            if petition.idea_id in nominees:
                for member in panel:
                    points = self._chance(petition, member).randint(50, 100)
                    path = f"{category}/ballots/{petition.idea_id}"
                    await self.crew.api.acting(member, "panelist").put("awards", path, {"points": str(points)})

        await each(self.adopted, vote, done=done)
        await officer.post("awards", f"{category}/closing", {})
        await self._confirm(f"{self.round_id}.open")

    async def _nominees(self, category: str) -> set[str]:
        """Whoever is nominated, once every adopted idea has heard whether it is."""
        auditor = self.crew.auditor
        for petition in self.adopted:
            await shown(auditor, "awards", f"/nominations/{petition.idea_id}")
        found = await auditor.items("awards", "/nominations?stage=nominated&limit=200")
        wanted = {nomination["id"] for nomination in found}

        async def listed() -> bool:
            one = await auditor.find("awards", category)
            return bool(one) and one["stage"] == "open" and wanted <= set(one["nominees"])

        await until(listed, f"{len(wanted)} ideas are nominated")
        return wanted

    async def _confirm(self, category_id: str) -> None:
        approver, path = self.crew.award_approver, f"/rounds/{self.round_id}"

        async def reported() -> bool:
            return any(one["category_id"] == category_id for one in (await approver.get("awards", path))["results"])

        await until(reported, f"{category_id} reports its result")
        results = (await approver.get("awards", path))["results"]
        tied = [nominee["idea_id"] for nominee in results[0]["nominees"] if nominee["tied"]]
        await approver.post("awards", f"{path}/confirmations", {"category_id": category_id, "order": sorted(tied)})

    # --- spread

    async def _spread(self, petition: Petition) -> None:
        path = f"/cases/{petition.idea_id}"
        await shown(self.crew.spread_officer, "learning", path)
        for target in TARGETS:
            owner = f"synthetic-owner-{target}"
            await self.crew.spread_officer.post("learning", f"{path}/offers", {"target": target, "owner": owner})
            answer = self._chance(petition, target).choice(("adopted", "adapted", "declined"))
            body = {"answer": answer, "reason": "씨앗에서 나온 회신"}
            acting = self.crew.api.acting(owner, "department", target)
            await acting.post("learning", f"{path}/offers/{target}/answer", body)

    async def _winners(self) -> list[Petition]:
        """Whoever won, most agreed first."""
        table = await self.crew.auditor.get("awards", f"/rounds/{self.round_id}/awards")
        awarded = {award["idea_id"] for category in table["categories"] for award in category["awards"]}
        return [petition for petition in self.adopted if petition.idea_id in awarded]

    async def _settled(self, awarded: int) -> None:
        """Until ideas has heard of every award."""

        async def heard() -> bool:
            return (await self.crew.auditor.get("ideas", "/funnel"))["awarded"] == awarded

        await until(heard, f"{awarded} ideas know of their award")


async def _once_there(acting: Acting, place: str, path: str, body: Any) -> None:
    """Send a command to something that may only be on its way; waits for it where it is not there yet."""
    try:
        await acting.post("evaluation", path, body)
    except ApiError as error:
        if error.status != 404:
            raise
        await shown(acting, "evaluation", place)
        await acting.post("evaluation", path, body)
