"""Shares: each author confirms or disputes, an equal pair names its lead, the agency sets them, and packs differ."""

from datetime import datetime
from decimal import Decimal

import pytest

from services.ideas.domain.shares import DEADLINE, ConfirmShare, DisputeShare, ProposeShares, SetShares
from services.ideas.domain.values import Stage
from shared.contracts.ideas import (
    IdeaAdopted,
    NoticeIssued,
    ShareConfirmed,
    ShareDisputed,
    SharesOpened,
    SharesSet,
    SharesSettled,
)
from shared.contracts.types import Author
from shared.engine.message import Actor, DeadlineReached, Event, Message
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
    authority,
    authors,
    given_idea,
    past,
    submission,
)

PAIR = authors(("p-1", "50"), ("p-2", "50"))
OTHER_SHARES = authors(("p-1", "55"), ("p-2", "45"))


def after(given: Given, *steps: tuple[Message, Actor]) -> Given:
    """The idea after these steps, none of which may be refused."""
    for message, actor in steps:
        outcome = given.when(message, actor=actor)
        assert outcome.refusal is None, outcome.refusal
        given = given(*given.past, *outcome.events)
    return given


def submitted(pack_id: str, by: tuple[Author, ...] | None = None, actor: Actor = LEAD) -> Given:
    changes = {"authors": by} if by else {}
    return after(given_idea(), (submission(pack_id, **changes), actor))


def at(pack_id: str, stage: Stage) -> Given:
    return given_idea(*past(pack_id, stage))


def improved(**changes: object) -> SetShares:
    whole: dict[str, object] = {
        "authors": authors(("p-1", "40"), ("p-2", "30"), ("p-30", "30")),
        "reason": "부서가 노선안을 보완하여 발전시켰다",
        "authority": authority(),
    }
    return SetShares.model_validate(whole | changes)


def test_packs_differ_in_whether_each_author_is_asked_and_in_what_silence_means() -> None:
    national = submitted(NATIONAL).state.shares
    assert national.open and national.due is None and national.leads == {"p-1": "p-1"}
    seoul = submitted(SEOUL).state
    assert seoul.shares.open and seoul.deadlines[DEADLINE] == seoul.shares.due
    assert seoul.shares.due == datetime.fromisoformat("2025-03-10T15:00:00+00:00"), "the seventh day ends in Seoul"
    assert not submitted(OPEN_CALL).state.shares.open


def test_one_author_alone_is_never_asked() -> None:
    assert not submitted(NATIONAL, authors(("p-1", "100"))).state.shares.open


def test_what_the_office_submits_for_others_each_of_them_confirms() -> None:
    given = submitted(NATIONAL, actor=RECEIVER)
    assert given.state.shares.leads == {}
    assert after(given, (ConfirmShare(), LEAD)).state.shares.open
    assert not after(given, (ConfirmShare(), LEAD), (ConfirmShare(), CO_AUTHOR)).state.shares.open


@pytest.mark.parametrize("pack_id", [SEOUL, NATIONAL])
def test_the_last_confirmation_settles_the_shares(pack_id: str) -> None:
    outcome = submitted(pack_id).when(ConfirmShare(), actor=CO_AUTHOR)
    outcome.emits(ShareConfirmed, SharesSettled, NoticeIssued)
    settled = outcome.event(SharesSettled)
    assert settled.settled_by == "authors" and settled.authors == authors(("p-1", "60"), ("p-2", "40"))
    assert outcome.event(ShareConfirmed).share == Decimal(40)
    assert outcome.state is not None and DEADLINE not in outcome.state.deadlines


def test_silence_confirms_where_the_pack_says_so() -> None:
    given = submitted(SEOUL)
    outcome = given.when(DeadlineReached(name=DEADLINE, due=given.state.shares.due))
    outcome.emits(SharesSettled, NoticeIssued)
    assert outcome.event(SharesSettled).settled_by == "silence"
    assert outcome.state is not None and DEADLINE not in outcome.state.deadlines


def test_who_disputes_stops_silence_from_confirming_until_the_shares_are_agreed() -> None:
    given = submitted(SEOUL)
    disputed = given.when(DisputeShare(reason="절반은 내가 썼다"), actor=CO_AUTHOR).emits(ShareDisputed, NoticeIssued)
    assert disputed.event(ShareDisputed).reason.key == "p-2"
    given = given(*given.past, *disputed.events)
    assert given.state.shares.open and DEADLINE not in given.state.deadlines
    assert after(given, (ConfirmShare(), LEAD)).state.shares.open, "one dispute keeps them open"
    proposed = after(given, (ProposeShares(authors=OTHER_SHARES), LEAD))
    assert proposed.state.authors == OTHER_SHARES and DEADLINE in proposed.state.deadlines
    settled = after(proposed, (ConfirmShare(), CO_AUTHOR)).state
    assert not settled.shares.open and settled.authors == OTHER_SHARES
    assert not after(given, (ConfirmShare(), CO_AUTHOR)).state.shares.open, "a dispute can be taken back"


def test_where_nobody_was_asked_a_dispute_opens_the_shares() -> None:
    outcome = submitted(OPEN_CALL).when(DisputeShare(reason="내 몫이 적다"), actor=CO_AUTHOR)
    outcome.emits(SharesOpened, ShareDisputed, NoticeIssued)
    assert outcome.event(SharesOpened).confirmed == ("p-1",)


def test_settled_shares_are_not_disputed() -> None:
    settled = after(submitted(SEOUL), (ConfirmShare(), CO_AUTHOR))
    settled.when(DisputeShare(reason="다시"), actor=CO_AUTHOR).refused("shares_settled")
    settled.when(ConfirmShare(), actor=CO_AUTHOR).refused("shares_not_open")
    settled.when(ProposeShares(authors=OTHER_SHARES), actor=LEAD).refused("shares_not_open")


def test_only_authors_speak_of_shares() -> None:
    given = submitted(SEOUL)
    given.when(ConfirmShare(), actor=STRANGER).refused("not_among_authors")
    given.when(DisputeShare(reason="나도"), actor=STRANGER).refused("not_among_authors")
    given.when(ProposeShares(authors=OTHER_SHARES), actor=STRANGER).refused("not_among_authors")
    given.when(DisputeShare(reason=" "), actor=CO_AUTHOR).refused("reason_required")
    alone = submitted(SEOUL, authors(("p-1", "100")))
    alone.when(DisputeShare(reason="혼자"), actor=LEAD).refused("only_author")


def test_other_shares_are_for_the_same_authors_and_add_up() -> None:
    given = submitted(SEOUL)
    given.when(ProposeShares(authors=authors(("p-1", "60"), ("p-3", "40")))).refused("authors_differ")
    given.when(ProposeShares(authors=authors(("p-1", "60"), ("p-2", "30")))).refused("shares_do_not_total_100")


def test_an_equal_pair_agrees_on_the_lead() -> None:
    given = submitted(NATIONAL, PAIR)
    given.when(ConfirmShare(), actor=CO_AUTHOR).refused("lead_required")
    given.when(ConfirmShare(lead="p-9"), actor=CO_AUTHOR).refused("lead_not_among_equals")
    differing = after(given, (ConfirmShare(lead="p-2"), CO_AUTHOR))
    assert differing.state.shares.open, "each names the other"
    agreed = after(differing, (ConfirmShare(lead="p-2"), LEAD)).state
    assert not agreed.shares.open and [one.person_id for one in agreed.authors] == ["p-2", "p-1"]


def test_silence_does_not_choose_between_two_leads_and_packs_differ_in_asking() -> None:
    given = submitted(SEOUL, PAIR)
    assert DEADLINE in given.state.deadlines
    assert DEADLINE not in after(given, (ConfirmShare(lead="p-2"), CO_AUTHOR)).state.deadlines
    opened = after(submitted(OPEN_CALL, PAIR), (DisputeShare(reason="다시 정하자"), CO_AUTHOR))
    assert not after(opened, (ConfirmShare(), CO_AUTHOR)).state.shares.open, "this pack lets the first named lead"


@pytest.mark.parametrize("pack_id", [SEOUL, NATIONAL])
def test_the_agency_that_improved_an_idea_sets_the_shares(pack_id: str) -> None:
    outcome = at(pack_id, Stage.ADOPTED).when(improved(), actor=HEAD)
    outcome.emits(SharesSet, SharesSettled, NoticeIssued)
    assert outcome.event(SharesSettled).settled_by == "agency"
    assert outcome.event(SharesSet).rule.article == "공무원 제안 규정 제13조제2항"
    assert outcome.event(NoticeIssued).recipients == ("p-1", "p-2", "p-30")


def test_the_agency_needs_reason_authority_and_the_right_and_no_author_decides() -> None:
    national = at(NATIONAL, Stage.ADOPTED)
    national.when(improved(reason=""), actor=HEAD).refused("reason_required")
    national.when(improved(authority=None), actor=HEAD).refused("authority_required")
    national.when(improved(), actor=OTHER_HEAD).refused("not_in_charge")
    national.when(improved(authority=authority("p-30")), actor=HEAD).refused("conflict_of_interest")
    own = authors(("p-1", "40"), ("p-2", "30"), (HEAD.id, "30"))
    national.when(improved(authors=own), actor=HEAD).refused("conflict_of_interest")
    national.when(improved(authors=authors(("p-1", "100"))), actor=HEAD).refused("author_left_out")
    at(OPEN_CALL, Stage.ADOPTED).when(improved(), actor=HEAD).refused("agency_may_not_set_shares")
    at(SEOUL, Stage.ADOPTED).when(improved(authority=None), actor=HEAD).emits(SharesSet, SharesSettled, NoticeIssued)


@pytest.mark.parametrize(("pack_id", "opened"), [(NATIONAL, True), (OPEN_CALL, False)])
def test_an_adoption_says_whether_the_shares_are_open(pack_id: str, opened: bool) -> None:
    adopted = [event for event in past(pack_id, Stage.ADOPTED) if isinstance(event, IdeaAdopted)]
    assert [event.shares_open for event in adopted] == [opened]


def test_an_idea_that_ended_waits_for_no_shares() -> None:
    refused: tuple[Event, ...] = past(SEOUL, Stage.REFUSED)
    assert DEADLINE not in given_idea(*refused).state.deadlines
    given_idea(*refused).when(ConfirmShare(), actor=CO_AUTHOR).refused("wrong_stage")
