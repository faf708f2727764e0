"""The outcome: forecasts that are locked, what the year brought, and the grade."""

from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from services.ideas.domain.measurement import GradeOutcome, MakeForecast, NoteFirstEffect, Sum
from services.ideas.domain.values import Stage
from shared.contracts.ideas import NoticeIssued
from shared.contracts.ideas_outcomes import (
    BenefitsRecorded,
    FirstEffectNoted,
    ForecastMade,
    MeasurementEnded,
    OutcomeGraded,
)
from shared.engine.message import Actor, Message
from tests.support.given import Given
from tests.unit.ideas.outcomes import (
    BEGUN,
    DAY,
    DONE,
    ended,
    follow,
    forecast,
    given_outcome,
    measured,
    record,
    sums,
)
from tests.unit.ideas.support import (
    HEAD,
    NATIONAL,
    NATIONAL_2017,
    OPEN_CALL,
    OTHER_HEAD,
    RECEIVER,
    SEOUL,
    SYSTEM,
    authority,
    given_idea,
    noon,
    past,
)

LATER = date(2025, 9, 3)
REST = {"service": Decimal(80), "scope": Decimal(70), "continuity": Decimal(60)}
GRADE = GradeOutcome(points=REST, authority=authority())
AGAIN = forecast(50_000_000, reason="노선이 줄었다")


def locked(pack_id: str, *messages: Message) -> bool:
    """Whether a forecast is locked after `messages`."""
    given = follow(given_outcome(pack_id), forecast(), HEAD)
    later = given_outcome(pack_id, *messages)
    refusal = given(*given.past, reads=later.reads).when(forecast(50_000_000)).refusal
    assert refusal is None or refusal.code == "forecast_locked"
    return refusal is not None


def test_packs_differ_in_when_a_forecast_is_locked() -> None:
    seen = {pack: [locked(pack), locked(pack, *BEGUN), locked(pack, *DONE)] for pack in (SEOUL, NATIONAL, OPEN_CALL)}
    assert seen == {SEOUL: [True, True, True], NATIONAL: [False, True, True], OPEN_CALL: [False, False, True]}


def test_a_locked_forecast_is_only_superseded_with_its_reason_and_both_stay() -> None:
    given = follow(given_outcome(SEOUL), forecast(), HEAD)
    given.when(forecast(50_000_000)).refused("forecast_locked")
    event = given.when(AGAIN).emits(ForecastMade).event(ForecastMade)
    assert (event.number, event.supersedes, event.net_won, event.reason.value) == (2, 1, 30_000_000, "노선이 줄었다")
    after = follow(given, AGAIN, HEAD).state
    assert [(one.number, one.net_won) for one in after.forecasts] == [(1, 80_000_000), (2, 30_000_000)]


def test_a_forecast_that_is_not_locked_is_replaced() -> None:
    given = follow(follow(given_outcome(NATIONAL), forecast(), HEAD), forecast(50_000_000), HEAD)
    assert [(one.number, one.net_won) for one in given.state.forecasts] == [(2, 30_000_000)]


def test_packs_differ_in_how_long_is_measured() -> None:
    untils = {}
    for pack_id in (NATIONAL, OPEN_CALL):
        given = follow(given_outcome(pack_id, *BEGUN), forecast(), HEAD)
        event = given.when(NoteFirstEffect(), time=noon(LATER)).emits(FirstEffectNoted).event(FirstEffectNoted)
        untils[pack_id] = (event.effect_on, event.measured_until, event.term)
    # 3 March 2026 is a Tuesday.
    assert untils == {
        NATIONAL: (LATER, date(2026, 9, 3), "1 year"),
        OPEN_CALL: (LATER, date(2026, 3, 3), "6 months"),
    }


def underway(pack_id: str = SEOUL) -> Given:
    """Half a year after the first effect."""
    given = given_outcome(pack_id, *BEGUN)
    for message in (forecast(), NoteFirstEffect()):
        given = follow(given, message, HEAD)
    return given


FIRST = record(DAY, date(2025, 5, 31), 30_000_000, 5_000_000)


def test_records_add_up_net_of_costs_and_a_correction_stands_in_for_what_it_corrects() -> None:
    given = follow(underway(), FIRST, HEAD, LATER)
    given = follow(given, record(date(2025, 6, 1), date(2025, 8, 31), 10_000_000), HEAD, LATER)
    assert given.state.actual_won == 35_000_000
    right = record(DAY, date(2025, 5, 31), 20_000_000, 5_000_000, corrects=1, reason="두 번 센 이용자를 뺐다")
    event = given.when(right, time=noon(LATER)).emits(BenefitsRecorded).event(BenefitsRecorded)
    assert (event.number, event.corrects, event.net_won) == (3, 1, 15_000_000)
    after = follow(given, right, HEAD, LATER).state
    assert after.actual_won == 25_000_000
    assert [one.corrected_by for one in after.records] == [3, None, None]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (record(date(2025, 3, 2), date(2025, 5, 31), 1), "period_outside_measurement"),
        (record(DAY, date(2025, 9, 4), 1), "period_outside_measurement"),
        (record(date(2025, 6, 2), date(2025, 6, 1), 1), "period_outside_measurement"),
        (record(date(2025, 5, 31), date(2025, 6, 30), 1), "period_counted_already"),
        (record(date(2025, 6, 1), date(2025, 6, 30), 1, evidence=" "), "evidence_required"),
        (record(DAY, date(2025, 5, 31), 1, corrects=1), "reason_required"),
        (record(DAY, date(2025, 5, 31), 1, corrects=2, reason="x"), "unknown_record"),
        (NoteFirstEffect(), "effect_noted_already"),
        (forecast(1), "forecast_locked"),
        (forecast(1, basis=" ", reason="x"), "basis_required"),
    ],
)
def test_what_may_not_be_is_refused(message: Message, code: str) -> None:
    follow(underway(), FIRST, HEAD, LATER).when(message, time=noon(LATER)).refused(code)


@pytest.mark.parametrize(
    ("pack_id", "before", "message", "code"),
    [
        (SEOUL, (), NoteFirstEffect(), "wrong_stage"),
        (SEOUL, BEGUN, NoteFirstEffect(), "forecast_required"),
        (SEOUL, BEGUN, FIRST, "effect_required"),
        (SEOUL, BEGUN, GRADE, "measurement_not_over"),
    ],
)
def test_one_comes_after_the_other(pack_id: str, before: tuple[Message, ...], message: Message, code: str) -> None:
    given_outcome(pack_id, *before).when(message).refused(code)


@pytest.mark.parametrize("day", [date(2025, 3, 2), date(2025, 3, 4)])
def test_the_first_effect_is_between_the_start_and_today(day: date) -> None:
    given = follow(given_outcome(SEOUL, *BEGUN), forecast(), HEAD)
    refusal = given.when(NoteFirstEffect(effect_on=day)).refusal
    assert refusal is not None and refusal.code in ("date_too_early", "date_in_future")


@pytest.mark.parametrize("message", [AGAIN, NoteFirstEffect(), FIRST])
def test_only_the_department_in_charge_measures(message: Message) -> None:
    underway().when(message, actor=OTHER_HEAD, time=noon(LATER)).refused("not_in_charge")


@pytest.mark.parametrize("won", [-1, 1.5, "1000.5", 10**15 + 1])
def test_money_is_whole_won(won: object) -> None:
    with pytest.raises(ValidationError):
        Sum.model_validate({"what": "절감", "won": won})


# --- the grade

YEAR = record(DAY, date(2026, 3, 3), 90_000_000, 18_000_000)


def test_the_end_of_the_year_asks_for_the_grade_and_takes_late_records_but_no_forecast() -> None:
    given = underway()
    over = ended(given)
    assert isinstance(over.past[-1], MeasurementEnded) and over.state.deadlines == {}
    late = follow(over, YEAR, HEAD, date(2026, 4, 1))
    assert late.state.actual_won == 72_000_000
    late.when(AGAIN, time=noon(date(2026, 4, 1))).refused("measurement_over")


def test_the_bands_propose_and_a_named_person_grades() -> None:
    given = measured(SEOUL, YEAR)
    event = given.when(GRADE, actor=RECEIVER).emits(OutcomeGraded).event(OutcomeGraded)
    assert (event.planned_won, event.actual_won, event.attained) == (80_000_000, 72_000_000, 90)
    # 0.4 * 90 + 0.2 * (80 + 70 + 60)
    assert (event.points, event.proposed, event.grade) == (Decimal("78.00"), "mi", "mi")
    assert [(one.dimension, one.grade) for one in event.dimensions] == [
        ("effect", "su"),
        ("service", "u"),
        ("scope", "mi"),
        ("continuity", "yang"),
    ]
    after = given(*given.past, event, reads=given.reads)
    assert after.state.grade.grade == "mi"
    after.when(GRADE, actor=RECEIVER).refused("graded_already")
    after.when(YEAR, time=noon(date(2026, 4, 1))).refused("graded_already")


def test_another_grade_than_the_proposed_one_needs_a_reason() -> None:
    given = measured(SEOUL, YEAR)
    higher = GRADE.model_copy(update={"grade": "u"})
    given.when(higher, actor=RECEIVER).refused("reason_required")
    event = given.when(higher.model_copy(update={"reason": "재난 때 썼다"}), actor=RECEIVER).event(OutcomeGraded)
    assert (event.proposed, event.grade) == ("mi", "u")
    given.when(GRADE.model_copy(update={"grade": "excellent"}), actor=RECEIVER).refused("unknown_grade")


def test_packs_differ_in_what_is_graded_and_where_the_grades_begin() -> None:
    small = record(DAY, date(2025, 9, 3), 66_000_000, 18_000_000)
    only_measured = GradeOutcome()
    event = measured(OPEN_CALL, small).when(only_measured, actor=RECEIVER).event(OutcomeGraded)
    assert (event.attained, event.points, event.grade) == (60, Decimal("60.00"), "u")
    measured(SEOUL, small).when(only_measured.model_copy(update={"authority": authority()}), actor=RECEIVER).refused(
        "points_do_not_fit"
    )
    newer, older = (
        measured(pack_id, YEAR).when(GRADE, actor=RECEIVER).event(OutcomeGraded).grade
        for pack_id in (NATIONAL, NATIONAL_2017)
    )
    assert (newer, older) == ("mi", "u")


def test_packs_differ_in_whether_a_grade_needs_an_authority() -> None:
    measured(SEOUL, YEAR).when(GradeOutcome(points=REST), actor=RECEIVER).refused("authority_required")
    measured(OPEN_CALL).when(GradeOutcome(), actor=RECEIVER).emits(OutcomeGraded)


def test_more_than_was_expected_is_no_more_than_all_of_it_and_a_loss_is_nothing() -> None:
    much = measured(SEOUL, record(DAY, date(2026, 3, 3), 500_000_000)).when(GRADE, actor=RECEIVER)
    loss = measured(SEOUL, record(DAY, date(2026, 3, 3), 0, 50_000_000)).when(GRADE, actor=RECEIVER)
    seen = [(one.attained, one.dimensions[0].points) for one in map(lambda o: o.event(OutcomeGraded), (much, loss))]
    assert seen == [(625, Decimal(100)), (-63, Decimal(0))]


def test_where_nothing_was_expected_in_money_the_office_gives_the_points() -> None:
    given = measured(SEOUL, YEAR, expected=MakeForecast(gains=(), costs=sums(5_000_000), basis="불편을 던다"))
    given.when(GRADE, actor=RECEIVER).refused("points_do_not_fit")
    whole = GRADE.model_copy(update={"points": {**REST, "effect": Decimal(95)}})
    event = given.when(whole, actor=RECEIVER).event(OutcomeGraded)
    assert (event.attained, event.planned_won, event.points) == (None, -5_000_000, Decimal("80.00"))


def test_a_superseded_forecast_is_told_beside_the_one_that_stands() -> None:
    given = follow(underway(), AGAIN, HEAD)
    event = ended(given).when(GRADE, actor=RECEIVER).event(OutcomeGraded)
    assert (event.forecast, event.planned_won, event.first_planned_won) == (2, 30_000_000, 80_000_000)


def test_nobody_grades_the_own_outcome() -> None:
    given = measured(SEOUL, YEAR)
    for actor in (Actor("p-1", "receiver", "d-office"), Actor("p-3", "receiver", HEAD.department)):
        given.when(GRADE, actor=actor).refused("conflict_of_interest")


def test_the_authors_are_told_of_effect_and_grade() -> None:
    given = measured(SEOUL, YEAR)
    graded = given.when(GRADE, actor=RECEIVER).event(OutcomeGraded)
    effect = next(event for event in given.past if isinstance(event, FirstEffectNoted))
    for event, notice in ((effect, "first_effect"), (graded, "outcome_graded")):
        told = given_idea(*past(SEOUL, Stage.ADOPTED)).when(event, actor=SYSTEM).event(NoticeIssued)
        assert told.notice == notice
