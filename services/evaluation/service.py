"""Table of contents of `evaluation`: raters score an idea at a stage, the result is disclosed."""

from services.evaluation import api
from services.evaluation.domain import EVALUATION
from services.evaluation.texts import TEXTS
from shared.runtime.service import Service

SERVICE = Service(
    name="evaluation",
    aggregates=[EVALUATION],
    router=api.router,
    indexes={"evaluation": ("idea_id", "stage", "department", "pack", "raters")},
    texts=TEXTS,
)
