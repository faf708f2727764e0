"""What may be asked of a final in pairs, and the commands that bring what was computed for it."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.contracts.evaluation_finals import Abstaining, DrawnPair, FinalIdea, Finalist, PairNumber
from shared.contracts.types import Id, PersonId, Score, Value, WrittenProse
from shared.engine.asking import Finding
from shared.engine.message import Command


class OpenFinal(Command, creates=True):
    """Have the best of a round that has ended compared in pairs by these judges, until `due` or when the pack says."""

    judges: Annotated[tuple[PersonId, ...], Field(min_length=1, max_length=200)]
    due: AwareDatetime | None = None


class GivenChoice(Value):
    """Which of the two is better."""

    better: Id


class ComparePair(Command):
    """Say which of the two ideas of a pair is better; sent again, it replaces the choice before."""

    number: PairNumber
    better: Id


class StepBack(Command):
    """Step back as a judge (회피), with a reason."""

    reason: WrittenProse


class CloseFinal(Command):
    """End the comparing before its deadline, however far it is."""


class RecordDraw(Finding):
    """The pairs that were drawn for the judges without a conflict; or none, for the reason given."""

    algorithm: str = Field(max_length=64)
    input: str = Field(max_length=64)
    finalists: tuple[Finalist, ...] = ()
    pairs: tuple[DrawnPair, ...] = ()
    left_out: tuple[PersonId, ...] = ()
    obstacle: Literal["too_few_judges", "too_few_ideas", "organiser_in_conflict"] | None = None
    withheld_from: tuple[PersonId, ...] = ()
    withheld_units: tuple[Id, ...] = ()


class RecordOrder(Finding):
    """The order that follows from the comparisons; or none, for the reason given."""

    algorithm: str = Field(max_length=64)
    input: str = Field(max_length=64)
    ranking: tuple[FinalIdea, ...] = ()
    abstained: Abstaining | None = None
    separation: Score | None = None
