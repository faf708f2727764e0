"""Gathering the account: the log from its topics, then each figure of it from the public APIs."""

from typing import Any

from owlbus.audit.check import LogCheck, check_log
from owlbus.client import Acting
from owlbus.demo import account as accounts
from owlbus.demo.account import Account, Award, Collected, Payment
from owlbus.demo.crew import Crew
from owlbus.demo.procedure.checks import tell_procedure
from owlbus.fleet import SERVICES, TOPICS
from shared.runtime.kafka.access import Access


async def gather(account: Account, crew: Crew, access: Access, featured: str) -> None:
    """Fill the account in; `featured` is the idea whose way is told, chosen from the awards where it is empty."""
    log = Collected()
    check = LogCheck(access.settings.partitions)
    async for grown in check_log(access, TOPICS, log.add):
        check = grown
    account.log = check.report()
    account.fault_list += [f"{one.kind} {one.where}: {one.detail}" for one in check.troubles()]
    account.funnel, account.endings = accounts.funnel(log), accounts.endings(log)
    account.ideas = account.funnel["submitted"]
    account.figures = accounts.figures(log, check)
    account.spread = accounts.offers(log)
    await _compare_funnel(account, crew.auditor)
    await _awards(account, crew, log)
    await _compare_spread(account, crew.auditor)
    await tell_procedure(account, crew, log)
    await _quarantine(account, crew.operator)
    account.timeline_id = featured or (account.awards[0].idea_id if account.awards else "")
    if account.timeline_id:
        events = log.whole(account.timeline_id)
        account.timeline_title = log.title(account.timeline_id)
        account.timeline = accounts.timeline(events, {one["code"]: one["what"] for one in account.refusals})
        await _compare_histories(account, crew.auditor, {one.id for one in events})


async def _compare_funnel(account: Account, auditor: Acting) -> None:
    told = await auditor.get("ideas", "/funnel")
    account.expect("GET /funnel, ideas", told["ideas"], account.ideas)
    account.expect("GET /funnel, awarded", told["awarded"], account.funnel["awarded"])
    account.expect("GET /funnel, spread", told["spread"], account.funnel["spread"])
    for stage, wanted in (
        ("adopted", account.funnel["adopted"]),
        ("refused", account.endings["refused"]),
        ("closed", account.endings["closed"]),
        ("withdrawn", account.endings["withdrawn"]),
    ):
        account.expect(f"GET /funnel, {stage}", told["stages"].get(stage, 0), wanted)


async def _awards(account: Account, crew: Crew, log: Collected) -> None:
    """The award tables of all rounds; every prize is paid out whole, and the log granted the same."""
    rows: list[Award] = []
    for found in await crew.auditor.items("awards", "/rounds"):
        table = await crew.auditor.get("awards", f"/rounds/{found['id']}/awards")
        account.round = {name: table[name] for name in ("title", "budget_won", "granted_won", "returned_won")}
        for category in table["categories"]:
            label = category["label"]["ko"]
            rows += [_award(crew, label, award) for award in category["awards"]]
            if category["outcome"] == "no_winner":
                account.no_winner = (*account.no_winner, label)
        account.expect("granted and returned", table["granted_won"] + table["returned_won"], table["budget_won"])
    account.awards = tuple(rows)
    for award in rows:
        account.expect(f"payments of {award.title}", sum(part.won for part in award.payments), award.prize_won)
    granted = sum(int(one.data["prize_won"]) for one in log.by_type.get("awards.AwardGranted", ()))
    account.expect("prizes granted", sum(award.prize_won for award in rows), granted)


def _award(crew: Crew, category: str, award: dict[str, Any]) -> Award:
    payments = tuple(
        Payment(part["person_id"], crew.cast.name(part["person_id"]), part["share"], part["won"])
        for part in award["payments"]
    )
    return Award(category, award["label"]["ko"], award["idea_id"], award["title"], award["prize_won"], payments)


async def _compare_spread(account: Account, auditor: Acting) -> None:
    for idea_id in {offer.idea_id for offer in account.spread}:
        told = await auditor.get("learning", f"/cases/{idea_id}/spread")
        for answer, count in told["counts"].items():
            wanted = sum(offer.idea_id == idea_id and offer.answer == answer for offer in account.spread)
            account.expect(f"GET /cases/{idea_id}/spread, {answer}", count, wanted)


async def _quarantine(account: Account, operator: Acting) -> None:
    for service in SERVICES:
        held = (await operator.get(service, "/ops/quarantine"))["items"]
        account.expect(f"set aside in {service}", len(held), 0)


async def _compare_histories(account: Account, auditor: Acting, known: set[str]) -> None:
    """Every event that the services tell of the idea is in the log, and each of the four has something to tell."""
    idea_id = account.timeline_id
    evaluations = await auditor.items("evaluation", f"/evaluations?idea_id={idea_id}")
    paths = [
        ("ideas", f"/ideas/{idea_id}/history"),
        ("ideas", f"/ideas/{idea_id}/implementation/history"),
        ("awards", f"/nominations/{idea_id}/history"),
        ("learning", f"/cases/{idea_id}/history"),
        *(("evaluation", f"/evaluations/{one['id']}/history") for one in evaluations),
    ]
    for service, path in paths:
        told = {event["id"] for event in await auditor.items(service, path)}
        account.expect(f"{path} has events", bool(told), True)
        account.expect(f"events of {path} that no topic has", len(told - known), 0)
