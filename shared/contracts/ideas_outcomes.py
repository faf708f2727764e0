"""What `ideas` says of carrying out and measuring: milestones, failures, outcomes, prior consultation, practices.

Money is in whole won. A net figure is gains less costs, and may be negative.
"""

from datetime import date
from typing import Literal

from shared.contracts.types import (
    Author,
    Authority,
    Code,
    Id,
    Kind,
    Line,
    Origin,
    PersonId,
    Rule,
    Score,
    SealedLine,
    SealedProse,
    Value,
    Won,
)
from shared.engine.message import Event, Instant

Stance = Literal["agrees", "agrees_if", "objects"]
"""What a prior consultation found: agrees, agrees on conditions, objects."""


class Amount(Value):
    """A sum and what it is for."""

    what: SealedLine
    won: Won


class DimensionGrade(Value):
    """The points and the grade of one dimension."""

    dimension: Code
    points: Score
    grade: Code


# --- milestones and failures


class MilestoneSet(Event, type="ideas.MilestoneSet", key="idea_id"):
    """A step of an implementation and the day by which it is to be reached."""

    idea_id: Id
    number: int
    title: SealedLine
    due_on: date
    due: Instant


class MilestoneMoved(Event, type="ideas.MilestoneMoved", key="idea_id"):
    """A milestone is to be reached on another day, with the reason."""

    idea_id: Id
    number: int
    from_date: date
    to_date: date
    due: Instant
    reason: SealedProse
    authority: Authority | None = None
    rule: Rule


class MilestoneReached(Event, type="ideas.MilestoneReached", key="idea_id"):
    """A milestone was reached."""

    idea_id: Id
    number: int
    reached_on: date


class MilestoneMissed(Event, type="ideas.MilestoneMissed", key="idea_id"):
    """The day of a milestone has ended, it was not reached, and no other day was named."""

    idea_id: Id
    number: int
    due_on: date


class FailureRecognised(Event, type="ideas.FailureRecognised", key="idea_id"):
    """The office recognised what was given up as an honest failure (실패사례): it becomes a case.

    Carries what a case and points need. `earns_points` says whether the pack lets it earn any.
    """

    idea_id: Id
    pack: Code
    kind: Kind
    department: Id
    title: SealedLine
    authors: tuple[Author, ...]
    learnt: SealedProse
    finding: SealedProse
    recognised_on: date
    recognised_by: PersonId
    earns_points: bool
    authority: Authority | None = None
    origin: Origin | None = None
    rule: Rule


# --- outcomes


class ForecastMade(Event, type="ideas.ForecastMade", key="idea_id"):
    """The benefits that the department expects of the first year, net of costs.

    `locked` ones are changed no more: a later forecast `supersedes` one, with its reason, and both stay.
    """

    idea_id: Id
    number: int
    gains: tuple[Amount, ...]
    costs: tuple[Amount, ...]
    net_won: int
    basis: SealedProse
    made_on: date
    made_by: PersonId
    supersedes: int | None = None
    reason: SealedProse
    rule: Rule


class FirstEffectNoted(Event, type="ideas.FirstEffectNoted", key="idea_id"):
    """The idea had its first effect; what it brings is measured up to the end of the day `measured_until`."""

    idea_id: Id
    effect_on: date
    measured_until: date
    due: Instant
    term: Line
    calendar: Line
    rule: Rule


class BenefitsRecorded(Event, type="ideas.BenefitsRecorded", key="idea_id"):
    """What the idea brought from `begins` to `ends`, both included, and what it cost.

    With `corrects` it stands in for an earlier record, which counts no more. `evidence` says where it can be seen.
    """

    idea_id: Id
    number: int
    begins: date
    ends: date
    gains: tuple[Amount, ...]
    costs: tuple[Amount, ...]
    net_won: int
    evidence: SealedLine
    effect: SealedProse
    corrects: int | None = None
    reason: SealedProse
    recorded_on: date
    recorded_by: PersonId


class MeasurementEnded(Event, type="ideas.MeasurementEnded", key="idea_id"):
    """The time in which the outcome is measured has ended: the office owes the grade."""

    idea_id: Id
    department: Id
    due: Instant


class OutcomeGraded(Event, type="ideas.OutcomeGraded", key="idea_id"):
    """The office graded the outcome (성과등급). The bands propose a grade; a named person confirms it or says why not.

    `attained` is the net benefit in per cent of the forecast that stands, rounded down; none where that one expected
    nothing. `first_planned_won` is the first forecast's, however often it was superseded.
    """

    idea_id: Id
    pack: Code
    kind: Kind
    department: Id
    authors: tuple[Author, ...]
    forecast: int
    planned_won: int
    first_planned_won: int
    actual_won: int
    attained: int | None = None
    dimensions: tuple[DimensionGrade, ...]
    points: Score
    proposed: Code
    grade: Code
    reason: SealedProse
    graded_on: date
    graded_by: PersonId
    authority: Authority | None = None
    origin: Origin | None = None
    rule: Rule


# --- prior consultation


class ConsultationAsked(Event, type="ideas.ConsultationAsked", key="idea_id"):
    """The audit office was asked beforehand whether something may be done (사전컨설팅)."""

    idea_id: Id
    number: int
    department: Id
    question: SealedProse
    facts: SealedProse
    asked_on: date
    asked_by: PersonId
    due: Instant
    rule: Rule


class ConsultationAnswered(Event, type="ideas.ConsultationAnswered", key="idea_id"):
    """The opinion of the audit office, as its document says."""

    idea_id: Id
    number: int
    stance: Stance
    opinion: SealedProse
    document: Line
    adviser: PersonId
    given_on: date
    recorded_by: PersonId


class ConsultationOverdue(Event, type="ideas.ConsultationOverdue", key="idea_id"):
    """The term for an opinion has ended without one."""

    idea_id: Id
    number: int
    due: Instant


# --- practices


class PracticeChecked(Event, type="ideas.PracticeChecked", key="idea_id"):
    """The office checked the facts of a recommended practice (실행사례 사실 확인), and what it found."""

    idea_id: Id
    outcome: Literal["confirmed", "unconfirmed"]
    running_since: date | None = None
    findings: SealedProse
    document: Line
    checked_on: date
    checked_by: PersonId
    authority: Authority | None = None
    rule: Rule


class PracticeConfirmed(Event, type="ideas.PracticeConfirmed", key="idea_id"):
    """A practice that runs already is what it was said to be: it is a case, and stands for an award.

    Carries what award and spread need to go on. It was neither evaluated nor adopted, for it is being done.
    """

    idea_id: Id
    pack: Code
    kind: Kind
    category: Line
    department: Id
    title: SealedLine
    authors: tuple[Author, ...]
    running_since: date
    received_on: date
    confirmed_on: date
    confirmed_by: PersonId
    origin: Origin | None = None
    rule: Rule
    shares_open: bool = False
