"""What is known of the figures of one set of evaluations, and who may see them."""

from enum import StrEnum
from typing import Any, Literal

from services.evaluation.domain.evaluation_state import JUDGES
from shared.contracts.evaluation_results import (
    Abstention,
    Agreement,
    Components,
    IdeaFigures,
    Method,
    RaterFigures,
    ResultsDisclosed,
)
from shared.contracts.types import Id, PersonId, Rule
from shared.engine.asking import Asking
from shared.engine.message import Actor, Event, Instant
from shared.rules.calibration import AssignmentKind
from shared.rules.loader import pack

RESULTS = "results"
"""Name of the computation that a set waits for."""

DISCLOSURE = "disclosure"
"""Name of the deadline at which the figures may be seen."""

TASK = {"id", "round_id", "stage", "pack", "top"}
"""What organisers see from the beginning to the end, also where the rest is withheld from them: what was asked for."""

SET = {*TASK, "phase", "abstained", "agreement", "method", "rule"}
"""What raters see of a disclosed set: how far they agreed as a whole."""

REPORT = {*SET, "assignment", "top_of", "components", "ideas"}
"""What organisers see of a disclosed set: every idea, and nobody's severity."""

ORGANISERS = ("chair", "receiver", "award_officer")


class Phase(StrEnum):
    """How far the figures of a set have come."""

    NEW = "new"
    ASKED = "asked"
    COMPUTED = "computed"
    DISCLOSED = "disclosed"


class Results(Asking):
    """The figures of a set at a stage: of a round, or of all evaluations at that stage of a pack."""

    phase: Phase = Phase.NEW
    round_id: str = ""
    stage: str = ""
    pack: str = ""
    top: int = 1
    assignment: AssignmentKind | None = None
    abstained: tuple[Abstention, ...] = ()
    components: Components | None = None
    top_of: Literal["calibrated", "plain"] | None = None
    agreement: tuple[Agreement, ...] = ()
    ideas: tuple[IdeaFigures, ...] = ()
    raters: tuple[RaterFigures, ...] = ()
    withheld_from: tuple[PersonId, ...] = ()
    withheld_units: tuple[Id, ...] = ()
    method: Method | None = None
    rule: Rule | None = None
    not_before: Instant | None = None
    disclosure_at: Instant | None = None

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """All to the auditor; to organisers what was asked, once disclosed the report; to a rater the own figures.

        Who is in conflict with an idea of the set never sees more than what was asked: counts and ranks tell, too.
        """
        if self.phase is Phase.NEW:
            return self.model_dump(mode="json") if actor.role == "auditor" else {}
        if actor.role == "auditor":
            return self.model_dump(mode="json") | {"over": self.over}
        organises = actor.role in ORGANISERS
        if self.phase is not Phase.DISCLOSED or self.withholds(actor):
            return self._dump(TASK) if organises else {}
        if organises:
            shown = self._dump(REPORT) | {"over": self.over}
            return shown | self._dump({"raters"}) if actor.role == "chair" else shown
        own = [one.model_dump(mode="json") for one in self.raters if one.rater_id == actor.id]
        return self._dump(SET) | {"over": self.over, "raters": own} if actor.role == "rater" and own else {}

    @property
    def over(self) -> dict[str, Any]:
        """Over which set the figures are said: a round's stage, or all evaluations of the pack outside rounds.

        Where only the `best` of the stage `before` came into it, agreement is smaller than over all: on a shortlist
        alone it tends to zero (domain 6).
        """
        alone = self.round_id == self.pack
        said: dict[str, Any] = {"set": "pack" if alone else "round", "stage": self.stage, "ideas": len(self.ideas)}
        stages = pack(self.pack).evaluation.round.stages
        place = next((n for n, one in enumerate(stages) if one.stage == self.stage), 0)
        best = stages[place].best.value if place and not alone else None
        return {**said, "best": best, "before": stages[place - 1].stage if best else None}

    def withholds(self, actor: Actor) -> bool:
        """Whether `actor` is in conflict with an idea of the set, as a person or as one who judges from too near."""
        return actor.id in self.withheld_from or (actor.role in JUDGES and actor.department in self.withheld_units)

    def _dump(self, fields: set[str]) -> dict[str, Any]:
        return self.model_dump(mode="json", include=fields)

    def shows(self, event: type[Event], actor: Actor) -> bool:
        """To the auditor everything; to others the disclosure alone."""
        return actor.role == "auditor" or event is ResultsDisclosed
