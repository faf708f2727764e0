"""HTTP of rounds. What is announced is for everybody; nothing tells how far the scoring is, no version either."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from services.evaluation import queries
from services.evaluation.api import ALL, Judge, Organiser, execute, without_version
from services.evaluation.domain import ROUND
from services.evaluation.domain.round import round_id as id_of_round
from services.evaluation.domain.round_commands import (
    AdmitIdeas,
    CloseStage,
    ExtendStage,
    NameRaters,
    OpenRound,
    SignStatement,
)
from services.evaluation.domain.round_state import Phase, Round
from shared.contracts.types import Code, Id
from shared.runtime.caller import After, Caller, Cursor, Limit, allow, reply

EVERYBODY = (
    *("author", "member", "group_lead", "citizen", "union", "department", "receiver"),
    *("rater", "chair", "award_officer", "panelist", "auditor"),
)

Reading = Annotated[Caller, allow(*EVERYBODY)]

router = APIRouter(tags=["rounds"], dependencies=[Depends(without_version)])


@router.post("/rounds", status_code=201)
async def open_round(body: OpenRound, caller: Organiser) -> Response:
    """Open a round under a pack (회차 열기)."""
    return await execute(caller, ROUND, id_of_round(body.pack, body.name), body)


@router.post("/rounds/{round_id}/ideas")
async def admit(round_id: Id, body: AdmitIdeas, caller: Organiser) -> Response:
    """Let ideas take part in the round's first stage, whether their evaluation has begun or not (회차 편입)."""
    return await execute(caller, ROUND, round_id, body)


@router.post("/rounds/{round_id}/extension")
async def extend(round_id: Id, body: ExtendStage, caller: Organiser) -> Response:
    """Let the scoring of the present stage go on until a later moment, and announce it (기간 연장 공고)."""
    return await execute(caller, ROUND, round_id, body)


@router.post("/rounds/{round_id}/closing")
async def close(round_id: Id, body: CloseStage, caller: Organiser) -> Response:
    """End the present stage before its deadline, however far its scoring is (단계 마감)."""
    return await execute(caller, ROUND, round_id, body)


@router.post("/rounds/{round_id}/statements")
async def sign(round_id: Id, body: SignStatement, caller: Judge) -> Response:
    """Sign the statement of the round and declare the own conflicts of interest (이해관계 서약)."""
    return await execute(caller, ROUND, round_id, body)


@router.post("/rounds/{round_id}/raters")
async def name_raters(round_id: Id, body: NameRaters, caller: Organiser) -> Response:
    """Name who is to score an idea of the round (심사위원 배정); all of them must have signed."""
    return await execute(caller, ROUND, round_id, body)


@router.get("/rounds/{round_id}/rankings")
async def rankings(round_id: Id, caller: Annotated[Caller, allow("receiver", "chair", "auditor")]) -> Response:
    """The orders of the stages, once disclosed (순위); not to who is in conflict about any of the ideas."""
    stored, _ = await caller.state(ROUND, round_id)
    assert isinstance(stored.state, Round)
    return reply(await queries.rankings(caller.reader, stored.state, caller.actor))


@router.get("/rounds")
async def rounds(
    caller: Reading, pack: Code | None = None, phase: Phase | None = None, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Rounds that match (회차 목록)."""
    wanted = {"pack": pack, "phase": phase}
    return await caller.page(ROUND, {k: v for k, v in wanted.items() if v is not None}, cursor, limit)


@router.get("/rounds/{round_id}")
async def show_round(round_id: Id, caller: Reading) -> Response:
    """One round: stages and deadline; to who organises it, its ideas and who has signed; the own statement."""
    _, visible = await caller.state(ROUND, round_id)
    return reply(visible)


@router.get("/rounds/{round_id}/history")
async def round_history(round_id: Id, caller: Reading, after: After = 0, limit: Limit = 100) -> Response:
    """What was announced: opening, extensions, end."""
    shown = limit if caller.actor.role == "auditor" else ALL  # see the history of evaluations
    return await caller.history(ROUND, round_id, after, shown)


@router.get("/me/notices")
async def own_notices(
    caller: Annotated[Caller, allow("rater", "chair", "receiver")], cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """What the caller was told of rounds (내 통지): that another department organises one now."""
    return reply(await queries.notices(caller.reader, caller.actor, cursor, limit))
