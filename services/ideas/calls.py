"""Whether the call that a submission names takes it.

A decision runs in its idea's partition and can't read a call in another one, so the question is put at the edge. A call
is never taken back and only ever stays open longer: what was found still holds when the decision is made.
"""

from datetime import datetime

from services.ideas.domain import CALL
from services.ideas.domain.call import Call
from services.ideas.domain.commands import SubmitIdea
from services.ideas.domain.rules import today
from shared.runtime.problems import Problem
from shared.runtime.store.protocol import Reader


async def objection_to_call(reader: Reader, message: SubmitIdea, now: datetime) -> Problem | None:
    """Why the call does not take the submission; None where it does, and where none is named."""
    if message.call is None:
        return None
    stored = await reader.state(CALL, message.call)
    if stored is None or not isinstance(stored.state, Call) or stored.state.closes_on is None:
        return _problem("unknown_call")
    call = stored.state
    if call.pack != message.pack:
        return _problem("call_of_another_pack", pack=call.pack)
    if (message.submitted_on or today(now)) > stored.state.closes_on:
        return _problem("call_closed", closed_on=str(stored.state.closes_on))
    return None


def _problem(code: str, **facts: str) -> Problem:
    return Problem(code, facts, errors=[{"in": "body", "field": "call", "code": code, "detail": code}])
