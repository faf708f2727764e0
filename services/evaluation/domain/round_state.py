"""What is known of one round, and who may see it."""

from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.contracts.evaluation_conflicts import Interest
from shared.contracts.evaluation_rounds import RankedIdea, RoundEnded
from shared.contracts.types import CriterionMean, Score
from shared.duties.notice import Told
from shared.engine.aggregate import State
from shared.engine.message import Actor, Event, Instant
from shared.rules.evaluation import ConflictRules, RoundRules, Stage
from shared.rules.loader import pack

DUE = "due"
"""Name of the deadline at which the scoring of the present stage ends."""

DISCLOSURE = "disclosure/"
"""What the names of deadlines begin with at which the order of a stage may be seen; the stage follows."""

ANNOUNCED = {"id", "pack", "title", "phase", "stages", "stage", "closes_at", "organiser"}
"""What everybody may know of a round: it is announced."""


class Phase(StrEnum):
    """How far a round has come."""

    NEW = "new"
    OPEN = "open"
    ENDED = "ended"


class Part(BaseModel):
    """A part of the state."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Standing(StrEnum):
    """How far an idea has come in the present stage."""

    ADMITTED = "admitted"
    SCORING = "scoring"
    IN_HAND = "in_hand"


class Entry(Part):
    """An idea in the present stage."""

    idea_id: str
    standing: Standing = Standing.ADMITTED
    department: str = ""
    authors: tuple[str, ...] = ()
    closed_by: str = ""
    score: Score | None = None
    means: tuple[CriterionMean, ...] = ()
    received_on: date | None = None

    @property
    def reopened(self) -> "Entry":
        """What a deadline had ended goes on where the deadline moves."""
        if self.closed_by != "deadline":
            return self
        scoring = {"standing": Standing.SCORING, "closed_by": "", "score": None, "means": ()}
        return self.model_copy(update=scoring)


class Ranking(Part):
    """The order of a stage that was to end at `closes_at`."""

    stage: str
    closes_at: Instant
    ideas: tuple[RankedIdea, ...]
    disclosed: bool = False


class Interests(Part):
    """What one person declared."""

    declared: tuple[Interest, ...] = ()

    @property
    def ideas(self) -> set[str]:
        """The ideas it is about."""
        return {interest.idea_id for interest in self.declared}

    def about(self, idea_id: str) -> tuple[Interest, ...]:
        """What is about this idea."""
        return tuple(interest for interest in self.declared if interest.idea_id == idea_id)


class Statement(Part):
    """One person's signed statement."""

    person_id: str
    department: str | None = None
    interests: Interests = Interests()


class Round(State):
    """One contest or cycle under one pack. `entries` are the ideas of the present `stage`, in order of admission.

    `overdue`: the stage's scoring has ended, but not every result has arrived. `unfit` are people who can't score an
    idea, as evaluations found.
    """

    phase: Phase = Phase.NEW
    pack: str = ""
    title: str = ""
    stages: tuple[str, ...] = ()
    stage: str = ""
    closes_at: Instant | None = None
    overdue: bool = False
    begun_by: str = ""
    entries: tuple[Entry, ...] = ()
    rankings: tuple[Ranking, ...] = ()
    statements: tuple[Statement, ...] = ()
    unfit: tuple[tuple[str, Interest], ...] = ()
    organiser: str = ""
    told: tuple[Told, ...] = ()

    @property
    def conflict_rules(self) -> ConflictRules:
        """What the pack says about conflicts of interest."""
        return pack(self.pack).evaluation.conflicts

    def statement(self, person_id: str) -> Statement | None:
        """What this person signed."""
        return next((one for one in self.statements if one.person_id == person_id), None)

    def in_conflict(self, person_id: str, idea_id: str) -> bool:
        """Whether the round knows that this person has no part in evaluating the idea."""
        entry, statement = self.entry(idea_id), self.statement(person_id)
        declared = statement is not None and idea_id in statement.interests.ideas
        found = any(person == person_id and interest.idea_id == idea_id for person, interest in self.unfit)
        return declared or found or (entry is not None and person_id in entry.authors)

    @property
    def rules(self) -> RoundRules:
        """What the pack says about its rounds."""
        return pack(self.pack).evaluation.round

    def stage_rules(self, code: str) -> Stage:
        """What the pack says about one of the stages."""
        stage = pack(self.pack).evaluation.stage(code)
        assert stage is not None, f"{self.pack} has no stage {code}"
        return stage

    def entry(self, idea_id: str) -> Entry | None:
        """An idea of the present stage."""
        return next((one for one in self.entries if one.idea_id == idea_id), None)

    def with_entry(self, entry: Entry) -> "Round":
        """A copy in which an idea stands so; behind the others where it is new."""
        if self.entry(entry.idea_id) is None:
            return self.but(entries=(*self.entries, entry))
        return self.but(entries=tuple(entry if one.idea_id == entry.idea_id else one for one in self.entries))

    @property
    def all_in_hand(self) -> bool:
        """Whether every idea of the stage has its result."""
        return all(entry.standing is Standing.IN_HAND for entry in self.entries)

    @property
    def announced(self) -> "Round":
        """The round as far as anybody may know: a stage goes on until its order is disclosed."""
        hidden = next((one for one in self.rankings if not one.disclosed), None)
        if hidden is None:
            return self
        ideas = tuple(Entry(idea_id=one.idea_id) for one in hidden.ideas)
        return self.but(phase=Phase.OPEN, stage=hidden.stage, closes_at=hidden.closes_at, entries=ideas)

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """What is announced; to who organises, which ideas take part and who has signed; to others the own statement.

        How far the scoring of an idea is shows to the auditor alone.
        """
        if self.phase is Phase.NEW or actor.role == "operator":
            return {}
        whole = actor.role == "auditor"
        view = self.model_dump(mode="json") if whole else self.announced.model_dump(mode="json", include=ANNOUNCED)
        if actor.role in ("chair", "receiver", "auditor"):
            view["ideas"] = sorted(entry.idea_id for entry in self.announced.entries)
            view["signed"] = sorted(one.person_id for one in self.statements)
        if actor.role in ("chair", "rater"):
            own = self.statement(actor.id)
            view["own_statement"] = own.model_dump(mode="json") if own else None
        return view

    def shows(self, event: type[Event], actor: Actor) -> bool:
        """All that was announced; the rest is the auditor's. That it has ended shows with the last order."""
        early = event is RoundEnded and self.announced.phase is not Phase.ENDED
        return actor.role == "auditor" or not (event.JOURNAL or early)
