"""HTTP of what reads alike in `ideas`: candidates, closing the later one, merges by consent."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from services.ideas import duplicates
from services.ideas.domain import IDEA, MERGE
from services.ideas.domain.alike import CloseAsDuplicate, NoteDuplicates
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.merge import AnswerMerge, NewMerge, ProposeMerge, UndoMerge
from services.ideas.domain.rules import rules
from services.ideas.roles import PEOPLE
from shared.contracts.types import Id
from shared.runtime.caller import After, Caller, Cursor, Limit, allow, reply

Office = Annotated[Caller, allow("receiver")]
Keeper = Annotated[Caller, allow("receiver", "auditor")]
Person = Annotated[Caller, allow(*PEOPLE)]
Reading = Annotated[Caller, allow(*PEOPLE, "auditor")]

router = APIRouter(tags=["duplicates and merges"])


@router.get("/ideas/{idea_id}/duplicates")
async def candidates(idea_id: Id, caller: Keeper) -> Response:
    """What reads alike, looked for now (유사 제안), beside what was noted at the receipt."""
    stored, _ = await caller.state(IDEA, idea_id)
    assert isinstance(stored.state, Idea)
    idea, noted = stored.state, {one.idea_id for one in stored.state.alike}
    items = [
        {
            **alike.model_dump(mode="json"),
            "title": other.title.model_dump(mode="json"),
            "department": other.department,
            "stage": other.stage.value,
            "received_first": idea.received_on is None or alike.received_on <= idea.received_on,
            "noted": alike.idea_id in noted,
        }
        for alike, other in await duplicates.search(caller.reader, idea)
    ]
    asked = rules(idea.pack).duplicates
    found = {
        "idea_id": idea.id,
        "method": duplicates.METHOD,
        "similar_from": str(asked.similar_from.value),
        "items": items[: asked.shown_max.value],
    }
    return reply(found)


@router.post("/ideas/{idea_id}/duplicates")
async def search(idea_id: Id, caller: Office) -> Response:
    """Look for what reads alike and note it with the idea (유사 제안 검색)."""
    stored, _ = await caller.state(IDEA, idea_id)
    assert isinstance(stored.state, Idea)
    found = await duplicates.search(caller.reader, stored.state)
    command = NoteDuplicates(candidates=tuple(one for one, _ in found), method=duplicates.METHOD)
    return await caller.execute(IDEA, idea_id, command)


@router.post("/ideas/{idea_id}/duplicates/closing")
async def close(idea_id: Id, body: CloseAsDuplicate, caller: Office) -> Response:
    """Close the idea because one of its candidates was received first (중복 제안 종결처리)."""
    return await caller.execute(IDEA, idea_id, body)


@router.post("/ideas/{idea_id}/merges", status_code=201)
async def propose(idea_id: Id, body: NewMerge, caller: Office) -> Response:
    """Propose that another idea goes on within this one (병합 제안). Both lead authors are asked."""
    for one in (idea_id, body.other_id):
        await caller.state(IDEA, one)  # what nobody submitted would never answer
    return await caller.execute(MERGE, f"{idea_id}/{body.other_id}", ProposeMerge(reason=body.reason))


@router.get("/ideas/{idea_id}/merges")
async def merges(idea_id: Id, caller: Reading, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """Merges into this idea that were ever proposed (병합 목록)."""
    await caller.state(IDEA, idea_id)
    return await caller.page(MERGE, {"idea_id": idea_id}, cursor, limit)


@router.get("/ideas/{idea_id}/merges/{other_id}")
async def merge(idea_id: Id, other_id: Id, caller: Reading) -> Response:
    """One merge: how far it is, and who has consented."""
    return await caller.show(MERGE, f"{idea_id}/{other_id}")


@router.get("/ideas/{idea_id}/merges/{other_id}/history")
async def merge_history(idea_id: Id, other_id: Id, caller: Reading, after: After = 0, limit: Limit = 100) -> Response:
    """What happened to a merge (병합 경과)."""
    return await caller.history(MERGE, f"{idea_id}/{other_id}", after, limit)


@router.post("/ideas/{idea_id}/merges/{other_id}/answer")
async def answer(idea_id: Id, other_id: Id, body: AnswerMerge, caller: Person) -> Response:
    """Consent to a merge as the lead author of one of its ideas, or decline it (병합 동의)."""
    return await caller.execute(MERGE, f"{idea_id}/{other_id}", body)


@router.post("/ideas/{idea_id}/merges/{other_id}/undoing")
async def undo(idea_id: Id, other_id: Id, body: UndoMerge, caller: Office) -> Response:
    """Take a merge back (병합 취소): both ideas go on by themselves."""
    return await caller.execute(MERGE, f"{idea_id}/{other_id}", body)


@router.get("/me/merges")
async def own_merges(caller: Person, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """Merges that the caller was asked about as a lead author (내 병합)."""
    return await caller.page(MERGE, {"leads": caller.actor.id}, cursor, limit)
