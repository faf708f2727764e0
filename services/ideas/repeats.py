"""Whether the ideas that a closing names are earlier ones of the same author whose result was told.

They are in other partitions than the idea that is closed, so the question is put at the edge. That somebody wrote an
idea and was told its result stays true, whatever comes after: a repeated request gets its first answer.
"""

from services.ideas.domain import IDEA
from services.ideas.domain.commands import CheckCompleteness
from services.ideas.domain.idea_state import Idea
from shared.runtime.problems import Problem
from shared.runtime.store.protocol import Reader

TOLD = {"refused", "closed", "returned", "complaint"}
"""Notices of a result."""


async def objection_to_repeats(reader: Reader, idea_id: str, message: CheckCompleteness) -> Problem | None:
    """The first of the ideas named that is no such one; None where all are, or there is nothing to be closed."""
    closed = await reader.state(IDEA, idea_id) if message.repeats else None
    if closed is None or not isinstance(closed.state, Idea):
        return None
    for earlier in message.repeats:
        stored = await reader.state(IDEA, earlier)
        if stored is None or not isinstance(stored.state, Idea) or not _is_repeated(stored.state, closed.state):
            return Problem("not_a_repeat", {"idea_id": earlier})
    return None


def _is_repeated(earlier: Idea, idea: Idea) -> bool:
    told = any(notice.notice in TOLD for notice in earlier.notices)
    return earlier.id != idea.id and told and not earlier.author_ids.isdisjoint(idea.author_ids)
