"""What is known of a final in pairs, and who may see it."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from services.evaluation.domain.evaluation_state import JUDGES
from shared.contracts.evaluation_finals import (
    Abstaining,
    DrawnPair,
    FinalDisclosed,
    FinalIdea,
    Finalist,
    PairNumber,
)
from shared.contracts.evaluation_results import Method
from shared.contracts.types import Id, PersonId, Rule, Score
from shared.engine.asking import Asking
from shared.engine.message import Actor, Event, Instant
from shared.rules.finals import PairwiseFinal
from shared.rules.loader import pack

DRAW, ORDER = "draw", "order"
"""Names of the computations that a final waits for."""

CLOSE = "close"
"""Name of the deadline at which comparing ends by itself."""

DISCLOSURE = "disclosure"
"""Name of the deadline at which the order may be seen."""

TASK = {"id", "round_id", "stage", "pack"}
"""What organisers see in any case: that a final was asked for."""

OPEN = {*TASK, "phase", "closes_at", "finalists", "obstacle"}
"""What organisers see while it goes on: not who has compared what, nor how far it is."""

REPORT = {*OPEN, "ranking", "abstained", "separation", "method", "rule", "disclosure_at"}
"""What they see once the order is disclosed."""

ORGANISERS = ("chair", "receiver", "award_officer")


class Phase(StrEnum):
    """How far a final has come."""

    NEW = "new"
    ASKED = "asked"
    NOT_DRAWN = "not_drawn"
    OPEN = "open"
    CLOSED = "closed"
    RANKED = "ranked"
    DISCLOSED = "disclosed"

    @property
    def told(self) -> "Phase":
        """What may be told of it: that comparing has ended before its time would tell how far it was."""
        return Phase.OPEN if self in (Phase.CLOSED, Phase.RANKED) else self


class Final(Asking):
    """The best of a round, compared two at a time. `choices` are the better ideas by the number of the pair."""

    phase: Phase = Phase.NEW
    round_id: str = ""
    stage: str = ""
    pack: str = ""
    ideas: tuple[Id, ...] = ()
    judges: tuple[PersonId, ...] = ()
    asked_by: str = ""
    obstacle: str | None = None
    finalists: tuple[Finalist, ...] = ()
    pairs: tuple[DrawnPair, ...] = ()
    choices: dict[PairNumber, Id] = Field(default_factory=dict[PairNumber, Id])
    stepped_back: tuple[PersonId, ...] = ()
    withheld_from: tuple[PersonId, ...] = ()
    withheld_units: tuple[Id, ...] = ()
    closes_at: Instant | None = None
    ranking: tuple[FinalIdea, ...] = ()
    abstained: Abstaining | None = None
    separation: Score | None = None
    method: Method | None = None
    rule: Rule | None = None
    disclosure_at: Instant | None = None

    @property
    def rules(self) -> PairwiseFinal:
        """What the pack says about its final."""
        final = pack(self.pack).evaluation.final
        assert final is not None, f"{self.pack} has no final"
        return final

    @property
    def standing(self) -> tuple[DrawnPair, ...]:
        """The pairs of judges who have not stepped back."""
        return tuple(pair for pair in self.pairs if pair.judge_id not in self.stepped_back)

    @property
    def compared(self) -> tuple[tuple[Id, Id], ...]:
        """Of each comparison that counts the better idea and the other one."""
        return tuple(
            (better, pair.right if better == pair.left else pair.left)
            for pair in self.standing
            if (better := self.choices.get(pair.number)) is not None
        )

    @property
    def complete(self) -> bool:
        """Whether every pair has been compared that is to be."""
        return len(self.compared) == len(self.standing)

    def withholds(self, actor: Actor) -> bool:
        """Whether `actor` is in conflict with a finalist, as a person or as one who judges from too near."""
        stepped_back = actor.id in self.stepped_back
        near = actor.role in JUDGES and actor.department in self.withheld_units
        return stepped_back or actor.id in self.withheld_from or near

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """All to the auditor; to organisers who takes part, then the order; to a judge the own pairs and choices.

        Who is in conflict with a finalist learns no more than that there is a final.
        """
        if actor.role == "auditor":
            return self.model_dump(mode="json")
        organises = actor.role in ORGANISERS
        if self.phase is Phase.NEW or (not organises and actor.role != "rater"):
            return {}
        if self.withholds(actor):
            return self._dump(TASK) if organises else {}
        if organises:
            return self._dump(REPORT if self.phase is Phase.DISCLOSED else OPEN) | {"phase": self.phase.told}
        own = [self._own(pair) for pair in self.standing if pair.judge_id == actor.id]
        return self._dump(TASK | {"closes_at", "finalists"}) | {"pairs": own} if own else {}

    def _own(self, pair: DrawnPair) -> dict[str, Any]:
        return {
            **pair.model_dump(mode="json", exclude={"judge_id"}),
            "better": self.choices.get(pair.number),
        }

    def _dump(self, fields: set[str]) -> dict[str, Any]:
        return self.model_dump(mode="json", include=fields)

    def shows(self, event: type[Event], actor: Actor) -> bool:
        """To the auditor everything; to others the disclosure alone."""
        return actor.role == "auditor" or event is FinalDisclosed
