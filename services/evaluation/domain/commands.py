"""What people may ask of an evaluation. The models are the bodies of the HTTP API; the decider seals free text."""

from typing import Annotated

from pydantic import Field

from shared.contracts.evaluation import Confidence
from shared.contracts.types import Code, PersonId, Score, Value, WrittenProse
from shared.engine.message import Command, Instant
from shared.rules.calibration import AssignmentKind

Points = Annotated[Score, Field(ge=0, max_digits=12, decimal_places=6)]
"""Bounded in digits: an exponent of a thousand million would be a number nobody can add up."""


class GivenScore(Value):
    """Points for one criterion, within its scale, with a reason where the pack asks for one."""

    criterion: Code
    points: Points
    reason: WrittenProse = ""


class ScoreIdea(Command):
    """Score the idea. Sent again, it replaces what the same rater said before."""

    scores: Annotated[tuple[GivenScore, ...], Field(min_length=1, max_length=50)]
    confidence: Confidence | None = None
    comment: WrittenProse = ""


class SaveDraft(Command):
    """Save an unfinished sheet, which replaces the draft before; without scores it is cleared."""

    scores: Annotated[tuple[GivenScore, ...], Field(max_length=50)] = ()
    confidence: Confidence | None = None
    comment: WrittenProse = ""


class SubmitDraft(Command):
    """Submit the draft as it was saved; it must be complete now."""


class ImportScores(ScoreIdea):
    """Take over what a rater said elsewhere, at its own moment where the source has one. It closes nothing."""

    rater_id: PersonId
    scored_at: Instant | None = None


class AssignRaters(Command):
    """Name who is to score (replaces an earlier assignment). Authors can't be among them.

    `drawn` says how they were chosen; only from raters drawn at random or linked can severity be told (domain 6).
    """

    raters: Annotated[tuple[PersonId, ...], Field(min_length=1, max_length=100)]
    drawn: AssignmentKind = AssignmentKind.NAMED


class CloseEvaluation(Command):
    """End the scoring before its deadline."""


class Recuse(Command):
    """Step back from an evaluation (회피), with a reason."""

    reason: WrittenProse


class ChallengeRater(Command):
    """Challenge somebody who may score the own idea (기피 신청), with a reason."""

    person_id: PersonId
    reason: WrittenProse


class VoteOnChallenge(Command):
    """Vote on a challenge; voting again replaces the vote."""

    person_id: PersonId
    upholds: bool


class GivenVote(Value):
    """A vote on a challenge."""

    upholds: bool
