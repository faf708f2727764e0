"""HTTP of `ideas`. Every route names its roles; what a person sees of an idea, its state decides."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from services.ideas import (
    directory_api,
    intake_api,
    outcomes_api,
    process_api,
    queries,
    review_api,
    shares_api,
    similar_api,
    submitting,
)
from services.ideas.directory import objections_to
from services.ideas.domain import IDEA, IMPLEMENTATION, VOTE
from services.ideas.domain.commands import (
    AdoptIdea,
    CheckCompleteness,
    ReceiveIdea,
    RefuseIdea,
    SubmitIdea,
    WithdrawIdea,
)
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.implementation import (
    AbandonImplementation,
    CompleteImplementation,
    RescheduleImplementation,
    StartImplementation,
)
from services.ideas.domain.values import Stage
from services.ideas.domain.vote import CastVote
from services.ideas.imports import DecisionLine, IdeaLine, VoteLine
from services.ideas.repeats import objection_to_repeats
from services.ideas.roles import PEOPLE, READERS, VOTERS
from shared.contracts.types import Code, Id, Kind, PersonId, WrittenLine
from shared.engine.text import comparable
from shared.runtime.bulk import DryRun, Lines, bulk, documented
from shared.runtime.caller import After, Caller, Cursor, Limit, allow, reply

Reading = Annotated[Caller, allow(*READERS)]
Person = Annotated[Caller, allow(*PEOPLE)]
Voter = Annotated[Caller, allow(*VOTERS)]
Office = Annotated[Caller, allow("receiver")]
Importing = Annotated[Caller, allow("receiver", streams=True)]
Department = Annotated[Caller, allow("department")]

router = APIRouter()
_ideas = APIRouter(tags=["ideas"])


# --- from submission to decision


@_ideas.post("/ideas", status_code=201)
async def submit(body: SubmitIdea, caller: Person) -> Response:
    """Submit an idea (제출). The office submits for others what came on paper."""
    return await submitting.submit(caller, caller.new_id("idea"), body)


@_ideas.post("/ideas/{idea_id}/receipt")
async def receive(idea_id: Id, body: ReceiveIdea, caller: Office) -> Response:
    """Receive a submitted idea (접수)."""
    return await caller.execute(IDEA, idea_id, body)


@_ideas.post("/ideas/{idea_id}/completeness")
async def check(idea_id: Id, body: CheckCompleteness, caller: Office) -> Response:
    """Say what the completeness check found (요건 검토, 비제안 종결처리)."""
    if problem := await objection_to_repeats(caller.reader, idea_id, body):
        raise problem
    return await caller.execute(IDEA, idea_id, body)


@_ideas.post("/ideas/{idea_id}/adoption")
async def adopt(idea_id: Id, body: AdoptIdea, caller: Department) -> Response:
    """Adopt (채택)."""
    return await caller.execute(IDEA, idea_id, body)


@_ideas.post("/ideas/{idea_id}/refusal")
async def refuse(idea_id: Id, body: RefuseIdea, caller: Department) -> Response:
    """Refuse (불채택)."""
    return await caller.execute(IDEA, idea_id, body)


@_ideas.post("/ideas/{idea_id}/withdrawal")
async def withdraw(idea_id: Id, body: WithdrawIdea, caller: Person) -> Response:
    """Take the own idea back (철회)."""
    return await caller.execute(IDEA, idea_id, body)


@_ideas.get("/ideas")
async def ideas(
    caller: Reading,
    stage: Stage | None = None,
    department: Id | None = None,
    category: Annotated[WrittenLine | None, Query(max_length=500)] = None,
    kind: Kind | None = None,
    pack: Code | None = None,
    receipt_number: Annotated[WrittenLine | None, Query(max_length=500)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Ideas that match and that the caller may see (제안 목록); a page may hold fewer than `limit`."""
    sought = None if category is None else comparable(category)
    wanted = {
        "stage": stage,
        "department": department,
        "category_sought": sought,
        "kind": kind,
        "pack": pack,
        "receipt_number": receipt_number,
    }
    return await caller.page(IDEA, {k: v for k, v in wanted.items() if v is not None}, cursor, limit)


@_ideas.get("/ideas/{idea_id}")
async def idea(idea_id: Id, caller: Reading) -> Response:
    """One idea."""
    return await caller.show(IDEA, idea_id)


@_ideas.get("/ideas/{idea_id}/history")
async def idea_history(idea_id: Id, caller: Reading, after: After = 0, limit: Limit = 100) -> Response:
    """What happened to it (처리 경과)."""
    return await caller.history(IDEA, idea_id, after, limit)


# --- votes


@_ideas.put("/ideas/{idea_id}/vote")
async def vote(idea_id: Id, body: CastVote, caller: Voter) -> Response:
    """Endorse, object or pass (공감, 비공감, 보류); the latest vote counts."""
    return await caller.execute(VOTE, f"{idea_id}/{caller.actor.id}", body)


@_ideas.get("/ideas/{idea_id}/vote")
async def own_vote(idea_id: Id, caller: Voter) -> Response:
    """The caller's own vote."""
    return await caller.show(VOTE, f"{idea_id}/{caller.actor.id}")


@_ideas.get("/ideas/{idea_id}/vote/history")
async def own_vote_history(idea_id: Id, caller: Voter, after: After = 0, limit: Limit = 100) -> Response:
    """All votes of the caller on this idea."""
    return await caller.history(VOTE, f"{idea_id}/{caller.actor.id}", after, limit)


@_ideas.get("/ideas/{idea_id}/votes")
async def votes(idea_id: Id, caller: Reading) -> Response:
    """How people stand on it, votes counted here beside the total an import declared."""
    stored, _ = await caller.state(IDEA, idea_id)
    assert isinstance(stored.state, Idea)
    return reply(await queries.tally(caller.reader, stored.state))


@_ideas.put("/ideas/{idea_id}/votes/{voter_id}")
async def import_vote(idea_id: Id, voter_id: PersonId, body: CastVote, caller: Office) -> Response:
    """Enter a vote that was cast elsewhere, with its moment (가져오기)."""
    return await caller.execute(VOTE, f"{idea_id}/{voter_id}", body)


@_ideas.get("/ideas/{idea_id}/votes/{voter_id}/history")
async def vote_history(
    idea_id: Id,
    voter_id: PersonId,
    caller: Annotated[Caller, allow("auditor")],
    after: After = 0,
    limit: Limit = 100,
) -> Response:
    """All votes of a person on this idea."""
    return await caller.history(VOTE, f"{idea_id}/{voter_id}", after, limit)


# --- implementation


@_ideas.post("/ideas/{idea_id}/implementation/start")
async def start(idea_id: Id, body: StartImplementation, caller: Department) -> Response:
    """Begin (실시)."""
    return await caller.execute(IMPLEMENTATION, idea_id, body)


@_ideas.post("/ideas/{idea_id}/implementation/reschedule")
async def reschedule(idea_id: Id, body: RescheduleImplementation, caller: Department) -> Response:
    """Move the planned date, with the reason (실시 시기 변경)."""
    return await caller.execute(IMPLEMENTATION, idea_id, body)


@_ideas.post("/ideas/{idea_id}/implementation/completion")
async def complete(idea_id: Id, body: CompleteImplementation, caller: Department) -> Response:
    """Say that it is done (실시 완료)."""
    return await caller.execute(IMPLEMENTATION, idea_id, body)


@_ideas.post("/ideas/{idea_id}/implementation/abandonment")
async def abandon(idea_id: Id, body: AbandonImplementation, caller: Department) -> Response:
    """Give it up, with what was learnt (실시 중단)."""
    return await caller.execute(IMPLEMENTATION, idea_id, body)


@_ideas.get("/ideas/{idea_id}/implementation")
async def implementation(idea_id: Id, caller: Reading) -> Response:
    """How far the implementation is."""
    return await caller.show(IMPLEMENTATION, idea_id)


@_ideas.get("/ideas/{idea_id}/implementation/history")
async def implementation_history(idea_id: Id, caller: Reading, after: After = 0, limit: Limit = 100) -> Response:
    """What happened in the implementation."""
    return await caller.history(IMPLEMENTATION, idea_id, after, limit)


# --- history from elsewhere, line by line


@_ideas.post("/ideas/imports", response_class=Lines, openapi_extra=documented(IdeaLine))
async def import_ideas(caller: Importing, dry_run: DryRun = False) -> Response:
    """Take over ideas that were submitted elsewhere (가져오기)."""
    return bulk(caller, IdeaLine, dry_run=dry_run, objections=partial(objections_to, caller.reader))


@_ideas.post("/votes/imports", response_class=Lines, openapi_extra=documented(VoteLine))
async def import_votes(caller: Importing, dry_run: DryRun = False) -> Response:
    """Take over votes that were cast elsewhere, each with its moment (가져오기)."""
    return bulk(caller, VoteLine, dry_run=dry_run)


@_ideas.post("/decisions/imports", response_class=Lines, openapi_extra=documented(DecisionLine))
async def import_decisions(caller: Importing, dry_run: DryRun = False) -> Response:
    """Take over what was decided elsewhere: completeness checks, adoptions, refusals (가져오기)."""
    return bulk(caller, DecisionLine, dry_run=dry_run)


# --- for the person, and over all


@_ideas.get("/me/ideas")
async def own_ideas(caller: Person, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """Ideas that the caller wrote, alone or with others (내 제안)."""
    return await caller.page(IDEA, {"authors.person_id": caller.actor.id}, cursor, limit)


@_ideas.get("/me/notices")
async def own_notices(caller: Person, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """What the caller was told about the own ideas (내 통지); `limit` counts ideas."""
    return reply(await queries.notices(caller.reader, caller.actor, cursor, limit))


@_ideas.get("/funnel")
async def funnel(caller: Reading, department: Id | None = None, pack: Code | None = None) -> Response:
    """How many ideas stand where, from submission to spread (처리 현황)."""
    wanted = {"department": department, "pack": pack}
    return reply(await queries.funnel(caller.reader, {k: v for k, v in wanted.items() if v is not None}))


router.include_router(_ideas)
router.include_router(process_api.router)
router.include_router(review_api.router)
router.include_router(intake_api.router)
router.include_router(directory_api.router)
router.include_router(shares_api.router)
router.include_router(similar_api.router)
router.include_router(outcomes_api.router)
