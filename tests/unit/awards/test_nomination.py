"""A nomination from the adoption to its end, under every pack."""

from datetime import date
from decimal import Decimal
from itertools import permutations

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
    SettlementHeld,
    SharesAwaited,
    SharesNoted,
)
from shared.contracts.ideas import SharesOpened, SharesSettled
from shared.contracts.types import Author, Kind, Payment, Rule
from shared.engine.message import Event
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


OPENED = SharesOpened(idea_id="i-1", authors=authors(kim="60", lee="40"), reason="disputed", rule=Rule(pack=SEOUL))
AGREED = SharesSettled(idea_id="i-1", authors=authors(kim="55", lee="45"), settled_by="authors", rule=Rule(pack=SEOUL))


def lived(*messages: Event) -> tuple[tuple[Event, ...], Stage, tuple[Payment, ...]]:
    """What a nomination emits on these messages, and how it ends."""
    given = given_nomination()
    for message in messages:
        given = given(*given.past, *given.when(message).events)
    return given.past, given.state.stage, given.state.payments


def parts(by: tuple[Author, ...]) -> tuple[Payment, ...]:
    return split(2_000_000, by, Remainder.LARGEST_REMAINDER_LEAD_FIRST)


@pytest.mark.parametrize("pack_id", PACKS)
def test_no_money_moves_while_shares_are_open(pack_id: str) -> None:
    idea = adopted(pack=pack_id, by=authors(kim="60", lee="40")).model_copy(update={"shares_open": True})
    events, stage, paid = lived(idea, GRANTED)
    assert [type(event) for event in events] == [IdeaNominated, SharesAwaited, SettlementHeld]
    assert (stage, paid) == (Stage.HELD, ())
    events, stage, paid = lived(idea, GRANTED, AGREED)
    assert [type(event) for event in events[3:]] == [SharesNoted, NominationSettled]
    assert (stage, paid) == (Stage.AWARDED, parts(AGREED.authors))


def test_the_prize_follows_the_shares_that_stand_in_whatever_order_award_and_shares_are_heard() -> None:
    idea = adopted(by=authors(kim="60", lee="40"))
    for arrivals in permutations((GRANTED, OPENED, AGREED)):
        if arrivals.index(OPENED) > arrivals.index(AGREED):
            continue  # the idea tells of both in this order, on one channel
        if arrivals[0] is GRANTED:
            continue  # settled before anybody disputed: the idea has heard of the award and refuses disputes
        assert lived(idea, *arrivals)[1:] == (Stage.AWARDED, parts(AGREED.authors))


def test_shares_of_what_was_not_nominated_or_is_paid_change_nothing() -> None:
    below = adopted(score="1").model_copy(update={"shares_open": True})
    assert [type(event) for event in lived(below, AGREED, OPENED)[0]] == [IdeaNotNominated]
    paid = lived(adopted(), GRANTED)
    assert lived(adopted(), GRANTED, OPENED, AGREED) == paid
