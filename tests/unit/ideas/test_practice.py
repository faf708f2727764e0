"""A practice that runs already: its facts are checked, and then it is a case and stands for an award."""

from datetime import date
from typing import Any

import pytest

from services.ideas.domain.commands import CheckCompleteness, ReceiveIdea
from services.ideas.domain.process_commands import CheckFacts
from services.ideas.domain.values import Stage
from services.learning.domain import CASE
from services.learning.domain.case import Stage as CaseStage
from shared.contracts.awards import AwardGranted, IdeaNominated, SharesAwaited
from shared.contracts.ideas import EvaluationRequested, IdeaAwarded, IdeaFoundComplete, NoticeIssued
from shared.contracts.ideas_outcomes import PracticeChecked, PracticeConfirmed
from shared.contracts.learning import CaseAnswered, CaseOpened
from shared.contracts.types import Kind, Rule
from shared.engine.message import Actor
from tests.support.given import Given
from tests.unit.awards.support import given_nomination
from tests.unit.ideas.outcomes import follow
from tests.unit.ideas.support import (
    LEAD,
    NATIONAL,
    OPEN_CALL,
    RECEIVER,
    SEOUL,
    STRANGER,
    SYSTEM,
    authority,
    given_idea,
    submission,
)


def recommended(pack_id: str, kind: Kind = Kind.PRACTICE) -> Given:
    """A practice that was recommended and received."""
    given = follow(given_idea, submission(pack_id, kind=kind), LEAD)
    return follow(given, ReceiveIdea(), RECEIVER)


def check(**changes: Any) -> CheckFacts:
    """A check that confirms."""
    whole: dict[str, Any] = {
        "outcome": "confirmed",
        "running_since": date(2024, 1, 2),
        "findings": "세 동에서 한 해 동안 시행한 것을 현장에서 확인함",
        "document": "현장-2025-3",
        "authority": authority(),
    }
    return CheckFacts(**(whole | changes))


def confirmed(pack_id: str = NATIONAL) -> PracticeConfirmed:
    """What the check of a practice says."""
    return recommended(pack_id).when(check(), actor=RECEIVER).event(PracticeConfirmed)


def test_packs_differ_in_what_follows_a_check() -> None:
    direct = recommended(NATIONAL).when(check(), actor=RECEIVER)
    direct.emits(PracticeChecked, IdeaFoundComplete, PracticeConfirmed, NoticeIssued)
    assert direct.state is not None
    seen = direct.state.model_dump()
    assert (seen["stage"], seen["deadlines"], seen["facts"]["running_since"]) == (Stage.CONFIRMED, {}, date(2024, 1, 2))
    evaluated = recommended(SEOUL).when(check(), actor=RECEIVER)
    evaluated.emits(PracticeChecked, IdeaFoundComplete, NoticeIssued, EvaluationRequested)
    recommended(OPEN_CALL).when(check(), actor=RECEIVER).refused("facts_not_for_pack")


def test_packs_differ_in_whether_a_check_of_facts_is_needed() -> None:
    complete = CheckCompleteness(outcome="complete")
    for pack_id in (SEOUL, NATIONAL):
        recommended(pack_id).when(complete, actor=RECEIVER).refused("facts_not_checked")
    recommended(OPEN_CALL).when(complete, actor=RECEIVER).emits(IdeaFoundComplete, EvaluationRequested)
    recommended(SEOUL, Kind.CREATE).when(complete, actor=RECEIVER).emits(IdeaFoundComplete, EvaluationRequested)


def test_packs_differ_in_how_long_it_must_have_been_running() -> None:
    # Checked on 3 March 2025; half a year before was 3 September 2024.
    for since, kinds in ((date(2024, 9, 3), 4), (date(2024, 9, 4), 0)):
        outcome = recommended(SEOUL).when(check(running_since=since), actor=RECEIVER)
        assert len(outcome.events) == kinds
        assert (outcome.refusal is None) == bool(kinds)
    recommended(NATIONAL).when(check(running_since=date(2024, 9, 3)), actor=RECEIVER).refused("practice_too_young")
    recommended(NATIONAL).when(check(running_since=date(2024, 3, 3)), actor=RECEIVER).event(PracticeConfirmed)


def test_what_is_not_confirmed_may_be_supplemented_and_checked_again() -> None:
    given = recommended(NATIONAL)
    unconfirmed = check(outcome="unconfirmed", running_since=None)
    given.when(unconfirmed, actor=RECEIVER).emits(PracticeChecked, NoticeIssued)
    after = follow(given, unconfirmed, RECEIVER)
    assert (after.state.stage, after.state.facts.outcome) == (Stage.RECEIVED, "unconfirmed")
    after.when(check(), actor=RECEIVER).event(PracticeConfirmed)


@pytest.mark.parametrize("pack_id", [SEOUL, NATIONAL])
def test_it_is_never_closed_as_being_done_already(pack_id: str) -> None:
    close = CheckCompleteness(outcome="closed", ground="already_in_force", reason="시행 중", authority=authority())
    recommended(pack_id).when(close, actor=RECEIVER).refused("ground_not_for_kind")


@pytest.mark.parametrize(
    ("message", "actor", "code"),
    [
        (check(findings=" "), RECEIVER, "findings_required"),
        (check(document=" "), RECEIVER, "document_required"),
        (check(running_since=None), RECEIVER, "running_since_required"),
        (check(running_since=date(2025, 3, 4)), RECEIVER, "date_in_future"),
        (check(authority=None), RECEIVER, "authority_required"),
        (check(), Actor("p-1", "receiver", "d-office"), "conflict_of_interest"),
    ],
)
def test_what_may_not_be_is_refused(message: CheckFacts, actor: Actor, code: str) -> None:
    recommended(NATIONAL).when(message, actor=actor).refused(code)


def test_only_a_practice_has_facts_to_check() -> None:
    recommended(NATIONAL, Kind.CREATE).when(check(), actor=RECEIVER).refused("not_a_practice")


def test_it_becomes_a_case_once() -> None:
    outcome = Given(CASE, "i-1").when(confirmed()).emits(CaseOpened)
    case = Given(CASE, "i-1")(*outcome.events)
    assert (case.state.stage, case.state.kind) == (CaseStage.OPEN, Kind.PRACTICE)
    case.when(confirmed()).emits()


def test_it_stands_for_an_award_without_an_evaluation() -> None:
    # Its two authors have not confirmed their shares yet, so that no money would move.
    event = given_nomination.when(confirmed()).emits(IdeaNominated, SharesAwaited).event(IdeaNominated)
    assert (event.score, event.round_id, event.kind) == (None, "kr-national-2023-09.2025", Kind.PRACTICE)
    given_nomination(event).when(confirmed()).emits()


def test_it_wins_and_spreads_like_what_was_adopted_and_everybody_may_see_it() -> None:
    given = follow(recommended(NATIONAL), check(), RECEIVER)
    won = AwardGranted(
        idea_id="i-1",
        round_id="kr-national-2023-09.2025",
        category_id="kr-national-2023-09.2025.proposal",
        grade="gold",
        prize_won=5_000_000,
        payments=(),
        authority=None,
        rule=Rule(pack=NATIONAL),
    )
    given.when(won, actor=SYSTEM).emits(IdeaAwarded, NoticeIssued)
    taken = CaseAnswered(
        idea_id="i-1",
        target="d-parks",
        answer="adopted",
        answered_by="p-7",
        answered_on=date(2025, 4, 1),
        reason=confirmed().title.model_copy(update={"value": ""}),
    )
    assert given.when(taken, actor=SYSTEM).events
    assert given.state.visible_to(STRANGER)["stage"] == "confirmed"
