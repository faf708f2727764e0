"""What `evaluation` says: openings, scores (journal), results."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from shared.contracts import (
    evaluation_assignments,
    evaluation_conflicts,
    evaluation_duties,
    evaluation_finals,
    evaluation_outcomes,
    evaluation_results,
    evaluation_rounds,
)
from shared.contracts.types import (
    Author,
    Code,
    CriterionMean,
    Id,
    Line,
    Origin,
    PersonId,
    Rule,
    Score,
    SealedLine,
    SealedProse,
    SealedSections,
    Value,
)
from shared.engine.message import Event, Instant

FURTHER = (
    evaluation_rounds,
    evaluation_conflicts,
    evaluation_assignments,
    evaluation_results,
    evaluation_finals,
    evaluation_outcomes,
    evaluation_duties,
)
"""Whoever imports this module knows all types of `evaluation`, for what a consumer doesn't know it sets aside."""

Confidence = Annotated[int, Field(ge=1, le=5)]
ClosedBy = Literal["complete", "deadline", "command"]
"""What ended the scoring."""


class CriterionScore(Value):
    """One rater's score on one criterion, with the reason where one is given or required."""

    criterion: Code
    points: Score
    reason: SealedProse | None = None


class EvaluationOpened(Event, type="evaluation.EvaluationOpened", key="idea_id"):
    """Raters may score the idea at this stage. `due` is when it closes by itself.

    In a round (`round_id`) the round decides what comes of it; at a further stage `requested` is what `ideas` asked
    for.
    """

    idea_id: Id
    stage: Code
    pack: Code
    department: Id
    title: SealedLine
    sections: SealedSections
    authors: tuple[Author, ...]
    raters_needed: int
    due: Instant | None = None
    rule: Rule
    origin: Origin | None = None
    round_id: Id | None = None
    requested: Code | None = None
    received_on: date | None = None


class RatersAssigned(Event, type="evaluation.RatersAssigned", key="idea_id", journal=True):
    """Who is to score the idea at this stage (replaces an earlier assignment); `drawn` is how they were chosen."""

    idea_id: Id
    stage: Code
    raters: tuple[PersonId, ...]
    drawn: Code | None = None


class ScoreRecorded(Event, type="evaluation.ScoreRecorded", key="idea_id", journal=True):
    """A rater scored the idea. A second score of the same rater replaces the first in the result; both stay here.

    `scored_at` is the moment that an import names; its rater is then not who acts. `department` is the
    one in whose name the rater acted, None where that is not known.
    """

    idea_id: Id
    stage: Code
    rater_id: PersonId
    scores: tuple[CriterionScore, ...]
    confidence: Confidence | None = None
    comment: SealedProse | None = None
    scored_at: Instant | None = None
    replaces: bool = False
    department: Id | None = None


class ScoreDrafted(Event, type="evaluation.ScoreDrafted", key="idea_id", journal=True):
    """A rater saved an unfinished sheet (임시저장). It counts for nothing until it is submitted."""

    idea_id: Id
    stage: Code
    rater_id: PersonId
    scores: tuple[CriterionScore, ...]
    confidence: Confidence | None = None
    comment: SealedProse | None = None


class EvaluationClosed(Event, type="evaluation.EvaluationClosed", key="idea_id", journal=True):
    """Scoring ended. Nothing of the result leaves before `disclosure_at`, in a round before its stage has ended."""

    idea_id: Id
    stage: Code
    closed_by: ClosedBy
    raters: int
    disclosure_at: Instant


class IdeaEvaluated(Event, type="evaluation.IdeaEvaluated", key="idea_id"):
    """The result of a stage, disclosed.

    `score` is the raw weighted sum, the legal score; None where fewer raters scored than the pack asks for
    (`outcome` "not_enough_raters"). In a round `rank` is the idea's place. One that `goes_on` to a further stage waits
    for its result; a further stage's result `concludes` the stage that was requested.
    """

    idea_id: Id
    stage: Code
    pack: Code
    outcome: Literal["scored", "not_enough_raters"]
    score: Score | None
    means: tuple[CriterionMean, ...]
    raters: int
    closed_by: ClosedBy
    rule: Rule
    round_id: Id | None = None
    rank: Annotated[int, Field(ge=1)] | None = None
    goes_on: bool = False
    concludes: Code | None = None


class EvaluationCancelled(Event, type="evaluation.EvaluationCancelled", key="idea_id"):
    """The idea was withdrawn while it was being evaluated."""

    idea_id: Id
    stage: Code
    reason: Line
