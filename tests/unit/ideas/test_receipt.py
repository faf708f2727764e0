"""Receipt: the register's numbers, what came on paper, and calls whose close starts the clock."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.ideas.domain import CALL, ENTRY, REGISTER
from services.ideas.domain.call import Call, ExtendCall, OpenCall
from services.ideas.domain.clocks import DECISION
from services.ideas.domain.commands import CheckCompleteness, ReceiveIdea
from services.ideas.domain.entry import CLOSE
from services.ideas.domain.process_commands import RequestSupplement
from services.ideas.domain.values import Stage
from shared.contracts.ideas import IdeaClosed, IdeaReceived, NoticeIssued
from shared.contracts.ideas_process import (
    CallAnswered,
    CallClosed,
    CallEntered,
    CallExtended,
    CallOpened,
    ClocksStarted,
    IdeaNumbered,
    ReceiptNumberIssued,
    ReceiptNumberRequested,
)
from shared.engine.message import DeadlineReached
from tests.support.given import Given
from tests.unit.ideas.support import (
    CITIZENS,
    LEAD,
    NATIONAL,
    OPEN_CALL,
    RECEIVER,
    SEOUL,
    SYSTEM,
    given_idea,
    noon,
    past,
    submission,
)

MARCH_3 = date(2025, 3, 3)


def end_of(day: date) -> datetime:
    """The moment at which a day is over in Seoul."""
    return datetime(day.year, day.month, day.day, 15, tzinfo=UTC)


def submitted(pack_id: str, **changes: Any) -> Given:
    return given_idea(*given_idea().when(submission(pack_id, **changes), actor=LEAD).events)


# --- numbers

given_register = Given(REGISTER, "seoul.2025", actor=SYSTEM)


def requested(idea_id: str) -> ReceiptNumberRequested:
    return ReceiptNumberRequested(register_id="seoul.2025", idea_id=idea_id, received_on=MARCH_3)


def test_a_register_numbers_from_one_in_the_order_in_which_it_was_asked() -> None:
    given = given_register()
    for number, idea_id in enumerate(("i-7", "i-2", "i-5"), start=1):
        outcome = given.when(requested(idea_id)).emits(ReceiptNumberIssued)
        issued = outcome.event(ReceiptNumberIssued)
        assert (issued.number, issued.idea_id, issued.partition_key) == (number, idea_id, idea_id)
        given = given(*given.past, *outcome.events)
    assert given.state.last == 3


@pytest.mark.parametrize(
    ("pack_id", "register"), [(SEOUL, "seoul.2025"), (NATIONAL, "national.2025"), (CITIZENS, "citizens.2025")]
)
def test_the_book_is_the_packs_and_the_year_that_of_the_receipt(pack_id: str, register: str) -> None:
    outcome = submitted(pack_id).when(ReceiveIdea(), actor=RECEIVER)
    assert outcome.event(ReceiptNumberRequested).register_id == register


def test_an_idea_takes_its_number_once_and_its_authors_are_told() -> None:
    given = given_idea(*past(SEOUL, Stage.RECEIVED))
    issued = ReceiptNumberIssued(register_id="seoul.2025", idea_id="i-1", number=17, received_on=MARCH_3)
    outcome = given.when(issued, actor=SYSTEM).emits(IdeaNumbered, NoticeIssued)
    assert outcome.event(NoticeIssued).facts == {"receipt_number": "seoul.2025-000017"}
    numbered = given(*given.past, *outcome.events)
    assert numbered.state.receipt_number == "seoul.2025-000017"
    numbered.when(issued.model_copy(update={"number": 18}), actor=SYSTEM).emits()


def test_what_was_received_elsewhere_takes_no_number_here() -> None:
    submitted(SEOUL).when(ReceiveIdea(channel="import"), actor=RECEIVER).emits(IdeaReceived, NoticeIssued)


# --- events of before


def test_a_receipt_of_before_that_names_no_term_has_the_clock_of_its_pack() -> None:
    events = past(SEOUL, Stage.RECEIVED)
    older = [
        event.model_copy(update={"term": "", "calendar": ""}) if isinstance(event, IdeaReceived) else event
        for event in events
    ]
    assert given_idea(*older).state == given_idea(*events).state


def test_a_closing_of_before_that_names_no_day_ends_the_clock() -> None:
    given = given_idea(*past(SEOUL, Stage.RECEIVED))
    close = CheckCompleteness(outcome="closed", ground="complaint", reason="불만")
    closed = given.when(close, actor=RECEIVER).event(IdeaClosed)
    older = given(*given.past, closed.model_copy(update={"closed_on": None})).state
    assert older.deadlines == {} and older.clocks[DECISION].ended == "met"


# --- on paper

PAPER = {"channel": "fax", "reason": "온라인을 쓰지 못한다", "document": "접수-12"}


@pytest.mark.parametrize("missing", ["reason", "document"])
def test_paper_comes_with_its_reason_and_document_where_the_pack_says_so(missing: str) -> None:
    bare = ReceiveIdea(**(PAPER | {missing: " "}))  # pyright: ignore[reportArgumentType]
    submitted(NATIONAL).when(bare, actor=RECEIVER).refused(f"{missing}_required")
    assert submitted(OPEN_CALL).when(bare, actor=RECEIVER).refusal is None
    assert submitted(NATIONAL).when(ReceiveIdea(), actor=RECEIVER).refusal is None


def test_the_receipt_keeps_both() -> None:
    outcome = submitted(NATIONAL).when(ReceiveIdea(**PAPER), actor=RECEIVER)  # pyright: ignore[reportArgumentType]
    received = outcome.event(IdeaReceived)
    assert (received.channel, received.document) == ("fax", "접수-12")
    assert received.reason.value == "온라인을 쓰지 못한다" and (received.term, received.calendar) == (
        "30 days",
        "kr-2026-11",
    )


# --- calls

given_call = Given(CALL, "c-1", actor=RECEIVER)
OPEN = OpenCall(pack=CITIZENS, title="여름 공모", closes_on=date(2025, 3, 31))
LONGER = ExtendCall(closes_on=date(2025, 4, 10), reason="접수가 적다")


def opened() -> Given:
    return given_call(*given_call().when(OPEN).events)


def test_a_call_is_open_to_the_end_of_its_last_day_and_can_be_longer_only() -> None:
    given_call().when(OPEN).emits(CallOpened)
    given = opened()
    assert given.state.closes_at == end_of(date(2025, 3, 31))
    outcome = given.when(LONGER).emits(CallExtended)
    longer = given(*given.past, *outcome.events).state
    assert (longer.closes_on, longer.extensions) == (date(2025, 4, 10), (date(2025, 3, 31),))
    given.when(ExtendCall(closes_on=date(2025, 3, 31), reason="그대로")).refused("date_too_early")
    given.when(ExtendCall(closes_on=date(2025, 4, 1), reason=" ")).refused("reason_required")
    given.when(LONGER, time=end_of(date(2025, 3, 31))).refused("call_closed")
    assert given.when(LONGER, time=end_of(date(2025, 3, 31)) - timedelta(microseconds=1)).refusal is None


def test_a_call_is_opened_once_under_a_pack_in_force_and_not_for_yesterday() -> None:
    opened().when(OPEN).refused("call_opened_already")
    given_call().when(OPEN.model_copy(update={"pack": "nothing"})).refused("unknown_pack")
    given_call().when(OPEN.model_copy(update={"closes_on": date(2025, 3, 2)})).refused("date_too_early")
    given_call().when(OPEN.model_copy(update={"title": " "})).refused("title_required")


def entry(call: Call) -> Given:
    return Given(ENTRY, "c-1/i-1", reads=(call,), actor=SYSTEM)


def test_an_entry_waits_for_the_close_however_often_it_moves() -> None:
    answered = CallAnswered(call_id="c-1", idea_id="i-1")
    call = opened().state
    outcome = entry(call).when(answered).emits(CallEntered)
    waiting = entry(call)(*outcome.events, reads=(call,))
    assert waiting.state.deadlines == {CLOSE: end_of(date(2025, 3, 31))}
    waiting.when(answered).emits()
    fired = DeadlineReached(name=CLOSE, due=end_of(date(2025, 3, 31)))
    longer = call.but(closes_on=date(2025, 4, 10), closes_at=end_of(date(2025, 4, 10)))
    moved = waiting(*waiting.past, reads=(longer,)).when(fired).emits(CallEntered)
    assert moved.event(CallEntered).closes_at == end_of(date(2025, 4, 10))
    closed = waiting.when(fired).emits(CallClosed)
    assert (closed.event(CallClosed).closed_on, closed.event(CallClosed).partition_key) == (date(2025, 3, 31), "i-1")
    assert waiting(*waiting.past, *closed.events, reads=(call,)).state.deadlines == {}
    assert waiting.state.visible_to(RECEIVER) == {}


CLOSES = CallClosed(call_id="c-1", idea_id="i-1", closed_on=date(2025, 3, 31))


def answering(pack_id: str, on: date = MARCH_3) -> Given:
    """An idea that answers the call, received on a day."""
    given = submitted(pack_id, call="c-1")
    outcome = given.when(ReceiveIdea(), actor=RECEIVER, time=noon(on))
    return given(*given.past, *outcome.events)


def test_packs_differ_in_where_the_clock_of_a_calls_idea_starts() -> None:
    citizens, national = answering(CITIZENS), answering(NATIONAL)
    assert citizens.state.deadlines == {} and isinstance(citizens.past[-1], CallAnswered)
    assert national.state.deadlines == {DECISION: end_of(date(2025, 4, 2))}
    assert isinstance(national.past[-1], ReceiptNumberRequested)
    outcome = citizens.when(CLOSES, actor=SYSTEM).emits(ClocksStarted)
    started = citizens(*citizens.past, *outcome.events)
    # A month after 31 March ends with the last day of April.
    assert started.state.deadlines == {DECISION: end_of(date(2025, 4, 30))}
    assert started.state.decision_due == outcome.event(ClocksStarted).clocks[0].due
    started.when(CLOSES, actor=SYSTEM).emits()
    national.when(CLOSES, actor=SYSTEM).emits()


def test_what_is_received_after_the_close_runs_from_its_receipt() -> None:
    given = answering(CITIZENS, date(2025, 4, 2))
    [clock] = given.when(CLOSES, actor=SYSTEM).event(ClocksStarted).clocks
    assert clock.started_on == date(2025, 4, 2)


def test_without_a_call_a_citizens_clock_starts_with_receipt() -> None:
    outcome = submitted(CITIZENS).when(ReceiveIdea(), actor=RECEIVER)
    assert outcome.event(IdeaReceived).decision_due == end_of(date(2025, 4, 3))


def test_a_supplement_that_is_open_when_the_call_closes_holds_the_clock_from_the_beginning() -> None:
    given = answering(CITIZENS)
    ask = given.when(RequestSupplement(reason="노선"), actor=RECEIVER, time=noon(date(2025, 3, 10)))
    given = given(*given.past, *ask.events)
    outcome = given.when(CLOSES, actor=SYSTEM)
    assert outcome.event(ClocksStarted).clocks[0].due is None
    held = given(*given.past, *outcome.events).state
    assert set(held.deadlines) == {"supplement"} and held.clocks[DECISION].started_on == date(2025, 3, 31)


def test_the_close_of_a_call_says_nothing_to_an_idea_that_has_ended() -> None:
    given = answering(CITIZENS)
    close = CheckCompleteness(outcome="closed", ground="complaint", reason="불만")
    closed = given(*given.past, *given.when(close, actor=RECEIVER).events)
    closed.when(CLOSES, actor=SYSTEM).emits()
