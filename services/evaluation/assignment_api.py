"""HTTP of a stage's assignment: asked for and seen by those who organise the round. No answer carries a version."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from services.evaluation.api import Organiser, execute, without_version
from services.evaluation.domain import ASSIGNMENT
from services.evaluation.domain.assignment_commands import AskAssignment
from shared.contracts.types import Code, Id
from shared.runtime.caller import Caller, allow, reply

router = APIRouter(tags=["assignments"], dependencies=[Depends(without_version)])

Reading = Annotated[Caller, allow("receiver", "chair", "auditor")]


@router.post("/assignments/{round_id}/{stage}")
async def ask(round_id: Id, stage: Code, body: AskAssignment, caller: Organiser) -> Response:
    """Have raters assigned to the ideas of a stage (심사위원 배정), or anew with as few changes as possible."""
    return await execute(caller, ASSIGNMENT, f"{round_id}/{stage}", body)


@router.get("/assignments/{round_id}/{stage}")
async def show(round_id: Id, stage: Code, caller: Reading) -> Response:
    """Who rates what, or what stands in the way and what to relax (배정 결과)."""
    _, visible = await caller.state(ASSIGNMENT, f"{round_id}/{stage}")
    return reply(visible)
