"""HTTP of the figures beside the legal scores: asked for by organisers, seen by whom `Results.visible_to` names.

What is said of raters is part of the report for the chair and of the rater's own view, and of nothing else: there is no
route that lists or exports it. No answer carries a version.
"""

from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import Response

from services.evaluation.api import execute
from services.evaluation.domain import EVALUATION, RESULTS
from services.evaluation.domain.evaluation_state import Evaluation
from services.evaluation.domain.results_commands import AskResults
from services.evaluation.domain.results_state import Phase, Results
from services.evaluation.picture import picture
from shared.contracts.types import Code, Id
from shared.runtime.caller import Caller, allow, reply
from shared.runtime.problems import Problem, language_of

router = APIRouter(tags=["results"])

Asking = Annotated[Caller, allow("receiver", "chair")]
Report = Annotated[Caller, allow("receiver", "rater", "chair", "award_officer", "auditor")]
Whole = Annotated[Caller, allow("receiver", "chair", "award_officer", "auditor")]
Reading = Annotated[
    Caller,
    allow(
        *("author", "member", "group_lead", "citizen", "department", "receiver"),
        *("rater", "chair", "award_officer", "auditor"),
    ),
]


@router.post("/results/{round_id}/{stage}")
async def ask(round_id: Id, stage: Code, body: AskResults, caller: Asking) -> Response:
    """Have the figures beside the legal scores computed (보정 점수·신뢰도 산출); disclosed with the scores."""
    return await execute(caller, RESULTS, f"{round_id}/{stage}", body)


@router.get("/results/{round_id}/{stage}")
async def report(round_id: Id, stage: Code, caller: Report) -> Response:
    """The figures of a set: the report for organisers, the own ones for a rater."""
    _, visible = await caller.state(RESULTS, f"{round_id}/{stage}")
    return reply(visible)


@router.get("/results/{round_id}/{stage}/ideas/{idea_id}")
async def idea_figures(round_id: Id, stage: Code, idea_id: Id, caller: Reading) -> Response:
    """The figures of one idea, for whoever may see its result: advisory, beside the legal score."""
    evaluation, _ = await caller.state(EVALUATION, f"{idea_id}/{stage}")
    results = await _disclosed(caller, round_id, stage)
    line = next((one for one in results.ideas if one.idea_id == idea_id), None)
    wrote = isinstance(evaluation.state, Evaluation) and evaluation.state.wrote(caller.actor.id)
    if line is None or (results.withholds(caller.actor) and not wrote):
        raise Problem("not_found")
    shown = results.model_dump(mode="json", include={"round_id", "stage", "top", "top_of", "abstained"})
    return reply({**shown, "over": len(results.ideas), "idea": line.model_dump(mode="json")})


@router.get("/results/{round_id}/{stage}/picture", response_class=Response)
async def drawn(round_id: Id, stage: Code, caller: Whole, accept_language: Annotated[str, Header()] = "ko") -> Response:
    """The ideas in the order of their legal scores, each with the interval of the calibrated one (SVG)."""
    results = await _disclosed(caller, round_id, stage)
    if "ideas" not in results.visible_to(caller.actor):
        raise Problem("not_found")
    headers = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Accept-Language"}
    return Response(picture(results, language_of(accept_language)), media_type="image/svg+xml", headers=headers)


async def _disclosed(caller: Caller, round_id: str, stage: str) -> Results:
    """Raises Problem("not_found") before the disclosure, for the auditor before there is anything."""
    stored = await caller.reader.state(RESULTS, f"{round_id}/{stage}")
    state = stored.state if stored else None
    open_to = (Phase.COMPUTED, Phase.DISCLOSED) if caller.actor.role == "auditor" else (Phase.DISCLOSED,)
    if not isinstance(state, Results) or state.phase not in open_to:
        raise Problem("not_found")
    return state
