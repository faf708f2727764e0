"""HTTP of `evaluation`. An answer says nothing about how far the scoring is, in headers, errors and paging neither.

The version of an evaluation counts its scores: no answer carries it (ETag) and no request may ask for it (If-Match).
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Header
from fastapi.responses import Response

from services.evaluation.domain import EVALUATION
from services.evaluation.domain.commands import (
    AssignRaters,
    ChallengeRater,
    CloseEvaluation,
    GivenVote,
    Recuse,
    SaveDraft,
    ScoreIdea,
    SubmitDraft,
    VoteOnChallenge,
)
from services.evaluation.imports import ScoreLine
from shared.contracts.types import Code, Id, PersonId
from shared.engine.aggregate import Aggregate
from shared.engine.message import Command
from shared.runtime.bulk import DryRun, Lines, bulk, documented
from shared.runtime.caller import After, Caller, Cursor, Limit, allow, reply
from shared.runtime.problems import Problem

READERS = (
    *("author", "member", "group_lead", "citizen", "department", "receiver"),
    *("rater", "chair", "award_officer", "auditor"),
)

Reading = Annotated[Caller, allow(*READERS)]
Organiser = Annotated[Caller, allow("receiver", "chair")]
Importing = Annotated[Caller, allow("receiver", streams=True)]
Rater = Annotated[Caller, allow("rater")]
Judge = Annotated[Caller, allow("rater", "chair")]
Person = Annotated[Caller, allow("author", "member", "group_lead", "citizen", "department", "receiver")]

ALL = 200
"""More events than anybody but the auditor ever sees of one evaluation."""


async def without_version(
    if_match: Annotated[str, Header(alias="If-Match", json_schema_extra={"pattern": r"^\*$"})] = "*",
) -> None:
    """Refuse a guess at the version. Raises Problem."""
    if if_match.strip() != "*":
        detail = "evaluations show no version before they are disclosed"
        error = {"in": "header", "field": "If-Match", "code": "invalid_header", "detail": detail}
        raise Problem("invalid_request", errors=[error])


router = APIRouter(tags=["evaluations"], dependencies=[Depends(without_version)])


async def execute(caller: Caller, aggregate: Aggregate, id: str, command: Command) -> Response:
    """Have a command decided, and answer without the version, which would tell how much has happened."""
    response = await caller.execute(aggregate, id, command)
    del response.headers["ETag"]
    return response


@router.post("/evaluations/{idea_id}/{stage}/raters")
async def assign(idea_id: Id, stage: Code, body: AssignRaters, caller: Organiser) -> Response:
    """Name who is to score (심사위원 배정); replaces an earlier assignment."""
    return await execute(caller, EVALUATION, f"{idea_id}/{stage}", body)


@router.post("/evaluations/{idea_id}/{stage}/scores")
async def score(idea_id: Id, stage: Code, body: ScoreIdea, caller: Rater) -> Response:
    """Score (심사); sent again it replaces what the same rater said before."""
    return await execute(caller, EVALUATION, f"{idea_id}/{stage}", body)


@router.put("/evaluations/{idea_id}/{stage}/draft")
async def save_draft(idea_id: Id, stage: Code, body: SaveDraft, caller: Rater) -> Response:
    """Save an unfinished sheet, which nobody else sees and which counts for nothing (임시저장)."""
    return await execute(caller, EVALUATION, f"{idea_id}/{stage}", body)


@router.post("/evaluations/{idea_id}/{stage}/draft/submission")
async def submit_draft(idea_id: Id, stage: Code, body: SubmitDraft, caller: Rater) -> Response:
    """Submit the draft as it was saved (임시저장한 채점 제출)."""
    return await execute(caller, EVALUATION, f"{idea_id}/{stage}", body)


@router.post("/evaluations/{idea_id}/{stage}/closing")
async def close(idea_id: Id, stage: Code, body: CloseEvaluation, caller: Organiser) -> Response:
    """End the scoring before its deadline (심사 마감)."""
    return await execute(caller, EVALUATION, f"{idea_id}/{stage}", body)


@router.post("/evaluations/{idea_id}/{stage}/recusal")
async def recuse(idea_id: Id, stage: Code, body: Recuse, caller: Judge) -> Response:
    """Step back from an evaluation (회피): from then on nothing of it shows to the caller."""
    return await execute(caller, EVALUATION, f"{idea_id}/{stage}", body)


@router.post("/evaluations/{idea_id}/{stage}/challenges")
async def challenge(idea_id: Id, stage: Code, body: ChallengeRater, caller: Person) -> Response:
    """Challenge somebody who may score the caller's own idea (기피 신청)."""
    return await execute(caller, EVALUATION, f"{idea_id}/{stage}", body)


@router.put("/evaluations/{idea_id}/{stage}/challenges/{person_id}/vote")
async def vote_on_challenge(idea_id: Id, stage: Code, person_id: PersonId, body: GivenVote, caller: Judge) -> Response:
    """Vote on a challenge against somebody else (기피 의결)."""
    return await execute(
        caller, EVALUATION, f"{idea_id}/{stage}", VoteOnChallenge(person_id=person_id, upholds=body.upholds)
    )


@router.get("/evaluations")
async def evaluations(
    caller: Reading,
    idea_id: Id | None = None,
    stage: Code | None = None,
    department: Id | None = None,
    pack: Code | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Evaluations that match and that the caller may see (심사 목록); a page may hold fewer than `limit`."""
    wanted = {"idea_id": idea_id, "stage": stage, "department": department, "pack": pack}
    return await caller.page(EVALUATION, {k: v for k, v in wanted.items() if v is not None}, cursor, limit)


@router.post("/scores/imports", response_class=Lines, openapi_extra=documented(ScoreLine))
async def import_scores(caller: Importing, dry_run: DryRun = False) -> Response:
    """Take over what raters said elsewhere of imported ideas, line by line (가져오기)."""
    return bulk(caller, ScoreLine, dry_run=dry_run)


@router.get("/me/evaluations")
async def own_evaluations(caller: Rater, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """What the caller was assigned to score (내 심사)."""
    return await caller.page(EVALUATION, {"raters": caller.actor.id}, cursor, limit)


@router.get("/evaluations/{idea_id}/{stage}")
async def evaluation(idea_id: Id, stage: Code, caller: Reading) -> Response:
    """One evaluation: the task, the own scores, or the result, as far as the caller may see it."""
    _, visible = await caller.state(EVALUATION, f"{idea_id}/{stage}")
    return reply(visible)


@router.get("/evaluations/{idea_id}/{stage}/history")
async def evaluation_history(
    idea_id: Id, stage: Code, caller: Reading, after: After = 0, limit: Limit = 100
) -> Response:
    """What happened, as far as the caller may see it."""
    # A page that ends early would tell that there is more, and so that somebody has scored.
    shown = limit if caller.actor.role == "auditor" else ALL
    return await caller.history(EVALUATION, f"{idea_id}/{stage}", after, shown)
