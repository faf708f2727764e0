"""Challenges and recusals (기피, 회피): an author challenges a rater, the other raters decide, anybody may step back.

Pure. Invariant: nobody votes on a challenge against themselves, nor while challenged, and nobody in conflict does.
"""

from collections.abc import Iterator

from services.evaluation.domain.commands import ChallengeRater, Recuse, VoteOnChallenge
from services.evaluation.domain.conflicts import OVER, excluded, require_no_conflict
from services.evaluation.domain.evaluation_state import Challenge, Evaluation
from shared.contracts.evaluation_conflicts import ChallengeDecided, ChallengeRaised, ChallengeVoted
from shared.contracts.types import Rule
from shared.engine.aggregate import Context, require
from shared.engine.message import Event, seal
from shared.rules.evaluation import WHOLE
from shared.rules.loader import pack_hash

Challenging = ChallengeRaised | ChallengeVoted | ChallengeDecided
"""What happens to a challenge."""


def decide(
    evaluation: Evaluation, message: Recuse | ChallengeRater | VoteOnChallenge, context: Context
) -> Iterator[Event]:
    """What follows from what people ask."""
    match message:
        case Recuse():
            yield from recuse(evaluation, message, context)
        case ChallengeRater():
            yield from raise_one(evaluation, message, context)
        case VoteOnChallenge():
            yield from vote(evaluation, message, context)


def recuse(evaluation: Evaluation, message: Recuse, context: Context) -> Iterator[Event]:
    """Step back, with a reason. What one scored before does not count."""
    person = context.actor.id
    require_no_conflict(evaluation, person, context.actor.department)
    require(evaluation.phase not in OVER, "evaluation_closed", recorded=True)
    require(bool(message.reason.strip()), "reason_required")
    yield from excluded(evaluation, person, "recused", seal(message.reason, person))
    yield from _decide_again(evaluation, person)


def raise_one(evaluation: Evaluation, message: ChallengeRater, context: Context) -> Iterator[Event]:
    """An author challenges somebody who may score. Whether the person does is not told: any name is taken."""
    person = context.actor.id
    require(evaluation.wrote(person), "not_found")
    require(bool(message.reason.strip()), "reason_required")
    raised = evaluation.challenge(message.person_id)
    if evaluation.phase in OVER or raised is not None:
        return
    yield ChallengeRaised(
        idea_id=evaluation.idea_id,
        stage=evaluation.stage,
        person_id=message.person_id,
        challenger=person,
        reason=seal(message.reason, person),
    )


def vote(evaluation: Evaluation, message: VoteOnChallenge, context: Context) -> Iterator[Event]:
    """Vote on a challenge; it is decided as soon as the rest could not turn it. The chair votes where no other can."""
    voter = context.actor.id
    require_no_conflict(evaluation, voter, context.actor.department)
    challenge = evaluation.challenge(message.person_id)
    require(challenge is not None and evaluation.phase not in OVER, "no_such_challenge")
    assert challenge is not None
    require(voter not in evaluation.challenged, "challenged_may_not_vote", recorded=True)
    voters = evaluation.voters or ((voter,) if context.actor.role == "chair" else ())
    require(voter in voters, "not_assigned", recorded=True)
    require(not challenge.outcome, "challenge_decided")
    yield ChallengeVoted(
        idea_id=evaluation.idea_id,
        stage=evaluation.stage,
        person_id=challenge.person_id,
        voter_id=voter,
        upholds=message.upholds,
    )
    after = voted(challenge, voter, message.upholds)
    yield from _decided(evaluation, after, voters)


def _decide_again(evaluation: Evaluation, leaving: str) -> Iterator[Event]:
    """Without one voter the others may have decided already."""
    voters = tuple(voter for voter in evaluation.voters if voter != leaving)
    for challenge in evaluation.challenges:
        if not challenge.outcome and challenge.person_id != leaving and challenge.votes:
            yield from _decided(evaluation, challenge, voters)


def _decided(evaluation: Evaluation, challenge: Challenge, voters: tuple[str, ...]) -> Iterator[Event]:
    votes = {voter: upholds for voter, upholds in challenge.votes.items() if voter in voters}
    total, for_it = len(voters), sum(votes.values())
    against = len(votes) - for_it
    enough = evaluation.conflict_rules.challenge_share.value * total / WHOLE
    if for_it > enough:
        upheld = True
    elif total - against <= enough:
        upheld = False
    else:
        return
    yield ChallengeDecided(
        idea_id=evaluation.idea_id,
        stage=evaluation.stage,
        person_id=challenge.person_id,
        outcome="upheld" if upheld else "dismissed",
        votes_for=for_it,
        votes_against=against,
        rule=Rule(
            pack=evaluation.pack,
            hash=pack_hash(evaluation.pack, "evaluation"),
            article=evaluation.conflict_rules.challenge_share.article,
        ),
    )
    if upheld:
        yield from excluded(evaluation, challenge.person_id, "challenged")


def voted(challenge: Challenge, voter: str, upholds: bool) -> Challenge:
    """With one vote more, or another one."""
    return challenge.model_copy(update={"votes": {**challenge.votes, voter: upholds}})


def took(evaluation: Evaluation, event: Challenging) -> Evaluation:
    """What these events mean for the evaluation."""
    match event:
        case ChallengeRaised():
            raised = Challenge(person_id=event.person_id, challenger=event.challenger, reason=event.reason)
            return evaluation.but(challenges=(*evaluation.challenges, raised))
        case ChallengeVoted():
            return _with(evaluation, event.person_id, voter=event.voter_id, upholds=event.upholds)
        case ChallengeDecided():
            return _with(evaluation, event.person_id, outcome=event.outcome)


def _with(
    evaluation: Evaluation, person_id: str, *, voter: str = "", upholds: bool = False, outcome: str = ""
) -> Evaluation:
    def changed(one: Challenge) -> Challenge:
        if one.person_id != person_id:
            return one
        return one.model_copy(update={"outcome": outcome}) if outcome else voted(one, voter, upholds)

    return evaluation.but(challenges=tuple(changed(one) for one in evaluation.challenges))
