"""Claims after later implementation, what the watch tells a refused idea, policies; packs differ in each."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.ideas.domain import POLICY
from services.ideas.domain.clocks import CLAIM, CLAIM_RESULT, KEPT, REEXAMINATION
from services.ideas.domain.policy import RecordPolicy
from services.ideas.domain.review_commands import (
    ConvenePanel,
    DecideClaim,
    DecideReexamination,
    FileClaim,
    NoteMatch,
    RecordFinding,
    RequestReexamination,
)
from services.ideas.domain.values import Stage
from shared.contracts.ideas import NoticeIssued
from shared.contracts.ideas_decisions import ClaimDecided, ClaimFiled, MatchFound, PolicyRecorded
from shared.contracts.ideas_process import ClockRanOut, ClocksStarted
from shared.engine.message import Actor
from tests.support.given import Given
from tests.unit.ideas.support import (
    CO_AUTHOR,
    HEAD,
    LEAD,
    NATIONAL,
    OPEN_CALL,
    OTHER_HEAD,
    RECEIVER,
    SEOUL,
    STRANGER,
    SYSTEM,
    after,
    authority,
    fallen,
    noon,
)

LATER = date(2025, 11, 3)
FILE = FileClaim(reason="N13 노선이 그대로 다닌다", implemented_on=date(2025, 10, 1))
GRANT = DecideClaim(outcome="granted", reason="같은 내용이 실시되었다", authority=authority())
SIX = tuple(f"v-{number}" for number in range(1, 7))
PANEL = ConvenePanel(matter="claim", members=SIX, non_officials=SIX[:3])
FINDING = RecordFinding(matter="claim", attended=SIX, votes_for=5, votes_against=1, reason="실시된 내용과 같다")


def match(**changes: Any) -> NoteMatch:
    """An adoption that reads like the idea."""
    whole: dict[str, Any] = {
        "matched": "adoption",
        "matched_id": "i-9",
        "matched_on": LATER,
        "similarity": Decimal("83.5"),
        "method": "char-ngrams-1",
    }
    return NoteMatch(**(whole | changes))


def claimed(pack_id: str, *steps: Any) -> Given:
    """A refused idea for which a claim was filed, and what came then."""
    then = ((step, HEAD if isinstance(step, DecideClaim) else RECEIVER, LATER) for step in steps)
    return after(pack_id, Stage.REFUSED, (FILE, LEAD, LATER), *then)


# --- claims


def test_an_author_claims_without_any_match_and_the_agency_owes_an_answer() -> None:
    outcome = after(NATIONAL, Stage.REFUSED).when(FILE, actor=CO_AUTHOR, time=noon(LATER))
    outcome.emits(ClaimFiled, ClocksStarted, NoticeIssued)
    claim = outcome.event(ClaimFiled)
    assert (claim.number, claim.match_id, claim.panel_required) == (1, None, True)
    assert claim.rule.article == "공무원 제안 규정 제13조제3항"
    idea: Any = outcome.state
    # 30 days after 3 November 2025; the right itself goes on.
    assert str(idea.deadlines[CLAIM_RESULT]) == "2025-12-03 15:00:00+00:00"
    assert CLAIM in idea.deadlines and idea.stage is Stage.REFUSED


def test_packs_differ_in_how_long_a_claim_may_come_and_how_soon_it_is_answered() -> None:
    for pack_id, last in ((NATIONAL, date(2027, 3, 3)), (OPEN_CALL, date(2026, 3, 3))):
        refused = after(pack_id, Stage.REFUSED)
        assert refused.when(FILE, actor=LEAD, time=noon(last)).refusal is None
        late = last.replace(day=4)
        refused.when(FILE, actor=LEAD, time=noon(late)).refused("right_ended")
        ran_out, _ = fallen(refused, CLAIM)
        on_paper = FILE.model_copy(update={"document": "접수-7", "filed_on": last})
        assert ran_out.when(on_paper, actor=RECEIVER, time=noon(last.replace(day=20))).refusal is None
    dues = {pack_id: str(claimed(pack_id).state.deadlines[CLAIM_RESULT].date()) for pack_id in (NATIONAL, SEOUL)}
    assert dues == {NATIONAL: "2025-12-03", SEOUL: "2026-01-02"}


def test_a_claim_may_rest_on_what_the_watch_told_and_on_nothing_else() -> None:
    refused = after(NATIONAL, Stage.REFUSED, (match(), SYSTEM, LATER))
    by_match = FILE.model_copy(update={"match_id": "i-9"})
    assert refused.when(by_match, actor=LEAD, time=noon(LATER)).event(ClaimFiled).match_id == "i-9"
    unknown = FILE.model_copy(update={"match_id": "i-8"})
    refused.when(unknown, actor=LEAD, time=noon(LATER)).refused("unknown_match")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reason": " "}, "reason_required"),
        ({"implemented_on": date(2025, 3, 2)}, "date_too_early"),
        ({"implemented_on": date(2025, 11, 4)}, "date_in_future"),
        ({"filed_on": date(2025, 11, 2)}, "backdating_not_allowed"),
    ],
)
def test_a_claim_that_can_not_be(changes: dict[str, Any], code: str) -> None:
    after(NATIONAL, Stage.REFUSED).when(FILE.model_copy(update=changes), actor=LEAD, time=noon(LATER)).refused(code)


def test_a_claim_belongs_to_authors_of_a_refused_idea_one_at_a_time() -> None:
    after(NATIONAL, Stage.REFUSED).when(FILE, actor=STRANGER, time=noon(LATER)).refused("not_an_author")
    after(NATIONAL, Stage.REFUSED).when(FILE, actor=RECEIVER, time=noon(LATER)).refused("document_required")
    after(NATIONAL, Stage.ADOPTED).when(FILE, actor=LEAD, time=noon(LATER)).refused("no_such_right")
    claimed(NATIONAL).when(FILE, actor=CO_AUTHOR, time=noon(LATER)).refused("claim_open")
    again = claimed(OPEN_CALL, GRANT.model_copy(update={"outcome": "refused"}))
    assert again.when(FILE, actor=LEAD, time=noon(LATER)).event(ClaimFiled).number == 2


def test_a_granted_claim_carries_the_authors_and_leaves_the_refusal_as_it_is() -> None:
    outcome = claimed(NATIONAL, PANEL, FINDING).when(GRANT, actor=HEAD, time=noon(LATER))
    outcome.emits(ClaimDecided, NoticeIssued)
    decided = outcome.event(ClaimDecided)
    assert (decided.outcome, decided.panel_supports, decided.department) == ("granted", True, HEAD.department)
    assert [(author.person_id, str(author.share)) for author in decided.authors] == [("p-1", "60"), ("p-2", "40")]
    assert outcome.event(NoticeIssued).notice == "claim_granted"
    idea: Any = outcome.state
    assert (idea.stage, idea.claims[0].status, idea.clocks[CLAIM_RESULT].ended) == (Stage.REFUSED, "granted", "met")
    assert set(idea.deadlines) == {REEXAMINATION, CLAIM, KEPT}


def test_packs_differ_in_whether_a_claim_needs_a_panel_and_an_authority() -> None:
    bare = GRANT.model_copy(update={"authority": None})
    claimed(NATIONAL).when(GRANT, actor=HEAD, time=noon(LATER)).refused("panel_required")
    claimed(NATIONAL, PANEL, FINDING).when(bare, actor=HEAD, time=noon(LATER)).refused("authority_required")
    claimed(OPEN_CALL).when(bare, actor=HEAD, time=noon(LATER)).emits(ClaimDecided, NoticeIssued)


def test_a_claim_is_refused_with_reasons_by_the_department_in_charge_and_no_author() -> None:
    given, late = claimed(SEOUL, PANEL, FINDING), noon(LATER)
    no = DecideClaim(outcome="refused", reason=" ")
    given.when(no, actor=HEAD, time=late).refused("reason_required")
    given.when(GRANT, actor=OTHER_HEAD, time=late).refused("not_in_charge")
    author = Actor(LEAD.id, "department", HEAD.department)
    given.when(GRANT, actor=author, time=late).refused("conflict_of_interest")
    signed = GRANT.model_copy(update={"authority": authority(CO_AUTHOR.id)})
    given.when(signed, actor=HEAD, time=late).refused("conflict_of_interest")
    after(SEOUL, Stage.REFUSED).when(GRANT, actor=HEAD, time=late).refused("no_claim_open")
    after(SEOUL, Stage.REFUSED).when(PANEL, actor=RECEIVER, time=late).refused("no_claim_open")


def test_an_answer_that_is_late_is_told_and_still_comes() -> None:
    given, outcome = fallen(claimed(OPEN_CALL), CLAIM_RESULT)
    outcome.emits(ClockRanOut, NoticeIssued)
    assert outcome.event(NoticeIssued).notice == "claim_overdue"
    given.when(GRANT, actor=HEAD, time=noon(date(2026, 1, 5))).emits(ClaimDecided, NoticeIssued)


def test_an_open_claim_outlives_a_refusal_that_was_changed() -> None:
    ask = RequestReexamination(reason="다시 보아 달라")
    early = FILE.model_copy(update={"implemented_on": None})
    change = DecideReexamination(outcome="adopted", reason="된다", planned_date=date(2025, 12, 1))
    day = date(2025, 3, 10)
    given = after(OPEN_CALL, Stage.REFUSED, (early, LEAD, day), (ask, LEAD, day), (change, HEAD, day))
    assert given.state.stage is Stage.ADOPTED and CLAIM_RESULT in given.state.deadlines
    given.when(early, actor=LEAD, time=noon(day)).refused("claim_open")
    given.when(GRANT, actor=HEAD, time=noon(day)).emits(ClaimDecided, NoticeIssued)


# --- the watch


def test_a_match_is_told_once_with_the_day_until_which_there_are_claims() -> None:
    refused = after(NATIONAL, Stage.REFUSED)
    outcome = refused.when(match(), actor=SYSTEM, time=noon(LATER)).emits(MatchFound, NoticeIssued)
    assert outcome.event(NoticeIssued).facts == {
        "matched": "adoption",
        "matched_id": "i-9",
        "matched_on": "2025-11-03",
        "similarity": "83.5",
        "claim_until": "2027-03-03",
    }
    told = refused(*refused.past, *outcome.events)
    told.when(match(), actor=SYSTEM, time=noon(LATER)).emits()
    told.when(match(matched="output"), actor=SYSTEM, time=noon(LATER)).emits(MatchFound, NoticeIssued)
    refused.when(match(), actor=RECEIVER, time=noon(LATER)).refused("not_found")


def test_packs_differ_in_how_alike_a_match_must_be() -> None:
    similar = match(similarity=Decimal("60.0"))
    after(SEOUL, Stage.REFUSED).when(similar, actor=SYSTEM, time=noon(LATER)).emits(MatchFound, NoticeIssued)
    after(OPEN_CALL, Stage.REFUSED).when(similar, actor=SYSTEM, time=noon(LATER)).emits()


def test_packs_differ_in_how_long_they_watch_and_the_day_of_the_thing_counts() -> None:
    for pack_id, last in ((NATIONAL, date(2027, 3, 3)), (OPEN_CALL, date(2026, 3, 3))):
        kept, _ = fallen(after(pack_id, Stage.REFUSED), KEPT)
        noticed = noon(last.replace(day=20))
        kept.when(match(matched_on=last), actor=SYSTEM, time=noticed).emits(MatchFound, NoticeIssued)
        kept.when(match(matched_on=last.replace(day=4)), actor=SYSTEM, time=noticed).emits()


def test_nothing_is_told_of_what_came_before_of_itself_or_to_what_is_not_refused() -> None:
    refused = after(SEOUL, Stage.REFUSED)
    refused.when(match(matched_on=date(2025, 3, 2)), actor=SYSTEM, time=noon(LATER)).emits()
    refused.when(match(matched_id="i-1"), actor=SYSTEM, time=noon(LATER)).emits()
    for stage in (Stage.RECEIVED, Stage.DECISION_PENDING, Stage.ADOPTED):
        after(SEOUL, stage).when(match(), actor=SYSTEM, time=noon(LATER)).emits()


# --- policies

given_policy = Given(POLICY, "y-1", actor=RECEIVER)
POLICY_BODY = RecordPolicy(
    title="심야버스 운행",
    text="자정부터 다섯 시까지 심야버스를 운행한다.",
    department="d-transport",
    in_force_on=date(2025, 3, 1),
    source="시정 4개년 계획",
)


def test_a_policy_is_entered_once_with_a_text_and_not_before_its_first_day() -> None:
    entered = given_policy.when(POLICY_BODY).emits(PolicyRecorded)
    assert entered.event(PolicyRecorded).recorded_by == RECEIVER.id
    given_policy(*entered.events).when(POLICY_BODY).refused("policy_recorded_already")
    given_policy.when(POLICY_BODY.model_copy(update={"text": " "})).refused("policy_empty")
    given_policy.when(POLICY_BODY.model_copy(update={"in_force_on": date(2025, 3, 4)})).refused("date_in_future")
