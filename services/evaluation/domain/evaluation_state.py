"""What is known of one evaluation, and who may see it."""

from datetime import date
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from shared.contracts.evaluation import ClosedBy, Confidence, CriterionScore, EvaluationOpened, IdeaEvaluated
from shared.contracts.types import (
    Author,
    CriterionMean,
    Id,
    Origin,
    PersonId,
    Score,
    SealedLine,
    SealedProse,
    SealedSections,
    Value,
)
from shared.engine.aggregate import State
from shared.engine.message import Actor, Event, Instant, seal
from shared.rules.calibration import AssignmentKind
from shared.rules.evaluation import ConflictRules, Relation, Stage
from shared.rules.loader import pack

CLOSE = "close"
"""Name of the deadline at which scoring ends by itself."""

DISCLOSURE = "disclosure"
"""Name of the deadline at which the result may be seen."""

TASK = {"id", "idea_id", "stage", "pack", "department", "title", "sections", "closes_at"}
"""What whoever scores or organises sees of an evaluation: the task, without its authors and without its progress."""

RESULT = {*TASK, "phase", "outcome", "score", "means", "raters_counted", "closed_by", "round_id", "rank"}
"""What a disclosed evaluation says."""

ORGANISERS = ("chair", "receiver")

JUDGES = ("rater", "chair")
"""Roles in which one is too near to the ideas of one's own team or department, where the pack says so."""


class Phase(StrEnum):
    """How far an evaluation has come."""

    NEW = "new"
    OPEN = "open"
    CLOSED = "closed"
    DISCLOSED = "disclosed"
    CANCELLED = "cancelled"


class Scores(Value):
    """One rater's latest scores."""

    rater_id: PersonId
    scores: tuple[CriterionScore, ...]
    confidence: Confidence | None = None
    comment: SealedProse | None = None
    scored_at: Instant | None = None
    department: Id | None = None


class Admission(Value):
    """A round that an evaluation is to be part of as soon as it opens."""

    round_id: str
    due: Instant


class Relations(Value):
    """Who is too near to the idea: people of these teams, of these departments, past co-authors of an author."""

    teams: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    coauthors: tuple[PersonId, ...] = ()


class Excluded(Value):
    """Somebody who has no part in this evaluation, and why."""

    person_id: PersonId
    ground: str


class Challenge(Value):
    """A challenged rater, and how the others voted so far; `outcome` once it is decided."""

    person_id: PersonId
    challenger: PersonId
    reason: SealedProse
    votes: dict[PersonId, bool] = Field(default_factory=dict[PersonId, bool])
    outcome: str = ""


class Evaluation(State):
    """One idea at one stage. `raters` are those `assigned`; until then any rater who is not in conflict may score.

    In a round (`round_id`) it waits, once closed, for what the round decides: its `rank`, and the stage `following`;
    from then on it is `decided`.
    `requested` is the stage that `ideas` asked for, where this is a further one.
    """

    phase: Phase = Phase.NEW
    idea_id: str = ""
    stage: str = ""
    pack: str = ""
    department: str = ""
    title: SealedLine = seal("", "")
    sections: SealedSections = seal({}, "")
    authors: tuple[Author, ...] = ()
    raters_needed: int = 0
    raters: tuple[PersonId, ...] = ()
    drawn: AssignmentKind = AssignmentKind.NAMED
    sheets: tuple[Scores, ...] = ()
    drafts: tuple[Scores, ...] = ()
    origin: Origin | None = None
    closes_at: Instant | None = None
    closed_by: ClosedBy | None = None
    outcome: Literal["scored", "not_enough_raters"] | None = None
    score: Score | None = None
    means: tuple[CriterionMean, ...] = ()
    raters_counted: int | None = None
    received_on: date | None = None
    admission: Admission | None = None
    round_id: str = ""
    requested: str = ""
    rank: int | None = None
    following: str = ""
    decided: bool = False
    assigned: bool = False
    relations: Relations = Relations()
    excluded: tuple[Excluded, ...] = ()
    challenges: tuple[Challenge, ...] = ()

    @property
    def rules(self) -> Stage:
        """What the idea's pack says about this stage."""
        stage = pack(self.pack).evaluation.stage(self.stage)
        assert stage is not None, f"{self.pack} has no stage {self.stage}"
        return stage

    @property
    def conflict_rules(self) -> ConflictRules:
        """What the idea's pack says about conflicts of interest."""
        return pack(self.pack).evaluation.conflicts

    @property
    def round_names_raters(self) -> bool:
        """Whether only its round may say who scores, for nobody may without having signed the round's statement."""
        return bool(self.round_id) and self.conflict_rules.statement_required.value

    def wrote(self, person_id: str) -> bool:
        """Whether this person is an author."""
        return any(author.person_id == person_id for author in self.authors)

    def excluded_for(self, person_id: str) -> str | None:
        """Why this person was excluded, if so."""
        return next((one.ground for one in self.excluded if one.person_id == person_id), None)

    def conflict_of(self, person_id: str, department: str = "") -> str | None:
        """The ground on which a person who works in `department` has no part in this, if there is one."""
        if self.wrote(person_id):
            return "author"
        ground = self.excluded_for(person_id)
        if ground is not None:
            return ground
        if person_id in self.relations.coauthors:
            return Relation.PAST_COAUTHOR.value
        if department and department in self.relations.teams:
            return Relation.SAME_TEAM.value
        return Relation.SAME_DEPARTMENT.value if department and department in self.relations.units else None

    def challenge(self, person_id: str) -> Challenge | None:
        """The challenge against this person, if there was one."""
        return next((one for one in self.challenges if one.person_id == person_id), None)

    @property
    def challenged(self) -> set[str]:
        """People against whom a challenge is open, or was upheld."""
        return {one.person_id for one in self.challenges if one.outcome != "dismissed"}

    @property
    def voters(self) -> tuple[str, ...]:
        """Who votes on a challenge: the assigned raters whom nobody challenged."""
        return tuple(rater for rater in self.raters if rater not in self.challenged)

    @property
    def counting(self) -> tuple[Scores, ...]:
        """The scores that count: those of assigned raters, of all where none were assigned."""
        return tuple(sheet for sheet in self.sheets if not self.assigned or sheet.rater_id in self.raters)

    @property
    def raters_awaited(self) -> int:
        """How many must have scored for the scoring to end by itself; excluded raters are to be replaced."""
        return max(len(self.raters), self.rules.raters_min.value) if self.assigned else self.raters_needed

    def may_rate(self, rater: str) -> bool:
        """Whether the scoring is this rater's business, conflicts aside."""
        return rater in self.raters or not (self.assigned or self.round_names_raters)

    def sheet(self, rater: str) -> Scores | None:
        """What this rater last said."""
        return next((sheet for sheet in self.sheets if sheet.rater_id == rater), None)

    def draft(self, rater: str) -> Scores | None:
        """What this rater has saved and not submitted."""
        return next((draft for draft in self.drafts if draft.rater_id == rater), None)

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """The task to those who score or organise, the own scores to a rater, once disclosed the result."""
        if actor.role == "auditor":
            return self.model_dump(mode="json")
        if self.phase is Phase.NEW:
            return {}
        fields = self._open_to(actor)
        view = self.model_dump(mode="json", include=fields) if fields else {}
        if "raters" in fields and actor.id not in self.challenged:
            view["challenges"] = [one.model_dump(mode="json", exclude={"votes"}) for one in self.challenges]
        if fields and actor.role == "rater":
            own, draft = self.sheet(actor.id), self.draft(actor.id)
            view["own_scores"] = own.model_dump(mode="json") if own else None
            view["own_draft"] = draft.model_dump(mode="json") if draft else None
        return view

    def known_to(self, actor: Actor) -> bool:
        """Authors know from their idea that there is one, though they see nothing of it."""
        return self.wrote(actor.id) or bool(self.visible_to(actor))

    def _scores(self, actor: Actor) -> bool:
        """Whether this person scores the idea, in whatever role they come: who scores is not told who wrote it."""
        return actor.id in self.raters or self.sheet(actor.id) is not None or self.draft(actor.id) is not None

    def _open_to(self, actor: Actor) -> set[str]:
        is_author = self.wrote(actor.id)
        in_conflict = self.conflict_of(actor.id, actor.department if actor.role in JUDGES else "") is not None
        organises = actor.role in ORGANISERS
        rates = actor.role == "rater" and self.may_rate(actor.id)
        if self.phase is Phase.DISCLOSED:
            in_charge = actor.role == "department" and actor.department == self.department
            concerned = organises or rates or in_charge or actor.role == "award_officer"
            return RESULT if is_author or (concerned and not in_conflict) else set()
        if in_conflict or not (organises or rates):
            return set()
        task = {*TASK, "phase"} if self.phase is Phase.CANCELLED else TASK
        return (
            {*task, "authors", "raters", "raters_needed", "round_id"} if organises and not self._scores(actor) else task
        )

    def shows(self, event: type[Event], actor: Actor) -> bool:
        """To the auditor everything; to others that it opened (who does not rate: with authors) and the result."""
        if actor.role == "auditor":
            return True
        opening = actor.role in ORGANISERS and not self._scores(actor)
        return event is IdeaEvaluated or (event is EvaluationOpened and opening)
