"""The aggregates of `evaluation`: evaluations by idea and stage, rounds, and what conflicts of interest follow from."""

from services.evaluation.domain import colleague, evaluation, round, unit
from shared.engine.aggregate import aggregate

EVALUATION = aggregate(evaluation, key="idea_id", id="idea_id/stage")
ROUND = aggregate(round, key="round_id")
COLLEAGUE = aggregate(colleague, key="person_id")
UNIT = aggregate(unit, key="department_id")
