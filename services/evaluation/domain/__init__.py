"""The aggregate of `evaluation`: one per idea and stage, keyed by the idea."""

from services.evaluation.domain import evaluation
from shared.engine.aggregate import aggregate

EVALUATION = aggregate(evaluation, key="idea_id", id="idea_id/stage")
