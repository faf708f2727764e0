"""The aggregates of `ideas`.

What is about one idea is keyed by the idea, and so in one partition; calls, registers, policies, duties and the
entries of the two directories stand alone.
"""

from services.ideas.domain import (
    call,
    consultation,
    department,
    draft,
    duty,
    entry,
    following,
    idea,
    implementation,
    measurement,
    merge,
    person,
    policy,
    register,
    vote,
)
from shared.engine.aggregate import aggregate

IDEA = aggregate(idea, key="idea_id")
VOTE = aggregate(vote, key="idea_id", id="idea_id/voter_id", reads=[IDEA])
IMPLEMENTATION = aggregate(implementation, key="idea_id", reads=[IDEA])
DRAFT = aggregate(draft, key="idea_id")
REGISTER = aggregate(register, key="register_id")
CALL = aggregate(call, key="call_id")
ENTRY = aggregate(entry, key="call_id", id="call_id/idea_id", reads=[CALL])
MERGE = aggregate(merge, key="idea_id", id="idea_id/other_id", reads=[IDEA])
DEPARTMENT = aggregate(department, key="department_id")
PERSON = aggregate(person, key="person_id")
POLICY = aggregate(policy, key="policy_id")
DUTY = aggregate(duty, key="duty_id")
FOLLOWING = aggregate(following, key="duty_id")
OUTCOME = aggregate(measurement, key="idea_id", reads=[IDEA, IMPLEMENTATION])
CONSULTATION = aggregate(consultation, key="idea_id", reads=[IDEA])
