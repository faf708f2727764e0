"""The aggregates of `ideas`.

What is about one idea is keyed by the idea, and so in one partition; the entries of the two directories stand alone.
"""

from services.ideas.domain import department, idea, implementation, merge, person, vote
from shared.engine.aggregate import aggregate

IDEA = aggregate(idea, key="idea_id")
VOTE = aggregate(vote, key="idea_id", id="idea_id/voter_id", reads=[IDEA])
IMPLEMENTATION = aggregate(implementation, key="idea_id", reads=[IDEA])
MERGE = aggregate(merge, key="idea_id", id="idea_id/other_id", reads=[IDEA])
DEPARTMENT = aggregate(department, key="department_id")
PERSON = aggregate(person, key="person_id")
