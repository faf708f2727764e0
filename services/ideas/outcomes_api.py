"""HTTP of what comes after a decision: milestones, failures, outcomes; of advice before one; and of practices."""

from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import Response

from services.ideas import protection
from services.ideas.domain import CONSULTATION, IDEA, IMPLEMENTATION, OUTCOME
from services.ideas.domain.consultation import AnswerConsultation, AskConsultation, Consultation
from services.ideas.domain.failure import RecogniseFailure
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.measurement import GradeOutcome, MakeForecast, NoteFirstEffect, RecordBenefits
from services.ideas.domain.milestones import MoveMilestone, ReachMilestone, SetMilestone
from services.ideas.domain.process_commands import CheckFacts
from services.ideas.imports import CaseLine
from services.ideas.roles import READERS
from shared.contracts.types import Id
from shared.runtime.bulk import DryRun, Lines, bulk, documented
from shared.runtime.caller import After, Caller, Limit, allow, reply
from shared.runtime.problems import Problem

Reading = Annotated[Caller, allow(*READERS)]
Office = Annotated[Caller, allow("receiver")]
Department = Annotated[Caller, allow("department")]
Asking = Annotated[Caller, allow("receiver", "department")]

Importing = Annotated[Caller, allow("receiver", streams=True)]

router = APIRouter(tags=["outcomes"])


# --- practices


@router.post("/ideas/{idea_id}/facts")
async def check_facts(idea_id: Id, body: CheckFacts, caller: Office) -> Response:
    """Say what a check of a recommended practice's facts found (실행사례 사실 확인)."""
    return await caller.execute(IDEA, idea_id, body)


# --- milestones and failures


@router.post("/ideas/{idea_id}/implementation/milestones")
async def set_milestone(idea_id: Id, body: SetMilestone, caller: Department) -> Response:
    """Set a milestone (추진 단계)."""
    return await caller.execute(IMPLEMENTATION, idea_id, body)


@router.post("/ideas/{idea_id}/implementation/milestones/reschedule")
async def move_milestone(idea_id: Id, body: MoveMilestone, caller: Department) -> Response:
    """Move a milestone to another day, with the reason (추진 단계 시기 변경)."""
    return await caller.execute(IMPLEMENTATION, idea_id, body)


@router.post("/ideas/{idea_id}/implementation/milestones/reached")
async def reach_milestone(idea_id: Id, body: ReachMilestone, caller: Department) -> Response:
    """Say that a milestone is reached (추진 단계 완료)."""
    return await caller.execute(IMPLEMENTATION, idea_id, body)


@router.post("/ideas/{idea_id}/implementation/failure")
async def recognise_failure(idea_id: Id, body: RecogniseFailure, caller: Office) -> Response:
    """Recognise what was given up as an honest failure, which becomes a case (실패사례 인정)."""
    return await caller.execute(IMPLEMENTATION, idea_id, body)


@router.post("/cases/imports", response_class=Lines, openapi_extra=documented(CaseLine))
async def import_cases(caller: Importing, dry_run: DryRun = False) -> Response:
    """Take over what became of ideas that were adopted elsewhere (사례 가져오기)."""
    return bulk(caller, CaseLine, dry_run=dry_run)


# --- outcomes


@router.post("/ideas/{idea_id}/outcome/forecasts")
async def forecast(idea_id: Id, body: MakeForecast, caller: Department) -> Response:
    """Say what the first year is expected to bring and to cost (기대 성과); over a locked forecast with the reason."""
    return await caller.execute(OUTCOME, idea_id, body)


@router.post("/ideas/{idea_id}/outcome/effect")
async def note_first_effect(idea_id: Id, body: NoteFirstEffect, caller: Department) -> Response:
    """Say since when it has an effect (효과 발생); the measuring begins."""
    return await caller.execute(OUTCOME, idea_id, body)


@router.post("/ideas/{idea_id}/outcome/benefits")
async def record_benefits(idea_id: Id, body: RecordBenefits, caller: Department) -> Response:
    """Record what a time brought and cost (성과 측정)."""
    return await caller.execute(OUTCOME, idea_id, body)


@router.post("/ideas/{idea_id}/outcome/grade")
async def grade(idea_id: Id, body: GradeOutcome, caller: Office) -> Response:
    """Grade the outcome (성과등급), once the time of measuring has ended."""
    return await caller.execute(OUTCOME, idea_id, body)


@router.get("/ideas/{idea_id}/outcome")
async def outcome(idea_id: Id, caller: Reading) -> Response:
    """What was expected, what it brought, and its grade (성과)."""
    return await caller.show(OUTCOME, idea_id)


@router.get("/ideas/{idea_id}/outcome/history")
async def outcome_history(idea_id: Id, caller: Reading, after: After = 0, limit: Limit = 100) -> Response:
    """How the outcome was measured: every forecast, every record and every correction."""
    return await caller.history(OUTCOME, idea_id, after, limit)


# --- prior consultation, and the grounds for protection


@router.post("/ideas/{idea_id}/consultations")
async def consult(idea_id: Id, body: AskConsultation, caller: Asking) -> Response:
    """Ask the audit office beforehand (사전컨설팅 신청)."""
    return await caller.execute(CONSULTATION, idea_id, body)


@router.post("/ideas/{idea_id}/consultations/answer")
async def answer_consultation(idea_id: Id, body: AnswerConsultation, caller: Office) -> Response:
    """Enter the opinion of the audit office, with its document (사전컨설팅 의견)."""
    return await caller.execute(CONSULTATION, idea_id, body)


@router.get("/ideas/{idea_id}/consultations")
async def consultations(idea_id: Id, caller: Reading) -> Response:
    """What was asked beforehand, and the opinions (사전컨설팅)."""
    await _opened(idea_id, caller)
    stored = await caller.reader.state(CONSULTATION, idea_id)
    asked = stored.state if stored is not None else Consultation(id=idea_id)
    return reply({"idea_id": idea_id, **asked.model_dump(mode="json", include={"questions"})})


@router.get("/ideas/{idea_id}/protection")
async def grounds_for_protection(
    idea_id: Id, caller: Reading, form: Literal["data", "document"] = "data", language: Literal["ko", "en"] = "ko"
) -> Response:
    """What was known, who advised, what was decided and why, each with its event (면책 소명자료)."""
    idea = await _opened(idea_id, caller)
    grounds = await protection.grounds(caller.reader, idea)
    if form == "data":
        return reply(grounds)
    name = f'attachment; filename="protection-{language}.md"'
    text = protection.document(grounds, language)
    return Response(text, media_type="text/markdown; charset=utf-8", headers={"Content-Disposition": name})


async def _opened(idea_id: Id, caller: Caller) -> Idea:
    """The idea, for those to whom it opens. Problem("not_found") for all others."""
    stored, _ = await caller.state(IDEA, idea_id)
    assert isinstance(stored.state, Idea)
    if not stored.state.opens_to(caller.actor):
        raise Problem("not_found")
    return stored.state
