"""The way to an assignment: what is gathered for it, and the computation, done in a process of its own.

This module knows no solver; the one function that needs it imports it in the worker.
"""

from pydantic import BaseModel, ConfigDict

from services.evaluation.domain import ASSIGNMENT, EVALUATION
from services.evaluation.domain import assignment_state as names
from services.evaluation.domain.assignment_commands import RecordAssignment
from services.evaluation.domain.assignment_state import Assignment, by_idea
from services.evaluation.domain.evaluation_state import Evaluation
from services.evaluation.domain.task import Pair
from services.evaluation.results import in_conflict
from shared.contracts.evaluation_assignments import IdeaRaters
from shared.engine.asking import Ask, seed_of
from shared.runtime.computations import Computation
from shared.runtime.store.protocol import Reader

PAGE = 200


class Question(BaseModel):
    """All that the assignment depends on. With the same question the same one comes out."""

    model_config = ConfigDict(frozen=True)

    ask_id: str
    seed: int
    assignment: Assignment
    fixed: tuple[IdeaRaters, ...] = ()
    conflicts: tuple[IdeaRaters, ...] = ()
    withheld_from: tuple[str, ...] = ()
    withheld_units: tuple[str, ...] = ()


async def gather(reader: Reader, assignment: Assignment, ask: Ask) -> Question:
    """What was asked; who has scored already, for that is kept; and who the evaluations know is in conflict."""
    scored: set[Pair] = set()
    conflicts: set[Pair] = set()
    near: set[str] = set()
    near_units: set[str] = set()
    where = {"round_id": assignment.round_id, "stage": assignment.stage}
    cursor: str | None = None
    while True:
        page = await reader.find(EVALUATION, where, after=cursor, limit=PAGE)
        for state in (stored.state for stored in page.items):
            assert isinstance(state, Evaluation)
            scored |= {(state.idea_id, sheet.rater_id) for sheet in state.counting}
            near |= set(in_conflict(state))
            near_units |= {*state.relations.teams, *state.relations.units}
            conflicts |= {
                (state.idea_id, rater.person_id)
                for rater in assignment.raters
                if state.conflict_of(rater.person_id, rater.department) is not None
            }
        cursor = page.cursor
        if cursor is None:
            break
    return Question(
        ask_id=ask.id,
        seed=seed_of(ask.id),
        assignment=assignment,
        fixed=by_idea(scored),
        conflicts=by_idea(conflicts),
        withheld_from=tuple(sorted(near)),
        withheld_units=tuple(sorted(near_units)),
    )


def compute(question: Question) -> RecordAssignment:
    """Done in a worker process."""
    from services.evaluation.assignment.answer import answer  # noqa: PLC0415 - the solver stays in the worker

    return answer(question)


COMPUTATION = Computation(names.ASSIGNMENT, ASSIGNMENT, gather, compute, RecordAssignment)
