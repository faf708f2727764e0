"""Rounds: admission, extensions that are announced, the order of a stage, the best go on."""

from datetime import timedelta
from decimal import Decimal

import pytest

from services.evaluation.domain.round_commands import CloseStage, ExtendStage
from services.evaluation.domain.round_state import DUE, Phase, Round, Standing
from shared.contracts.evaluation_rounds import (
    AdmissionEnded,
    ClosingOrdered,
    EntryDropped,
    EntryNoted,
    ExtensionOrdered,
    IdeaAdmitted,
    RoundBegun,
    RoundEnded,
    RoundLeft,
    RoundNotJoined,
    StageDisclosed,
    StageExtended,
    StageOverdue,
    StageRanked,
    StandingDecided,
)
from shared.engine.message import Actor, DeadlineReached
from shared.rules.loader import calendar
from tests.support.given import NOON
from tests.unit.evaluation.rounds import a_round, admitting, first, id_of, joined, lived, opening, result, scoring
from tests.unit.evaluation.support import AUDITOR, CHAIR, NATIONAL, OPEN_CALL, RECEIVER, SEOUL, rater

WEEK = timedelta(days=7)


def state(pack_id: str, *steps: object) -> Round:
    return a_round(pack_id, *lived(pack_id, *steps)).state  # pyright: ignore[reportArgumentType]


def due(pack_id: str) -> DeadlineReached:
    return DeadlineReached(name=DUE, due=state(pack_id).closes_at)  # pyright: ignore[reportArgumentType]


# --- opening and admission


def test_a_round_takes_stages_and_deadline_from_its_pack() -> None:
    for pack_id, stages, days in ((SEOUL, ("first_pass", "second_pass"), 14), (NATIONAL, ("review",), 20)):
        begun = a_round(pack_id).when(opening(pack_id)).event(RoundBegun)
        assert begun.stages == stages and begun.rule.pack == pack_id and begun.begun_by == CHAIR.id
        working = calendar("kr-2026-11")
        assert begun.due == working.end_of(working.after(NOON.date(), days))


def test_an_officer_may_choose_the_deadline_but_not_one_that_has_passed() -> None:
    chosen = NOON + WEEK
    assert a_round(SEOUL).when(opening(SEOUL, due=chosen)).event(RoundBegun).due == chosen
    a_round(SEOUL).when(opening(SEOUL, due=NOON)).refused("due_too_early")


def test_a_round_opens_once_under_a_pack_that_there_is() -> None:
    a_round(SEOUL, *lived(SEOUL)).when(opening(SEOUL)).refused("round_already_open")
    a_round("none").when(opening("none")).refused("unknown_pack")
    long_ago = NOON.replace(year=1999)
    a_round(OPEN_CALL).when(opening(OPEN_CALL), time=long_ago).refused("pack_not_in_force")


def test_ideas_are_admitted_once_and_told_when_their_scoring_ends() -> None:
    events = a_round(SEOUL, *lived(SEOUL, admitting("i-1"))).when(admitting("i-1", "i-2", "i-2")).events
    assert (
        [event.idea_id for event in events if isinstance(event, IdeaAdmitted)]
        == ["i-2"]
        == [event.partition_key for event in events]
    )


def test_no_idea_comes_in_later() -> None:
    going_on = lived(SEOUL, *scoring(SEOUL, "i-1"), result(SEOUL, "i-1", "80"), due(SEOUL))
    a_round(SEOUL, *going_on).when(admitting("i-2")).refused("admission_over")
    waiting = lived(SEOUL, *scoring(SEOUL, "i-1"), due(SEOUL))
    a_round(SEOUL, *waiting).when(admitting("i-2")).refused("admission_over")
    ended = lived(OPEN_CALL, *scoring(OPEN_CALL, "i-1"), result(OPEN_CALL, "i-1", "80"), due(OPEN_CALL))
    a_round(OPEN_CALL, *ended).when(admitting("i-2")).refused("round_ended")


def test_an_evaluation_that_was_not_admitted_is_let_go() -> None:
    a_round(SEOUL, *lived(SEOUL)).when(joined(SEOUL, "i-9")).emits(AdmissionEnded)


def test_what_can_not_join_or_leaves_is_waited_for_no_longer() -> None:
    told = {"round_id": id_of(SEOUL), "idea_id": "i-2", "stage": first(SEOUL)}
    for gone in (RoundLeft.model_validate(told), RoundNotJoined.model_validate({**told, "reason": "not_open"})):
        steps = (*scoring(SEOUL, "i-1", "i-2"), result(SEOUL, "i-1", "80"), due(SEOUL))
        outcome = a_round(SEOUL, *lived(SEOUL, *steps)).when(gone)
        outcome.emits(EntryDropped, StageRanked, StandingDecided)
        a_round(SEOUL, *lived(SEOUL, *steps), *outcome.events).when(gone).emits()


# --- deadlines and extensions


def test_at_the_deadline_late_ideas_are_dropped_and_results_on_their_way_are_waited_for() -> None:
    past = lived(SEOUL, *scoring(SEOUL, "i-1"), admitting("i-2"))
    outcome = a_round(SEOUL, *past).when(due(SEOUL))
    outcome.emits(StageOverdue, EntryDropped, AdmissionEnded)
    after = a_round(SEOUL, *past, *outcome.events)
    assert after.state.overdue and not after.state.deadlines
    after.when(result(SEOUL, "i-1", "80", closed_by="deadline")).emits(EntryNoted, StageRanked, StandingDecided)


def test_a_round_in_which_nothing_was_scored_ends_at_its_deadline() -> None:
    outcome = a_round(SEOUL, *lived(SEOUL)).when(due(SEOUL))
    outcome.emits(StageOverdue, StageRanked, RoundEnded)


def test_an_extension_is_announced_with_its_reason_and_told_to_every_evaluation() -> None:
    past = lived(SEOUL, *scoring(SEOUL, "i-1", "i-2"))
    later = a_round(SEOUL, *past).state.closes_at + WEEK
    outcome = a_round(SEOUL, *past).when(ExtendStage(due=later, reason="응모가 많아"))
    outcome.emits(StageExtended, ExtensionOrdered, ExtensionOrdered)
    announced = outcome.event(StageExtended)
    assert not StageExtended.JOURNAL and announced.reason.value == "응모가 많아"
    assert (announced.before, announced.due) == (later - WEEK, later)
    assert a_round(SEOUL, *past, *outcome.events).state.deadlines[DUE] == later


def test_nobody_extends_backwards_without_a_reason_or_too_late() -> None:
    past = lived(SEOUL, *scoring(SEOUL, "i-1"))
    closes_at = a_round(SEOUL, *past).state.closes_at
    extend = a_round(SEOUL, *past).when
    extend(ExtendStage(due=closes_at, reason="사유")).refused("due_too_early")
    extend(ExtendStage(due=closes_at + WEEK, reason=" ")).refused("reason_required")
    extend(ExtendStage(due=closes_at + WEEK, reason="사유"), time=closes_at).refused("stage_over")


def test_a_result_that_the_old_deadline_ended_counts_for_nothing_after_an_extension() -> None:
    old = state(SEOUL).closes_at
    assert old is not None
    handed = result(SEOUL, "i-1", "80", closed_by="deadline", due=old)
    extension = ExtendStage(due=old + WEEK, reason="사유")
    before = lived(SEOUL, *scoring(SEOUL, "i-1"), handed, (extension, old - WEEK))
    assert a_round(SEOUL, *before).state.entry("i-1").standing is Standing.SCORING
    after = lived(SEOUL, *scoring(SEOUL, "i-1"), (extension, old - WEEK))
    a_round(SEOUL, *after).when(handed).emits()
    complete = result(SEOUL, "i-1", "80", due=old)
    a_round(SEOUL, *after).when(complete).emits(EntryNoted)


def test_a_stage_may_be_ended_early_and_whoever_does_it_learns_nothing_of_the_scoring() -> None:
    past = lived(OPEN_CALL, *scoring(OPEN_CALL, "i-1", "i-2"), result(OPEN_CALL, "i-1", "80"))
    ended = a_round(OPEN_CALL, *past).when(CloseStage())
    ended.emits(ClosingOrdered, StageOverdue)
    a_round(OPEN_CALL, *past, *ended.events).when(CloseStage()).refused("stage_over")
    last = result(OPEN_CALL, "i-2", "70", closed_by="command")
    outcome = a_round(OPEN_CALL, *past, *ended.events).when(last)
    outcome.emits(EntryNoted, StageRanked, StandingDecided, StandingDecided, RoundEnded)
    handed = a_round(OPEN_CALL, *past).when(result(OPEN_CALL, "i-2", "70")).events
    at_once = a_round(OPEN_CALL, *past, *handed).when(CloseStage())
    at_once.emits(StageOverdue, StageRanked, StandingDecided, StandingDecided, RoundEnded)
    states = [a_round(OPEN_CALL, *past, *ended.events).state, a_round(OPEN_CALL, *past, *handed, *at_once.events).state]
    assert states[0].visible_to(CHAIR) == states[1].visible_to(CHAIR)


def test_nobody_in_conflict_ends_a_stage() -> None:
    past = lived(OPEN_CALL, *scoring(OPEN_CALL, "i-1"))
    a_round(OPEN_CALL, *past).when(CloseStage(), actor=Actor("p-1", "chair")).refused("conflict_of_interest")


# --- the order, and who goes on


def ranks(pack_id: str, *scores: str | None, means: tuple[tuple[str, ...], ...] = ()) -> list[tuple[str, int | None]]:
    ideas = [f"i-{n}" for n in range(len(scores))]
    spread = means or ((),) * len(scores)
    results = [result(pack_id, idea, score, means=m) for idea, score, m in zip(ideas, scores, spread, strict=True)]
    events = lived(pack_id, *scoring(pack_id, *ideas), *results, due(pack_id))
    (ranking,) = [event for event in events if isinstance(event, StageRanked)]
    return [(one.idea_id, one.rank) for one in ranking.ranking]


def test_the_legal_score_gives_the_order() -> None:
    assert ranks(OPEN_CALL, "70", "90", "80") == [("i-1", 1), ("i-2", 2), ("i-0", 3)]


def test_equals_share_a_place_unless_the_pack_breaks_the_tie_by_criteria() -> None:
    means = (("7", "9"), ("8", "8"), ("8", "8"))
    assert ranks(OPEN_CALL, "80", "80", "80", means=means) == [("i-0", 1), ("i-1", 1), ("i-2", 1)]
    assert ranks(SEOUL, "80", "80", "80", means=means) == [("i-1", 1), ("i-2", 1), ("i-0", 3)]


def test_who_was_not_measured_has_no_place() -> None:
    assert ranks(OPEN_CALL, None, "10") == [("i-1", 1), ("i-0", None)]


def test_the_best_hundred_go_on_with_all_that_equal_the_last_and_all_that_were_not_measured() -> None:
    ideas = [f"i-{n}" for n in range(104)]
    points = [str(Decimal(99) - n) if n < 98 else "1" for n in range(101)]  # 98 apart, then three equal ones
    results = [result(SEOUL, idea, score) for idea, score in zip(ideas, [*points, "0.5", "0", None], strict=True)]
    past = lived(SEOUL, *scoring(SEOUL, *ideas), *results)
    outcome = a_round(SEOUL, *past).when(due(SEOUL))
    ranking = outcome.event(StageRanked)
    going = [one.idea_id for one in ranking.ranking if one.goes_on]
    assert going == [*ideas[:101], "i-103"] and ranking.following == "second_pass"
    told = {event.idea_id: event.following for event in outcome.events if isinstance(event, StandingDecided)}
    assert told["i-100"] == "second_pass" == told["i-103"] and told["i-101"] is None
    after = a_round(SEOUL, *past, *outcome.events).state
    assert [entry.idea_id for entry in after.entries] == going and after.stage == "second_pass"
    assert after.deadlines[DUE] == ranking.due


def test_after_its_last_stage_a_round_has_ended() -> None:
    one = (*scoring(SEOUL, "i-1"), result(SEOUL, "i-1", "80"), due(SEOUL))
    second = state(SEOUL, *one)
    assert second.stage == "second_pass" and second.closes_at is not None
    steps = (joined(SEOUL, "i-1", "second_pass"), result(SEOUL, "i-1", "90", stage="second_pass"))
    last = DeadlineReached(name=DUE, due=second.closes_at)
    past = lived(SEOUL, *one, *steps)
    a_round(SEOUL, *past).when(last).emits(StageOverdue, StageRanked, StandingDecided, RoundEnded)
    assert state(SEOUL, *one, *steps, last).phase is Phase.ENDED
    assert state(OPEN_CALL, *scoring(OPEN_CALL, "i-1"), result(OPEN_CALL, "i-1", "80"), due(OPEN_CALL)).phase is (
        Phase.ENDED
    ), "this pack has one stage only"


def test_a_result_of_an_earlier_stage_comes_too_late() -> None:
    past = lived(SEOUL, *scoring(SEOUL, "i-1"), result(SEOUL, "i-1", "80"), due(SEOUL))
    a_round(SEOUL, *past).when(result(SEOUL, "i-1", "99")).emits()


# --- who sees what


def test_progress_shows_to_the_auditor_alone() -> None:
    fresh = state(SEOUL, *scoring(SEOUL, "i-1", "i-2"))
    half = state(SEOUL, *scoring(SEOUL, "i-1", "i-2"), result(SEOUL, "i-1", "80"))
    for actor in (CHAIR, RECEIVER, rater(1), Actor("p-1", "author"), Actor("c-1", "citizen")):
        assert fresh.visible_to(actor) == half.visible_to(actor)
    assert half.visible_to(AUDITOR)["entries"][0]["score"] == "80"
    assert half.visible_to(Actor("o-1", "operator")) == {}


@pytest.mark.parametrize(("pack_id", "delayed"), [(SEOUL, False), (NATIONAL, True)])
def test_an_order_shows_to_who_organises_when_the_pack_says(pack_id: str, delayed: bool) -> None:
    steps = (*scoring(pack_id, "i-1"), result(pack_id, "i-1", "80"), due(pack_id))
    ranked = state(pack_id, *steps)
    assert not ranked.rankings[0].disclosed and ranked.visible_to(CHAIR)["phase"] == "open"
    ((name, moment),) = [(n, at) for n, at in ranked.deadlines.items() if n != DUE]
    assert (moment > due(pack_id).due) == delayed
    shown = state(pack_id, *steps, DeadlineReached(name=name, due=moment))
    assert shown.rankings[0].disclosed and shown.announced == shown
    assert ranked.shows(StageExtended, rater(1)) and not ranked.shows(StageDisclosed, CHAIR)
    assert not ranked.shows(RoundEnded, CHAIR) and shown.shows(RoundEnded, CHAIR) == delayed, "or a stage follows"
