"""Nothing of scores, counts or progress shows to anybody but the auditor before the disclosure."""

import pytest

from services.evaluation.domain.commands import AssignRaters, CloseEvaluation
from services.evaluation.domain.evaluation_state import Evaluation
from shared.contracts.evaluation import (
    EvaluationClosed,
    EvaluationOpened,
    IdeaEvaluated,
    RatersAssigned,
    ScoreRecorded,
)
from shared.engine.message import Actor, Event
from tests.unit.evaluation.support import (
    AUDITOR,
    AUTHOR,
    CHAIR,
    HEAD,
    NATIONAL,
    RECEIVER,
    SEOUL,
    after,
    given,
    rater,
    scores,
    withdrawn,
)

EVERYBODY = [
    Actor(f"x-{role}", role, "d-transport")
    for role in (
        *("author", "receiver", "department", "rater", "chair", "award_officer", "panelist", "group_lead"),
        *("member", "union", "citizen", "operator"),
    )
]


def opened(*steps: int) -> Evaluation:
    scored = ((scores(NATIONAL, "13", comment="비밀"), rater(number)) for number in steps)
    return given(NATIONAL, *after(NATIONAL, *scored)).state


@pytest.mark.parametrize("actor", EVERYBODY, ids=lambda actor: actor.role)
def test_before_the_disclosure_nothing_tells_how_far_it_is(actor: Actor) -> None:
    fresh, half = opened(), opened(1, 2, 3)
    closed = given(NATIONAL, *after(NATIONAL, (scores(NATIONAL, "13"), rater(1)), (CloseEvaluation(), CHAIR))).state
    assert fresh.visible_to(actor) == half.visible_to(actor) == closed.visible_to(actor)
    for event in (ScoreRecorded, EvaluationClosed, RatersAssigned):
        assert not half.shows(event, actor)


def test_the_auditor_sees_all_of_it() -> None:
    assert len(opened(1, 2).visible_to(AUDITOR)["sheets"]) == 2
    assert all(opened().shows(event, AUDITOR) for event in (ScoreRecorded, EvaluationClosed, EvaluationOpened))


def test_a_rater_sees_the_task_and_the_own_scores_without_the_authors() -> None:
    mine = opened(1, 2).visible_to(rater(1))
    assert mine["own_scores"]["rater_id"] == "r-1" and "비밀" in str(mine["own_scores"])
    assert mine["title"]["value"] == "올빼미버스" and "authors" not in mine and "sheets" not in mine
    assert opened(1).visible_to(rater(2))["own_scores"] is None
    assert not opened().shows(EvaluationOpened, rater(1))


def test_an_author_learns_nothing_in_any_role() -> None:
    for role in ("author", "rater", "chair", "receiver", "department"):
        assert opened(1, 2).visible_to(Actor("p-1", role, "d-transport")) == {}


def test_who_was_not_assigned_has_no_task() -> None:
    state = given(SEOUL, *after(SEOUL, (AssignRaters(raters=("r-1", "r-2")), CHAIR))).state
    assert state.visible_to(rater(3)) == {} and state.visible_to(rater(2))
    assert state.visible_to(CHAIR)["raters"] == ["r-1", "r-2"] == state.visible_to(RECEIVER)["raters"]


def test_once_disclosed_the_result_shows_to_those_it_concerns_and_single_scores_to_their_rater_alone() -> None:
    steps = ((scores(SEOUL, "8", comment="비밀"), rater(number)) for number in (1, 2, 3))
    state = given(SEOUL, *after(SEOUL, *steps)).state
    for actor in (AUTHOR, HEAD, CHAIR, RECEIVER, Actor("p-30", "award_officer")):
        seen = state.visible_to(actor)
        assert seen["score"] == "80.00" and seen["raters_counted"] == 3 and "비밀" not in str(seen)
        assert state.shows(IdeaEvaluated, actor) and not state.shows(ScoreRecorded, actor)
    assert "r-2" not in str(state.visible_to(rater(1)))
    for actor in (Actor("p-99", "author"), Actor("p-98", "citizen"), Actor("p-97", "department", "d-parks")):
        assert state.visible_to(actor) == {}


def test_those_with_the_task_see_that_it_was_cancelled() -> None:
    events: tuple[Event, ...] = after(SEOUL)
    events += given(SEOUL, *events).when(withdrawn(SEOUL)).events
    state = given(SEOUL, *events).state
    assert state.visible_to(CHAIR)["phase"] == "cancelled" == state.visible_to(rater(1))["phase"]
    assert state.visible_to(AUTHOR) == {}
