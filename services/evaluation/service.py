"""Table of contents of `evaluation`: raters score an idea at a stage, the result is disclosed."""

from fastapi import APIRouter

from services.evaluation import api, round_api
from services.evaluation.domain import COLLEAGUE, EVALUATION, ROUND, UNIT
from services.evaluation.texts import TEXTS
from shared.runtime.service import Service

_router = APIRouter()
_router.include_router(api.router)
_router.include_router(round_api.router)

SERVICE = Service(
    name="evaluation",
    aggregates=[EVALUATION, ROUND, COLLEAGUE, UNIT],
    router=_router,
    indexes={
        "evaluation": ("idea_id", "stage", "department", "pack", "raters", "round_id"),
        "round": ("pack", "phase"),
    },
    texts=TEXTS,
)
