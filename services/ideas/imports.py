"""The lines of bulk requests: what a file from elsewhere may say of ideas, their course, units, people, duties."""

from typing import Annotated

from pydantic import Field

from services.ideas.domain import DEPARTMENT, DUTY, IDEA, IMPLEMENTATION, PERSON, VOTE
from services.ideas.domain.commands import ImportDecision, ImportIdea
from services.ideas.domain.department import RegisterDepartment
from services.ideas.domain.duty import AssignDuty
from services.ideas.domain.past_case import ImportCase
from services.ideas.domain.person import RegisterPerson
from services.ideas.domain.vote import CastVote
from shared.contracts.duties import Cover, Work
from shared.contracts.types import Choice, Code, Day, Id, NamedIdea, PersonId, Value, WrittenLine, imported_idea_id
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


class DirectoryLine(Line):
    """A line of a register. One that was corrected under its key is another entry; one that was not changes nothing."""

    source: WrittenLine = ""

    @property
    def identity(self) -> str:
        """The key and all that the line says."""
        return self.model_dump_json()


class UnitLine(DirectoryLine, RegisterDepartment, creates=True):
    """A unit of the organisation, from a day on."""

    id: Id

    def target(self) -> Target:
        """See `Line`."""
        return DEPARTMENT, self.id, command_of(RegisterDepartment, self)


class PersonLine(DirectoryLine, RegisterPerson, creates=True):
    """A person, from a day on."""

    id: PersonId

    def target(self) -> Target:
        """See `Line`."""
        return PERSON, self.id, command_of(RegisterPerson, self)


class NamedPack(Value):
    """A pack, as a cell with several of them names it."""

    pack: Code


class NamedCategory(Value):
    """A category of ideas, as a cell with several of them names it."""

    category: WrittenLine


class DutyLine(DirectoryLine):
    """A duty and who holds it from a day on. `work` names what it covers, under `packs` and in `categories` only."""

    id: Id
    name: Annotated[WrittenLine, Field(min_length=1)]
    department: Id
    holds_from: Day | None = None
    reason: WrittenLine = ""
    work: Work
    packs: Annotated[tuple[NamedPack, ...], Field(max_length=50)] = ()
    categories: Annotated[tuple[NamedCategory, ...], Field(max_length=100)] = ()

    def target(self) -> Target:
        """See `Line`."""
        packs, categories = (one.pack for one in self.packs), (one.category for one in self.categories)
        cover = Cover(work=self.work, packs=tuple(packs), categories=tuple(categories))
        command = AssignDuty(
            name=self.name,
            covers=(cover,),
            department=self.department,
            holds_from=self.holds_from,
            reason=self.reason,
        )
        return DUTY, self.id, command
