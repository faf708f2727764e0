"""Table of contents of `evaluation`: raters score an idea at a stage, the result is disclosed."""

from fastapi import APIRouter

from services.evaluation import api, results_api, round_api
from services.evaluation.domain import COLLEAGUE, EVALUATION, RESULTS, ROUND, UNIT
from services.evaluation.results import COMPUTATION
from services.evaluation.texts import TEXTS
from shared.runtime.service import Service

_router = APIRouter()
_router.include_router(api.router)
_router.include_router(round_api.router)
_router.include_router(results_api.router)

SERVICE = Service(
    name="evaluation",
    aggregates=[EVALUATION, ROUND, RESULTS, COLLEAGUE, UNIT],
    router=_router,
    indexes={
        "evaluation": ("idea_id", "stage", "department", "pack", "raters", "round_id"),
        "round": ("pack", "phase"),
        "results": (),
    },
    texts=TEXTS,
    computations=(COMPUTATION,),
)
