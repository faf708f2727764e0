"""HTTP of shares in `ideas`: each author's word, and the agency's where it improved the idea."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from services.ideas.directory import objection
from services.ideas.domain import IDEA
from services.ideas.domain.shares import ConfirmShare, DisputeShare, ProposeShares, SetShares
from services.ideas.roles import PEOPLE
from shared.contracts.types import Id
from shared.runtime.caller import Caller, allow

Person = Annotated[Caller, allow(*PEOPLE)]
Department = Annotated[Caller, allow("department")]

router = APIRouter(tags=["shares"])


@router.post("/ideas/{idea_id}/shares/confirmation")
async def confirm(idea_id: Id, body: ConfirmShare, caller: Person) -> Response:
    """Confirm the own share (기여도 확인)."""
    return await caller.execute(IDEA, idea_id, body)


@router.post("/ideas/{idea_id}/shares/dispute")
async def dispute(idea_id: Id, body: DisputeShare, caller: Person) -> Response:
    """Dispute the shares, with the reason (기여도 이의). No money moves until they are settled."""
    return await caller.execute(IDEA, idea_id, body)


@router.post("/ideas/{idea_id}/shares/proposal")
async def propose(idea_id: Id, body: ProposeShares, caller: Person) -> Response:
    """Propose other shares for the same authors (기여도 재협의); the others are asked anew."""
    return await caller.execute(IDEA, idea_id, body)


@router.put("/ideas/{idea_id}/shares")
async def set_shares(idea_id: Id, body: SetShares, caller: Department) -> Response:
    """Set the shares of an idea that the department improved (보완·발전시킨 기관의 기여도 결정)."""
    people = {f"authors.{n}.person_id": author.person_id for n, author in enumerate(body.authors)}
    if problem := await objection(caller.reader, people=people):
        raise problem
    return await caller.execute(IDEA, idea_id, body)
