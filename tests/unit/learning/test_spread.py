"""A case and what becomes of it in a department, under every pack."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.learning.domain.case import Case
from services.learning.domain.case import Stage as CaseStage
from services.learning.domain.commands import AnswerOffer, OfferCase
from services.learning.domain.offer import ANSWER, Stage
from shared.contracts.ideas_outcomes import FailureRecognised
from shared.contracts.learning import CaseAnswered, CaseFailed, CaseOffered, CaseOpened, OfferOverdue
from shared.engine.message import Actor, DeadlineReached, seal
from shared.rules.loader import pack
from tests.unit.learning.support import (
    HEAD,
    NATIONAL,
    OFFICER,
    OPEN_CALL,
    OWNER,
    PACKS,
    SEOUL,
    TARGET_HEAD,
    adopted,
    case,
    given_case,
    given_offer,
    offered,
)

# --- cases


@pytest.mark.parametrize("pack_id", PACKS)
def test_an_adopted_idea_opens_a_case_once(pack_id: str) -> None:
    opened = given_case.when(adopted(pack=pack_id)).emits(CaseOpened)
    given = given_case(*opened.events)
    assert (given.state.stage, given.state.department, given.state.pack) == (CaseStage.OPEN, "transport", pack_id)
    given.when(adopted(pack=pack_id)).emits()


def failed() -> FailureRecognised:
    """What was adopted, given up, and recognised as an honest failure."""
    idea = adopted(pack=SEOUL)
    return FailureRecognised(
        idea_id=idea.idea_id,
        pack=idea.pack,
        kind=idea.kind,
        department=idea.department,
        title=idea.title,
        authors=idea.authors,
        learnt=seal("먼저 재야 한다", "i-1"),
        finding=seal("숨기지 않았다", "i-1"),
        recognised_on=date(2025, 6, 2),
        recognised_by="p-5",
        earns_points=True,
        rule=idea.rule,
    )


def test_an_honest_failure_is_a_case_that_is_offered_to_nobody() -> None:
    opened = given_case(*given_case.when(adopted(pack=SEOUL)).events)
    outcome = opened.when(failed()).emits(CaseFailed)
    after = opened(*opened.past, *outcome.events)
    assert (after.state.stage, after.state.learnt.value) == (CaseStage.FAILED, "먼저 재야 한다")
    for again in (failed(), adopted(pack=SEOUL)):
        after.when(again).emits()
    offer = given_offer(SEOUL)(reads=[after.state])
    offer.when(OfferCase(target="parks", owner=OWNER.id)).refused("case_failed")


def test_a_failure_that_is_heard_of_before_its_adoption_stays_one() -> None:
    early = given_case(*given_case.when(failed()).emits(CaseFailed).events)
    early.when(adopted(pack=SEOUL)).emits()


# --- offers


@pytest.mark.parametrize(
    ("pack_id", "due"),
    [
        (SEOUL, datetime(2025, 4, 2, 15, 0, tzinfo=UTC)),  # 30 days from 3 March, to the end of the day in Seoul
        (NATIONAL, datetime(2025, 3, 24, 15, 0, tzinfo=UTC)),  # 3 weeks
        (OPEN_CALL, datetime(2025, 5, 2, 15, 0, tzinfo=UTC)),  # 60 days
    ],
)
def test_without_a_date_the_answer_is_due_when_the_pack_says(pack_id: str, due: datetime) -> None:
    event = given_offer(pack_id).when(OfferCase(target="parks", owner=OWNER.id)).event(CaseOffered)
    assert (event.due, event.owner, event.target) == (due, OWNER.id, "parks")
    assert offered(pack_id).state.deadlines == {ANSWER: due}


def test_a_date_may_be_named_from_today_on() -> None:
    today = offered(SEOUL, due=date(2025, 3, 3)).state.due_at
    assert today == datetime(2025, 3, 3, 15, 0, tzinfo=UTC)
    given_offer(SEOUL).when(OfferCase(target="parks", owner=OWNER.id, due=date(2025, 3, 2))).refused("date_in_past")


def test_what_can_not_be_offered() -> None:
    command = OfferCase(target="parks", owner=OWNER.id)
    offered(SEOUL).when(command).refused("already_offered")
    own = type(given_offer(SEOUL))(given_offer(SEOUL).aggregate, "i-1/transport", (), (case(SEOUL),), OFFICER)
    own.when(OfferCase(target="transport", owner="kim")).refused("own_department")
    given_offer(SEOUL)(reads=[Case(id="i-1")]).when(command).refused("not_found")


def test_a_head_offers_the_own_departments_cases_only() -> None:
    command = OfferCase(target="parks", owner=OWNER.id)
    given_offer(SEOUL).when(command, actor=HEAD).emits(CaseOffered)
    stranger = given_offer(SEOUL).when(command, actor=TARGET_HEAD).refused("not_the_department_in_charge")
    assert stranger.refusal is not None
    assert stranger.refusal.recorded


# --- answers


@pytest.mark.parametrize("pack_id", PACKS)
@pytest.mark.parametrize("answer", ["adopted", "adapted", "declined"])
def test_which_answers_need_a_reason_is_the_packs_to_say(pack_id: str, answer: Any) -> None:
    given = offered(pack_id)
    bare = given.when(AnswerOffer(answer=answer, reason=" "), actor=TARGET_HEAD)
    if answer in pack(pack_id).learning.spread.reason_required.value:
        bare.refused("reason_required")
    else:
        bare.emits(CaseAnswered)
    event = given.when(AnswerOffer(answer=answer, reason="공원 길에 맞추어"), actor=TARGET_HEAD).event(CaseAnswered)
    assert (event.answer, event.answered_by, event.reason.value) == (answer, TARGET_HEAD.id, "공원 길에 맞추어")


def test_packs_differ_in_the_reasons_they_ask_for() -> None:
    command = AnswerOffer(answer="adapted")
    offered(SEOUL).when(command, actor=TARGET_HEAD).emits(CaseAnswered)
    offered(NATIONAL).when(command, actor=TARGET_HEAD).refused("reason_required")


@pytest.mark.parametrize(
    ("actor", "may"),
    [
        (TARGET_HEAD, True),
        (OWNER, True),
        (HEAD, False),
        (OFFICER, False),
        (Actor("somebody", "member", "parks"), False),
    ],
)
def test_the_target_answers_and_nobody_else(actor: Actor, may: bool) -> None:
    outcome = offered(SEOUL).when(AnswerOffer(answer="adopted"), actor=actor)
    if may:
        outcome.emits(CaseAnswered)
    else:
        refused = outcome.refused("not_the_target")
        assert refused.refusal is not None
        assert refused.refusal.recorded


def test_an_answer_is_given_once() -> None:
    given = offered(SEOUL)
    answered = given.when(AnswerOffer(answer="adopted"), actor=OWNER)
    after = given(*given.past, *answered.events, reads=given.reads)
    assert (after.state.stage, after.state.deadlines) == (Stage.ANSWERED, {})
    after.when(AnswerOffer(answer="declined", reason="취소"), actor=OWNER).refused("already_answered")


def test_a_pack_may_allow_fewer_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = pack(SEOUL).learning
    fewer = asked.spread.answers.model_copy(update={"value": asked.spread.answers.value[:1]})
    changed = asked.model_copy(update={"spread": asked.spread.model_copy(update={"answers": fewer})})
    given = offered(SEOUL)
    monkeypatch.setattr("services.learning.domain.offer.rules", {SEOUL: changed}.__getitem__)
    given.when(AnswerOffer(answer="declined", reason="예산 없음"), actor=OWNER).refused("answer_not_allowed")


@pytest.mark.parametrize("pack_id", PACKS)
def test_a_missed_date_is_told_once_and_the_answer_still_counts(pack_id: str) -> None:
    given = offered(pack_id)
    due = given.state.deadlines[ANSWER]
    overdue = given.when(DeadlineReached(name=ANSWER, due=due)).emits(OfferOverdue)
    assert overdue.event(OfferOverdue).due == due
    late = given(*given.past, *overdue.events, reads=given.reads)
    assert (late.state.stage, late.state.deadlines) == (Stage.OVERDUE, {})
    answer = AnswerOffer(answer="declined", reason="예산 없음")
    late.when(answer, actor=OWNER, time=due + timedelta(days=1)).emits(CaseAnswered)
