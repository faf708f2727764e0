"""The watch over refused ideas: what happened later and reads like one is told to its authors.

Finding it is long work and happens elsewhere (services/ideas/watch.py); what was found is checked here. An idea is
watched from its refusal to the end of its keeping, by the day on which the other thing happened, however late that is
noticed. Source of the time: 공무원 제안 규정 제23조; the watch itself is policy.
"""

from collections.abc import Iterator

from services.ideas.domain.clock import last_day
from services.ideas.domain.clocks import CLAIM, KEPT
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.notices import notice_of
from services.ideas.domain.review_commands import NoteMatch
from services.ideas.domain.review_values import Match
from services.ideas.domain.rules import cite, rules
from services.ideas.domain.values import Stage
from shared.contracts.ideas_decisions import MatchFound
from shared.engine.aggregate import Context, require
from shared.engine.message import SYSTEM, Event


def note(idea: Idea, message: NoteMatch, context: Context) -> Iterator[Event]:
    """Tell the authors of a match, once, with the day until which they may claim."""
    require(context.actor.role == SYSTEM and idea.stage is not Stage.NEW, "not_found")
    threshold = rules(idea.pack).review.watch_similar_from
    if not _is_news(idea, message) or message.similarity < threshold.value:
        return
    yield MatchFound(
        idea_id=idea.id, threshold=threshold.value, rule=cite(idea.pack, threshold), **message.model_dump()
    )
    right = idea.clocks.get(CLAIM)
    yield notice_of(
        idea,
        context,
        "match_found",
        matched=message.matched,
        matched_id=message.matched_id,
        matched_on=message.matched_on,
        similarity=str(message.similarity),
        claim_until=last_day(right) if right is not None and right.running else None,
    )


def _is_news(idea: Idea, message: NoteMatch) -> bool:
    kept = idea.clocks.get(KEPT)
    if idea.stage is not Stage.REFUSED or idea.decision is None or kept is None:
        return False
    last = last_day(kept)
    watched = last is not None and idea.decision.decided_on <= message.matched_on <= last
    told = {(match.matched, match.matched_id) for match in idea.matches}
    return watched and message.matched_id != idea.id and (message.matched, message.matched_id) not in told


def noted(idea: Idea, event: MatchFound) -> Idea:
    """The idea knows its match."""
    return idea.but(matches=(*idea.matches, Match(**event.model_dump(include=set(Match.model_fields)))))
