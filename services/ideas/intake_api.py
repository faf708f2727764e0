"""HTTP of what comes before a receipt and with it: drafts, calls, the register of receipts."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import ValidationError

from services.ideas.domain import CALL, DRAFT, IDEA, REGISTER
from services.ideas.domain.call import ExtendCall, OpenCall
from services.ideas.domain.commands import SubmitIdea
from services.ideas.domain.draft import DiscardDraft, Draft, SaveDraft
from services.ideas.roles import PEOPLE, READERS
from services.ideas.submitting import submit
from shared.contracts.types import Code, Id
from shared.runtime.caller import After, Caller, Cursor, Limit, allow
from shared.runtime.problems import Problem

Reading = Annotated[Caller, allow(*READERS)]
Person = Annotated[Caller, allow(*PEOPLE)]
Office = Annotated[Caller, allow("receiver")]
Keeper = Annotated[Caller, allow("receiver", "auditor")]

router = APIRouter()
_drafts = APIRouter(tags=["drafts"])
_calls = APIRouter(tags=["calls"])
_registers = APIRouter(tags=["registers"])


# --- drafts


@_drafts.post("/drafts", status_code=201)
async def begin_draft(body: SaveDraft, caller: Person) -> Response:
    """Begin with one line (임시 저장). Nobody else sees it."""
    return await caller.execute(DRAFT, caller.new_id("idea"), body)


@_drafts.put("/drafts/{idea_id}")
async def save_draft(idea_id: Id, body: SaveDraft, caller: Person) -> Response:
    """Keep what is written so far; it replaces what was kept before."""
    await caller.state(DRAFT, idea_id)
    return await caller.execute(DRAFT, idea_id, body)


@_drafts.get("/drafts/{idea_id}")
async def draft(idea_id: Id, caller: Person) -> Response:
    """One draft of the caller's own."""
    return await caller.show(DRAFT, idea_id)


@_drafts.get("/drafts/{idea_id}/history")
async def draft_history(idea_id: Id, caller: Person, after: After = 0, limit: Limit = 100) -> Response:
    """How it was written."""
    return await caller.history(DRAFT, idea_id, after, limit)


@_drafts.delete("/drafts/{idea_id}")
async def discard_draft(idea_id: Id, caller: Person) -> Response:
    """Throw it away."""
    await caller.state(DRAFT, idea_id)
    return await caller.execute(DRAFT, idea_id, DiscardDraft())


@_drafts.post("/drafts/{idea_id}/submission", status_code=201)
async def submit_draft(idea_id: Id, caller: Person) -> Response:
    """Submit what the draft says (제출). The idea has the draft's id."""
    stored = await caller.reader.state(DRAFT, idea_id)
    if stored is None or not isinstance(stored.state, Draft) or stored.state.author_id != caller.actor.id:
        raise Problem("not_found")
    if not stored.state.open:
        # Asked again after it was done: the idea's first answer, or that there is no draft.
        await caller.state(IDEA, idea_id)
        return await caller.show(IDEA, idea_id)
    return await submit(caller, idea_id, _submission(stored.state))


def _submission(draft: Draft) -> SubmitIdea:
    said = draft.model_dump(include={"pack", "kind", "category", "department", "authors", "call"})
    try:
        return SubmitIdea.model_validate(said | {"title": draft.title.value, "sections": draft.sections.value})
    except ValidationError as error:
        fields = sorted({str(found["loc"][0]) for found in error.errors()})
        errors = [{"in": "draft", "field": field, "code": "missing", "detail": "missing"} for field in fields]
        raise Problem("draft_incomplete", {"fields": ", ".join(fields)}, errors=errors) from None


@_drafts.get("/me/drafts")
async def own_drafts(caller: Person, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """Drafts of the caller's own (내 임시 저장)."""
    return await caller.page(DRAFT, {"author_id": caller.actor.id}, cursor, limit)


# --- calls


@_calls.post("/calls", status_code=201)
async def open_call(body: OpenCall, caller: Office) -> Response:
    """Open a call for ideas under a pack (공모 공고)."""
    return await caller.execute(CALL, caller.new_id("call"), body)


@_calls.post("/calls/{call_id}/extension")
async def extend_call(call_id: Id, body: ExtendCall, caller: Office) -> Response:
    """Keep it open longer; the extension is announced (공모 기간 연장)."""
    return await caller.execute(CALL, call_id, body)


@_calls.get("/calls")
async def calls(caller: Reading, pack: Code | None = None, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """The calls there were and are (공모 목록)."""
    return await caller.page(CALL, {"pack": pack} if pack else {}, cursor, limit)


@_calls.get("/calls/{call_id}")
async def call(call_id: Id, caller: Reading) -> Response:
    """One call."""
    return await caller.show(CALL, call_id)


@_calls.get("/calls/{call_id}/history")
async def call_history(call_id: Id, caller: Reading, after: After = 0, limit: Limit = 100) -> Response:
    """What was announced of it."""
    return await caller.history(CALL, call_id, after, limit)


# --- registers


@_registers.get("/registers/{register_id}")
async def register(register_id: Id, caller: Keeper) -> Response:
    """A register of receipts, such as `seoul.2025` (접수대장): the last number it gave."""
    return await caller.show(REGISTER, register_id)


@_registers.get("/registers/{register_id}/history")
async def register_history(register_id: Id, caller: Keeper, after: After = 0, limit: Limit = 100) -> Response:
    """The numbers it gave, in order of receipt."""
    return await caller.history(REGISTER, register_id, after, limit)


router.include_router(_drafts)
router.include_router(_calls)
router.include_router(_registers)
