"""HTTP of the way between submission and decision: supplements, transfer, opinions, re-opening, notices, clocks."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from services.ideas import queries
from services.ideas.directory import objection
from services.ideas.domain import IDEA
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.process_commands import (
    AnswerSupplement,
    AskOpinions,
    ExtendDecision,
    GiveOpinion,
    RecordDelivery,
    ReopenIdea,
    RequestSupplement,
    TransferIdea,
)
from services.ideas.roles import PEOPLE, READERS
from shared.contracts.types import Id
from shared.runtime.caller import Caller, allow, reply
from shared.runtime.problems import Problem

Reading = Annotated[Caller, allow(*READERS)]
Person = Annotated[Caller, allow(*PEOPLE)]
Office = Annotated[Caller, allow("receiver")]
Department = Annotated[Caller, allow("department")]
Asking = Annotated[Caller, allow("receiver", "department")]

router = APIRouter(tags=["process"])


@router.post("/ideas/{idea_id}/supplement")
async def request_supplement(idea_id: Id, body: RequestSupplement, caller: Office) -> Response:
    """Ask for what is missing, with reasons (보완 요청). The clock of the decision stops."""
    return await caller.execute(IDEA, idea_id, body)


@router.post("/ideas/{idea_id}/supplement/answer")
async def answer_supplement(idea_id: Id, body: AnswerSupplement, caller: Person) -> Response:
    """Supply what was missing (보완). The clock of the decision goes on."""
    return await caller.execute(IDEA, idea_id, body)


@router.post("/ideas/{idea_id}/transfer")
async def transfer(idea_id: Id, body: TransferIdea, caller: Office) -> Response:
    """Pass the idea on to the department in charge, with the reason (이송)."""
    if problem := await objection(caller.reader, departments={"department": body.department}):
        raise problem
    return await caller.execute(IDEA, idea_id, body)


@router.post("/ideas/{idea_id}/opinions")
async def ask_opinions(idea_id: Id, body: AskOpinions, caller: Asking) -> Response:
    """Ask other departments for their opinion (의견 조회). The clock of the decision stops."""
    named = {f"departments.{number}": department for number, department in enumerate(body.departments)}
    if problem := await objection(caller.reader, departments=named):
        raise problem
    return await caller.execute(IDEA, idea_id, body)


@router.post("/ideas/{idea_id}/opinions/answer")
async def give_opinion(idea_id: Id, body: GiveOpinion, caller: Department) -> Response:
    """Give the opinion that the own department was asked for (의견 회신)."""
    return await caller.execute(IDEA, idea_id, body)


@router.post("/ideas/{idea_id}/reopening")
async def reopen(idea_id: Id, body: ReopenIdea, caller: Office) -> Response:
    """Take up an idea again that was closed (재개)."""
    return await caller.execute(IDEA, idea_id, body)


@router.post("/ideas/{idea_id}/extension")
async def extend(idea_id: Id, body: ExtendDecision, caller: Department) -> Response:
    """Announce that the decision takes longer (처리 기간 연장)."""
    return await caller.execute(IDEA, idea_id, body)


@router.post("/ideas/{idea_id}/deliveries")
async def deliver(idea_id: Id, body: RecordDelivery, caller: Office) -> Response:
    """Say that a notice reached the authors on paper (통지 도달). The clocks of their rights start."""
    return await caller.execute(IDEA, idea_id, body)


@router.get("/ideas/{idea_id}/clocks")
async def clocks(idea_id: Id, caller: Reading) -> Response:
    """Its clocks, when each is due, and by which events that moved (기한과 그 변동 사유)."""
    stored, _ = await caller.state(IDEA, idea_id)
    assert isinstance(stored.state, Idea)
    if not stored.state.opens_to(caller.actor):
        raise Problem("not_found")
    return reply(await queries.clocks(caller.reader, stored.state))
