"""A category from its first nominee to its result, under every pack."""

from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest

from services.awards.domain.category import CLOSE, DISCLOSE, Category, Stage
from services.awards.domain.commands import MAX_NOMINEES, CastBallot, CloseCategory
from shared.contracts.awards import (
    AwardNotGranted,
    BallotCast,
    BallotsClosed,
    CategoryClosed,
    CategoryOpened,
    NomineeListed,
)
from shared.engine.envelope import MAX_BYTES
from shared.engine.message import Actor, DeadlineReached
from shared.rules.loader import pack
from shared.rules.rule import Disclosure, Term
from tests.unit.awards import support
from tests.unit.awards.support import (
    APPROVER,
    AUDITOR,
    CITIZEN,
    CLOSES,
    LATER,
    NATIONAL,
    OFFICER,
    OPEN_CALL,
    PACKS,
    PANELISTS,
    SEOUL,
    announced,
    authors,
    ballots,
    given_category,
    main_category,
    nominated,
    open_category,
)

VOTER = PANELISTS[0]
OTHER = PANELISTS[1]
DEADLINE = DeadlineReached(name=CLOSE, due=CLOSES)


def vote(idea_id: str = "i-1", points: str = "9") -> CastBallot:
    return CastBallot(idea_id=idea_id, points=Decimal(points))


# --- collecting and opening


@pytest.mark.parametrize("pack_id", PACKS)
def test_nominees_are_listed_before_and_after_it_opens_and_once(pack_id: str) -> None:
    before = given_category(pack_id).when(nominated(pack_id, "i-1")).emits(NomineeListed)
    collecting = given_category(pack_id)(*before.events)
    assert collecting.state.stage is Stage.COLLECTING
    collecting.when(nominated(pack_id, "i-1")).emits()
    opened = collecting.when(announced(pack_id)).emits(CategoryOpened)
    after = collecting(*collecting.past, *opened.events)
    after.when(announced(pack_id)).emits()
    after.when(nominated(pack_id, "i-2")).emits(NomineeListed)
    assert after.state.deadlines == {CLOSE: CLOSES}


@pytest.mark.parametrize("pack_id", [SEOUL, OPEN_CALL])
def test_nominations_and_announcement_give_the_same_in_every_order(pack_id: str) -> None:
    messages = [announced(pack_id), *(nominated(pack_id, f"i-{n}", score=f"8{n}") for n in range(3))]
    states: list[Category] = []
    results: list[CategoryClosed] = []
    for order in permutations(messages):
        given = given_category(pack_id)
        for message in order:
            given = given(*given.past, *given.when(message).events)
        states.append(given.state)
        for idea, most in (("i-0", "10"), ("i-1", "8"), ("i-2", "8")):
            given = ballots(given, idea, *[most] * 6)
        results.append(given.when(CloseCategory()).event(CategoryClosed))
    assert all(state == states[0] for state in states)
    assert all(result == results[0] for result in results)


def test_what_comes_too_late_is_told_so() -> None:
    closed = open_category(SEOUL).when(DEADLINE).events
    given = open_category(SEOUL)(*open_category(SEOUL).past, *closed)
    late = given.when(nominated(SEOUL, "i-9")).emits(AwardNotGranted).event(AwardNotGranted)
    assert (late.idea_id, late.reason) == ("i-9", "category_closed")


def test_it_lists_no_more_than_its_result_can_hold() -> None:
    listed = given_category(SEOUL).when(nominated(SEOUL, "i")).event(NomineeListed)
    full = given_category(SEOUL)(*(listed.model_copy(update={"idea_id": f"i-{n}"}) for n in range(MAX_NOMINEES)))
    assert full.when(nominated(SEOUL, "one-more")).event(AwardNotGranted).reason == "category_full"


def test_the_largest_result_fits_into_one_event() -> None:
    most = pack(SEOUL).ideas.authors_max.value
    by = authors(**{f"{n:036}": "10" for n in range(most)})
    listed = given_category(SEOUL).when(nominated(SEOUL, "i", by=by)).event(NomineeListed)
    ideas = (listed.model_copy(update={"idea_id": f"{n:036}"}) for n in range(MAX_NOMINEES))
    opened = given_category(SEOUL).when(announced(SEOUL)).events
    result = given_category(SEOUL)(*opened, *ideas).when(DEADLINE).event(CategoryClosed)
    assert len(result.model_dump_json().encode()) < 0.9 * MAX_BYTES


# --- ballots


@pytest.mark.parametrize(
    ("pack_id", "allowed", "refused"),
    [(SEOUL, ("0", "9.5", "10"), ("10.5", "9.4", "11")), (NATIONAL, ("0", "91"), ("101", "90.5"))],
)
def test_points_follow_the_scale_of_the_pack(pack_id: str, allowed: list[str], refused: list[str]) -> None:
    given = open_category(pack_id, nominated(pack_id, "i-1"))
    for points in allowed:
        event = given.when(vote(points=points), actor=VOTER).event(BallotCast)
        assert (event.voter_id, event.points) == (VOTER.id, Decimal(points))
    for points in refused:
        given.when(vote(points=points), actor=VOTER).refused("invalid_points")


def test_the_role_used_decides_for_which_voice_a_ballot_counts() -> None:
    given = open_category(SEOUL, nominated(SEOUL, "i-1"))
    assert given.when(vote(), actor=VOTER).event(BallotCast).voice == "experts"
    assert given.when(vote(), actor=CITIZEN).event(BallotCast).voice == "citizens"


@pytest.mark.parametrize(
    ("pack_id", "actor", "code"),
    [
        (SEOUL, Actor("stranger", "panelist"), "not_on_panel"),
        (SEOUL, OFFICER, "no_voice"),
        (OPEN_CALL, CITIZEN, "no_voice"),
        (SEOUL, Actor("kim", "citizen"), "conflict_of_interest"),
    ],
)
def test_who_may_not_vote_is_refused_on_record(pack_id: str, actor: Actor, code: str) -> None:
    outcome = open_category(pack_id, nominated(pack_id, "i-1")).when(vote(), actor=actor).refused(code)
    assert outcome.refusal is not None
    assert outcome.refusal.recorded


def test_a_panelist_votes_on_others_but_not_on_the_own_idea() -> None:
    own = nominated(SEOUL, "own", by=authors(**{"kim": "60", VOTER.id: "40"}))
    given = open_category(SEOUL, own, nominated(SEOUL, "i-1"))
    given.when(vote("own"), actor=VOTER).refused("conflict_of_interest")
    given.when(vote("i-1"), actor=VOTER).emits(BallotCast)


def test_ballots_need_an_open_category_a_nominee_and_time_left() -> None:
    collecting = given_category(SEOUL)(*given_category(SEOUL).when(nominated(SEOUL, "i-1")).events)
    collecting.when(vote(), actor=VOTER).refused("voting_not_open")
    given = open_category(SEOUL, nominated(SEOUL, "i-1"))
    given.when(vote("i-2"), actor=VOTER).refused("not_nominated")
    late = given.when(vote(), actor=VOTER, time=CLOSES).refused("voting_closed")
    assert late.refusal is not None
    assert late.refusal.recorded
    closed = given(*given.past, *given.when(DEADLINE).events)
    closed.when(vote(), actor=VOTER).refused("voting_closed")


def test_the_latest_ballot_of_a_voter_counts() -> None:
    given = ballots(open_category(SEOUL, nominated(SEOUL, "i-1")), "i-1", *["5"] * 6)
    given = ballots(given, "i-1", *["8"] * 6)
    result = given.when(CloseCategory()).event(CategoryClosed)
    assert (result.nominees[0].score, result.ballots) == (Decimal(80), 6)


# --- the close


@pytest.mark.parametrize("pack_id", PACKS)
def test_closing_needs_the_quorum_of_the_pack_on_every_nominee(pack_id: str) -> None:
    quorum = pack(pack_id).awards.panel.quorum.value
    given = open_category(pack_id, nominated(pack_id, "i-1"), nominated(pack_id, "i-2"))
    given = ballots(ballots(given, "i-1", *["9"] * 10), "i-2", *["8"] * (quorum - 1))
    short = given.when(CloseCategory()).refused("no_quorum")
    assert short.refusal is not None
    assert short.refusal.facts == {"quorum": quorum}  # how many are missing would tell how the vote goes
    given = ballots(given, "i-2", *[""] * (quorum - 1), "8")
    given.when(CloseCategory()).emits(BallotsClosed, CategoryClosed)


def test_citizens_make_no_quorum() -> None:
    given = open_category(SEOUL, nominated(SEOUL, "i-1"))
    for number in range(20):
        given = given(*given.past, *given.when(vote(), actor=Actor(f"c-{number}", "citizen")).events)
    given.when(CloseCategory()).refused("no_quorum")


@pytest.mark.parametrize("pack_id", PACKS)
def test_the_deadline_closes_and_scores_nobody_without_a_quorum(pack_id: str) -> None:
    quorum = pack(pack_id).awards.panel.quorum.value
    most = str(pack(pack_id).awards.panel.ballot_scale.value.max)
    given = open_category(pack_id, nominated(pack_id, "enough"), nominated(pack_id, "short"))
    given = ballots(ballots(given, "enough", *[most] * quorum), "short", *[most] * (quorum - 1))
    result = given.when(DEADLINE).emits(BallotsClosed, CategoryClosed).event(CategoryClosed)
    enough, short = result.nominees
    best = pack(pack_id).awards.categories[0].grades[0].code
    assert (enough.idea_id, enough.score, enough.rank, enough.grade) == ("enough", Decimal(100), 1, best)
    assert (short.idea_id, short.score, short.rank, short.grade) == ("short", None, 2, "")
    assert (result.closed_by, result.outcome) == ("", "proposed")


@pytest.mark.parametrize("pack_id", PACKS)
def test_no_winner_where_none_reaches_a_band_or_none_was_nominated(pack_id: str) -> None:
    assert support.closed(pack_id, {"i-1": "40"}).outcome == "no_winner"
    nobody = open_category(pack_id).when(CloseCategory()).event(CategoryClosed)
    assert (nobody.outcome, nobody.nominees, nobody.ballots) == ("no_winner", (), 0)


def test_equals_that_no_rule_puts_in_order_are_left_to_a_person() -> None:
    result = support.closed(SEOUL, {"i-1": "90", "i-2": "90", "i-3": "75"})
    assert [(one.idea_id, one.rank, one.grade, one.tied) for one in result.nominees] == [
        ("i-1", 1, "", True),
        ("i-2", 1, "", True),
        ("i-3", 3, "excellence", False),
    ]
    assert result.outcome == "proposed"


def test_an_earlier_receipt_goes_first_among_equals() -> None:
    given = open_category(SEOUL, nominated(SEOUL, "later"), nominated(SEOUL, "earlier", received_on=date(2025, 2, 2)))
    given = ballots(ballots(given, "later", *["9"] * 6), "earlier", *["9"] * 6)
    result = given.when(CloseCategory()).event(CategoryClosed)
    assert [(one.idea_id, one.grade) for one in result.nominees] == [("earlier", "grand"), ("later", "top")]


def test_closing_is_for_open_categories_and_for_nobody_who_stands_in_them() -> None:
    collecting = given_category(SEOUL)(*given_category(SEOUL).when(nominated(SEOUL, "i-1")).events)
    collecting.when(CloseCategory()).refused("voting_not_open")
    own = open_category(SEOUL, nominated(SEOUL, "i-1", by=authors(officer="100")))
    own.when(CloseCategory()).refused("conflict_of_interest")
    given = open_category(SEOUL)
    closed = given(*given.past, *given.when(CloseCategory()).events)
    closed.when(CloseCategory(), actor=APPROVER).refused("category_already_closed")
    assert closed.state.deadlines == {}


# --- nothing shows before


def test_before_the_close_a_voter_sees_the_own_ballots_and_nobody_any_other() -> None:
    given = ballots(open_category(SEOUL, nominated(SEOUL, "i-1")), "i-1", "9", "7")
    for actor in (OFFICER, AUDITOR, CITIZEN, OTHER, Actor("kim", "author")):
        seen = given.state.visible_to(actor)
        assert "ballots" not in seen
        assert seen["own_ballots"] == ({"i-1": "7"} if actor is OTHER else {})
        assert seen["result"] == []
        assert not given.state.shows(BallotCast, actor)


def test_after_the_close_the_result_shows_to_all_and_ballots_to_the_auditor() -> None:
    given = ballots(open_category(SEOUL, nominated(SEOUL, "i-1")), "i-1", *["9"] * 6)
    given = given(*given.past, *given.when(CloseCategory()).events)
    assert given.state.visible_to(CITIZEN)["result"][0]["score"] == "90.00"
    assert "ballots" not in given.state.visible_to(OTHER)
    assert not given.state.shows(BallotCast, OFFICER)
    assert len(given.state.visible_to(AUDITOR)["ballots"]["i-1"]) == 6
    assert given.state.shows(BallotCast, AUDITOR)


def test_where_the_pack_discloses_later_the_result_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = pack(SEOUL).awards
    later = Disclosure(when="close", after=Term(amount=7, unit="days"))
    changed = asked.model_copy(update={"disclosure_at": asked.disclosure_at.model_copy(update={"value": later})})
    given = ballots(open_category(SEOUL, nominated(SEOUL, "i-1")), "i-1", *["9"] * 6)
    monkeypatch.setattr("services.awards.domain.category.rules", {SEOUL: changed}.__getitem__)
    counted = given.when(CloseCategory(), time=LATER).emits(BallotsClosed)
    waiting = given(*given.past, *counted.events)
    assert (waiting.state.stage, waiting.state.result) == (Stage.COUNTED, ())
    waiting.when(vote(), actor=VOTER).refused("voting_closed")
    due = waiting.state.deadlines[DISCLOSE]
    result = waiting.when(DeadlineReached(name=DISCLOSE, due=due)).emits(CategoryClosed).event(CategoryClosed)
    assert (result.closed_by, result.nominees[0].grade) == (OFFICER.id, "grand")
    assert waiting(*waiting.past, result).state.deadlines == {}


def test_its_id_is_known_before_it_opens() -> None:
    assert main_category(NATIONAL) == "kr-national-2023-09.2025.proposal" == announced(NATIONAL).category_id
