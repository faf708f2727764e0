"""A round from its opening to its close, under every pack."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.awards.domain.commands import ChosenPrize, ConfirmGrades, Withheld
from services.awards.domain.round import Stage
from shared.contracts.awards import (
    AwardGranted,
    AwardNotGranted,
    CategoryAnnounced,
    GradesConfirmed,
    ResultNoted,
    RoundClosed,
    RoundOpened,
)
from shared.contracts.types import Authority
from shared.engine.message import Actor
from shared.rules.awards import AwardDecision
from shared.rules.loader import pack
from tests.support.given import NOON
from tests.unit.awards.support import (
    APPROVER,
    CLOSES,
    NATIONAL,
    OFFICER,
    OPEN_CALL,
    PACKS,
    PANEL,
    SEOUL,
    authors,
    closed,
    confirmation,
    empty,
    given_round,
    main_category,
    opening,
    reported,
)

CREATIVE = main_category(SEOUL)
DROPPED = "seoul-2025-1.2025.dropped_work"
PRACTICE = "seoul-2025-1.2025.practice"
TRIO = authors(kim="33.34", lee="33.33", park="33.33")

# --- opening


@pytest.mark.parametrize("pack_id", PACKS)
def test_it_opens_with_the_categories_and_the_budget_of_its_pack(pack_id: str) -> None:
    asked = pack(pack_id).awards
    outcome = given_round(pack_id).when(opening(pack_id))
    outcome.emits(RoundOpened, *[CategoryAnnounced] * len(asked.categories))
    event = outcome.event(RoundOpened)
    assert event.categories == tuple(f"{pack_id}.2025.{category.code}" for category in asked.categories)
    assert (event.budget_won, event.opened_by) == (asked.budget_won.value, OFFICER.id)


@pytest.mark.parametrize(
    ("pack_id", "closes_at"),
    [
        (SEOUL, datetime(2025, 3, 17, 15, 0, tzinfo=UTC)),  # 14 days from Monday 3 March, to its end in Seoul
        (NATIONAL, datetime(2025, 4, 3, 15, 0, tzinfo=UTC)),  # a month
    ],
)
def test_without_a_date_voting_ends_when_the_pack_says(pack_id: str, closes_at: datetime) -> None:
    outcome = given_round(pack_id).when(opening(pack_id, closes_at=None))
    assert outcome.event(RoundOpened).closes_at == closes_at


@pytest.mark.parametrize(
    ("pack_id", "changes", "code"),
    [
        (SEOUL, {"closes_at": NOON}, "closes_in_the_past"),
        (SEOUL, {"panel": PANEL[:9]}, "panel_too_small"),
        (NATIONAL, {"panel": PANEL[:5]}, "panel_too_small"),
        (SEOUL, {"panel": (*PANEL, PANEL[0])}, "panelist_named_twice"),
        (SEOUL, {"non_officials": PANEL[:4]}, "too_few_non_officials"),
        (OPEN_CALL, {"non_officials": ("stranger",)}, "panelist_unknown"),
    ],
)
def test_an_opening_that_the_pack_does_not_allow(pack_id: str, changes: dict[str, Any], code: str) -> None:
    given_round(pack_id).when(opening(pack_id, **changes)).refused(code)


def test_packs_differ_in_what_they_ask_of_a_panel() -> None:
    given_round(OPEN_CALL).when(opening(OPEN_CALL, panel=PANEL[:3], non_officials=())).event(RoundOpened)


def test_the_pack_must_exist_and_be_in_force() -> None:
    round = given_round(SEOUL)
    before = datetime(2024, 12, 31, 14, 59, tzinfo=UTC)
    round.when(opening(SEOUL), time=before).refused("pack_not_in_force")
    nothing = type(round)(round.aggregate, "nothing.2025", actor=OFFICER)
    nothing.when(opening(SEOUL, pack="nothing")).refused("unknown_pack")


def test_a_round_opens_once() -> None:
    reported(SEOUL).when(opening(SEOUL)).refused("round_already_open")


# --- results


def test_a_result_is_noted_once_with_its_drafter() -> None:
    result = closed(SEOUL, {"i-1": "90"})
    noted = reported(SEOUL).when(result).event(ResultNoted)
    assert (noted.drafter, noted.nominees) == (OFFICER.id, result.nominees)
    reported(SEOUL, result).when(result).emits()


def test_the_drafter_is_who_closed_the_voting_whoever_opened_the_round() -> None:
    result = closed(SEOUL, {"i-1": "90"}).model_copy(update={"closed_by": APPROVER.id})
    given = reported(SEOUL, result)
    given.when(confirmation(CREATIVE), actor=APPROVER).refused("drafter_may_not_confirm")
    given.when(confirmation(CREATIVE), actor=OFFICER).event(GradesConfirmed)


def test_where_the_deadline_closed_the_drafter_is_who_opened_the_round() -> None:
    result = closed(SEOUL, {"i-1": "90"}).model_copy(update={"closed_by": ""})
    assert reported(SEOUL).when(result).event(ResultNoted).drafter == OFFICER.id


# --- confirmation


def test_confirmed_grades_are_granted_and_everybody_hears() -> None:
    result = closed(SEOUL, {"i-1": "90", "i-2": "80", "i-3": "50"}, **{"i-1": TRIO})
    outcome = reported(SEOUL, result).when(confirmation(CREATIVE), actor=APPROVER)
    outcome.emits(GradesConfirmed, AwardGranted, AwardGranted, AwardNotGranted)
    confirmed = outcome.event(GradesConfirmed)
    assert (confirmed.granted, confirmed.committed_won) == (("i-1", "i-2"), 5_000_000)
    assert confirmed.confirmed_by == APPROVER.id
    first = outcome.events[1]
    assert isinstance(first, AwardGranted)
    assert (first.idea_id, first.grade, first.prize_won) == ("i-1", "grand", 3_000_000)
    assert [part.won for part in first.payments] == [1_000_200, 999_900, 999_900]
    missed = outcome.event(AwardNotGranted)
    assert (missed.idea_id, missed.reason, missed.note) == ("i-3", "no_grade", None)


def test_withholding_is_a_decision_with_its_reason() -> None:
    result = closed(SEOUL, {"i-1": "90"})
    command = confirmation(CREATIVE, withheld=(Withheld(idea_id="i-1", reason="다른 기관에서 이미 시상"),))
    outcome = reported(SEOUL, result).when(command, actor=APPROVER).emits(GradesConfirmed, AwardNotGranted)
    missed = outcome.event(AwardNotGranted)
    assert (missed.reason, missed.note.value) == ("withheld", "다른 기관에서 이미 시상")
    assert outcome.event(GradesConfirmed).committed_won == 0


@pytest.mark.parametrize(
    ("actor", "approver", "code"),
    [
        (OFFICER, "director", "drafter_may_not_confirm"),
        (APPROVER, OFFICER.id, "drafter_may_not_confirm"),
        (Actor("lee", "award_officer", "creative"), "director", "conflict_of_interest"),
        (APPROVER, "park", "conflict_of_interest"),
    ],
)
def test_drafters_and_authors_confirm_nothing(actor: Actor, approver: str, code: str) -> None:
    result = closed(SEOUL, {"i-1": "90"}, **{"i-1": TRIO})
    signed = Authority(document_no="창의-7", approver=approver, capacity="결재", at=date(2025, 3, 3))
    outcome = reported(SEOUL, result).when(confirmation(CREATIVE, authority=signed), actor=actor).refused(code)
    assert outcome.refusal is not None
    assert outcome.refusal.recorded


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"authority": None}, "authority_required"),
        ({"category_id": DROPPED}, "category_not_closed"),
        ({"category_id": "seoul-2025-1.2025.other"}, "category_unknown"),
        ({"withheld": (Withheld(idea_id="i-2"),)}, "not_proposed"),
        ({"prizes": (ChosenPrize(idea_id="i-9", won=1),)}, "not_proposed"),
        ({"prizes": (ChosenPrize(idea_id="i-1", won=2_999_999),)}, "prize_out_of_range"),
        (
            {"prizes": (ChosenPrize(idea_id="i-1", won=3_000_000),), "withheld": (Withheld(idea_id="i-1"),)},
            "withheld_with_prize",
        ),
    ],
)
def test_a_confirmation_that_is_refused(changes: dict[str, Any], code: str) -> None:
    result = closed(SEOUL, {"i-1": "90", "i-2": "50"})
    reported(SEOUL, result).when(confirmation(CREATIVE, **changes), actor=APPROVER).refused(code)


def test_a_signature_of_tomorrow_is_none() -> None:
    tomorrow = Authority(document_no="창의-7", approver="director", capacity="결재", at=date(2025, 3, 4))
    given = reported(SEOUL, closed(SEOUL, {"i-1": "90"}))
    given.when(confirmation(CREATIVE, authority=tomorrow), actor=APPROVER).refused("date_in_future")
    given.when(confirmation(CREATIVE, authority=tomorrow), actor=APPROVER, time=NOON + timedelta(days=1)).event(
        GradesConfirmed
    )


def test_a_pack_may_do_without_an_authority() -> None:
    category = main_category(OPEN_CALL)
    given = reported(OPEN_CALL, closed(OPEN_CALL, {"i-1": "90"}))
    outcome = given.when(ConfirmGrades(category_id=category), actor=APPROVER)
    assert outcome.emits(GradesConfirmed, AwardGranted, RoundClosed).event(AwardGranted).authority is None


def test_a_pack_may_ask_for_an_authority_only_where_the_round_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = pack(SEOUL).awards
    closing = asked.authority_required.model_copy(update={"value": (AwardDecision.CLOSE_ROUND,)})
    given = reported(SEOUL, *(empty(SEOUL, category) for category in (CREATIVE, DROPPED, PRACTICE)))
    changed = asked.model_copy(update={"authority_required": closing})
    monkeypatch.setattr("services.awards.domain.round.rules", {SEOUL: changed}.__getitem__)
    for category in (CREATIVE, DROPPED):
        outcome = given.when(ConfirmGrades(category_id=category), actor=APPROVER).emits(GradesConfirmed)
        given = given(*given.past, *outcome.events)
    given.when(ConfirmGrades(category_id=PRACTICE), actor=APPROVER).refused("authority_required")
    given.when(confirmation(PRACTICE), actor=APPROVER).emits(GradesConfirmed, RoundClosed)


def test_a_tie_waits_for_an_order() -> None:
    given = reported(SEOUL, closed(SEOUL, {"i-1": "90", "i-2": "90"}))
    waiting = given.when(confirmation(CREATIVE), actor=APPROVER).refused("order_required")
    assert waiting.refusal is not None
    assert waiting.refusal.facts == {"ideas": ["i-1", "i-2"]}
    outcome = given.when(confirmation(CREATIVE, order=("i-2", "i-1")), actor=APPROVER)
    granted = {e.idea_id: e.grade for e in outcome.events if isinstance(e, AwardGranted)}
    assert granted == {"i-2": "grand", "i-1": "top"}


@pytest.mark.parametrize(
    ("by", "won", "fits"),
    [
        (authors(kim="50", lee="50"), 8_000_000, True),
        (authors(kim="50", lee="50"), 8_000_001, False),
        (TRIO, 12_000_000, True),  # from three authors on the upper end rises by half
        (TRIO, 12_000_001, False),
        (TRIO, 4_999_999, False),
    ],
)
def test_a_prize_may_be_chosen_within_its_range_and_uplift(by: Any, won: int, fits: bool) -> None:
    category = main_category(NATIONAL)
    given = reported(NATIONAL, closed(NATIONAL, {"i-1": "95"}, **{"i-1": by}))
    outcome = given.when(confirmation(category, prizes=(ChosenPrize(idea_id="i-1", won=won),)), actor=APPROVER)
    if fits:
        granted = outcome.event(AwardGranted)
        assert granted.prize_won == won == sum(part.won for part in granted.payments)
    else:
        outcome.refused("prize_out_of_range")


def test_nothing_is_granted_beyond_the_budget() -> None:
    scores = {f"i-{n}": "95" for n in range(11)}  # eleven times 5 million against 50
    given = reported(NATIONAL, closed(NATIONAL, scores))
    category = main_category(NATIONAL)
    over = given.when(confirmation(category), actor=APPROVER).refused("over_budget")
    assert over.refusal is not None
    assert over.refusal.facts == {"prizes": 55_000_000, "left": 50_000_000}
    one_less = confirmation(category, withheld=(Withheld(idea_id="i-10"),))
    assert given.when(one_less, actor=APPROVER).event(RoundClosed).returned_won == 0


def test_a_pack_that_wants_a_winner_lets_nobody_withhold_all(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = pack(OPEN_CALL).awards
    changed = asked.model_copy(
        update={"no_winner_allowed": asked.no_winner_allowed.model_copy(update={"value": False})}
    )
    given = reported(OPEN_CALL, closed(OPEN_CALL, {"i-1": "90"}))
    monkeypatch.setattr("services.awards.domain.granting.rules", {OPEN_CALL: changed}.__getitem__)
    command = confirmation(main_category(OPEN_CALL), withheld=(Withheld(idea_id="i-1"),))
    given.when(command, actor=APPROVER).refused("winner_required")


# --- the close


def test_the_round_closes_with_its_last_category_and_returns_what_is_left() -> None:
    results = (closed(SEOUL, {"i-1": "90"}), empty(SEOUL, DROPPED), empty(SEOUL, PRACTICE))
    given = reported(SEOUL, *results)
    for category in (DROPPED, CREATIVE):
        outcome = given.when(confirmation(category), actor=APPROVER)
        assert not any(isinstance(event, RoundClosed) for event in outcome.events)
        given = given(*given.past, *outcome.events)
        given.when(confirmation(category), actor=APPROVER).refused("already_confirmed")
    last = given.when(confirmation(PRACTICE), actor=APPROVER).emits(GradesConfirmed, RoundClosed)
    event = last.event(RoundClosed)
    assert (event.granted_won, event.returned_won) == (3_000_000, 12_000_000)
    after = given(*given.past, *last.events).state
    assert (after.stage, after.committed_won, after.returned_won) == (Stage.CLOSED, 3_000_000, 12_000_000)
    assert [award.idea_id for award in after.awards] == ["i-1"]


def test_results_may_come_in_any_order() -> None:
    first, second = closed(SEOUL, {"i-1": "90"}), empty(SEOUL, DROPPED)
    one, other = reported(SEOUL, first, second), reported(SEOUL, second, first)
    command = confirmation(CREATIVE)
    assert one.when(command, actor=APPROVER).events == other.when(command, actor=APPROVER).events


def test_the_date_of_the_close_is_told_to_every_category() -> None:
    told = [e for e in given_round(SEOUL).when(opening(SEOUL)).events if isinstance(e, CategoryAnnounced)]
    assert {event.closes_at for event in told} == {CLOSES}
