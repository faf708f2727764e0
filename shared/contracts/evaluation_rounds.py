"""What the rounds of `evaluation` say (회차): which ideas take part, extensions, who goes on into the next stage."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.types import (
    Author,
    Code,
    CriterionMean,
    Id,
    Line,
    PersonId,
    Rule,
    Score,
    SealedLine,
    SealedProse,
    SealedSections,
    Value,
)
from shared.engine.message import Event, Instant

Place = Annotated[int, Field(ge=1)]
"""A place in an order; equals share the better one."""

NotJoined = Literal["not_open", "other_round", "history"]
"""Why an evaluation did not join a round: its scoring had ended, it belongs to another, it was imported."""


class RoundBegun(Event, type="evaluation.RoundBegun", key="round_id"):
    """An officer opened a round under a pack. Its first stage runs until `due`; a department may organise it."""

    round_id: Id
    pack: Code
    title: Line
    stages: tuple[Code, ...]
    due: Instant
    begun_by: PersonId
    rule: Rule
    organiser: Id | None = None


class IdeaAdmitted(Event, type="evaluation.IdeaAdmitted", key="idea_id"):
    """The idea is to take part in the round. Scoring at this stage ends at the round's `due`."""

    idea_id: Id
    stage: Code
    round_id: Id
    due: Instant


class AdmissionEnded(Event, type="evaluation.AdmissionEnded", key="idea_id"):
    """The idea did not come into the round in time. Its evaluation goes on without it."""

    idea_id: Id
    stage: Code
    round_id: Id


class RoundAwaited(Event, type="evaluation.RoundAwaited", key="idea_id", journal=True):
    """The idea was admitted to a round before its evaluation was asked for; it joins as soon as it opens."""

    idea_id: Id
    stage: Code
    round_id: Id
    due: Instant


class RoundJoined(Event, type="evaluation.RoundJoined", key="round_id", journal=True):
    """The evaluation of an idea is part of the round."""

    round_id: Id
    idea_id: Id
    stage: Code
    department: Id
    authors: tuple[Author, ...]
    due: Instant
    received_on: date | None = None


class RoundNotJoined(Event, type="evaluation.RoundNotJoined", key="round_id", journal=True):
    """The evaluation of an admitted idea can't be part of the round."""

    round_id: Id
    idea_id: Id
    stage: Code
    reason: NotJoined


class RoundLeft(Event, type="evaluation.RoundLeft", key="round_id", journal=True):
    """The evaluation of an idea is part of the round no longer: the idea was withdrawn, or came too late."""

    round_id: Id
    idea_id: Id
    stage: Code


class StageExtended(Event, type="evaluation.StageExtended", key="round_id"):
    """The scoring of a stage was extended from one moment to a later one, and this is its announcement."""

    round_id: Id
    stage: Code
    before: Instant
    due: Instant
    reason: SealedProse
    extended_by: PersonId


class ExtensionOrdered(Event, type="evaluation.ExtensionOrdered", key="idea_id", journal=True):
    """The round tells one of its evaluations that its stage was extended."""

    idea_id: Id
    stage: Code
    round_id: Id
    before: Instant
    due: Instant
    reason: SealedProse


class ClosingOrdered(Event, type="evaluation.ClosingOrdered", key="idea_id", journal=True):
    """The round tells one of its evaluations that its stage was ended by command."""

    idea_id: Id
    stage: Code
    round_id: Id


class EvaluationExtended(Event, type="evaluation.EvaluationExtended", key="idea_id"):
    """The idea's evaluation goes on until a later moment; scoring that the earlier one had ended goes on, too."""

    idea_id: Id
    stage: Code
    round_id: Id
    before: Instant
    due: Instant
    reason: SealedProse


class ResultHandedIn(Event, type="evaluation.ResultHandedIn", key="round_id", journal=True):
    """The scoring of an idea in a round ended, under this `due`. `score` is the legal one, None with too few raters."""

    round_id: Id
    idea_id: Id
    stage: Code
    due: Instant
    closed_by: Literal["complete", "deadline", "command"]
    score: Score | None
    means: tuple[CriterionMean, ...]
    raters: int


class EntryNoted(Event, type="evaluation.EntryNoted", key="round_id", journal=True):
    """The round took notice of an idea's evaluation: that it joined, or the result it handed in."""

    round_id: Id
    idea_id: Id
    stage: Code
    standing: Literal["scoring", "in_hand"]
    department: Id
    authors: tuple[PersonId, ...]
    closed_by: Literal["complete", "deadline", "command"] | None = None
    score: Score | None = None
    means: tuple[CriterionMean, ...] = ()
    received_on: date | None = None


class EntryDropped(Event, type="evaluation.EntryDropped", key="round_id", journal=True):
    """An idea takes part in the round no longer."""

    round_id: Id
    idea_id: Id
    stage: Code
    reason: Literal["not_open", "other_round", "history", "left", "too_late"]


class StageOverdue(Event, type="evaluation.StageOverdue", key="round_id", journal=True):
    """The scoring of a stage is over; its last results are on their way."""

    round_id: Id
    stage: Code


class RankedIdea(Value):
    """An idea's place in a stage. Without a score it has no place, and goes on: nobody is cut who was not measured."""

    idea_id: Id
    score: Score | None
    rank: Place | None
    goes_on: bool


class StageRanked(Event, type="evaluation.StageRanked", key="round_id", journal=True):
    """A stage ended: every idea in order, best first, and which go on to the `following` stage, if there is one."""

    round_id: Id
    stage: Code
    ranking: tuple[RankedIdea, ...]
    following: Code | None
    due: Instant | None
    disclosure_at: Instant
    rule: Rule


class StandingDecided(Event, type="evaluation.StandingDecided", key="idea_id", journal=True):
    """The round tells an evaluation what came of it; `following` is the stage it goes on to, due at `due`."""

    idea_id: Id
    stage: Code
    round_id: Id
    rank: Place | None
    following: Code | None
    due: Instant | None
    disclosure_at: Instant


class StandingTaken(Event, type="evaluation.StandingTaken", key="idea_id", journal=True):
    """The evaluation knows its place; its result is disclosed at `disclosure_at`."""

    idea_id: Id
    stage: Code
    rank: Place | None
    following: Code | None
    disclosure_at: Instant


class StageRequested(Event, type="evaluation.StageRequested", key="idea_id", journal=True):
    """The idea goes on to a further stage of its round. `requested` is the stage that `ideas` asked for."""

    idea_id: Id
    stage: Code
    requested: Code
    round_id: Id
    due: Instant
    pack: Code
    department: Id
    title: SealedLine
    sections: SealedSections
    authors: tuple[Author, ...]
    received_on: date | None = None


class StageWithdrawn(Event, type="evaluation.StageWithdrawn", key="idea_id", journal=True):
    """The idea was withdrawn while a further stage of its round was open."""

    idea_id: Id
    stage: Code


class StageDisclosed(Event, type="evaluation.StageDisclosed", key="round_id", journal=True):
    """From now on the order of the stage may be seen by those who organise the round."""

    round_id: Id
    stage: Code


class RoundEnded(Event, type="evaluation.RoundEnded", key="round_id"):
    """The last stage of the round has ended."""

    round_id: Id
    pack: Code
