"""Opinions of other departments: the authors are told first, the clock stands still, for as long as the pack says."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.ideas.domain.clocks import DECISION
from services.ideas.domain.process_commands import AskOpinions, GiveOpinion
from services.ideas.domain.shares import DEADLINE as SHARES
from services.ideas.domain.values import Stage
from shared.contracts.ideas import DecisionOverdue, NoticeIssued
from shared.contracts.ideas_process import OpinionGiven, OpinionRequested, OpinionUnanswered
from shared.engine.message import Actor, DeadlineReached
from tests.unit.ideas.support import (
    HEAD,
    LEAD,
    NATIONAL,
    OPEN_CALL,
    OTHER_HEAD,
    RECEIVER,
    SEOUL,
    STRANGER,
    SYSTEM,
    adoption,
    after,
    fallen,
    noon,
)

PARKS, HOUSING = OTHER_HEAD, Actor("p-17", "department", "d-housing")
ASK = AskOpinions(departments=("d-parks", "d-housing"), question="공원 구간을 지나도 되는가")
GIVE = GiveOpinion(opinion="된다")
ASKED_ON = date(2025, 3, 5)
PENDING = Stage.DECISION_PENDING


def end_of(day: date) -> datetime:
    """The moment at which a day is over in Seoul."""
    return datetime(day.year, day.month, day.day, 15, tzinfo=UTC)


def test_the_authors_are_told_before_anybody_is_asked() -> None:
    outcome = after(NATIONAL, PENDING).when(ASK, actor=HEAD, time=noon(ASKED_ON))
    outcome.emits(NoticeIssued, OpinionRequested, OpinionRequested)
    told = outcome.event(NoticeIssued)
    assert told.notice == "opinion_asked" and told.facts["departments"] == "d-parks, d-housing"
    asked = outcome.events[1]
    assert isinstance(asked, OpinionRequested) and asked.rule.article == "공무원 제안 규정 제8조제4항"


@pytest.mark.parametrize(("pack_id", "last"), [(NATIONAL, date(2025, 3, 26)), (OPEN_CALL, date(2025, 3, 19))])
def test_it_is_owed_within_the_term_of_the_pack_and_the_clock_stands_still(pack_id: str, last: date) -> None:
    idea = after(pack_id, PENDING, (ASK, HEAD, ASKED_ON)).state
    assert idea.deadlines == {"opinion.1": end_of(last), "opinion.2": end_of(last)} and idea.decision_due is None


def test_the_clock_goes_on_when_the_last_of_them_has_come() -> None:
    one = after(SEOUL, PENDING, (ASK, HEAD, ASKED_ON), (GIVE, PARKS, date(2025, 3, 10)))
    assert one.state.decision_due is None and set(one.state.deadlines) - {SHARES} == {"opinion.2"}
    outcome = one.when(GIVE, actor=HOUSING, time=noon(date(2025, 3, 20))).emits(OpinionGiven)
    # Two stops from 5 March, the longer until 20 March: still for 14 days, each day once.
    assert outcome.event(OpinionGiven).decision_due == end_of(date(2025, 4, 16))
    assert one(*one.past, *outcome.events).state.deadlines[DECISION] == end_of(date(2025, 4, 16))


def test_without_an_answer_the_idea_goes_on_the_day_after_the_term() -> None:
    given = after(NATIONAL, PENDING, (ASK, HEAD, ASKED_ON), (GIVE, PARKS, date(2025, 3, 6)))
    given, outcome = fallen(given, "opinion.2")
    outcome.emits(OpinionUnanswered)
    missed = outcome.event(OpinionUnanswered)
    assert (missed.department, missed.resumed_on) == ("d-housing", date(2025, 3, 27))
    # Still from 6 to 26 March: 21 days after 2 April.
    assert given.state.deadlines == {DECISION: end_of(date(2025, 4, 23))}


def test_a_late_opinion_is_kept_and_moves_nothing() -> None:
    given, _ = fallen(after(NATIONAL, PENDING, (ASK, HEAD, ASKED_ON), (GIVE, PARKS, ASKED_ON)), "opinion.2")
    before = given.state.decision_due
    outcome = given.when(GIVE, actor=HOUSING, time=noon(date(2025, 4, 2)))
    late = given(*given.past, *outcome.events).state
    assert late.decision_due == before and late.opinions[1].opinion.value == "된다"


def test_what_is_asked_after_the_decision_was_due_moves_nothing() -> None:
    due = end_of(date(2025, 4, 2))
    overdue = after(NATIONAL, PENDING)
    outcome = overdue.when(DeadlineReached(name=DECISION, due=due), actor=SYSTEM, time=due).emits(DecisionOverdue)
    overdue = overdue(*overdue.past, *outcome.events)
    asked = overdue.when(ASK, actor=HEAD, time=noon(date(2025, 4, 7)))
    after_it = overdue(*overdue.past, *asked.events).state
    assert DECISION not in after_it.deadlines and after_it.clocks[DECISION].ended == "ran_out"
    assert after_it.decision_due == due


def test_a_request_on_the_last_day_does_not_move_that_day() -> None:
    given = after(NATIONAL, PENDING, (ASK, HEAD, date(2025, 4, 2)))
    assert given.state.deadlines[DECISION] == end_of(date(2025, 4, 2))


@pytest.mark.parametrize(
    ("changes", "actor", "code"),
    [
        ({}, OTHER_HEAD, "not_in_charge"),
        ({}, Actor(LEAD.id, "receiver"), "conflict_of_interest"),
        ({"question": " "}, HEAD, "question_required"),
        ({"departments": ("d-parks", "d-parks")}, HEAD, "department_named_twice"),
        ({"departments": ("d-transport",)}, HEAD, "opinion_of_own_department"),
    ],
)
def test_who_asks_whom_and_what(changes: dict[str, Any], actor: Actor, code: str) -> None:
    after(SEOUL, PENDING).when(ASK.model_copy(update=changes), actor=actor).refused(code)


def test_the_office_may_ask_before_the_check_and_nobody_is_asked_twice_at_once() -> None:
    asked = after(SEOUL, Stage.RECEIVED, (ASK, RECEIVER, ASKED_ON))
    asked.when(ASK, actor=RECEIVER).refused("opinion_awaited")
    after(SEOUL, Stage.SUBMITTED).when(ASK, actor=RECEIVER).refused("wrong_stage")
    after(SEOUL, Stage.ADOPTED).when(ASK, actor=RECEIVER).refused("wrong_stage")


def test_only_who_was_asked_answers_and_no_author_does() -> None:
    given = after(SEOUL, PENDING, (ASK, HEAD, ASKED_ON))
    given.when(GIVE, actor=Actor("p-18", "department", "d-water")).refused("no_opinion_asked")
    given.when(GIVE, actor=Actor(LEAD.id, "department", "d-parks")).refused("conflict_of_interest")
    given.when(GiveOpinion(opinion=" "), actor=PARKS).refused("opinion_required")


def test_a_decision_ends_the_waiting() -> None:
    decided = after(SEOUL, PENDING, (ASK, HEAD, ASKED_ON), (adoption(), HEAD, date(2025, 3, 7)))
    assert set(decided.state.deadlines) - {SHARES} == {"follow_up"} and decided.state.clocks[DECISION].ended == "met"
    decided.when(GIVE, actor=PARKS).refused("wrong_stage")


def test_who_is_asked_sees_the_content_and_the_own_question_and_nothing_more() -> None:
    idea = after(NATIONAL, PENDING, (ASK, HEAD, ASKED_ON)).state
    seen = idea.visible_to(PARKS)
    assert seen["title"]["value"] == "올빼미버스" and "authors" not in seen and "score" not in seen
    assert [opinion["department"] for opinion in seen["opinions"]] == ["d-parks"]
    assert idea.visible_to(STRANGER) == {} and idea.visible_to(Actor("p-18", "department", "d-water")) == {}
    assert not idea.shows(OpinionRequested, PARKS)
    assert idea.visible_to(Actor("x", "author", "d-parks")) == {}
