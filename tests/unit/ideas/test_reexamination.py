"""Adoption in part; re-examination by an author and by the agency, its panel, its outcome; packs differ in each."""

from datetime import date
from typing import Any

import pytest

from services.ideas.domain.clocks import CLAIM, FOLLOW_UP, KEPT, REEXAMINATION, REEXAMINATION_RESULT
from services.ideas.domain.commands import AdoptIdea, CheckCompleteness, ReceiveIdea, RefuseIdea
from services.ideas.domain.process_commands import RecordDelivery
from services.ideas.domain.review_commands import (
    BeginReexamination,
    ConvenePanel,
    DecideReexamination,
    RecordFinding,
    RequestReexamination,
)
from services.ideas.domain.shares import DEADLINE as SHARES
from services.ideas.domain.values import Stage
from shared.contracts.ideas import IdeaAdopted, NoticeIssued
from shared.contracts.ideas_decisions import IdeaReexamined, PanelConvened, PanelFound, ReexaminationRequested
from shared.contracts.ideas_process import ClockRanOut, ClocksStarted
from shared.engine.message import Actor
from shared.rules.loader import pack
from tests.support.given import Given
from tests.unit.ideas.support import (
    CITIZENS,
    CO_AUTHOR,
    HEAD,
    LEAD,
    NATIONAL,
    NATIONAL_2017,
    OPEN_CALL,
    OTHER_HEAD,
    RECEIVER,
    SEOUL,
    STRANGER,
    SYSTEM,
    adoption,
    after,
    authority,
    evaluated,
    fallen,
    noon,
)

REFUSED_ON = date(2025, 3, 3)
ASKED_ON = date(2025, 3, 10)
AFTERWARDS = date(2025, 4, 1)
ASK = RequestReexamination(reason="막차 이후 통화량을 보지 않았다")
SIX = tuple(f"v-{number}" for number in range(1, 7))
OUTSIDE = SIX[:3]


def keep(**changes: Any) -> DecideReexamination:
    """The decision is kept."""
    whole: dict[str, Any] = {"outcome": "kept", "reason": "예산이 여전히 없다", "authority": authority()}
    return DecideReexamination(**(whole | changes))


def change(**changes: Any) -> DecideReexamination:
    """The idea is adopted after all."""
    return keep(outcome="adopted", reason="자료가 충분하다", planned_date=date(2025, 12, 1), **changes)


def panel(members: tuple[str, ...] = SIX, outside: tuple[str, ...] = OUTSIDE) -> ConvenePanel:
    """A panel for what is open."""
    return ConvenePanel(matter="reexamination", members=members, non_officials=outside)


def finding(votes_for: int = 4, votes_against: int = 1, attended: tuple[str, ...] = SIX[:5]) -> RecordFinding:
    """What a panel found."""
    return RecordFinding(
        matter="reexamination",
        attended=attended,
        votes_for=votes_for,
        votes_against=votes_against,
        reason="근거가 타당하다",
        document="심의-2025-3",
    )


def asked(pack_id: str, *steps: Any) -> Given:
    """A refused idea whose re-examination an author has asked for, and what came then."""
    then = ((step, HEAD if isinstance(step, DecideReexamination) else RECEIVER, AFTERWARDS) for step in steps)
    return after(pack_id, Stage.REFUSED, (ASK, LEAD, ASKED_ON), *then)


def on_paper(pack_id: str, decide: RefuseIdea | AdoptIdea) -> Given:
    """An idea that came on paper, decided on 4 March 2025."""
    receipt = ReceiveIdea(channel="paper", reason="온라인을 쓰지 못한다", document="접수-12")
    check = CheckCompleteness(outcome="complete")
    steps = ((receipt, RECEIVER), (check, RECEIVER), (evaluated(pack_id), SYSTEM), (decide, HEAD))
    return after(pack_id, Stage.SUBMITTED, *((step, actor, date(2025, 3, 4)) for step, actor in steps))


# --- adoption in part

IN_PART = adoption(extent="in_part", part="주말 노선만", reason="평일 예산이 없다")


def test_an_idea_is_adopted_in_part_with_the_part_and_the_reasons_for_the_rest() -> None:
    pending = after(SEOUL, Stage.DECISION_PENDING)
    outcome = pending.when(IN_PART, actor=HEAD).emits(IdeaAdopted, NoticeIssued, ClocksStarted)
    adopted = outcome.event(IdeaAdopted)
    assert (adopted.extent, adopted.part.value) == ("in_part", "주말 노선만")
    assert outcome.event(NoticeIssued).notice == "adopted_in_part"
    assert outcome.state.decision.extent == "in_part"  # type: ignore[union-attr]
    pending.when(adoption(extent="in_part", part=" "), actor=HEAD).refused("part_required")
    pending.when(adoption(extent="in_part", part="주말", reason=""), actor=HEAD).refused("reason_required")
    pending.when(adoption(part="주말 노선만"), actor=HEAD).refused("part_of_whole")


def test_packs_differ_in_whether_there_is_adoption_in_part() -> None:
    after(NATIONAL, Stage.DECISION_PENDING).when(IN_PART, actor=HEAD).emits(IdeaAdopted, NoticeIssued, ClocksStarted)
    after(OPEN_CALL, Stage.DECISION_PENDING).when(IN_PART, actor=HEAD).refused("no_adoption_in_part")


def test_packs_differ_in_whether_the_rest_can_be_reexamined() -> None:
    started = after(SEOUL, Stage.DECISION_PENDING, (IN_PART, HEAD, REFUSED_ON))
    assert set(started.state.clocks) >= {REEXAMINATION, FOLLOW_UP}
    assert started.when(ASK, actor=LEAD, time=noon(ASKED_ON)).refusal is None
    without = after(NATIONAL, Stage.DECISION_PENDING, (IN_PART, HEAD, REFUSED_ON))
    assert REEXAMINATION not in without.state.clocks
    without.when(ASK, actor=LEAD, time=noon(ASKED_ON)).refused("no_such_right")
    after(SEOUL, Stage.ADOPTED).when(ASK, actor=LEAD).refused("no_such_right")


def test_on_paper_the_right_against_a_part_runs_from_the_delivery() -> None:
    given = on_paper(SEOUL, IN_PART)
    assert REEXAMINATION not in given.state.clocks
    deliver = RecordDelivery(position=given.state.notices[-1].position, channel="mail")
    outcome = given.when(deliver, actor=RECEIVER, time=noon(date(2025, 3, 10)))
    assert str(outcome.event(ClocksStarted).clocks[0].due) == "2025-03-25 15:00:00+00:00"


def test_what_was_adopted_in_part_becomes_whole_and_its_planned_date_stands() -> None:
    given = after(SEOUL, Stage.DECISION_PENDING, (IN_PART, HEAD, REFUSED_ON), (ASK, LEAD, ASKED_ON))
    given = _with_panel(given)
    given.when(change(), actor=HEAD, time=noon(AFTERWARDS)).refused("planned_date_stands")
    part = keep(outcome="adopted_in_part", part="심야만")
    given.when(part, actor=HEAD, time=noon(AFTERWARDS)).refused("adopted_in_part_already")
    whole = keep(outcome="adopted", reason="나머지도 할 수 있다")
    outcome = given.when(whole, actor=HEAD, time=noon(AFTERWARDS)).emits(IdeaReexamined, IdeaAdopted, NoticeIssued)
    adopted = outcome.event(IdeaAdopted)
    assert (adopted.extent, adopted.planned_date, adopted.reexamination) == ("whole", date(2025, 9, 1), 1)
    idea: Any = outcome.state
    assert [decision.extent for decision in idea.decisions_before] == ["in_part"]
    assert idea.clocks[FOLLOW_UP].running and FOLLOW_UP in idea.deadlines


def test_a_right_that_was_used_does_not_begin_again_with_an_adoption_in_part() -> None:
    part = change().model_copy(update={"outcome": "adopted_in_part", "part": "심야만"})
    outcome = asked(SEOUL, panel(), finding()).when(part, actor=HEAD, time=noon(AFTERWARDS))
    outcome.emits(IdeaReexamined, IdeaAdopted, NoticeIssued, ClocksStarted)
    assert set(outcome.event(NoticeIssued).facts) == {"decided_on", "planned_date"}
    assert [clock.clock for clock in outcome.event(ClocksStarted).clocks] == [FOLLOW_UP]


def _with_panel(given: Given) -> Given:
    for step in (panel(), finding()):
        outcome = given.when(step, actor=RECEIVER, time=noon(AFTERWARDS))
        assert outcome.refusal is None, outcome.refusal
        given = given(*given.past, *outcome.events)
    return given


# --- the author's request


def test_an_author_asks_within_the_time_and_the_agency_owes_a_result() -> None:
    given = after(NATIONAL, Stage.REFUSED)
    outcome = given.when(ASK, actor=CO_AUTHOR, time=noon(ASKED_ON))
    outcome.emits(ReexaminationRequested, ClocksStarted, NoticeIssued)
    requested = outcome.event(ReexaminationRequested)
    assert (requested.number, requested.asked_by, requested.panel_required) == (1, "author", True)
    assert requested.rule.article == "공무원 제안 규정 제11조제1항"
    assert outcome.event(NoticeIssued).recipients == (LEAD.id,)
    idea: Any = outcome.state
    assert (idea.clocks[REEXAMINATION].ended, REEXAMINATION in idea.deadlines) == ("met", False)
    # 30 days after 10 March 2025.
    assert str(idea.deadlines[REEXAMINATION_RESULT]) == "2025-04-09 15:00:00+00:00"


@pytest.mark.parametrize(
    ("pack_id", "last", "late"),
    [
        (NATIONAL, date(2025, 3, 18), date(2025, 3, 19)),
        (OPEN_CALL, date(2025, 4, 2), date(2025, 4, 3)),
    ],
)
def test_packs_differ_in_how_long_the_right_runs(pack_id: str, last: date, late: date) -> None:
    given = after(pack_id, Stage.REFUSED)
    assert given.when(ASK, actor=LEAD, time=noon(last)).refusal is None
    given.when(ASK, actor=LEAD, time=noon(late)).refused("right_ended")


def test_the_right_belongs_to_authors_is_reasoned_and_used_once() -> None:
    given = after(SEOUL, Stage.REFUSED)
    given.when(ASK, actor=STRANGER, time=noon(ASKED_ON)).refused("not_an_author")
    given.when(RequestReexamination(reason=" "), actor=LEAD, time=noon(ASKED_ON)).refused("reason_required")
    early = RequestReexamination(reason="다시", requested_on=REFUSED_ON)
    given.when(early, actor=LEAD, time=noon(ASKED_ON)).refused("backdating_not_allowed")
    asked(SEOUL, panel(), finding(), keep()).when(ASK, actor=CO_AUTHOR, time=noon(date(2025, 3, 11))).refused(
        "right_used"
    )


def test_what_arrived_on_paper_in_time_counts_though_it_is_entered_late() -> None:
    ran_out, _ = fallen(after(NATIONAL, Stage.REFUSED), REEXAMINATION)
    late = noon(date(2025, 3, 26))
    ran_out.when(ASK, actor=LEAD, time=late).refused("right_ended")
    entered = RequestReexamination(reason="우편", document="접수-31", requested_on=date(2025, 3, 18))
    ran_out.when(RequestReexamination(reason="우편"), actor=RECEIVER, time=late).refused("document_required")
    outcome = ran_out.when(entered, actor=RECEIVER, time=late).emits(
        ReexaminationRequested, ClocksStarted, NoticeIssued
    )
    assert outcome.event(ReexaminationRequested).requested_on == date(2025, 3, 18)
    too_late = entered.model_copy(update={"requested_on": date(2025, 3, 19)})
    ran_out.when(too_late, actor=RECEIVER, time=late).refused("right_ended")


def test_the_notice_of_a_refusal_says_until_when_there_are_rights_and_packs_differ_in_what_it_mentions() -> None:
    refuse = RefuseIdea(reason="예산이 없다", authority=authority())
    for pack_id, mentions in ((NATIONAL, None), (CITIZENS, "active_administration")):
        outcome = after(pack_id, Stage.DECISION_PENDING).when(refuse, actor=HEAD)
        facts = outcome.event(NoticeIssued).facts
        assert (facts["reexamination_until"], facts["claim_until"]) == ("2025-03-18", "2027-03-03")
        assert facts.get("mentions") == mentions
    on_its_way = on_paper(NATIONAL, refuse).state.notices[-1]
    assert set(on_its_way.facts) == {"decided_on"}


# --- the agency's own accord

BEGIN = BeginReexamination(ground="improved", reason="부서가 보완했다", authority=authority())


def test_the_agency_begins_on_a_ground_once_the_authors_right_is_over() -> None:
    given = after(NATIONAL, Stage.REFUSED)
    given.when(BEGIN, actor=HEAD, time=noon(ASKED_ON)).refused("authors_right_runs")
    over, _ = fallen(given, REEXAMINATION)
    outcome = over.when(BEGIN, actor=HEAD, time=noon(AFTERWARDS))
    outcome.emits(ReexaminationRequested, ClocksStarted, NoticeIssued)
    requested = outcome.event(ReexaminationRequested)
    assert (requested.asked_by, requested.ground, requested.rule.article) == (
        "agency",
        "improved",
        "공무원 제안 규정 제13조제1항",
    )
    assert outcome.event(NoticeIssued).facts == {"ground": "improved"}
    over.when(BEGIN, actor=OTHER_HEAD, time=noon(AFTERWARDS)).refused("not_in_charge")
    over.when(BEGIN, actor=Actor(LEAD.id, "department", HEAD.department), time=noon(AFTERWARDS)).refused(
        "conflict_of_interest"
    )
    unknown = BEGIN.model_copy(update={"ground": "mood"})
    over.when(unknown, actor=HEAD, time=noon(AFTERWARDS)).refused("unknown_agency_ground")
    after(NATIONAL, Stage.ADOPTED).when(BEGIN, actor=HEAD).refused("wrong_stage")


def test_the_author_on_paper_comes_first_too() -> None:
    given = on_paper(NATIONAL, RefuseIdea(reason="예산이 없다", authority=authority()))
    given.when(BEGIN, actor=HEAD, time=noon(AFTERWARDS)).refused("authors_right_runs")


def test_packs_differ_in_how_long_the_agency_may_begin() -> None:
    day = noon(date(2026, 6, 1))
    for pack_id, ended in ((NATIONAL, False), (OPEN_CALL, True)):
        over, _ = fallen(after(pack_id, Stage.REFUSED), REEXAMINATION)
        outcome = over.when(BEGIN, actor=HEAD, time=day)
        assert (outcome.refusal is not None and outcome.refusal.code == "right_ended") is ended


def test_packs_differ_in_which_grounds_of_the_agency_need_a_panel() -> None:
    changed = BEGIN.model_copy(update={"ground": "circumstances_changed"})
    needed = {
        (pack_id, begin.ground): _begun(pack_id, begin).event(ReexaminationRequested).panel_required
        for pack_id in (NATIONAL, NATIONAL_2017, CITIZENS, OPEN_CALL)
        for begin in (BEGIN, changed)
    }
    assert [key for key, required in needed.items() if not required] == [
        (NATIONAL, "circumstances_changed"),
        (OPEN_CALL, "improved"),
        (OPEN_CALL, "circumstances_changed"),
    ]


def _begun(pack_id: str, begin: BeginReexamination) -> Any:
    over, _ = fallen(after(pack_id, Stage.REFUSED), REEXAMINATION)
    return over.when(begin, actor=HEAD, time=noon(date(2025, 5, 1)))


# --- the panel


def test_packs_differ_in_whether_an_authors_request_needs_a_panel() -> None:
    asked(NATIONAL).when(keep(), actor=HEAD, time=noon(AFTERWARDS)).refused("panel_required")
    for pack_id in (CITIZENS, OPEN_CALL):
        asked(pack_id).when(keep(), actor=HEAD, time=noon(AFTERWARDS)).emits(IdeaReexamined, NoticeIssued)


def test_packs_differ_in_how_a_panel_is_made_up() -> None:
    one = panel(("v-1",), ())
    asked(OPEN_CALL).when(one, actor=RECEIVER, time=noon(AFTERWARDS)).emits(PanelConvened)
    asked(NATIONAL).when(one, actor=RECEIVER, time=noon(AFTERWARDS)).refused("panel_too_small")
    officials = panel(SIX, SIX[:2])
    asked(NATIONAL).when(officials, actor=RECEIVER, time=noon(AFTERWARDS)).refused("too_few_non_officials")
    assert asked(SEOUL).when(panel(SIX[:4], SIX[:2]), actor=RECEIVER, time=noon(AFTERWARDS)).refusal is None
    asked(NATIONAL).when(panel(SIX[:4], SIX[:2]), actor=RECEIVER, time=noon(AFTERWARDS)).refused("panel_too_small")


@pytest.mark.parametrize(
    ("members", "outside", "code"),
    [
        ((*SIX[:5], "v-1"), OUTSIDE, "panelist_named_twice"),
        ((*SIX[:5], LEAD.id), OUTSIDE, "conflict_of_interest"),
        (SIX, (*OUTSIDE, "v-9"), "panelist_unknown"),
        ((*SIX[:5], HEAD.id), OUTSIDE, "another_panel_required"),
        ((*SIX[:5], "p-50"), OUTSIDE, "another_panel_required"),
    ],
)
def test_who_may_not_sit_on_a_panel(members: tuple[str, ...], outside: tuple[str, ...], code: str) -> None:
    asked(NATIONAL).when(panel(members, outside), actor=RECEIVER, time=noon(AFTERWARDS)).refused(code)


def test_packs_differ_in_whether_another_panel_has_to_sit() -> None:
    again = BEGIN.model_copy(update={"ground": "circumstances_changed"})
    for pack_id, code in ((SEOUL, "another_panel_required"), (NATIONAL_2017, None)):
        kept = asked(pack_id, panel(), finding(), keep())
        outcome = kept.when(again, actor=HEAD, time=noon(date(2025, 5, 1)))
        second = kept(*kept.past, *outcome.events)
        outcome = second.when(panel(), actor=RECEIVER, time=noon(date(2025, 5, 2)))
        assert (outcome.refusal and outcome.refusal.code) == code
        others = tuple(f"w-{number}" for number in range(1, 7))
        assert second.when(panel(others, others[:3]), actor=RECEIVER, time=noon(date(2025, 5, 2))).refusal is None


def test_no_author_convenes_a_panel_or_enters_its_finding() -> None:
    author = Actor(LEAD.id, "receiver")
    asked(NATIONAL).when(panel(), actor=author, time=noon(AFTERWARDS)).refused("conflict_of_interest")
    asked(NATIONAL, panel()).when(finding(), actor=author, time=noon(AFTERWARDS)).refused("conflict_of_interest")


def test_a_panel_may_be_replaced_until_it_has_found_and_is_waited_for() -> None:
    given = asked(CITIZENS, panel())
    given.when(keep(), actor=HEAD, time=noon(AFTERWARDS)).refused("panel_awaited")
    replaced = given.when(panel((*SIX[:5], "v-9"), OUTSIDE), actor=RECEIVER, time=noon(AFTERWARDS))
    assert [one.members[-1] for one in replaced.state.panels] == ["v-9"]  # type: ignore[union-attr]
    found = asked(CITIZENS, panel(), finding())
    found.when(panel(), actor=RECEIVER, time=noon(AFTERWARDS)).refused("panel_found_already")
    found.when(finding(), actor=RECEIVER, time=noon(AFTERWARDS)).refused("panel_found_already")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (finding(attended=SIX[:3], votes_for=2), "quorum_not_met"),
        (finding(attended=(*SIX[:4], "v-9")), "panelist_unknown"),
        (finding(attended=(*SIX[:4], "v-1")), "panelist_named_twice"),
        (finding(votes_for=5, votes_against=1), "votes_do_not_fit"),
        (finding(votes_for=0, votes_against=0), "votes_do_not_fit"),
        (finding().model_copy(update={"reason": ""}), "reason_required"),
        (finding().model_copy(update={"met_on": date(2025, 3, 31)}), "date_too_early"),
        (finding().model_copy(update={"met_on": date(2025, 4, 2)}), "date_in_future"),
    ],
)
def test_a_finding_that_can_not_be(said: RecordFinding, code: str) -> None:
    asked(NATIONAL, panel()).when(said, actor=RECEIVER, time=noon(AFTERWARDS)).refused(code)


def test_packs_differ_in_the_quorum_and_a_draw_supports_nothing() -> None:
    three = finding(votes_for=2, votes_against=1, attended=SIX[:3])
    outcome = asked(SEOUL, panel()).when(three, actor=RECEIVER, time=noon(AFTERWARDS)).emits(PanelFound)
    assert outcome.event(PanelFound).supports
    asked(NATIONAL, panel()).when(three, actor=RECEIVER, time=noon(AFTERWARDS)).refused("quorum_not_met")
    draw = asked(NATIONAL, panel()).when(finding(2, 2), actor=RECEIVER, time=noon(AFTERWARDS))
    assert not draw.event(PanelFound).supports
    after(NATIONAL, Stage.REFUSED).when(panel(), actor=RECEIVER).refused("no_reexamination_open")
    asked(NATIONAL).when(finding(), actor=RECEIVER, time=noon(AFTERWARDS)).refused("no_panel")


# --- the outcome


def test_a_kept_decision_stands_with_its_reasons_in_the_history() -> None:
    given = asked(NATIONAL, panel(), finding(1, 4))
    outcome = given.when(keep(), actor=HEAD, time=noon(AFTERWARDS)).emits(IdeaReexamined, NoticeIssued)
    told = outcome.event(IdeaReexamined)
    assert (told.outcome, told.panel_supports, told.reason.value) == ("kept", False, "예산이 여전히 없다")
    assert outcome.event(NoticeIssued).notice == "reexamination_kept"
    idea: Any = outcome.state
    assert (idea.stage, idea.reexaminations[0].status, idea.decisions_before) == (Stage.REFUSED, "kept", ())
    assert set(idea.deadlines) == {CLAIM, KEPT}


def test_a_changed_decision_is_an_adoption_and_the_refusal_stays_in_the_history() -> None:
    given = asked(NATIONAL, panel(), finding())
    outcome = given.when(change(), actor=HEAD, time=noon(AFTERWARDS))
    outcome.emits(IdeaReexamined, IdeaAdopted, NoticeIssued, ClocksStarted)
    assert outcome.event(IdeaReexamined).outcome == "changed"
    idea: Any = outcome.state
    assert (idea.stage, idea.decision.outcome, idea.decision.reexamination) == (Stage.ADOPTED, "adopted", 1)
    assert [(before.outcome, before.reason.value) for before in idea.decisions_before] == [("refused", "예산이 없다")]
    assert {idea.clocks[name].ended for name in (CLAIM, KEPT)} == {"dropped"}
    assert idea.clocks[REEXAMINATION_RESULT].ended == "met"
    assert set(idea.deadlines) == {FOLLOW_UP}


def test_shares_that_were_open_at_the_refusal_are_asked_for_once_more() -> None:
    given = asked(SEOUL, panel(), finding())
    assert given.state.shares.open and SHARES not in given.state.deadlines
    outcome = given.when(change(), actor=HEAD, time=noon(AFTERWARDS))
    idea: Any = outcome.state
    assert idea.deadlines[SHARES] == idea.shares.due


def test_the_outcome_stands_on_what_the_pack_asks_of_it() -> None:
    given, late = asked(NATIONAL, panel(), finding()), noon(AFTERWARDS)
    given.when(keep(reason=" "), actor=HEAD, time=late).refused("reason_required")
    given.when(keep(authority=None), actor=HEAD, time=late).refused("authority_required")
    given.when(keep(authority=authority(LEAD.id)), actor=HEAD, time=late).refused("conflict_of_interest")
    given.when(keep(), actor=OTHER_HEAD, time=late).refused("not_in_charge")
    given.when(keep(), actor=Actor(CO_AUTHOR.id, "department", HEAD.department), time=late).refused(
        "conflict_of_interest"
    )
    assert asked(OPEN_CALL).when(keep(authority=None), actor=HEAD, time=late).refusal is None
    beyond = change().model_copy(update={"planned_date": date(2028, 4, 4)})
    given.when(beyond, actor=HEAD, time=late).refused("planned_date_outside_period")
    undated = change().model_copy(update={"planned_date": None})
    given.when(undated, actor=HEAD, time=late).refused("planned_date_required")
    after(NATIONAL, Stage.REFUSED).when(keep(), actor=HEAD).refused("no_reexamination_open")


def test_packs_differ_in_the_time_for_a_result_and_being_late_is_told() -> None:
    terms = {pack_id: pack(pack_id).ideas.review.reexamination_decided_within.value for pack_id in (NATIONAL, CITIZENS)}
    assert {name: str(term) for name, term in terms.items()} == {NATIONAL: "30 days", CITIZENS: "1 month"}
    dues = {pack_id: str(asked(pack_id).state.deadlines[REEXAMINATION_RESULT].date()) for pack_id in terms}
    assert dues == {NATIONAL: "2025-04-09", CITIZENS: "2025-04-10"}
    given, outcome = fallen(asked(NATIONAL), REEXAMINATION_RESULT)
    outcome.emits(ClockRanOut, NoticeIssued)
    assert outcome.event(NoticeIssued).notice == "reexamination_overdue"
    assert given.state.reexaminations[0].status == "open"
    late = _with_panel(given).when(keep(), actor=HEAD, time=noon(date(2025, 5, 1)))
    assert late.refusal is None
