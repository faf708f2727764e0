"""The aggregates of `ideas`. All are keyed by the idea: what is about one idea is in one partition."""

from services.ideas.domain import idea, implementation, vote
from shared.engine.aggregate import aggregate

IDEA = aggregate(idea, key="idea_id")
VOTE = aggregate(vote, key="idea_id", id="idea_id/voter_id", reads=[IDEA])
IMPLEMENTATION = aggregate(implementation, key="idea_id")
