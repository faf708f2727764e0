"""What a final in pairs says: judges are shown two ideas at a time, and their choices give an order (Bradley-Terry).

The order is advisory; the raw weighted sum of each idea stays the legal score. Who chose what never leaves the service.
"""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.evaluation_results import Figure, Method
from shared.contracts.types import Code, Id, Line, PersonId, Rule, Score, SealedLine, SealedProse, Value
from shared.engine.message import Event, Instant

PairNumber = Annotated[int, Field(ge=1)]
"""The number of a comparison in its final."""

Abstaining = Literal["nothing_compared", "not_connected"]
"""Why a final has no order: nobody compared anything, or some ideas lost, or won, against all others."""


class Finalist(Value):
    """An idea that takes part, as judges see it."""

    idea_id: Id
    title: SealedLine


class DrawnPair(Value):
    """One comparison: which judge compares which two ideas."""

    number: PairNumber
    judge_id: PersonId
    left: Id
    right: Id


class FinalIdea(Value):
    """An idea's place, among those compared. `strength` is on the logit scale, around zero, with its interval."""

    idea_id: Id
    rank: Annotated[int, Field(ge=1)]
    strength: Figure
    won: Annotated[int, Field(ge=0)]
    compared: Annotated[int, Field(ge=0)]


class FinalAsked(Event, type="evaluation.FinalAsked", key="round_id", journal=True):
    """An organiser opened a final of the best `ideas` of a round that has ended; its pairs are to be drawn."""

    round_id: Id
    stage: Code
    pack: Code
    ideas: tuple[Id, ...]
    judges: tuple[PersonId, ...]
    due: Instant
    asked_by: PersonId
    ask_id: Line
    rule: Rule


class FinalDrawn(Event, type="evaluation.FinalDrawn", key="round_id", journal=True):
    """The pairs were drawn, judges in conflict with a finalist left out (`left_out`). Comparing begins.

    `withheld_from` are in conflict with an idea of the final and see none of it, nor do judges of `withheld_units`.
    """

    round_id: Id
    stage: Code
    finalists: tuple[Finalist, ...]
    pairs: tuple[DrawnPair, ...]
    left_out: tuple[PersonId, ...]
    withheld_from: tuple[PersonId, ...]
    withheld_units: tuple[Id, ...] = ()
    method: Method


class FinalNotDrawn(Event, type="evaluation.FinalNotDrawn", key="round_id", journal=True):
    """There is no final as it was asked for: too few judges without a conflict, or the organiser has one."""

    round_id: Id
    stage: Code
    reason: Literal["too_few_judges", "too_few_ideas", "organiser_in_conflict"]
    withheld_from: tuple[PersonId, ...]
    withheld_units: tuple[Id, ...] = ()


class PairCompared(Event, type="evaluation.PairCompared", key="round_id", journal=True):
    """A judge said which of the two is better; a later choice replaces the one before."""

    round_id: Id
    stage: Code
    number: PairNumber
    judge_id: PersonId
    better: Id


class JudgeSteppedBack(Event, type="evaluation.JudgeSteppedBack", key="round_id", journal=True):
    """A judge stepped back (회피). What that person compared does not count."""

    round_id: Id
    stage: Code
    judge_id: PersonId
    reason: SealedProse


class FinalClosed(Event, type="evaluation.FinalClosed", key="round_id", journal=True):
    """Comparing has ended; the order is to be computed."""

    round_id: Id
    stage: Code
    closed_by: Literal["complete", "deadline", "command"]
    ask_id: Line


class FinalRanked(Event, type="evaluation.FinalRanked", key="round_id", journal=True):
    """The order was computed, or abstains with its reason; nobody sees it before `disclosure_at`.

    `separation` is the part of the strengths' observed variance that is not error (scale separation reliability).
    """

    round_id: Id
    stage: Code
    ranking: tuple[FinalIdea, ...]
    abstained: Abstaining | None
    separation: Score | None
    disclosure_at: Instant
    method: Method
    rule: Rule


class FinalDisclosed(Event, type="evaluation.FinalDisclosed", key="round_id"):
    """The order of a final may be seen. It names no person and no idea: how many were compared how often, how well."""

    round_id: Id
    stage: Code
    pack: Code
    ideas: int
    comparisons: int
    abstained: Abstaining | None
    separation: Score | None
    method: Method
    rule: Rule
