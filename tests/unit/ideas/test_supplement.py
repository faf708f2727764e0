"""The supplement cycle: asked for in time and with reasons, answered, reminded of, unmet; and how each pack ends it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.ideas.domain.clocks import DECISION, SUPPLEMENT
from services.ideas.domain.commands import CheckCompleteness, WithdrawIdea
from services.ideas.domain.process_commands import AnswerSupplement, RequestSupplement
from services.ideas.domain.values import Stage
from shared.contracts.ideas import IdeaClosed, IdeaFoundComplete, NoticeIssued
from shared.contracts.ideas_process import SupplementAnswered, SupplementReminded, SupplementRequested, SupplementUnmet
from shared.engine.message import Actor
from shared.rules.loader import pack
from tests.support.given import Given
from tests.unit.ideas.support import (
    CITIZENS,
    CO_AUTHOR,
    LEAD,
    NATIONAL,
    NATIONAL_2017,
    OPEN_CALL,
    RECEIVER,
    SEOUL,
    STRANGER,
    after,
    authority,
    fallen,
    noon,
)

ASK = RequestSupplement(missing=("improvement",), reason="어느 노선인지 없다")
ANSWER = AnswerSupplement(sections={"improvement": "심야 N13 노선"})
ASKED_ON, SUPPLIED_ON = date(2025, 3, 5), date(2025, 3, 20)


def asked(pack_id: str, on: date = ASKED_ON, **changes: Any) -> Given:
    """An idea received on 3 March 2025 that waits for a supplement."""
    return after(pack_id, Stage.RECEIVED, (ASK.model_copy(update=changes), RECEIVER, on))


def unmet(pack_id: str) -> Given:
    """The same, after every term for it has ended."""
    missing = ("improvement",) if pack_id != OPEN_CALL else ()
    given = asked(pack_id, missing=missing)
    while SUPPLEMENT in given.state.deadlines:
        given, _ = fallen(given, SUPPLEMENT)
    return given


def closing(**changes: Any) -> CheckCompleteness:
    whole: dict[str, Any] = {"outcome": "closed", "ground": "not_supplemented", "reason": "보완 없음"}
    whole["authority"] = authority()
    return CheckCompleteness(**(whole | changes))


def end_of(day: date) -> datetime:
    """The moment at which a day is over in Seoul."""
    return datetime(day.year, day.month, day.day, 15, tzinfo=UTC)


# --- asking


def test_asking_stops_the_clock_and_tells_the_authors_until_when() -> None:
    outcome = after(NATIONAL, Stage.RECEIVED).when(ASK, actor=RECEIVER, time=noon(ASKED_ON))
    outcome.emits(SupplementRequested, NoticeIssued)
    assert outcome.event(SupplementRequested).rule.article == "공무원 제안 규정 제6조제2항"
    assert outcome.event(NoticeIssued).facts == {"until": "2025-03-19"}
    idea = asked(NATIONAL).state
    assert idea.decision_due is None and idea.clocks[DECISION].due is None
    assert idea.deadlines == {SUPPLEMENT: end_of(date(2025, 3, 19))}


@pytest.mark.parametrize(("pack_id", "last"), [(NATIONAL, date(2025, 3, 10)), (OPEN_CALL, date(2025, 3, 17))])
def test_it_is_asked_for_within_the_days_of_the_pack(pack_id: str, last: date) -> None:
    ask = ASK.model_copy(update={"missing": ()})
    received = after(pack_id, Stage.RECEIVED)
    assert received.when(ask, actor=RECEIVER, time=noon(last)).refusal is None
    late = received.when(ask, actor=RECEIVER, time=noon(last.replace(day=last.day + 1)))
    late.refused("supplement_too_late")
    assert late.refusal is not None and late.refusal.recorded


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reason": " "}, "reason_required"),
        ({"missing": ("nothing",)}, "section_unknown"),
        ({"ground": "nothing"}, "unknown_ground"),
    ],
)
def test_it_needs_reasons_and_names_what_the_pack_knows(changes: dict[str, Any], code: str) -> None:
    after(NATIONAL, Stage.RECEIVED).when(ASK.model_copy(update=changes), actor=RECEIVER).refused(code)


def test_it_may_be_asked_for_where_a_ground_applies() -> None:
    ask = ASK.model_copy(update={"ground": "impracticable"})
    outcome = after(NATIONAL, Stage.RECEIVED).when(ask, actor=RECEIVER)
    assert outcome.event(SupplementRequested).ground == "impracticable"


def test_no_author_asks_and_nothing_is_asked_twice_or_checked_meanwhile() -> None:
    after(SEOUL, Stage.RECEIVED).when(ASK, actor=Actor(LEAD.id, "receiver")).refused("conflict_of_interest")
    waiting = asked(SEOUL)
    waiting.when(ASK, actor=RECEIVER).refused("supplement_awaited")
    waiting.when(CheckCompleteness(outcome="complete"), actor=RECEIVER).refused("supplement_awaited")
    waiting.when(closing(ground="complaint"), actor=RECEIVER).refused("supplement_awaited")


# --- answering


def test_asked_on_5_march_and_supplied_on_20_march_moves_the_decision_by_14_days() -> None:
    given = asked(NATIONAL)
    outcome = given.when(ANSWER, actor=LEAD, time=noon(SUPPLIED_ON)).emits(SupplementAnswered, NoticeIssued)
    # 30 days from 3 March end on 2 April; with 14 days more on 16 April.
    assert outcome.event(SupplementAnswered).decision_due == end_of(date(2025, 4, 16))
    idea = given(*given.past, *outcome.events).state
    assert idea.deadlines == {DECISION: end_of(date(2025, 4, 16))} == {DECISION: idea.decision_due}
    assert idea.sections.value["improvement"] == "심야 N13 노선" and idea.supplement.status == "answered"
    assert idea.sections.value["problem"] == "심야에 다니는 버스가 없다."


def test_the_clock_says_by_which_events_it_moved() -> None:
    given = after(NATIONAL, Stage.RECEIVED, (ASK, RECEIVER, ASKED_ON), (ANSWER, LEAD, SUPPLIED_ON))
    [stop] = given.state.clocks[DECISION].stops
    numbered = dict(enumerate(given.past, start=1))
    assert isinstance(numbered[stop.stopped_by], SupplementRequested)
    assert isinstance(numbered[stop.resumed_by], SupplementAnswered)
    assert given.state.events == len(given.past)


def test_co_authors_are_told_and_may_answer_too() -> None:
    outcome = asked(NATIONAL).when(ANSWER, actor=CO_AUTHOR, time=noon(SUPPLIED_ON))
    assert outcome.event(NoticeIssued).recipients == (LEAD.id,)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sections": {}}, "supplement_empty"),
        ({"sections": {"problem": "다른 항목"}}, "section_missing"),
        ({"sections": {"improvement": " "}}, "section_empty"),
        ({"sections": {"improvement": "새 노선", "nothing": "?"}}, "section_unknown"),
        ({"sections": {"improvement": "가" * 30_001}}, "section_too_long"),
        ({"title": " "}, "title_required"),
        ({"title": "가" * 301}, "title_too_long"),
    ],
)
def test_an_answer_must_hold_what_was_missing_and_fit_the_pack(changes: dict[str, Any], code: str) -> None:
    asked(NATIONAL).when(ANSWER.model_copy(update=changes), actor=LEAD).refused(code)


def test_only_authors_answer_and_the_office_for_them_with_the_document() -> None:
    given = asked(NATIONAL)
    given.when(ANSWER, actor=STRANGER).refused("not_an_author")
    given.when(ANSWER, actor=RECEIVER).refused("document_required")
    on_paper = ANSWER.model_copy(update={"document": "민원-2025-31"})
    outcome = given.when(on_paper, actor=RECEIVER, time=noon(SUPPLIED_ON))
    assert outcome.event(SupplementAnswered).document == "민원-2025-31"
    after(NATIONAL, Stage.RECEIVED).when(ANSWER, actor=LEAD).refused("no_supplement_asked")


def test_under_a_pack_without_documents_the_office_needs_none() -> None:
    given = asked(OPEN_CALL, missing=())
    answer = AnswerSupplement(sections={"content": "심야 버스"})
    given.when(answer, actor=RECEIVER, time=noon(SUPPLIED_ON)).emits(SupplementAnswered, NoticeIssued)


# --- not answering


def test_a_first_term_that_ends_brings_a_reminder_and_another_term() -> None:
    given, outcome = fallen(asked(NATIONAL), SUPPLEMENT)
    outcome.emits(SupplementReminded, NoticeIssued)
    # The reminder's ten days run from the last day of the first term, however late it was noticed.
    assert given.state.deadlines == {SUPPLEMENT: end_of(date(2025, 3, 31))}
    assert outcome.event(NoticeIssued).facts == {"until": "2025-03-31"}


def test_after_the_last_term_it_is_unmet_and_the_clock_goes_on_the_day_after() -> None:
    given = asked(NATIONAL)
    given, _ = fallen(given, SUPPLEMENT)
    given, outcome = fallen(given, SUPPLEMENT)
    outcome.emits(SupplementUnmet, NoticeIssued)
    # Still from 6 to 31 March: 26 days after 2 April.
    assert outcome.event(SupplementUnmet).resumed_on == date(2025, 4, 1)
    assert given.state.deadlines == {DECISION: end_of(date(2025, 4, 28))}
    assert given.state.supplement.status == "unmet"


@pytest.mark.parametrize(("pack_id", "reminders"), [(NATIONAL, 1), (NATIONAL_2017, 0), (OPEN_CALL, 0)])
def test_how_often_it_is_reminded_of_is_the_packs(pack_id: str, reminders: int) -> None:
    assert sum(isinstance(event, SupplementReminded) for event in unmet(pack_id).past) == reminders
    assert pack(pack_id).ideas.supplement_reminders.value == reminders


def test_a_late_answer_counts_as_long_as_the_idea_is_not_closed() -> None:
    given = unmet(NATIONAL)
    before = given.state.decision_due
    outcome = given.when(ANSWER, actor=LEAD, time=noon(date(2025, 4, 3)))
    late = given(*given.past, *outcome.events)
    assert late.state.decision_due == before and late.state.supplement.status == "answered"
    late.when(closing(), actor=RECEIVER).refused("supplement_not_unmet")
    late.when(CheckCompleteness(outcome="complete"), actor=RECEIVER).event(IdeaFoundComplete)


# --- how it ends


@pytest.mark.parametrize(
    ("pack_id", "form", "article"),
    [
        (NATIONAL, "closed", "공무원 제안 규정 제6조제4항"),
        (NATIONAL_2017, "returned", "공무원 제안 규정 제6조제4항"),
        (CITIZENS, "closed", "국민 제안 규정 제6조제4항"),
    ],
)
def test_each_pack_has_its_own_exit_with_ground_article_and_text(pack_id: str, form: str, article: str) -> None:
    outcome = unmet(pack_id).when(closing(), actor=RECEIVER).emits(IdeaClosed, NoticeIssued)
    closed = outcome.event(IdeaClosed)
    assert (closed.form, closed.ground, closed.rule.article) == (form, "not_supplemented", article)
    assert closed.text.ko == "보완 요청을 받고도 보완하지 아니한 것" and outcome.event(NoticeIssued).notice == form
    state: Any = outcome.state
    assert state.ending.form == form


def test_what_citizens_did_not_supplement_may_go_on_as_a_complaint() -> None:
    as_complaint = closing(form="complaint")
    outcome = unmet(CITIZENS).when(as_complaint, actor=RECEIVER)
    assert outcome.event(IdeaClosed).form == outcome.event(NoticeIssued).notice == "complaint"
    unmet(NATIONAL).when(as_complaint, actor=RECEIVER).refused("form_not_in_pack")


def test_an_ordinary_ground_only_closes() -> None:
    received = after(NATIONAL_2017, Stage.RECEIVED)
    received.when(closing(ground="complaint", form="returned"), actor=RECEIVER).refused("form_not_for_ground")
    outcome = received.when(closing(ground="complaint"), actor=RECEIVER)
    assert outcome.event(IdeaClosed).form == "closed"


@pytest.mark.parametrize("pack_id", [NATIONAL, OPEN_CALL])
def test_without_an_unmet_supplement_nothing_is_closed_as_not_supplemented(pack_id: str) -> None:
    after(pack_id, Stage.RECEIVED).when(closing(), actor=RECEIVER).refused("supplement_not_unmet")


def test_with_the_idea_its_deadlines_go() -> None:
    withdrawn = after(SEOUL, Stage.RECEIVED, (ASK, RECEIVER, ASKED_ON), (WithdrawIdea(), LEAD, ASKED_ON))
    assert withdrawn.state.deadlines == {}
