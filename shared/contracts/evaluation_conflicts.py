"""What `evaluation` says of conflicts of interest: relations that it found, statements, exclusions, challenges."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.types import Code, Id, PersonId, Rule, SealedProse, Value
from shared.engine.message import Event

Ground = Code
"""`author`, `same_team`, `same_department`, `past_coauthor`, `challenged`, `recused`, or one that the pack declares."""


class AuthorNamed(Event, type="evaluation.AuthorNamed", key="person_id", journal=True):
    """An evaluation opened of an idea that this person wrote, with these others. Who works with whom is asked for."""

    person_id: PersonId
    idea_id: Id
    stage: Code
    coauthors: tuple[PersonId, ...]


class CoauthorsNoted(Event, type="evaluation.CoauthorsNoted", key="person_id", journal=True):
    """A person has written an idea together with these others."""

    person_id: PersonId
    coauthors: tuple[PersonId, ...]


class TeamNoted(Event, type="evaluation.TeamNoted", key="person_id", journal=True):
    """The directory says where a person works."""

    person_id: PersonId
    team: Id | None


class AuthorDescribed(Event, type="evaluation.AuthorDescribed", key="idea_id", journal=True):
    """What is known of an idea's author: the team, and with whom the person wrote ideas before."""

    idea_id: Id
    stage: Code
    person_id: PersonId
    team: Id | None
    coauthors: tuple[PersonId, ...]


class TeamNamed(Event, type="evaluation.TeamNamed", key="department_id", journal=True):
    """An author of an idea works in this team. Which teams belong to the same department is asked for."""

    department_id: Id
    idea_id: Id
    stage: Code


class DepartmentAsked(Event, type="evaluation.DepartmentAsked", key="department_id", journal=True):
    """The same question, put by a team to the department above it."""

    department_id: Id
    idea_id: Id
    stage: Code


class TeamPlaced(Event, type="evaluation.TeamPlaced", key="department_id", journal=True):
    """The directory says which department a team belongs to."""

    department_id: Id
    parent: Id | None


class TeamMoved(Event, type="evaluation.TeamMoved", key="department_id", journal=True):
    """A team came into this department (`inside`), or left it."""

    department_id: Id
    team: Id
    inside: bool


class TeamsNoted(Event, type="evaluation.TeamsNoted", key="department_id", journal=True):
    """The teams that belong to this department now."""

    department_id: Id
    teams: tuple[Id, ...]


class DepartmentDescribed(Event, type="evaluation.DepartmentDescribed", key="idea_id", journal=True):
    """The department that an author of the idea works in, and all its teams."""

    idea_id: Id
    stage: Code
    units: tuple[Id, ...]


class RelationsNoted(Event, type="evaluation.RelationsNoted", key="idea_id", journal=True):
    """The evaluation knows of people and places that are too near to the idea."""

    idea_id: Id
    stage: Code
    teams: tuple[Id, ...] = ()
    units: tuple[Id, ...] = ()
    coauthors: tuple[PersonId, ...] = ()


class Interest(Value):
    """A conflict that a person declares about an idea, on a ground of the pack."""

    idea_id: Id
    ground: Ground


class StatementSigned(Event, type="evaluation.StatementSigned", key="round_id", journal=True):
    """A person signed the statement of the round (이해관계 서약), and declared these conflicts. Sent again, it adds."""

    round_id: Id
    person_id: PersonId
    department: Id | None
    interests: tuple[Interest, ...]
    rule: Rule


class ConflictDeclared(Event, type="evaluation.ConflictDeclared", key="idea_id", journal=True):
    """The round tells an evaluation that somebody declared a conflict about its idea."""

    idea_id: Id
    stage: Code
    round_id: Id
    person_id: PersonId
    ground: Ground


class NamedRater(Value):
    """A rater, and where the person works, as the statement says."""

    person_id: PersonId
    department: Id | None = None


class RatersNamed(Event, type="evaluation.RatersNamed", key="idea_id", journal=True):
    """The round tells an evaluation who is to score. All of them have signed; `drawn` is how they were chosen."""

    idea_id: Id
    stage: Code
    round_id: Id
    raters: tuple[NamedRater, ...]
    drawn: Code | None = None


class RaterExcluded(Event, type="evaluation.RaterExcluded", key="idea_id", journal=True):
    """A person has no part in this evaluation any more (제척, 기피, 회피): neither scores nor sees anything of it.

    What the person scored before does not count.
    """

    idea_id: Id
    stage: Code
    person_id: PersonId
    ground: Ground
    note: SealedProse | None = None


class RaterUnfit(Event, type="evaluation.RaterUnfit", key="round_id", journal=True):
    """An evaluation tells its round that somebody can't score its idea."""

    round_id: Id
    idea_id: Id
    stage: Code
    person_id: PersonId
    ground: Ground


class UnfitNoted(Event, type="evaluation.UnfitNoted", key="round_id", journal=True):
    """The round knows that somebody can't score an idea."""

    round_id: Id
    idea_id: Id
    person_id: PersonId
    ground: Ground


class ChallengeRaised(Event, type="evaluation.ChallengeRaised", key="idea_id", journal=True):
    """An author challenges a rater (기피 신청)."""

    idea_id: Id
    stage: Code
    person_id: PersonId
    challenger: PersonId
    reason: SealedProse


class ChallengeVoted(Event, type="evaluation.ChallengeVoted", key="idea_id", journal=True):
    """A rater who is not challenged voted on a challenge."""

    idea_id: Id
    stage: Code
    person_id: PersonId
    voter_id: PersonId
    upholds: bool


class ChallengeDecided(Event, type="evaluation.ChallengeDecided", key="idea_id", journal=True):
    """A challenge was decided, by so many for it and against it."""

    idea_id: Id
    stage: Code
    person_id: PersonId
    outcome: Literal["upheld", "dismissed"]
    votes_for: Annotated[int, Field(ge=0)]
    votes_against: Annotated[int, Field(ge=0)]
    rule: Rule
