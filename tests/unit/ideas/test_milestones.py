"""Milestones of an implementation, and what was given up and is recognised as an honest failure."""

from datetime import date

import pytest

from services.ideas.domain.failure import RecogniseFailure
from services.ideas.domain.implementation import AbandonImplementation, CompleteImplementation, StartImplementation
from services.ideas.domain.milestones import MoveMilestone, ReachMilestone, SetMilestone
from services.ideas.domain.values import Stage
from shared.contracts.ideas import ImplementationAbandoned, ImplementationCompleted, NoticeIssued
from shared.contracts.ideas_outcomes import (
    FailureRecognised,
    MilestoneMissed,
    MilestoneMoved,
    MilestoneReached,
    MilestoneSet,
)
from shared.engine.message import Actor, DeadlineReached, Message
from shared.rules.loader import pack_hash
from tests.unit.ideas.outcomes import carried_out, follow
from tests.unit.ideas.support import (
    HEAD,
    NATIONAL,
    NATIONAL_2017,
    OTHER_HEAD,
    RECEIVER,
    SEOUL,
    SYSTEM,
    authority,
    given_idea,
    noon,
    past,
)

SET = SetMilestone(title="차량 8대 확보", due_on=date(2025, 5, 30))
MOVE = MoveMilestone(number=1, due_on=date(2025, 7, 31), reason="납품이 늦다", authority=authority())
START, COMPLETE, REACH = StartImplementation(), CompleteImplementation(), ReachMilestone(number=1)
ABANDON = AbandonImplementation(reason="수요가 없다", learnt="시범 노선으로 먼저 재야 한다")
RECOGNISE = RecogniseFailure(reason="검토와 시범을 거쳤고 숨기지 않았다")


def test_a_milestone_is_set_moved_with_its_reason_and_reached() -> None:
    given = carried_out(NATIONAL, SET)
    set_one = given.past[-1]
    assert isinstance(set_one, MilestoneSet) and given.state.deadlines["milestone.1"] == set_one.due
    moved = given.when(MOVE).emits(MilestoneMoved).event(MilestoneMoved)
    assert (moved.from_date, moved.to_date) == (date(2025, 5, 30), date(2025, 7, 31))
    assert (moved.rule.article, moved.rule.hash) == ("공무원 제안 규정 제23조", pack_hash(NATIONAL, "ideas"))
    after = follow(follow(given, MOVE, HEAD), REACH, HEAD, date(2025, 6, 2))
    [milestone] = after.state.milestones
    assert (milestone.due_on, milestone.reached_on) == (date(2025, 7, 31), date(2025, 6, 2))
    assert "milestone.1" not in after.state.deadlines


def test_a_milestone_whose_day_has_ended_is_missed_and_can_still_be_reached() -> None:
    given = carried_out(SEOUL, START, SET)
    due = given.state.deadlines["milestone.1"]
    outcome = given.when(DeadlineReached(name="milestone.1", due=due), actor=SYSTEM, time=due)
    assert outcome.emits(MilestoneMissed).event(MilestoneMissed).due_on == date(2025, 5, 30)
    late = given(*given.past, *outcome.events, reads=given.reads)
    assert late.state.milestones[0].missed and "milestone.1" not in late.state.deadlines
    late.when(REACH, time=noon(date(2025, 6, 9))).emits(MilestoneReached)


def test_packs_differ_in_whether_an_open_milestone_stands_in_the_way_of_completion() -> None:
    carried_out(SEOUL, START, SET).when(COMPLETE).refused("milestones_open")
    carried_out(SEOUL, START, SET, REACH).when(COMPLETE).emits(ImplementationCompleted)
    done = carried_out(NATIONAL, START, SET, COMPLETE)
    assert done.past[-1] == ImplementationCompleted(
        idea_id="i-1",
        completed_on=date(2025, 3, 3),
        result=done.state.result,
    )
    assert done.state.deadlines == {}


@pytest.mark.parametrize(
    ("before", "message", "code"),
    [
        ((), SET.model_copy(update={"due_on": date(2025, 3, 2)}), "planned_date_outside_period"),
        ((), SET.model_copy(update={"due_on": date(2028, 3, 4)}), "planned_date_outside_period"),
        ((), SET.model_copy(update={"title": " "}), "title_required"),
        ((), REACH, "unknown_milestone"),
        ((SET,), MOVE.model_copy(update={"due_on": date(2025, 5, 30)}), "same_planned_date"),
        ((SET,), MOVE.model_copy(update={"due_on": date(2028, 3, 4)}), "planned_date_outside_period"),
        ((SET,), MOVE.model_copy(update={"reason": " "}), "reason_required"),
        ((SET,), REACH.model_copy(update={"reached_on": date(2025, 3, 4)}), "date_in_future"),
        ((SET,), REACH.model_copy(update={"reached_on": date(2025, 3, 2)}), "date_too_early"),
        ((SET, REACH), REACH, "milestone_reached"),
        ((SET, REACH), MOVE, "milestone_reached"),
        ((START, COMPLETE), SET, "wrong_stage"),
        ((SET,) * 50, SET, "too_many_milestones"),
    ],
)
def test_what_may_not_be_is_refused(before: tuple[Message, ...], message: Message, code: str) -> None:
    carried_out(SEOUL, *before).when(message).refused(code)


def test_packs_differ_in_what_moving_a_milestone_needs() -> None:
    unsigned = MOVE.model_copy(update={"authority": None})
    carried_out(NATIONAL, SET).when(unsigned).refused("authority_required")
    carried_out(SEOUL, SET).when(unsigned).emits(MilestoneMoved)


@pytest.mark.parametrize("message", [SET, MOVE, REACH])
def test_only_the_department_in_charge_speaks_of_milestones(message: Message) -> None:
    carried_out(SEOUL, SET).when(message, actor=OTHER_HEAD).refused("not_in_charge")


# --- failures


def test_an_honest_failure_carries_all_that_a_case_and_points_need() -> None:
    given = carried_out(SEOUL, START, ABANDON)
    event = given.when(RECOGNISE, actor=RECEIVER).emits(FailureRecognised).event(FailureRecognised)
    assert (event.learnt.value, event.title.value) == ("시범 노선으로 먼저 재야 한다", "올빼미버스")
    assert [author.person_id for author in event.authors] == ["p-1", "p-2"]
    assert (event.recognised_by, event.pack) == (RECEIVER.id, SEOUL)
    again = given(*given.past, event, reads=given.reads)
    assert again.state.failure
    again.when(RECOGNISE, actor=RECEIVER).refused("failure_recognised_already")


def test_packs_differ_in_whether_failures_become_cases_and_earn_points() -> None:
    earning = {
        pack_id: carried_out(pack_id, ABANDON).when(RECOGNISE, actor=RECEIVER).event(FailureRecognised).earns_points
        for pack_id in (SEOUL, NATIONAL)
    }
    assert earning == {SEOUL: True, NATIONAL: False}
    carried_out(NATIONAL_2017, ABANDON).when(RECOGNISE, actor=RECEIVER).refused("failure_cases_not_kept")


def test_nobody_recognises_the_own_failure() -> None:
    given = carried_out(SEOUL, ABANDON)
    for actor in (
        Actor("p-1", "receiver", "d-office"),
        Actor("p-3", "receiver", "d-transport"),
    ):
        given.when(RECOGNISE, actor=actor).refused("conflict_of_interest")
    carried_out(SEOUL, START).when(RECOGNISE, actor=RECEIVER).refused("wrong_stage")
    given.when(RecogniseFailure(), actor=RECEIVER).refused("reason_required")


def test_giving_up_ends_what_falls_due_and_says_when_and_on_what_authority() -> None:
    given = carried_out(SEOUL, SET, ABANDON.model_copy(update={"authority": authority()}))
    assert given.state.deadlines == {}
    event = given.past[-1]
    assert isinstance(event, ImplementationAbandoned)
    assert (event.abandoned_on, event.authority) == (date(2025, 3, 3), authority())


@pytest.mark.parametrize(
    ("message", "notice"),
    [(SET, None), (MOVE, "milestone_moved"), (REACH, "milestone_reached")],
)
def test_the_authors_are_told(message: Message, notice: str | None) -> None:
    given = carried_out(SEOUL, SET)
    [event] = given.when(message).events
    if notice is None:
        assert isinstance(event, MilestoneSet)
        return
    told = given_idea(*past(SEOUL, Stage.ADOPTED)).when(event, actor=SYSTEM).emits(NoticeIssued)
    assert told.event(NoticeIssued).notice == notice
