"""Table of contents of `evaluation`: raters score an idea at a stage, the result is disclosed."""

from fastapi import APIRouter

from services.evaluation import (
    api,
    assignment_api,
    assignments,
    finals,
    finals_api,
    following,
    outcomes_api,
    results,
    results_api,
    round_api,
)
from services.evaluation.domain import (
    ASSIGNMENT,
    COLLEAGUE,
    EVALUATION,
    FINAL,
    FOLLOWING,
    IMPLEMENTED,
    RESULTS,
    ROUND,
    UNIT,
)
from services.evaluation.texts import TEXTS
from shared.runtime.service import Service

_router = APIRouter()
_router.include_router(api.router)
_router.include_router(round_api.router)
_router.include_router(results_api.router)
_router.include_router(assignment_api.router)
_router.include_router(finals_api.router)
_router.include_router(outcomes_api.router)

SERVICE = Service(
    name="evaluation",
    aggregates=[EVALUATION, ROUND, RESULTS, ASSIGNMENT, COLLEAGUE, UNIT, FINAL, IMPLEMENTED, FOLLOWING],
    router=_router,
    indexes={
        "evaluation": ("idea_id", "stage", "department", "pack", "raters", "round_id"),
        "round": ("pack", "phase", "organiser", "told.recipients"),
        "results": (),
        "assignment": (),
        "final": (),
        "following": (),
    },
    texts=TEXTS,
    computations=(
        results.COMPUTATION,
        assignments.COMPUTATION,
        finals.DRAWING,
        finals.ORDERING,
        following.COMPUTATION,
    ),
)
