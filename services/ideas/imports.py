"""The lines of bulk requests: what a file from elsewhere may say of ideas, votes, decisions and cases."""

from services.ideas.domain import IDEA, IMPLEMENTATION, VOTE
from services.ideas.domain.commands import ImportDecision, ImportIdea
from services.ideas.domain.past_case import ImportCase
from services.ideas.domain.vote import CastVote
from shared.contracts.types import Choice, NamedIdea, PersonId, imported_idea_id
from shared.engine.message import Instant
from shared.runtime.bulk import Line, Target, command_of


class IdeaLine(Line, ImportIdea, creates=True):
    """An idea; its id follows from what its source calls it."""

    def target(self) -> Target:
        """See `Line`."""
        return IDEA, imported_idea_id(self.source, self.source_id), command_of(ImportIdea, self)


class VoteLine(Line, NamedIdea):
    """A person's vote on an idea, at its moment."""

    voter_id: PersonId
    choice: Choice
    voted_at: Instant

    def target(self) -> Target:
        """See `Line`."""
        command = CastVote(choice=self.choice, voted_at=self.voted_at)
        return VOTE, f"{self.named_id}/{self.voter_id}", command


class DecisionLine(Line, NamedIdea, ImportDecision):
    """A completeness check or a decision on an idea."""

    def target(self) -> Target:
        """See `Line`."""
        return IDEA, self.named_id, command_of(ImportDecision, self)


class CaseLine(Line, NamedIdea, ImportCase):
    """What became of an adopted idea."""

    def target(self) -> Target:
        """See `Line`."""
        return IMPLEMENTATION, self.named_id, command_of(ImportCase, self)
