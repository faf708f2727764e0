"""How a submission goes in, whether it was written at once or kept as a draft before."""

from fastapi.responses import Response

from services.ideas.calls import objection_to_call
from services.ideas.directory import objection_to
from services.ideas.domain import IDEA
from services.ideas.domain.commands import SubmitIdea
from shared.runtime.caller import Caller


async def submit(caller: Caller, idea_id: str, body: SubmitIdea) -> Response:
    """Submit. Raises Problem where the directories do not list what it names, or its call does not take it."""
    problem = await objection_to(caller.reader, body, caller.actor)
    problem = problem or await objection_to_call(caller.reader, body, caller.clock.now())
    # A repeated request gets its first answer, whatever has come to be since.
    if problem is not None and await caller.reader.state(IDEA, idea_id) is None:
        raise problem
    return await caller.execute(IDEA, idea_id, body)
