"""Transfer, re-opening, a longer term; the clocks after a decision; the planned date that passes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.ideas.domain.clocks import CLAIM, DECISION, FOLLOW_UP, KEPT, REEXAMINATION
from services.ideas.domain.commands import CheckCompleteness, ReceiveIdea, RefuseIdea
from services.ideas.domain.implementation import (
    CHANGE,
    AbandonImplementation,
    CompleteImplementation,
    RescheduleImplementation,
    StartImplementation,
)
from services.ideas.domain.process_commands import ExtendDecision, RecordDelivery, ReopenIdea, TransferIdea
from services.ideas.domain.values import Stage
from shared.contracts.ideas import IdeaClosed, NoticeIssued
from shared.contracts.ideas_duties import ChargeMoved
from shared.contracts.ideas_process import (
    ClockRanOut,
    ClocksStarted,
    DecisionExtended,
    IdeaReopened,
    IdeaTransferred,
    NoticeDelivered,
    PlannedDatePassed,
)
from shared.contracts.types import Origin
from shared.engine.message import Actor, DeadlineReached
from shared.rules.loader import pack
from tests.support.given import Given
from tests.unit.ideas.support import (
    CITIZENS,
    HEAD,
    LEAD,
    NATIONAL,
    NATIONAL_2017,
    OPEN_CALL,
    OTHER_HEAD,
    RECEIVER,
    SEOUL,
    SYSTEM,
    adoption,
    after,
    authority,
    evaluated,
    fallen,
    given_idea,
    given_implementation,
    noon,
    past,
)

PENDING = Stage.DECISION_PENDING
CLOSED_ON = date(2025, 3, 7)


def end_of(day: date) -> datetime:
    """The moment at which a day is over in Seoul."""
    return datetime(day.year, day.month, day.day, 15, tzinfo=UTC)


# --- transfer


def test_a_transfer_changes_who_decides_and_tells_the_authors() -> None:
    move = TransferIdea(department="d-parks", reason="공원 구간의 일이다")
    given = after(NATIONAL, PENDING)
    outcome = given.when(move, actor=RECEIVER).emits(IdeaTransferred, ChargeMoved, NoticeIssued)
    moved = outcome.event(IdeaTransferred)
    assert (moved.from_department, moved.department) == ("d-transport", "d-parks")
    assert outcome.event(NoticeIssued).facts == {"department": "d-parks"}
    there = given(*given.past, *outcome.events)
    there.when(adoption(), actor=HEAD).refused("not_in_charge")
    assert there.when(adoption(), actor=OTHER_HEAD).refusal is None
    assert there.state.decision_due == given.state.decision_due


def test_packs_differ_in_whether_a_transfer_needs_its_reason() -> None:
    bare = TransferIdea(department="d-parks")
    after(NATIONAL, PENDING).when(bare, actor=RECEIVER).refused("reason_required")
    after(OPEN_CALL, PENDING).when(bare, actor=RECEIVER).emits(IdeaTransferred, ChargeMoved, NoticeIssued)


def test_a_transfer_goes_elsewhere_before_the_decision_and_by_no_author() -> None:
    move = TransferIdea(department="d-parks", reason="공원 구간의 일이다")
    after(SEOUL, Stage.SUBMITTED).when(move, actor=RECEIVER).refused("wrong_stage")
    after(SEOUL, Stage.ADOPTED).when(move, actor=RECEIVER).refused("wrong_stage")
    after(SEOUL, PENDING).when(move, actor=Actor(LEAD.id, "receiver")).refused("conflict_of_interest")
    same = TransferIdea(department="d-transport", reason="그대로")
    after(SEOUL, PENDING).when(same, actor=RECEIVER).refused("same_department")


# --- re-opening


def closed(pack_id: str) -> Given:
    """An idea received on 3 March 2025 and closed on the 7th."""
    close = CheckCompleteness(outcome="closed", ground="complaint", reason="불만에 그친다", authority=authority())
    return after(pack_id, Stage.RECEIVED, (close, RECEIVER, CLOSED_ON))


def test_a_closed_idea_stands_still_and_goes_on_from_its_reopening() -> None:
    given = closed(NATIONAL)
    assert given.state.deadlines == {} and given.state.decision_due is None
    again = ReopenIdea(reason="새 사실이 나왔다")
    outcome = given.when(again, actor=RECEIVER, time=noon(date(2025, 3, 17))).emits(IdeaReopened, NoticeIssued)
    # Still from 8 to 16 March: 9 days after 2 April.
    assert outcome.event(IdeaReopened).decision_due == end_of(date(2025, 4, 11))
    idea = given(*given.past, *outcome.events).state
    assert (idea.stage, idea.ending, idea.deadlines) == (Stage.RECEIVED, None, {DECISION: end_of(date(2025, 4, 11))})


def test_packs_differ_in_how_long_an_idea_can_be_taken_up_again() -> None:
    again, late = ReopenIdea(reason="새 사실이 나왔다"), noon(date(2025, 5, 7))
    closed(SEOUL).when(again, actor=RECEIVER, time=late).refused("reopening_too_late")
    assert closed(NATIONAL).when(again, actor=RECEIVER, time=late).refusal is None
    closed(NATIONAL_2017).when(again, actor=RECEIVER).refused("reopening_not_allowed")
    closed(OPEN_CALL).when(again, actor=RECEIVER).refused("reopening_not_allowed")


def test_reopening_is_reasoned_and_of_what_was_closed_only() -> None:
    closed(NATIONAL).when(ReopenIdea(), actor=RECEIVER, time=noon(CLOSED_ON)).refused("reason_required")
    after(SEOUL, PENDING).when(ReopenIdea(reason="다시"), actor=RECEIVER).refused("wrong_stage")
    by_author = Actor(LEAD.id, "receiver")
    closed(NATIONAL).when(ReopenIdea(reason="다시"), actor=by_author).refused("conflict_of_interest")


def test_a_closing_carries_the_words_of_its_ground_in_both_languages() -> None:
    [event] = [event for event in closed(NATIONAL).past if isinstance(event, IdeaClosed)]
    ground = pack(NATIONAL).ideas.ground("complaint")
    assert ground is not None and event.text is not None
    assert (event.text.ko, event.text.en, event.form) == (ground.text.ko, ground.text.en, "closed")
    assert event.rule.article == ground.article


# --- a longer term


def citizens_pending() -> Given:
    """A citizens' idea outside any call, received on 3 March 2025, due a month later."""
    return after(CITIZENS, PENDING)


def test_a_longer_term_is_announced_and_begins_where_the_first_one_ends() -> None:
    given = citizens_pending()
    assert given.state.decision_due == end_of(date(2025, 4, 3))
    extend = ExtendDecision(reason="현장 확인이 더 필요하다")
    outcome = given.when(extend, actor=HEAD).emits(DecisionExtended, NoticeIssued)
    # A month after 3 April is 3 May, a Saturday; 5 May is a holiday, 6 May its substitute.
    assert outcome.event(DecisionExtended).decision_due == end_of(date(2025, 5, 7))
    assert outcome.event(NoticeIssued).facts == {"until": "2025-05-07"}
    longer = given(*given.past, *outcome.events)
    assert longer.state.deadlines == {DECISION: end_of(date(2025, 5, 7))}
    longer.when(extend, actor=HEAD).refused("extended_already")


def test_packs_differ_in_whether_the_term_can_be_longer() -> None:
    extend = ExtendDecision(reason="현장 확인이 더 필요하다")
    after(NATIONAL, PENDING).when(extend, actor=HEAD).refused("extension_not_allowed")
    citizens_pending().when(ExtendDecision(), actor=HEAD).refused("reason_required")
    assert after(OPEN_CALL, PENDING).when(ExtendDecision(), actor=HEAD).refusal is None


def test_only_the_department_in_charge_takes_longer_and_not_after_the_end() -> None:
    extend = ExtendDecision(reason="현장 확인이 더 필요하다")
    citizens_pending().when(extend, actor=OTHER_HEAD).refused("not_in_charge")
    overdue, _ = fallen(citizens_pending(), DECISION)
    overdue.when(extend, actor=HEAD).refused("no_clock_running")


# --- after the decision

REFUSE = RefuseIdea(reason="예산이 없다", authority=authority())


@pytest.mark.parametrize(
    ("pack_id", "last_days"),
    [
        (NATIONAL, {REEXAMINATION: date(2025, 3, 18), CLAIM: date(2027, 3, 3), KEPT: date(2027, 3, 3)}),
        (OPEN_CALL, {REEXAMINATION: date(2025, 4, 2), CLAIM: date(2026, 3, 3), KEPT: date(2026, 3, 3)}),
    ],
)
def test_a_refusal_starts_the_clocks_of_the_authors_rights_and_of_keeping(
    pack_id: str, last_days: dict[str, date]
) -> None:
    refused = after(pack_id, PENDING, (REFUSE, HEAD, date(2025, 3, 3))).state
    assert refused.deadlines == {name: end_of(day) for name, day in last_days.items()}


@pytest.mark.parametrize(("pack_id", "last"), [(NATIONAL, date(2028, 3, 3)), (OPEN_CALL, date(2027, 3, 3))])
def test_an_adopted_idea_is_followed_up_for_the_management_period(pack_id: str, last: date) -> None:
    assert after(pack_id, PENDING, (adoption(), HEAD, date(2025, 3, 3))).state.deadlines == {FOLLOW_UP: end_of(last)}


def test_what_runs_out_says_so_once() -> None:
    given, outcome = fallen(after(NATIONAL, PENDING, (REFUSE, HEAD, date(2025, 3, 3))), REEXAMINATION)
    assert outcome.emits(ClockRanOut).event(ClockRanOut).clock == REEXAMINATION
    assert set(given.state.deadlines) == {CLAIM, KEPT}
    assert given.state.clocks[REEXAMINATION].ended == "ran_out"


def refused_on_paper() -> Given:
    """A refused idea that came on paper."""
    on_paper = ReceiveIdea(channel="paper", reason="온라인을 쓰지 못한다", document="접수-12")
    check = CheckCompleteness(outcome="complete")
    steps = ((on_paper, RECEIVER), (check, RECEIVER), (evaluated(NATIONAL), SYSTEM), (REFUSE, HEAD))
    return after(NATIONAL, Stage.SUBMITTED, *((step, actor, date(2025, 3, 4)) for step, actor in steps))


def test_on_paper_the_rights_run_from_the_delivery() -> None:
    given = refused_on_paper()
    assert set(given.state.deadlines) == {KEPT}
    notice = given.state.notices[-1]
    deliver = RecordDelivery(position=notice.position, channel="mail", delivered_on=date(2025, 3, 10))
    outcome = given.when(deliver, actor=RECEIVER, time=noon(date(2025, 3, 12))).emits(NoticeDelivered, ClocksStarted)
    delivered = given(*given.past, *outcome.events)
    assert delivered.state.deadlines[REEXAMINATION] == end_of(date(2025, 3, 25))
    delivered.when(deliver, actor=RECEIVER, time=noon(date(2025, 3, 12))).refused("delivered_already")


def test_a_delivery_is_of_a_notice_there_was_and_between_issue_and_today() -> None:
    given, notice = refused_on_paper(), refused_on_paper().state.notices[-1]
    for changes, code in (
        ({"position": 99}, "no_such_notice"),
        ({"delivered_on": date(2025, 3, 3)}, "date_too_early"),
        ({"delivered_on": date(2025, 3, 6)}, "date_in_future"),
    ):
        said: dict[str, Any] = {"position": notice.position, "channel": "mail"} | changes
        given.when(RecordDelivery(**said), actor=RECEIVER, time=noon(date(2025, 3, 5))).refused(code)


def test_recording_the_delivery_of_an_online_notice_starts_nothing_anew() -> None:
    given = after(NATIONAL, PENDING, (REFUSE, HEAD, date(2025, 3, 4)))
    deliver = RecordDelivery(position=given.state.notices_issued, channel="mail")
    given.when(deliver, actor=RECEIVER, time=noon(date(2025, 3, 12))).emits(NoticeDelivered)


# --- imported history


def test_history_has_no_clock_that_falls_due() -> None:
    imported = given_idea(*past(SEOUL, Stage.SUBMITTED))
    outcome = imported.when(ReceiveIdea(channel="import"), actor=RECEIVER)
    idea = imported(*imported.past, *outcome.events).state
    assert idea.clocks[DECISION].due is not None and DECISION not in idea.deadlines and idea.receipt_number == ""


# --- the planned date

ADOPTED = after(SEOUL, Stage.ADOPTED).past[-3]


def planned() -> Given:
    outcome = given_implementation().when(ADOPTED, actor=SYSTEM)
    return given_implementation(*outcome.events)


def test_a_planned_date_that_passes_is_said_once_and_told() -> None:
    given = planned()
    assert given.state.deadlines == {CHANGE: end_of(date(2025, 9, 1))}
    fired = DeadlineReached(name=CHANGE, due=end_of(date(2025, 9, 1)))
    outcome = given.when(fired, actor=SYSTEM).emits(PlannedDatePassed)
    assert given(*given.past, *outcome.events).state.deadlines == {}
    told = after(SEOUL, Stage.ADOPTED).when(outcome.events[0], actor=SYSTEM).emits(NoticeIssued)
    assert told.event(NoticeIssued).facts == {"planned_date": "2025-09-01"}


def test_a_change_of_date_moves_it_and_the_end_clears_it() -> None:
    given = planned()
    move = RescheduleImplementation(planned_date=date(2025, 12, 1), reason="예산", authority=authority())
    moved = given.when(move, actor=HEAD)
    later = given(*given.past, *moved.events)
    assert later.state.deadlines == {CHANGE: end_of(date(2025, 12, 1))}
    begun = later(*later.past, *later.when(StartImplementation(), actor=HEAD).events)
    assert begun.state.deadlines == {CHANGE: end_of(date(2025, 12, 1))}
    for end in (CompleteImplementation(), AbandonImplementation(reason="예산", learnt="미리 재야 한다")):
        over = begun.when(end, actor=HEAD, time=noon(date(2025, 3, 4)) + timedelta(days=1))
        assert begun(*begun.past, *over.events).state.deadlines == {}


def test_an_imported_adoption_arms_no_planned_date() -> None:
    origin = Origin(kind="import", id="7")
    adopted = ADOPTED.model_copy(update={"origin": origin})
    outcome = given_implementation().when(adopted, actor=SYSTEM)
    assert given_implementation(*outcome.events).state.deadlines == {}
