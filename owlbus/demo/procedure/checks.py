"""The procedure as the services tell it, held against the log."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from owlbus.client import Acting, ApiError
from owlbus.demo.account import Account, Collected
from owlbus.demo.crew import Crew
from owlbus.demo.procedure.facts import Conflict, Look, Merge, Move, Pause, ScoreSet, Withheld
from owlbus.demo.procedure.log import DECISION, procedure


async def tell_procedure(account: Account, crew: Crew, log: Collected) -> None:
    """Fill in what the log and the services say of it; what does not agree is a fault."""
    told = procedure(log)
    auditor = crew.auditor
    told.pauses = tuple([await _pause(account, auditor, pause) for pause in told.pauses])
    told.conflicts = tuple([await _conflict(account, crew, log, one, told.conflicts) for one in told.conflicts])
    for change in told.changes:
        path = f"/ideas/{change.idea_id}/implementation"
        planned = (await auditor.get("ideas", path))["planned_date"]
        account.expect(f"planned date in {path}", planned, _latest(told.changes, change.idea_id))
    for merge in told.merges:
        await _merge(account, auditor, merge)
    for look in told.looks:
        await _look(account, auditor, look)
    for one in told.sets:
        await _set(account, auditor, log, one)
    account.procedure = told


def _latest(changes: Iterable[Any], idea_id: str) -> str:
    return [change.to_date for change in changes if change.idea_id == idea_id][-1]


async def _pause(account: Account, auditor: Acting, pause: Pause) -> Pause:
    """The clock names the two events and counts the days between them; together the moves lead to its last day."""
    path = f"/ideas/{pause.idea_id}/clocks"
    clock = (await auditor.get("ideas", path))["clocks"][DECISION]
    account.expect(f"last day of the decision in {path}", clock["last_day"], pause.after)
    stops = [move for move in clock["moves"] if tuple(move["events"]) == pause.events]
    account.expect(f"moves by the supplement in {path}", len(stops), 1)
    still = (date.fromisoformat(pause.resumed_on) - date.fromisoformat(pause.stopped_on)).days - 1
    account.expect(f"days that the clock stood still in {path}", sum(move["days"] for move in stops), still)
    moves = tuple(Move(move["why"], move["days"], move["to"]) for move in clock["moves"])
    account.expect(f"day to which the moves lead in {path}", moves[-1].to if moves else "", pause.after)
    return replace(pause, moves=moves)


async def _merge(account: Account, auditor: Acting, merge: Merge) -> None:
    path = f"/ideas/{merge.idea_id}/merges/{merge.other_id}"
    told = await auditor.get("ideas", path)
    account.expect(f"phase of {path}", told["phase"], "merged")
    account.expect(f"consents in {path}", sorted(told["consents"]), sorted(merge.consents))
    account.expect(f"lead authors in {path} who did not consent", sorted(set(told["leads"]) - set(merge.consents)), [])
    idea = await auditor.get("ideas", f"/ideas/{merge.idea_id}")
    shares = tuple((author["person_id"], str(author["share"])) for author in idea["authors"])
    account.expect(f"shares of /ideas/{merge.idea_id}", shares, merge.shares)
    other = await auditor.get("ideas", f"/ideas/{merge.other_id}")
    account.expect(f"what /ideas/{merge.other_id} was merged into", other["merged_into"], merge.idea_id)
    counted = (await auditor.get("ideas", f"/ideas/{merge.idea_id}/votes"))["votes"]
    account.expect(f"votes that count on /ideas/{merge.idea_id}", sum(counted.values()), merge.voters)
    for award in account.awards:
        if award.idea_id == merge.idea_id:
            paid = tuple((part.person_id, part.share) for part in award.payments)
            account.expect(f"shares by which {award.title} was paid", sorted(paid), sorted(merge.shares))


async def _look(account: Account, auditor: Acting, look: Look) -> None:
    """How it ended, in time and after which votes; what a re-examination changed stands adopted."""
    path = f"/ideas/{look.idea_id}"
    idea = await auditor.get("ideas", path)
    ones = idea["reexaminations" if look.kind == "reexamination" else "claims"]
    told = next((one for one in ones if one["number"] == look.number), {"status": "", "decided_on": ""})
    where = f"{look.kind} {look.number} of {path}"
    account.expect(f"outcome of {where}", told["status"], look.outcome)
    account.expect(f"day of {where}", told["decided_on"], look.decided_on)
    account.expect(f"stage of {path}", idea["stage"], "adopted" if look.outcome == "changed" else "refused")
    clock = (await auditor.get("ideas", f"{path}/clocks"))["clocks"][look.kind]
    account.expect(f"last day to ask for {where}", clock["last_day"], look.until)
    panels = (await auditor.get("ideas", f"{path}/panels"))["panels"]
    votes = [
        (len(one["members"]), len(one["non_officials"]), one["votes_for"], one["votes_against"])
        for one in panels
        if one["matter"] == f"{look.kind}.{look.number}"
    ]
    account.expect(f"panel of {where}", votes, [look.panel] if look.panel else [])


# --- rounds


async def _conflict(
    account: Account, crew: Crew, log: Collected, conflict: Conflict, all_of_them: Iterable[Conflict]
) -> Conflict:
    """Whoever is in conflict was not assigned, did not score, and is shown nothing; another rater sees the idea."""
    where = f"{conflict.person_id} and {conflict.title}"
    scored = [one.data["rater_id"] for one in log.by_idea[conflict.idea_id] if one.type == "evaluation.ScoreRecorded"]
    account.expect(f"score sheets of {where}", scored.count(conflict.person_id), 0)
    given = await crew.auditor.find("evaluation", f"/assignments/{conflict.round_id}/{conflict.stage}")
    pairs = [(one["idea_id"], rater) for one in (given or {"given": []})["given"] for rater in one["raters"]]
    account.expect(f"assignments of {where}", pairs.count((conflict.idea_id, conflict.person_id)), 0)
    person = crew.api.acting(conflict.person_id, "rater", conflict.department)
    near = {one.person_id for one in all_of_them}
    others = [rater for idea_id, rater in pairs if idea_id == conflict.idea_id and rater not in near]
    withheld: list[Withheld] = []
    for what, path in _paths(conflict).items():
        found = await _refused(person, what, path)
        account.expect(f"whether {path} is refused to {conflict.person_id}", found is not None, True)
        withheld += [found] if found else []
        if others:
            control = crew.api.acting(others[0], "rater")
            account.expect(f"whether {path} is refused to {others[0]}", await _refused(control, what, path), None)
    return replace(conflict, withheld=tuple(withheld))


def _paths(conflict: Conflict) -> dict[str, str]:
    """Where the idea's evaluation, its history, and figures in which it is counted would show."""
    evaluation = f"/evaluations/{conflict.idea_id}/{conflict.stage}"
    results = f"/results/{conflict.round_id}/{conflict.stage}"
    figures = f"{results}/ideas/{conflict.idea_id}"
    return {"evaluation": evaluation, "history": f"{evaluation}/history", "results": results, "figures": figures}


async def _refused(acting: Acting, what: str, path: str) -> Withheld | None:
    try:
        await acting.get("evaluation", path)
    except ApiError as error:
        return Withheld(what, path, error.status, error.code)
    return None


async def _set(account: Account, auditor: Acting, log: Collected, one: ScoreSet) -> None:
    """The figures that are shown are those that were recorded, and legal scores are those that were announced."""
    path = f"/results/{one.round_id}/{one.stage}"
    told = await auditor.get("evaluation", path)
    account.expect(
        f"reasons to abstain in {path}", [r["reason"] for r in told["abstained"]], [r.code for r in one.abstained]
    )
    known = {idea.idea_id: idea for idea in one.ideas}
    account.expect(f"ideas of {path}", sorted(idea["idea_id"] for idea in told["ideas"]), sorted(known))
    announced = {
        event.data["idea_id"]: event.data["score"]
        for event in log.by_type.get("evaluation.IdeaEvaluated", ())
        if event.data["stage"] == one.stage and event.data["pack"] == one.pack
    }
    for idea in told["ideas"]:
        recorded = known[idea["idea_id"]]
        figure: dict[str, Any] = idea["calibrated"] or {}
        shown = tuple(str(figure.get(name) or "") for name in ("value", "low", "high"))
        title = f"{recorded.title} in {path}"
        account.expect(f"calibrated score of {title}", shown, (recorded.calibrated, recorded.low, recorded.high))
        account.expect(f"legal score of {title}", str(idea["legal"] or ""), recorded.legal)
        account.expect(f"announced score of {title}", str(announced.get(recorded.idea_id) or ""), recorded.legal)
        if one.abstained:
            account.expect(f"calibrated score of {title}, which abstained", recorded.calibrated, "")
