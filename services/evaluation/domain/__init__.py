"""The aggregates of `evaluation`: evaluations by idea and stage, rounds, figures, and what conflicts follow from."""

from services.evaluation.domain import colleague, evaluation, results, round, unit
from shared.engine.aggregate import aggregate

EVALUATION = aggregate(evaluation, key="idea_id", id="idea_id/stage")
ROUND = aggregate(round, key="round_id")
RESULTS = aggregate(results, key="round_id", id="round_id/stage")
COLLEAGUE = aggregate(colleague, key="person_id")
UNIT = aggregate(unit, key="department_id")
