"""A nomination from the adoption to its end, under every pack."""

from datetime import date
from decimal import Decimal

import pytest

from services.awards.domain.nomination import Stage
from services.awards.domain.settlement import split
from shared.contracts.awards import (
    AwardGranted,
    AwardNotGranted,
    IdeaNominated,
    IdeaNotNominated,
    NominationEnded,
    NominationSettled,
)
from shared.contracts.types import Kind, Rule
from shared.rules.awards import Remainder
from shared.rules.loader import pack, pack_hash
from tests.unit.awards.support import OPEN_CALL, PACKS, SEOUL, adopted, authors, given_nomination

GRANTED = AwardGranted(
    idea_id="i-1",
    round_id="seoul-2025-1.2025",
    category_id="seoul-2025-1.2025.creative",
    grade="top",
    prize_won=2_000_000,
    payments=split(2_000_000, authors(kim="100"), Remainder.LARGEST_REMAINDER_LEAD_FIRST),
    authority=None,
    rule=Rule(pack=SEOUL),
)
NOT_GRANTED = AwardNotGranted(idea_id="i-1", category_id="seoul-2025-1.2025.creative", reason="no_grade")


@pytest.mark.parametrize("pack_id", PACKS)
def test_the_line_of_the_pack_decides_and_is_enough(pack_id: str) -> None:
    line = pack(pack_id).awards.nomination_line.value
    below = str(line - Decimal("0.01"))
    given_nomination.when(adopted(pack=pack_id, score=str(line))).emits(IdeaNominated)
    refused = given_nomination.when(adopted(pack=pack_id, score=below)).event(IdeaNotNominated)
    assert refused.reason == "below_line"
    assert refused.rule.hash == pack_hash(pack_id, "awards")


def test_the_round_follows_from_pack_and_year_and_the_category_from_the_kind() -> None:
    event = given_nomination.when(adopted(kind=Kind.DROP_WORK, decided_on=date(2026, 1, 2))).event(IdeaNominated)
    assert event.round_id == "seoul-2025-1.2026"
    assert event.category_id == "seoul-2025-1.2026.dropped_work"
    assert (event.score, event.received_on, event.authors) == (Decimal(80), date(2025, 2, 3), authors(kim="100"))


@pytest.mark.parametrize(
    ("pack_id", "kind", "score", "reason"),
    [
        ("kr-national-2023-09", Kind.DROP_WORK, "99", "no_category"),
        (SEOUL, Kind.PRACTICE, None, "not_evaluated"),
        (OPEN_CALL, Kind.CREATE, None, "not_evaluated"),
    ],
)
def test_no_nomination_has_a_coded_reason(pack_id: str, kind: Kind, score: str | None, reason: str) -> None:
    outcome = given_nomination.when(adopted(pack=pack_id, kind=kind, score=score))
    assert outcome.event(IdeaNotNominated).reason == reason
    assert outcome.state is not None
    assert outcome.state.but().model_dump()["stage"] == Stage.NOT_NOMINATED


def test_an_award_settles_it_and_another_word_changes_nothing() -> None:
    nominated = given_nomination(*given_nomination.when(adopted()).events)
    settled = nominated.when(GRANTED)
    event = settled.emits(NominationSettled).event(NominationSettled)
    assert (event.grade, event.prize_won, event.payments) == ("top", 2_000_000, GRANTED.payments)
    after = nominated(*nominated.past, *settled.events)
    assert (after.state.stage, after.state.prize_won) == (Stage.AWARDED, 2_000_000)
    for message in (adopted(), GRANTED, NOT_GRANTED):
        after.when(message).emits()


def test_no_award_ends_it_with_the_reason() -> None:
    nominated = given_nomination(*given_nomination.when(adopted()).events)
    ended = nominated.when(NOT_GRANTED).emits(NominationEnded)
    after = nominated(*nominated.past, *ended.events)
    assert (after.state.stage, after.state.reason) == (Stage.ENDED, "no_grade")
    after.when(GRANTED).emits()


def test_an_award_for_what_was_never_nominated_changes_nothing() -> None:
    given_nomination.when(GRANTED).emits()
    given_nomination.when(NOT_GRANTED).emits()
