"""The outcome (성과) of one idea: forecasts, what it brought from the first effect on, and the grade.

Pure. Invariants: a locked forecast is never changed, only superseded by a later one with its reason; no day counts
twice; what was recorded stays, also where a correction stands in for it; who graded it neither wrote the idea nor
carries it out; a grade is final.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, assert_never

from pydantic import Field

from services.ideas.domain.benefits import attained, dimension_grades, measured_points, net, total
from services.ideas.domain.commands import Grounded
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.implementation_state import RUNNING, Implementation, Phase, require_phase, require_turn
from services.ideas.domain.measurement_state import Benefits, Forecast, Outcome, OutcomeGrade
from services.ideas.domain.rules import cite, days, require_grounds, rules, today
from shared.contracts.ideas_outcomes import (
    Amount,
    BenefitsRecorded,
    FirstEffectNoted,
    ForecastMade,
    MeasurementEnded,
    OutcomeGraded,
)
from shared.contracts.types import Code, Day, Value, Won, WrittenLine, WrittenProse
from shared.engine.aggregate import Context, require
from shared.engine.message import Command, DeadlineReached, Event, seal
from shared.rules.calendar import Calendar
from shared.rules.ideas import IdeaDecision
from shared.rules.outcomes import ForecastLock

FOLD = 1
MEASURE = "measure"
"""Name of the deadline at the end of the time in which the outcome is measured."""
MOST = 200
"""As many records an outcome has at most; they stand in its state."""

DONE = (*RUNNING, Phase.COMPLETED)


class Sum(Value):
    """A sum in whole won, and what it is for."""

    what: Annotated[WrittenLine, Field(min_length=1)]
    won: Annotated[Won, Field(le=10**15)]


Sums = Annotated[tuple[Sum, ...], Field(max_length=50)]


class MakeForecast(Command, creates=True):
    """Say what the first year is expected to bring and to cost. Over a locked forecast it needs a reason."""

    gains: Sums
    costs: Sums = ()
    basis: WrittenProse
    reason: WrittenProse = ""


class NoteFirstEffect(Command, creates=True):
    """Say since when the idea has an effect (효과 발생); the measuring begins. The day defaults to today."""

    effect_on: Day | None = None


class RecordBenefits(Command, creates=True):
    """Record what a time brought and cost, both of its days included. A correction names the record and its reason."""

    begins: Day
    ends: Day
    gains: Sums
    costs: Sums = ()
    evidence: WrittenLine
    effect: WrittenProse = ""
    corrects: int | None = None
    reason: WrittenProse = ""


Points = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]


class GradeOutcome(Grounded, creates=True):
    """Grade the outcome. `points` are of the dimensions that are not measured; another `grade` needs a reason."""

    points: Annotated[dict[Code, Points], Field(max_length=20)] = Field(default_factory=dict[str, Decimal])
    grade: Code | None = None


Input = MakeForecast | NoteFirstEffect | RecordBenefits | GradeOutcome | DeadlineReached
Emitted = ForecastMade | FirstEffectNoted | BenefitsRecorded | MeasurementEnded | OutcomeGraded


def decide(outcome: Outcome, message: Input, context: Context) -> Iterator[Event]:
    """What happens next."""
    match message:
        case MakeForecast():
            yield _forecast(outcome, message, context)
        case NoteFirstEffect():
            yield _effect(outcome, message, context)
        case RecordBenefits():
            yield _record(outcome, message, context)
        case GradeOutcome():
            yield _grade(outcome, message, context)
        case DeadlineReached():
            department = context.read(Implementation).department
            yield MeasurementEnded(idea_id=outcome.id, department=department, due=message.due)
        case _:
            assert_never(message)


def _forecast(outcome: Outcome, message: MakeForecast, context: Context) -> ForecastMade:
    implementation = _carried_out(outcome, context)
    require(not outcome.measured, "measurement_over")
    rule, before = rules(implementation.pack).outcomes.forecast_locks, outcome.forecast
    locked = before is not None and _locked(rule.value, implementation, outcome)
    require(not locked or bool(message.reason.strip()), "forecast_locked")
    require(bool(message.basis.strip()), "basis_required")
    gains, costs = _sealed(outcome, message.gains), _sealed(outcome, message.costs)
    return ForecastMade(
        idea_id=outcome.id,
        number=before.number + 1 if before else 1,
        gains=gains,
        costs=costs,
        net_won=net(gains, costs),
        basis=seal(message.basis, outcome.id),
        made_on=today(context.time),
        made_by=context.actor.id,
        supersedes=before.number if before and locked else None,
        reason=seal(message.reason, outcome.id),
        rule=cite(implementation.pack, rule),
    )


def _locked(lock: ForecastLock, implementation: Implementation, outcome: Outcome) -> bool:
    """Whether the forecast that stands is locked; from the first effect on it is under every pack."""
    match lock:
        case ForecastLock.MADE:
            return True
        case ForecastLock.STARTED:
            return implementation.phase is not Phase.PLANNED
        case ForecastLock.COMPLETED:
            return implementation.phase is Phase.COMPLETED or outcome.effect_on is not None


def _effect(outcome: Outcome, message: NoteFirstEffect, context: Context) -> FirstEffectNoted:
    implementation = _carried_out(outcome, context)
    require_phase(implementation, Phase.STARTED, Phase.COMPLETED)
    require(outcome.forecast is not None, "forecast_required")
    require(outcome.effect_on is None, "effect_noted_already")
    now, first = today(context.time), implementation.started_on
    effect_on = message.effect_on or now
    require(effect_on <= now, "date_in_future", field="effect_on", date=str(effect_on))
    require(first is None or first <= effect_on, "date_too_early", field="effect_on", first=str(first))
    term, calendar = rules(implementation.pack).outcomes.measured_for, days(implementation.pack)
    until = calendar.due(effect_on, term.value)
    return FirstEffectNoted(
        idea_id=outcome.id,
        effect_on=effect_on,
        measured_until=until,
        due=Calendar.end_of(until),
        term=str(term.value),
        calendar=calendar.name,
        rule=cite(implementation.pack, term),
    )


def _record(outcome: Outcome, message: RecordBenefits, context: Context) -> BenefitsRecorded:
    _carried_out(outcome, context)
    require(outcome.effect_on is not None, "effect_required")
    assert outcome.effect_on is not None and outcome.measured_until is not None
    first, last = outcome.effect_on, min(outcome.measured_until, today(context.time))
    within = first <= message.begins <= message.ends <= last
    require(within, "period_outside_measurement", first=str(first), last=str(last))
    require(len(outcome.records) < MOST, "too_many_records", limit=MOST)
    require(bool(message.evidence.strip()), "evidence_required")
    _require_counted_once(outcome, message)
    gains, costs = _sealed(outcome, message.gains), _sealed(outcome, message.costs)
    return BenefitsRecorded(
        idea_id=outcome.id,
        number=len(outcome.records) + 1,
        begins=message.begins,
        ends=message.ends,
        gains=gains,
        costs=costs,
        net_won=net(gains, costs),
        evidence=seal(message.evidence, outcome.id),
        effect=seal(message.effect, outcome.id),
        corrects=message.corrects,
        reason=seal(message.reason, outcome.id),
        recorded_on=today(context.time),
        recorded_by=context.actor.id,
    )


def _require_counted_once(outcome: Outcome, message: RecordBenefits) -> None:
    """No day of the record is one of another record that counts, but of the one that it corrects."""
    if message.corrects is not None:
        known = any(one.number == message.corrects for one in outcome.standing)
        require(known, "unknown_record", number=message.corrects)
        require(bool(message.reason.strip()), "reason_required")
    for one in outcome.standing:
        apart = message.ends < one.begins or one.ends < message.begins or one.number == message.corrects
        require(apart, "period_counted_already", number=one.number, begins=str(one.begins), ends=str(one.ends))


def _grade(outcome: Outcome, message: GradeOutcome, context: Context) -> OutcomeGraded:
    idea, implementation = context.read(Idea), context.read(Implementation)
    require(outcome.grade is None, "graded_already")
    forecast = outcome.forecast
    require(outcome.measured and forecast is not None, "measurement_not_over", until=str(outcome.measured_until))
    assert forecast is not None
    own = context.actor.id in idea.author_ids or context.actor.department == implementation.department
    require(not own, "conflict_of_interest", recorded=True)
    require_grounds(implementation.pack, IdeaDecision.GRADE, message, idea.author_ids, context.time)
    asked = rules(implementation.pack).outcomes
    per_cent = attained(outcome.actual_won, forecast.net_won)
    points = _points(message, implementation.pack, per_cent)
    reached = total(asked, points)
    proposed = asked.grade_of(reached).code
    grade = message.grade or proposed
    require(grade in {one.code for one in asked.grades}, "unknown_grade", grade=grade)
    require(grade == proposed or bool(message.reason.strip()), "reason_required")
    return OutcomeGraded(
        idea_id=outcome.id,
        pack=implementation.pack,
        kind=idea.kind,
        department=implementation.department,
        authors=idea.authors,
        forecast=forecast.number,
        planned_won=forecast.net_won,
        first_planned_won=outcome.forecasts[0].net_won,
        actual_won=outcome.actual_won,
        attained=per_cent,
        dimensions=dimension_grades(asked, points),
        points=reached,
        proposed=proposed,
        grade=grade,
        reason=seal(message.reason, outcome.id),
        graded_on=today(context.time),
        graded_by=context.actor.id,
        authority=message.authority,
        origin=idea.origin,
        rule=cite(implementation.pack, asked.grades[0]),
    )


def _points(message: GradeOutcome, pack: str, per_cent: int | None) -> dict[str, Decimal]:
    """Points of all dimensions. One that is measured takes no others, unless there was nothing to measure against."""
    asked = rules(pack).outcomes
    measured = {
        one.code: measured_points(per_cent) for one in asked.dimensions if one.measured and per_cent is not None
    }
    needed = {one.code for one in asked.dimensions} - measured.keys()
    given = message.points.keys()
    require(given == needed, "points_do_not_fit", missing=sorted(needed - given), unknown=sorted(given - needed))
    return {**message.points, **measured}


def _carried_out(outcome: Outcome, context: Context) -> Implementation:
    """The implementation, which the department in charge of it speaks for, before the grade."""
    implementation = context.read(Implementation)
    require_turn(implementation, context, *DONE)
    require(outcome.grade is None, "graded_already")
    return implementation


def _sealed(outcome: Outcome, sums: tuple[Sum, ...]) -> tuple[Amount, ...]:
    return tuple(Amount(what=seal(one.what, outcome.id), won=one.won) for one in sums)


def evolve(outcome: Outcome, event: Emitted) -> Outcome:
    """What an event means for the outcome."""
    match event:
        case ForecastMade():
            forecast = Forecast.model_validate(event.model_dump(include=set(Forecast.model_fields)))
            replaced = outcome.forecasts if event.supersedes or not outcome.forecasts else outcome.forecasts[:-1]
            return outcome.but(forecasts=(*replaced, forecast))
        case FirstEffectNoted():
            begun = outcome.but(effect_on=event.effect_on, measured_until=event.measured_until)
            return begun.with_deadline(MEASURE, event.due)
        case BenefitsRecorded():
            return _recorded(outcome, event)
        case MeasurementEnded():
            return outcome.but(measured=True).without_deadline(MEASURE)
        case OutcomeGraded():
            grade = OutcomeGrade.model_validate(event.model_dump(include=set(OutcomeGrade.model_fields)))
            return outcome.but(grade=grade)
        case _:
            assert_never(event)


def _recorded(outcome: Outcome, event: BenefitsRecorded) -> Outcome:
    record = Benefits.model_validate(event.model_dump(include=set(Benefits.model_fields)))
    before = tuple(
        one.model_copy(update={"corrected_by": event.number}) if one.number == event.corrects else one
        for one in outcome.records
    )
    return outcome.but(records=(*before, record))
