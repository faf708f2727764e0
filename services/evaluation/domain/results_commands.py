"""What may be asked of a set's figures, and the command that brings them."""

from typing import Literal

from pydantic import Field

from shared.contracts.evaluation_results import (
    Abstention,
    Agreement,
    Components,
    IdeaFigures,
    Places,
    RaterFigures,
)
from shared.contracts.types import Id, PersonId
from shared.engine.asking import Finding
from shared.engine.message import Command, Instant
from shared.rules.calibration import AssignmentKind


class AskResults(Command, creates=True):
    """Have the figures of a set computed, or computed anew before they are disclosed.

    The set is a round, which asks by itself when a stage has ended, or under the id of a pack all evaluations of that
    pack outside rounds. `top` is the number of best ideas whose probability is wanted. `assignment` is how raters came
    to their ideas, as the organiser declares it; without it, as the evaluations say.
    """

    top: Places = 1
    assignment: AssignmentKind | None = None


class RecordResults(Finding):
    """What the computation found. `disclosure_at` is the latest of the set, None where all of it is disclosed."""

    input: str = Field(max_length=64)
    algorithm: str = Field(max_length=64)
    disclosure_at: Instant | None
    assignment: AssignmentKind
    abstained: tuple[Abstention, ...]
    components: Components | None
    top_of: Literal["calibrated", "plain"] | None
    agreement: tuple[Agreement, ...]
    ideas: tuple[IdeaFigures, ...]
    raters: tuple[RaterFigures, ...]
    withheld_from: tuple[PersonId, ...]
    withheld_units: tuple[Id, ...] = ()
