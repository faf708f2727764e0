"""HTTP of `learning`: groups and their outputs, cases and how they spread."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from services.learning import queries
from services.learning.domain import CASE, GROUP, OFFER
from services.learning.domain.commands import (
    AddMember,
    AnswerOffer,
    CloseGroup,
    HandOverOutput,
    OfferCase,
    RecordActivity,
    RegisterGroup,
    RemoveMember,
)
from services.learning.domain.group import Stage as GroupStage
from services.learning.domain.offer import Stage as OfferStage
from shared.contracts.types import Code, Id, Kind, PersonId
from shared.runtime.caller import After, Caller, Cursor, Limit, allow, reply

STAFF = ("author", "member", "group_lead", "department", "receiver")
"""Who may own an offer, and so answer it."""

READERS = (*STAFF, "rater", "chair", "award_officer", "panelist", "union", "auditor")

Reading = Annotated[Caller, allow(*READERS)]
Lead = Annotated[Caller, allow("group_lead")]
Member = Annotated[Caller, allow("author", "member", "group_lead")]
Spreader = Annotated[Caller, allow("award_officer", "department")]
Target = Annotated[Caller, allow(*STAFF)]

router = APIRouter()
_groups = APIRouter(tags=["groups"])
_cases = APIRouter(tags=["cases"])

# --- groups


@_groups.post("/groups", status_code=201)
async def register(body: RegisterGroup, caller: Lead) -> Response:
    """Register a learning group (학습조직 등록); the caller leads it."""
    return await caller.execute(GROUP, caller.new_id("group"), body)


@_groups.post("/groups/{group_id}/members")
async def add_member(group_id: Id, body: AddMember, caller: Lead) -> Response:
    """Take a person into the group (구성원 추가)."""
    return await caller.execute(GROUP, group_id, body)


@_groups.delete("/groups/{group_id}/members/{person_id}")
async def remove_member(group_id: Id, person_id: PersonId, caller: Lead) -> Response:
    """Let a person leave the group (구성원 제외)."""
    return await caller.execute(GROUP, group_id, RemoveMember(person_id=person_id))


@_groups.post("/groups/{group_id}/activities")
async def record_activity(group_id: Id, body: RecordActivity, caller: Lead) -> Response:
    """Record that the group met or worked (학습활동 기록)."""
    return await caller.execute(GROUP, group_id, body)


@_groups.post("/groups/{group_id}/outputs")
async def hand_over(group_id: Id, body: HandOverOutput, caller: Lead) -> Response:
    """Hand an output over as an idea (학습성과 제안 연계); the answer's last output names the idea."""
    return await caller.execute(GROUP, group_id, body)


@_groups.post("/groups/{group_id}/closing")
async def close_group(group_id: Id, body: CloseGroup, caller: Lead) -> Response:
    """End the group (학습조직 종료)."""
    return await caller.execute(GROUP, group_id, body)


@_groups.get("/groups")
async def groups(
    caller: Reading,
    department: Id | None = None,
    member: PersonId | None = None,
    pack: Code | None = None,
    stage: GroupStage | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Groups that match (학습조직 목록)."""
    wanted = _given(department=department, members=member, pack=pack, stage=stage)
    return await caller.page(GROUP, wanted, cursor, limit)


@_groups.get("/groups/{group_id}")
async def group(group_id: Id, caller: Reading) -> Response:
    """One group with its members, activities and outputs."""
    return await caller.show(GROUP, group_id)


@_groups.get("/groups/{group_id}/history")
async def group_history(group_id: Id, caller: Reading, after: After = 0, limit: Limit = 100) -> Response:
    """What happened to the group."""
    return await caller.history(GROUP, group_id, after, limit)


# --- cases and their spread


@_cases.get("/cases")
async def cases(
    caller: Reading,
    department: Id | None = None,
    kind: Kind | None = None,
    pack: Code | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Cases that match (사례 목록)."""
    return await caller.page(CASE, _given(department=department, kind=kind, pack=pack), cursor, limit)


@_cases.get("/cases/{idea_id}")
async def case(idea_id: Id, caller: Reading) -> Response:
    """One case."""
    return await caller.show(CASE, idea_id)


@_cases.get("/cases/{idea_id}/spread")
async def spread(idea_id: Id, caller: Reading) -> Response:
    """Where a case has got to (확산 현황): target departments by answer."""
    await caller.state(CASE, idea_id)
    return reply(await queries.spread(caller.reader, idea_id))


@_cases.get("/cases/{idea_id}/history")
async def case_history(idea_id: Id, caller: Reading, after: After = 0, limit: Limit = 100) -> Response:
    """What happened to the case."""
    return await caller.history(CASE, idea_id, after, limit)


@_cases.post("/cases/{idea_id}/offers", status_code=201)
async def offer_case(idea_id: Id, body: OfferCase, caller: Spreader) -> Response:
    """Offer a case to a department (확산 요청), with an owner and a due date."""
    return await caller.execute(OFFER, f"{idea_id}/{body.target}", body)


@_cases.post("/cases/{idea_id}/offers/{target}/answer")
async def answer(idea_id: Id, target: Id, body: AnswerOffer, caller: Target) -> Response:
    """Answer for the target department (도입 여부 회신)."""
    return await caller.execute(OFFER, f"{idea_id}/{target}", body)


@_cases.get("/cases/{idea_id}/offers")
async def offers(
    idea_id: Id, caller: Reading, stage: OfferStage | None = None, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """The offers of a case."""
    return await caller.page(OFFER, _given(idea_id=idea_id, stage=stage), cursor, limit)


@_cases.get("/cases/{idea_id}/offers/{target}")
async def offer(idea_id: Id, target: Id, caller: Reading) -> Response:
    """One offer."""
    return await caller.show(OFFER, f"{idea_id}/{target}")


@_cases.get("/cases/{idea_id}/offers/{target}/history")
async def offer_history(idea_id: Id, target: Id, caller: Reading, after: After = 0, limit: Limit = 100) -> Response:
    """What happened to the offer."""
    return await caller.history(OFFER, f"{idea_id}/{target}", after, limit)


@_cases.get("/me/offers")
async def own_offers(
    caller: Target, stage: OfferStage | None = None, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """The offers that the caller has to see to (내 확산 과제)."""
    return await caller.page(OFFER, _given(owner=caller.actor.id, stage=stage), cursor, limit)


@_groups.get("/me/notices")
async def own_notices(caller: Member, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """What the caller was told of groups (내 통지): that one belongs to another department now."""
    return reply(await queries.notices(caller.reader, caller.actor, cursor, limit))


def _given(**filters: str | None) -> dict[str, str]:
    return {name: value for name, value in filters.items() if value is not None}


router.include_router(_groups)
router.include_router(_cases)
