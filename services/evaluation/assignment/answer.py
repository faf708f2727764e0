"""From the question to the finding."""

from services.evaluation.assignment.solve import Assigned, assign
from services.evaluation.assignments import Question
from services.evaluation.domain.assignment_commands import RecordAssignment
from services.evaluation.domain.assignment_state import by_idea, pairs_of
from shared.contracts.evaluation_assignments import ObstacleFound
from shared.runtime.computations import versions


def answer(question: Question) -> RecordAssignment:
    """The assignment, or the obstacles. What had been scored and may stay is part of the finding."""
    task = question.assignment.task(pairs_of(question.fixed), pairs_of(question.conflicts), question.seed)
    found = assign(task)
    made = isinstance(found, Assigned)
    return RecordAssignment(
        ask_id=question.ask_id,
        seed=question.seed,
        versions=versions("highspy", "numpy"),
        given=by_idea(found.pairs) if made else (),
        fixed=by_idea(task.fixed),
        conflicts=question.conflicts,
        withheld_from=question.withheld_from,
        withheld_units=question.withheld_units,
        moved=found.moved if made else 0,
        cost=found.cost if made else 0,
        obstacles=()
        if made
        else tuple(
            ObstacleFound(
                code=one.code,
                ideas=one.ideas,
                asked=one.asked,
                possible=one.possible,
                raise_limits_by=one.raise_limits_by,
            )
            for one in found.obstacles
        ),
    )
