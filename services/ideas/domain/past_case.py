"""What became of an idea that was adopted elsewhere: a historical case (사례), with its own dates.

Nobody is told and nothing falls due. What was given up elsewhere is a case of an honest failure where the source says
why it is held for one, and the idea's pack keeps such cases.
"""

from collections.abc import Iterator
from datetime import date
from typing import Literal

from services.ideas.domain.failure import failure
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.implementation_state import Implementation, Phase, require_phase
from services.ideas.domain.rules import rules, today
from shared.contracts.ideas import ImplementationAbandoned, ImplementationCompleted, ImplementationStarted
from shared.contracts.types import Day, WrittenProse, is_history
from shared.engine.aggregate import Context, require
from shared.engine.message import Command, Event, seal


class ImportCase(Command):
    """Take over what became of an adopted idea: completed with its result, or given up with what was learnt.

    With `finding` it is an honest failure, and that is why.
    """

    outcome: Literal["completed", "abandoned"]
    started_on: Day | None = None
    ended_on: Day
    result: WrittenProse = ""
    reason: WrittenProse = ""
    learnt: WrittenProse = ""
    finding: WrittenProse = ""


def import_case(implementation: Implementation, message: ImportCase, context: Context) -> Iterator[Event]:
    """The steps of the implementation as they were elsewhere."""
    idea = context.read(Idea)
    require(is_history(idea.origin), "not_imported")
    require_phase(implementation, Phase.PLANNED)
    _require_possible_days(implementation, message, today(context.time))
    if message.started_on is not None:
        yield ImplementationStarted(idea_id=idea.id, started_on=message.started_on, imported=True)
    if message.outcome == "completed":
        require(not message.finding, "completed_is_no_failure")
        result = seal(message.result, idea.id)
        yield ImplementationCompleted(idea_id=idea.id, completed_on=message.ended_on, result=result, imported=True)
        return
    require(bool(message.learnt.strip()), "learnt_required")
    learnt = seal(message.learnt, idea.id)
    yield ImplementationAbandoned(
        idea_id=idea.id,
        reason=seal(message.reason, idea.id),
        learnt=learnt,
        abandoned_on=message.ended_on,
        imported=True,
    )
    if message.finding.strip():
        require(rules(implementation.pack).outcomes.failure_cases.value, "failure_cases_not_kept")
        yield failure(implementation, idea, context, learnt, message.finding)


def _require_possible_days(implementation: Implementation, message: ImportCase, now: date) -> None:
    first = implementation.decided_on
    for name, day in (("started_on", message.started_on), ("ended_on", message.ended_on)):
        if day is None:
            continue
        require(day <= now, "date_in_future", field=name, date=str(day))
        require(first is None or first <= day, "date_too_early", field=name, first=str(first))
        first = day
