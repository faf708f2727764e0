"""Commands in the wrong stage, for parked keys, for ids that nobody ever used: a code, and nothing changed."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from shared.engine.message import Actor
from tests.support.house import House
from tests.support.line import adopted_idea
from tests.unit.awards.support import APPROVER, OFFICER, PANELISTS, confirmation, main_category, opening
from tests.unit.badinput.support import (
    NAMES,
    SIGNED,
    closed,
    entries,
    json_of,
    opened,
    operations,
    park,
    problem,
    received,
    submitted,
    withdrawn,
)
from tests.unit.evaluation.support import rater, scores
from tests.unit.ideas.support import AUDITOR, HEAD, LEAD, RECEIVER, SEOUL, adoption
from tests.unit.learning.support import LEAD as GROUP_LEAD
from tests.unit.learning.support import OFFICER as SPREADER
from tests.unit.learning.support import OWNER, output, registration

CITIZEN = Actor("c-1", "citizen")
NOBODY = "00000000-0000-5000-8000-000000000000"

Maker = Callable[[House], Awaitable[str]]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await opened(tmp_path)


# --- ideas


async def under_evaluation(house: House) -> str:
    """An idea that is being scored."""
    idea_id = await received(house)
    await house.must(RECEIVER, "POST", f"/ideas/{idea_id}/completeness", {"outcome": "complete"})
    return idea_id


async def pending(house: House) -> str:
    """An idea that waits for its decision."""
    idea_id = await under_evaluation(house)
    await house.must(
        Actor("p-20", "chair"), "POST", f"/evaluations/{idea_id}/first_pass/closing", {}, service="evaluation"
    )
    return idea_id


async def adopted(house: House) -> str:
    """An idea that was adopted, its implementation planned."""
    idea_id = await pending(house)
    await house.must(HEAD, "POST", f"/ideas/{idea_id}/adoption", json_of(adoption()))
    return idea_id


async def refused(house: House) -> str:
    """An idea that was refused."""
    idea_id = await pending(house)
    body = {"reason": "예산이 없다", "authority": SIGNED}
    await house.must(HEAD, "POST", f"/ideas/{idea_id}/refusal", body)
    return idea_id


async def started(house: House) -> str:
    """An idea whose implementation has begun."""
    idea_id = await adopted(house)
    await house.must(HEAD, "POST", f"/ideas/{idea_id}/implementation/start", {})
    return idea_id


async def completed(house: House) -> str:
    """An idea that was carried out."""
    idea_id = await started(house)
    await house.must(HEAD, "POST", f"/ideas/{idea_id}/implementation/completion", {})
    return idea_id


STAGES: dict[str, Maker] = {
    "submitted": submitted,
    "received": received,
    "under evaluation": under_evaluation,
    "pending": pending,
    "adopted": adopted,
    "started": started,
    "completed": completed,
    "refused": refused,
    "closed": closed,
    "withdrawn": withdrawn,
}

COMMANDS: dict[str, tuple[Actor, str, str, dict[str, Any]]] = {
    "receipt": (RECEIVER, "POST", "receipt", {}),
    "check": (RECEIVER, "POST", "completeness", {"outcome": "complete"}),
    "adoption": (HEAD, "POST", "adoption", json_of(adoption())),
    "refusal": (HEAD, "POST", "refusal", {"reason": "예산이 없다", "authority": SIGNED}),
    "withdrawal": (LEAD, "POST", "withdrawal", {}),
    "vote": (Actor("p-5", "receiver"), "PUT", "votes/v-1", {"choice": "endorse"}),
    "start": (HEAD, "POST", "implementation/start", {}),
    "move": (
        HEAD,
        "POST",
        "implementation/reschedule",
        {"planned_date": "2025-10-01", "reason": "사유", "authority": SIGNED},
    ),
    "completion": (HEAD, "POST", "implementation/completion", {}),
    "giving up": (
        HEAD,
        "POST",
        "implementation/abandonment",
        {"learnt": "배웠다", "reason": "사유", "authority": SIGNED},
    ),
}

W, L, V, N, OK = "wrong_stage", "too_late_to_withdraw", "voting_closed", "not_found", ""
TABLE: dict[str, tuple[str, ...]] = {
    #                    receipt check adopt refuse withdraw vote start move complete give-up
    "submitted":        (OK,     W,    W,    W,     OK,      V,   N,    N,   N,       N),
    "received":         (W,      OK,   W,    W,     OK,      OK,  N,    N,   N,       N),
    "under evaluation": (W,      W,    W,    W,     OK,      OK,  N,    N,   N,       N),
    "pending":          (W,      W,    OK,   OK,    OK,      OK,  N,    N,   N,       N),
    "adopted":          (W,      W,    W,    W,     L,       V,   OK,   OK,  W,       OK),
    "started":          (W,      W,    W,    W,     L,       V,   W,    OK,  OK,      OK),
    "completed":        (W,      W,    W,    W,     L,       V,   W,    W,   W,       W),
    "refused":          (W,      W,    W,    W,     L,       V,   N,    N,   N,       N),
    "closed":           (W,      W,    W,    W,     L,       V,   N,    N,   N,       N),
    "withdrawn":        (W,      W,    W,    W,     L,       V,   N,    N,   N,       N),
}  # fmt: skip
"""What every command on an idea gets at every stage; empty where it is accepted."""

RECORDED = ("too_late_to_withdraw", "voting_closed")
"""Refusals by deadline stand in the journal."""


@pytest.mark.parametrize("stage", STAGES)
async def test_every_command_on_an_idea_at_every_stage(house: House, stage: str) -> None:
    idea_id = await STAGES[stage](house)
    before = (await house.ask(AUDITOR, "GET", f"/ideas/{idea_id}")).headers["etag"]
    for name, code in zip(COMMANDS, TABLE[stage], strict=True):
        actor, method, path, body = COMMANDS[name]
        if code:
            number = entries(house)
            answer = await house.ask(actor, method, f"/ideas/{idea_id}/{path}", body)
            found = problem(answer, 404 if code == N else 409, code)
            assert entries(house) == number + (code in RECORDED), (stage, name)
            if code == W:
                assert found["facts"]["stage"] and found["facts"]["needed"]
    assert (await house.ask(AUDITOR, "GET", f"/ideas/{idea_id}")).headers["etag"] == before
    for name, code in zip(COMMANDS, TABLE[stage], strict=True):
        if not code:
            actor, method, path, body = COMMANDS[name]
            answer = await house.ask(actor, method, f"/ideas/{idea_id}/{path}", body, If_Match="*")
            assert answer.status_code == 200, (stage, name, answer.text)
            break


# --- the other services


async def test_every_command_on_an_evaluation_that_has_ended(house: House) -> None:
    chair = Actor("p-20", "chair")
    commands: list[tuple[Actor, str, Any]] = [
        (chair, "raters", {"raters": ["r-1", "r-2", "r-3"]}),
        (rater(1), "scores", json_of(scores(SEOUL))),
        (chair, "closing", {}),
    ]
    cancelled = await under_evaluation(house)
    await house.must(LEAD, "POST", f"/ideas/{cancelled}/withdrawal", {})
    for idea_id in (await pending(house), cancelled):
        for actor, path, body in commands:
            answer = await house.ask(
                actor, "POST", f"/evaluations/{idea_id}/first_pass/{path}", body, service="evaluation"
            )
            problem(answer, 409, "evaluation_closed")


async def test_every_command_on_rounds_and_categories_in_the_wrong_stage(house: House) -> None:
    idea_id = await adopted_idea(house, SEOUL, "9")
    where = f"/categories/{main_category(SEOUL)}"
    round_id = main_category(SEOUL).rpartition(".")[0]
    ballot = {"points": "9"}

    async def ask(actor: Actor, method: str, path: str, body: Any) -> Any:
        return await house.ask(actor, method, path, body, service="awards")

    problem(await ask(PANELISTS[0], "PUT", f"{where}/ballots/{idea_id}", ballot), 409, "voting_not_open")
    problem(await ask(OFFICER, "POST", f"{where}/closing", {}), 409, "voting_not_open")
    whole = json_of(opening(SEOUL, closes_at=None))
    await house.must(OFFICER, "POST", "/rounds", whole, service="awards")
    problem(await ask(OFFICER, "POST", "/rounds", whole), 409, "round_already_open")
    confirming = json_of(confirmation(main_category(SEOUL)))
    problem(await ask(APPROVER, "POST", f"/rounds/{round_id}/confirmations", confirming), 409, "category_not_closed")
    problem(await ask(PANELISTS[0], "PUT", f"{where}/ballots/nowhere", ballot), 409, "not_nominated")
    problem(await ask(OFFICER, "POST", f"{where}/closing", {}), 409, "no_quorum")
    for voter in PANELISTS[:6]:
        await house.must(voter, "PUT", f"{where}/ballots/{idea_id}", ballot, service="awards")
    await house.must(OFFICER, "POST", f"{where}/closing", {}, service="awards")
    problem(await ask(PANELISTS[0], "PUT", f"{where}/ballots/{idea_id}", ballot), 409, "voting_closed")
    problem(await ask(OFFICER, "POST", f"{where}/closing", {}), 409, "category_already_closed")
    await house.must(APPROVER, "POST", f"/rounds/{round_id}/confirmations", confirming, service="awards")
    problem(await ask(APPROVER, "POST", f"/rounds/{round_id}/confirmations", confirming), 409, "already_confirmed")


async def test_every_command_on_a_group_that_has_ended(house: House) -> None:
    group = await house.must(GROUP_LEAD, "POST", "/groups", json_of(registration(SEOUL)), service="learning")
    where = f"/groups/{group['id']}"
    await house.must(GROUP_LEAD, "POST", f"{where}/closing", {}, service="learning")
    activity = {"held_on": "2025-03-03", "title": "모임", "attendees": ["lee"]}
    for method, path, body in (
        ("POST", "members", {"person_id": "choi"}),
        ("DELETE", "members/park", None),
        ("POST", "activities", activity),
        ("POST", "outputs", json_of(output(SEOUL))),
        ("POST", "closing", {}),
    ):
        problem(await house.ask(GROUP_LEAD, method, f"{where}/{path}", body, service="learning"), 409, "group_closed")


async def test_an_offer_is_made_once_and_answered_once(house: House) -> None:
    idea_id = await adopted_idea(house, SEOUL, "9")
    offer, where = {"target": "parks", "owner": OWNER.id}, f"/cases/{idea_id}/offers"
    early = await house.ask(OWNER, "POST", f"{where}/parks/answer", {"answer": "adopted"}, service="learning")
    problem(early, 404, "not_found")
    await house.must(SPREADER, "POST", where, offer, service="learning")
    problem(await house.ask(SPREADER, "POST", where, offer, service="learning"), 409, "already_offered")
    await house.must(OWNER, "POST", f"{where}/parks/answer", {"answer": "adopted"}, service="learning")
    late = await house.ask(OWNER, "POST", f"{where}/parks/answer", {"answer": "adopted"}, service="learning")
    problem(late, 409, "already_answered")


# --- ids that nobody ever used, and keys that wait for repair


NEVER_MISSING = (
    ("GET", "/cases/{idea_id}/offers"),
    ("PUT", "/departments/{department_id}"),
    ("PUT", "/people/{person_id}"),
    ("PUT", "/duties/{duty_id}"),
)
"""What answers with an empty list where there is nothing, and what makes the thing that it names."""


@pytest.mark.parametrize("name", NAMES)
async def test_what_never_was(house: House, name: str) -> None:
    asked = 0
    for operation in operations(name, house.apps[name]):
        if "{" not in operation.path or (operation.method, operation.path) in NEVER_MISSING:
            continue
        path = operation.path.replace("{stage}", "review").replace("{partition}", "0").replace("{number}", "999999")
        path = re.sub(r"\{\w+\}", NOBODY, path)
        for role in operation.roles:
            body = operation.least() if operation.takes_json else None
            answer = await house.ask(Actor("p-1", role, "d-1"), operation.method, path, body, service=name)
            problem(answer, 404, "not_found")
            asked += 1
    assert asked and entries(house) == 0


async def test_a_key_that_waits_for_repair(house: House) -> None:
    idea_id, other = await received(house), await received(house)
    await park(house, idea_id)
    number = entries(house)
    for actor, method, path, body in COMMANDS.values():
        if not path.startswith("implementation"):
            answer = await house.ask(actor, method, f"/ideas/{idea_id}/{path}", body)
            problem(answer, 409, "awaiting_repair")
    for path in ("start", "completion"):
        answer = await house.ask(HEAD, "POST", f"/ideas/{idea_id}/implementation/{path}", {})
        problem(answer, 409, "awaiting_repair")
    assert entries(house) == number
    assert (await house.ask(LEAD, "GET", f"/ideas/{idea_id}")).status_code == 200, "it is still shown"
    answer = await house.ask(CITIZEN, "PUT", f"/ideas/{other}/vote", {"choice": "endorse"})
    assert answer.status_code == 200, "others go on"
