"""The aggregates of `evaluation`: evaluations, rounds with figures and assignments, conflicts, moved duties."""

from services.evaluation.domain import (
    assignment,
    colleague,
    evaluation,
    final,
    following,
    implemented,
    results,
    round,
    unit,
)
from shared.engine.aggregate import aggregate

EVALUATION = aggregate(evaluation, key="idea_id", id="idea_id/stage")
ROUND = aggregate(round, key="round_id")
RESULTS = aggregate(results, key="round_id", id="round_id/stage")
COLLEAGUE = aggregate(colleague, key="person_id")
UNIT = aggregate(unit, key="department_id")
ASSIGNMENT = aggregate(assignment, key="round_id", id="round_id/stage", reads=[ROUND])
FINAL = aggregate(final, key="round_id", id="round_id/stage", reads=[ROUND])
IMPLEMENTED = aggregate(implemented, key="idea_id")
FOLLOWING = aggregate(following, key="duty_id")
