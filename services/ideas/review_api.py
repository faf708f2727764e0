"""HTTP of the time after a decision: re-examinations, panels, claims, an author's rights, policies for the watch."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from services.ideas import review_queries
from services.ideas.directory import objection, officials_among
from services.ideas.domain import IDEA, POLICY
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.policy import RecordPolicy
from services.ideas.domain.review_commands import (
    BeginReexamination,
    ConvenePanel,
    DecideClaim,
    DecideReexamination,
    FileClaim,
    RecordFinding,
    RequestReexamination,
)
from services.ideas.roles import PEOPLE, READERS
from shared.contracts.types import Id
from shared.runtime.caller import After, Caller, Cursor, Limit, allow, reply
from shared.runtime.problems import Problem

Reading = Annotated[Caller, allow(*READERS)]
Person = Annotated[Caller, allow(*PEOPLE)]
Office = Annotated[Caller, allow("receiver")]
Department = Annotated[Caller, allow("department")]
Entering = Annotated[Caller, allow("receiver", "department")]
Inside = Annotated[Caller, allow("receiver", "department", "auditor")]

router = APIRouter(tags=["after the decision"])


@router.post("/ideas/{idea_id}/reexamination")
async def request_reexamination(idea_id: Id, body: RequestReexamination, caller: Person) -> Response:
    """Ask as an author that the decision be looked at again (재심사 요청). The office enters what came on paper."""
    return await caller.execute(IDEA, idea_id, body)


@router.post("/ideas/{idea_id}/reexamination/own-accord")
async def begin_reexamination(idea_id: Id, body: BeginReexamination, caller: Department) -> Response:
    """Look at a refusal again of the agency's own accord (직권 재심사)."""
    return await caller.execute(IDEA, idea_id, body)


@router.post("/ideas/{idea_id}/reexamination/decision")
async def decide_reexamination(idea_id: Id, body: DecideReexamination, caller: Department) -> Response:
    """Keep the decision or adopt after all (재심사 결정), after the panel where one is needed."""
    return await caller.execute(IDEA, idea_id, body)


@router.post("/ideas/{idea_id}/panels")
async def convene(idea_id: Id, body: ConvenePanel, caller: Office) -> Response:
    """Convene a panel for what is open (심사위원회 구성). Whom the directory lists as staff is an official."""
    named = {f"non_officials.{number}": person for number, person in enumerate(body.non_officials)}
    officials = await officials_among(caller.reader, body.non_officials)
    errors = [
        {"in": "body", "field": field, "code": "official_in_directory", "detail": "listed with a department"}
        for field, person in named.items()
        if person in officials
    ]
    if errors:
        raise Problem("official_in_directory", errors=errors)
    return await caller.execute(IDEA, idea_id, body)


@router.post("/ideas/{idea_id}/panels/finding")
async def find(idea_id: Id, body: RecordFinding, caller: Office) -> Response:
    """Enter what the panel found (심의 결과)."""
    return await caller.execute(IDEA, idea_id, body)


@router.get("/ideas/{idea_id}/panels")
async def panels(idea_id: Id, caller: Inside) -> Response:
    """Who sits on its panels and what they found (심사위원회). Authors are told the outcome, not the names."""
    stored, _ = await caller.state(IDEA, idea_id)
    assert isinstance(stored.state, Idea)
    if not stored.state.opens_to(caller.actor) or caller.actor.id in stored.state.author_ids:
        raise Problem("not_found")
    return reply(review_queries.panels(stored.state))


@router.post("/ideas/{idea_id}/claims")
async def file_claim(idea_id: Id, body: FileClaim, caller: Person) -> Response:
    """Claim a reward because the refused idea was carried out later (사후 실시 보상 신청)."""
    return await caller.execute(IDEA, idea_id, body)


@router.post("/ideas/{idea_id}/claims/decision")
async def decide_claim(idea_id: Id, body: DecideClaim, caller: Department) -> Response:
    """Grant the open claim, or refuse it with reasons (보상 신청 결정)."""
    return await caller.execute(IDEA, idea_id, body)


@router.get("/me/rights")
async def own_rights(caller: Person, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """The caller's rights over the own decided ideas, and until when (내 권리와 기한); `limit` counts ideas."""
    now = caller.clock.now()
    return reply(await review_queries.rights(caller.reader, caller.actor, now, cursor, limit))


@router.post("/policies", status_code=201)
async def record_policy(body: RecordPolicy, caller: Entering) -> Response:
    """Enter a policy that refused ideas are compared with (시책 등록)."""
    if problem := await objection(caller.reader, departments={"department": body.department}):
        raise problem
    return await caller.execute(POLICY, caller.new_id("policy"), body)


@router.get("/policies")
async def policies(caller: Reading, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """The policies that were entered (시책 목록)."""
    return await caller.page(POLICY, {}, cursor, limit)


@router.get("/policies/{policy_id}")
async def policy(policy_id: Id, caller: Reading) -> Response:
    """One policy."""
    return await caller.show(POLICY, policy_id)


@router.get("/policies/{policy_id}/history")
async def policy_history(policy_id: Id, caller: Reading, after: After = 0, limit: Limit = 100) -> Response:
    """How a policy was entered (시책 등록 이력)."""
    return await caller.history(POLICY, policy_id, after, limit)
