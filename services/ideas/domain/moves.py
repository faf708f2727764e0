"""An idea follows a duty that has moved, and its evaluations are told who is in charge now.

A duty moves by an order of organisation (직제·분장사무), not by a decision on the idea: its clocks run on, and nothing
of its course changes but the department in charge.
"""

from collections.abc import Iterator

from services.ideas.domain.idea_state import Idea
from services.ideas.domain.notices import notice_of
from services.ideas.domain.rules import rules
from services.ideas.domain.values import Stage
from shared.contracts.duties import Move
from shared.contracts.ideas_duties import ChargeMoved, IdeaMoved, IdeaMoveOrdered
from shared.contracts.types import is_history
from shared.engine.aggregate import Context
from shared.engine.message import Event

FOLLOWS = (
    Stage.SUBMITTED,
    Stage.RECEIVED,
    Stage.UNDER_EVALUATION,
    Stage.DECISION_PENDING,
    Stage.ADOPTED,
    Stage.REFUSED,
    Stage.MERGED,
)
"""Stages at which a department still has something to do, or may have: refused ideas are kept, mergers undone."""

EVALUATED = (Stage.UNDER_EVALUATION, Stage.DECISION_PENDING, Stage.ADOPTED, Stage.REFUSED)
"""Stages at which there are evaluations, or were."""


def moved(idea: Idea, message: IdeaMoveOrdered, context: Context) -> Iterator[Event]:
    """The idea follows, unless it has gone elsewhere or has ended since it was found."""
    move = message.move
    if idea.department != move.from_department or idea.stage not in FOLLOWS:
        return
    yield IdeaMoved(idea_id=idea.id, move=move)
    yield from charges(idea, move.department, move)
    if not is_history(idea.origin):
        yield notice_of(
            idea,
            context,
            "duty_moved",
            duty=move.name,
            from_department=move.from_department,
            department=move.department,
            on=move.moved_on,
        )


def charges(idea: Idea, department: str, move: Move | None = None) -> Iterator[ChargeMoved]:
    """Tell the evaluation at each stage that `ideas` asks for who is in charge from now on."""
    if idea.stage not in EVALUATED:
        return
    for stage in rules(idea.pack).evaluation_stages.value:
        yield ChargeMoved(
            idea_id=idea.id, stage=stage, from_department=idea.department, department=department, move=move
        )
