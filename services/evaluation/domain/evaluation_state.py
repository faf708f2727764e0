"""What is known of one evaluation, and who may see it."""

from enum import StrEnum
from typing import Any, Literal

from shared.contracts.evaluation import ClosedBy, Confidence, CriterionScore, EvaluationOpened, IdeaEvaluated
from shared.contracts.types import (
    Author,
    CriterionMean,
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
from shared.rules.evaluation import Stage
from shared.rules.loader import pack

CLOSE = "close"
"""Name of the deadline at which scoring ends by itself."""

DISCLOSURE = "disclosure"
"""Name of the deadline at which the result may be seen."""

TASK = {"id", "idea_id", "stage", "pack", "department", "title", "sections", "closes_at"}
"""What whoever scores or organises sees of an evaluation: the task, without its authors and without its progress."""

RESULT = {*TASK, "phase", "outcome", "score", "means", "raters_counted", "closed_by"}
"""What a disclosed evaluation says."""

ORGANISERS = ("chair", "receiver")


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


class Admission(Value):
    """A round that an evaluation is to be part of as soon as it opens."""

    round_id: str
    due: Instant


class Evaluation(State):
    """One idea at one stage. `raters` are those assigned; without any, whoever is a rater and no author may score.

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
    sheets: tuple[Scores, ...] = ()
    origin: Origin | None = None
    closes_at: Instant | None = None
    closed_by: ClosedBy | None = None
    outcome: Literal["scored", "not_enough_raters"] | None = None
    score: Score | None = None
    means: tuple[CriterionMean, ...] = ()
    raters_counted: int | None = None
    admission: Admission | None = None
    round_id: str = ""
    requested: str = ""
    rank: int | None = None
    following: str = ""
    decided: bool = False

    @property
    def rules(self) -> Stage:
        """What the idea's pack says about this stage."""
        stage = pack(self.pack).evaluation.stage(self.stage)
        assert stage is not None, f"{self.pack} has no stage {self.stage}"
        return stage

    @property
    def counting(self) -> tuple[Scores, ...]:
        """The scores that count: those of assigned raters, of all where none were assigned."""
        return tuple(sheet for sheet in self.sheets if not self.raters or sheet.rater_id in self.raters)

    def sheet(self, rater: str) -> Scores | None:
        """What this rater last said."""
        return next((sheet for sheet in self.sheets if sheet.rater_id == rater), None)

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """The task to those who score or organise, the own scores to a rater, once disclosed the result."""
        if actor.role == "auditor":
            return self.model_dump(mode="json")
        if self.phase is Phase.NEW:
            return {}
        fields = self._open_to(actor)
        view = self.model_dump(mode="json", include=fields) if fields else {}
        if fields and actor.role == "rater":
            own = self.sheet(actor.id)
            view |= {"own_scores": own.model_dump(mode="json") if own else None}
        return view

    def known_to(self, actor: Actor) -> bool:
        """Authors know from their idea that there is one, though they see nothing of it."""
        return self._wrote(actor) or bool(self.visible_to(actor))

    def _wrote(self, actor: Actor) -> bool:
        return any(author.person_id == actor.id for author in self.authors)

    def _open_to(self, actor: Actor) -> set[str]:
        is_author = self._wrote(actor)
        organises = actor.role in ORGANISERS
        rates = actor.role == "rater" and (not self.raters or actor.id in self.raters)
        if self.phase is Phase.DISCLOSED:
            in_charge = actor.role == "department" and actor.department == self.department
            return RESULT if is_author or organises or rates or in_charge or actor.role == "award_officer" else set()
        if is_author or not (organises or rates):
            return set()
        task = {*TASK, "phase"} if self.phase is Phase.CANCELLED else TASK
        return {*task, "authors", "raters", "raters_needed"} if organises else task

    def shows(self, event: type[Event], actor: Actor) -> bool:
        """To the auditor everything; to others that it opened (who does not rate: with authors) and the result."""
        if actor.role == "auditor":
            return True
        return event is IdeaEvaluated or (event is EvaluationOpened and actor.role in ORGANISERS)
