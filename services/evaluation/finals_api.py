"""HTTP of finals in pairs: opened and ended by organisers, compared by judges. No answer carries a version.

A version would count the comparisons. Who is in conflict with a finalist learns no more than that there is a final.
"""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from services.evaluation.api import READERS, Organiser, Rater, execute, without_version
from services.evaluation.domain import EVALUATION, FINAL
from services.evaluation.domain.evaluation_state import Evaluation
from services.evaluation.domain.final_commands import CloseFinal, ComparePair, GivenChoice, OpenFinal, StepBack
from services.evaluation.domain.final_state import Final, Phase
from shared.contracts.evaluation_finals import PairNumber
from shared.contracts.types import Code, Id
from shared.rules.loader import pack
from shared.runtime.caller import Caller, allow, reply
from shared.runtime.problems import Problem

router = APIRouter(tags=["finals"], dependencies=[Depends(without_version)])

Reading = Annotated[Caller, allow("receiver", "rater", "chair", "award_officer", "auditor")]

Person = Annotated[Caller, allow(*READERS)]


@router.post("/finals/{round_id}/{stage}")
async def open_final(round_id: Id, stage: Code, body: OpenFinal, caller: Organiser) -> Response:
    """Have the best of a round that has ended compared in pairs (쌍대비교 결선); the pairs are drawn by lot."""
    return await execute(caller, FINAL, f"{round_id}/{stage}", body)


@router.put("/finals/{round_id}/{stage}/pairs/{number}")
async def compare(round_id: Id, stage: Code, number: PairNumber, body: GivenChoice, caller: Rater) -> Response:
    """Say which of the two ideas is better (쌍대비교); sent again it replaces the choice before."""
    return await execute(caller, FINAL, f"{round_id}/{stage}", ComparePair(number=number, better=body.better))


@router.post("/finals/{round_id}/{stage}/recusal")
async def step_back(round_id: Id, stage: Code, body: StepBack, caller: Rater) -> Response:
    """Step back as a judge (회피): what the caller compared does not count."""
    return await execute(caller, FINAL, f"{round_id}/{stage}", body)


@router.post("/finals/{round_id}/{stage}/closing")
async def close(round_id: Id, stage: Code, body: CloseFinal, caller: Organiser) -> Response:
    """End the comparing before its deadline (결선 마감)."""
    return await execute(caller, FINAL, f"{round_id}/{stage}", body)


@router.get("/finals/{round_id}/{stage}")
async def show(round_id: Id, stage: Code, caller: Reading) -> Response:
    """A final: who takes part, the own pairs of a judge, once disclosed the order with intervals (결선 결과)."""
    _, visible = await caller.state(FINAL, f"{round_id}/{stage}")
    return reply(visible)


@router.get("/finals/{round_id}/{stage}/ideas/{idea_id}")
async def place(round_id: Id, stage: Code, idea_id: Id, caller: Person) -> Response:
    """One idea's place in a disclosed final, for whoever may see its result (결선 순위): advisory, beside the score."""
    stored = await caller.reader.state(FINAL, f"{round_id}/{stage}")
    final = stored.state if stored else None
    if not isinstance(final, Final) or final.phase is not Phase.DISCLOSED:
        raise Problem("not_found")
    last = pack(final.pack).evaluation.round.stages[-1].stage
    evaluation, _ = await caller.state(EVALUATION, f"{idea_id}/{last}")
    line = next((one for one in final.ranking if one.idea_id == idea_id), None)
    wrote = isinstance(evaluation.state, Evaluation) and evaluation.state.wrote(caller.actor.id)
    if line is None or (final.withholds(caller.actor) and not wrote):
        raise Problem("not_found")
    shown = {"round_id": round_id, "stage": stage, "over": len(final.ranking), "idea": line.model_dump(mode="json")}
    return reply(shown)
