"""One person's vote on one idea. An aggregate of its own, so that no idea grows with its crowd; it reads its idea.

Invariant: of several votes of one person the one with the latest `voted_at` counts, of equal ones the later to arrive.
All of them stay in the journal.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, assert_never

from services.ideas.domain.idea_state import Idea
from services.ideas.domain.rules import rules
from services.ideas.domain.submission import OFFICE
from services.ideas.domain.values import Stage
from shared.contracts.ideas import VoteCast
from shared.contracts.types import Choice
from shared.engine.aggregate import Context, State, require
from shared.engine.message import Actor, Command, Event, Instant

FOLD = 1


class CastVote(Command, creates=True):
    """Endorse, object or pass (공감, 비공감, 보류). Only the office, importing, names the moment and another person."""

    choice: Choice
    voted_at: Instant | None = None


class Vote(State):
    """What a person's latest vote says."""

    idea_id: str = ""
    voter_id: str = ""
    choice: Choice | None = None
    voted_at: Instant | None = None

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """A vote is its voter's own business, and the auditor's."""
        return super().visible_to(actor) if self.known_to(actor) else {}

    def known_to(self, actor: Actor) -> bool:
        """So is that there is one."""
        return actor.id == self.voter_id or actor.role in (OFFICE, "auditor")

    def shows(self, event: type[Event], actor: Actor) -> bool:
        """So is its history, though it stands in the journal."""
        return actor.id == self.voter_id or super().shows(event, actor)


def decide(vote: Vote, message: CastVote, context: Context) -> Iterator[Event]:
    """What happens next."""
    idea_id, _, voter_id = vote.id.partition("/")
    idea, actor = context.read(Idea), context.actor
    require(idea.stage is not Stage.NEW, "not_found")
    require(idea.takes_votes, "voting_closed", recorded=True)
    require(actor.id == voter_id or actor.role == OFFICE, "not_your_vote", recorded=True)
    voting = rules(idea.pack).voting
    may = actor.role == OFFICE or actor.role in voting.roles.value
    require(may, "role_may_not_vote", recorded=True, role=actor.role)
    own = voter_id in idea.author_ids
    require(voting.own_ideas.value or not own, "own_idea", recorded=True)
    require(message.choice in voting.options.value, "choice_not_offered", choice=message.choice.value)
    yield VoteCast(
        idea_id=idea_id, voter_id=voter_id, choice=message.choice, voted_at=_moment(message, context.time, actor)
    )


def _moment(message: CastVote, now: datetime, actor: Actor) -> datetime:
    if message.voted_at is None:
        return now
    require(actor.role == OFFICE, "backdating_not_allowed", recorded=True)
    require(message.voted_at.tzinfo is not None, "invalid_voted_at")
    require(message.voted_at <= now, "date_in_future", field="voted_at", date=message.voted_at.isoformat())
    return message.voted_at.astimezone(UTC)


def evolve(vote: Vote, event: VoteCast) -> Vote:
    """What an event means for the vote."""
    match event:
        case VoteCast():
            if vote.voted_at is not None and event.voted_at < vote.voted_at:
                return vote
            return vote.but(
                idea_id=event.idea_id, voter_id=event.voter_id, choice=event.choice, voted_at=event.voted_at
            )
        case _:
            assert_never(event)
