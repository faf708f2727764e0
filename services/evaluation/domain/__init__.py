"""The aggregates of `evaluation`: one per idea and stage, keyed by the idea; and one per round."""

from services.evaluation.domain import evaluation, round
from shared.engine.aggregate import aggregate

EVALUATION = aggregate(evaluation, key="idea_id", id="idea_id/stage")
ROUND = aggregate(round, key="round_id")
