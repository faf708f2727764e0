"""Merges: proposed by the office, open to both leads, carried out in steps, taken back; counted nobody twice."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from services.ideas.domain import IDEA, MERGE
from services.ideas.domain.clocks import DECISION, SUPPLEMENT
from services.ideas.domain.commands import CheckCompleteness, ReceiveIdea, WithdrawIdea
from services.ideas.domain.merge import CONSENT, AnswerMerge, Phase, ProposeMerge, UndoMerge
from services.ideas.domain.merging import together
from services.ideas.domain.process_commands import RequestSupplement
from services.ideas.domain.shares import ConfirmShare
from services.ideas.domain.values import Joined, Stage
from shared.contracts.ideas import MergeAsked, MergeEnded, MergeHeard, MergeNoted, MergeOpened
from shared.contracts.ideas_process import CallClosed
from shared.contracts.types import Author
from shared.engine.message import Actor, DeadlineReached, Event, Message
from tests.support.given import NOON, Given
from tests.unit.ideas.support import (
    AUDITOR,
    CITIZENS,
    CO_AUTHOR,
    LEAD,
    NATIONAL,
    OPEN_CALL,
    RECEIVER,
    SEOUL,
    STRANGER,
    SYSTEM,
    authors,
    submission,
)

OTHER_LEAD = Actor("p-3", "author", "d-2")
OTHERS = authors(("p-3", "70"), ("p-2", "30"))
PROPOSAL = ProposeMerge(reason="같은 심야 노선 제안")
YES, NO = AnswerMerge(consents=True), AnswerMerge(consents=False, reason="내용이 다르다")


class Desk:
    """Two ideas and their merge, each with what it has lived through; events go to whom they are for."""

    def __init__(self, pack_id: str = SEOUL, others: tuple[Author, ...] = OTHERS, received: tuple[int, int] = (3, 3)):
        self.past: dict[str, tuple[Event, ...]] = {"i-1": (), "i-2": (), "m": ()}
        self.do("i-1", submission(pack_id, submitted_on=date(2025, 3, 1)), RECEIVER)
        self.do("i-2", submission(pack_id, authors=others, submitted_on=date(2025, 3, 1)), RECEIVER)
        for idea, day in zip(("i-1", "i-2"), received, strict=True):
            self.do(idea, ReceiveIdea(received_on=date(2025, 3, day)), RECEIVER)

    def of(self, name: str) -> Given:
        if name != "m":
            return Given(IDEA, name)(*self.past[name])
        return Given(MERGE, "i-1/i-2")(*self.past[name], reads=[self.state("i-1")])

    def state(self, name: str) -> Any:
        return self.of(name).state

    def do(self, name: str, message: Message, actor: Actor = SYSTEM, time: datetime = NOON) -> tuple[Event, ...]:
        """One message, which is not refused; what came of it."""
        outcome = self.of(name).when(message, actor=actor, time=time)
        assert outcome.refusal is None, outcome.refusal
        self.past[name] += outcome.events
        return outcome.events

    def settle(self, events: Sequence[Event], *, last_first: bool = False) -> None:
        """Hand events to whom they are for, until nothing moves."""
        waiting = list(_for_others(events))
        while waiting:
            event = waiting.pop(-1 if last_first else 0)
            to = "m" if isinstance(event, MergeHeard) else event.partition_key
            waiting.extend(_for_others(self.do(to, event)))

    def through(self, *steps: tuple[str, Message, Actor]) -> "Desk":
        for name, message, actor in steps:
            self.settle(self.do(name, message, actor))
        return self

    def merged(self) -> "Desk":
        return self.through(("m", PROPOSAL, RECEIVER), ("m", YES, LEAD), ("m", YES, OTHER_LEAD))


def _for_others(events: Sequence[Event]) -> Iterator[Event]:
    return (event for event in events if isinstance(event, MergeAsked | MergeHeard))


@pytest.mark.parametrize("pack_id", [SEOUL, NATIONAL])
def test_both_leads_consent_and_the_later_idea_goes_on_within_the_first(pack_id: str) -> None:
    desk = Desk(pack_id).through(("m", PROPOSAL, RECEIVER), ("m", YES, LEAD))
    assert desk.state("m").phase is Phase.OPEN and desk.state("i-2").stage is Stage.RECEIVED
    desk.through(("m", YES, OTHER_LEAD))
    first, other = desk.state("i-1"), desk.state("i-2")
    assert desk.state("m").phase is Phase.MERGED
    assert (other.stage, other.merged_into, other.deadlines) == (Stage.MERGED, "i-1", {})
    assert [author.person_id for author in first.authors] == ["p-1", "p-2", "p-3"]
    assert sum(author.share for author in first.authors) == 100
    assert first.shares.open and first.shares.leads == {}, "shares are agreed anew, by everybody"
    assert first.merged_from == (Joined(other_id="i-2", authors=OTHERS),)


def test_packs_differ_in_merging_and_in_the_time_to_consent() -> None:
    def due(pack_id: str) -> Any:
        desk = Desk(pack_id)
        desk.settle(desk.do("m", PROPOSAL, RECEIVER))
        return desk.state("m").deadlines.get(CONSENT)

    assert (due(NATIONAL) - due(SEOUL)).days == 7
    desk = Desk("expert-review", received=(3, 3)).through(("m", PROPOSAL, RECEIVER))
    assert (desk.state("m").phase, desk.state("m").reason) == (Phase.IMPOSSIBLE, "merges_not_allowed")


@pytest.mark.parametrize(("pack_id", "phase"), [(SEOUL, Phase.IMPOSSIBLE), (OPEN_CALL, Phase.OPEN)])
def test_the_first_receipt_wins_where_the_pack_says_so(pack_id: str, phase: Phase) -> None:
    desk = Desk(pack_id, received=(3, 2)).through(("m", PROPOSAL, RECEIVER))
    assert desk.state("m").phase is phase
    assert desk.state("m").reason == ("other_received_first" if phase is Phase.IMPOSSIBLE else "")


def test_one_lead_who_declines_is_enough_and_nothing_changes() -> None:
    desk = Desk().through(("m", PROPOSAL, RECEIVER), ("m", YES, LEAD), ("m", NO, OTHER_LEAD))
    assert desk.state("m").phase is Phase.DECLINED
    assert desk.state("i-1").stage is desk.state("i-2").stage is Stage.RECEIVED
    assert not desk.state("i-1").merged_from and desk.state("i-1").notices[-1].facts["outcome"] == "declined"
    desk.of("m").when(YES, actor=LEAD).refused("merge_not_open")
    assert desk.merged().state("m").phase is Phase.MERGED, "it may be proposed anew"


def test_without_an_answer_in_time_it_lapses() -> None:
    desk = Desk().through(("m", PROPOSAL, RECEIVER))
    due = desk.state("m").deadlines[CONSENT]
    desk.of("m").when(YES, actor=LEAD, time=due).refused("merge_not_open")
    desk.settle(desk.do("m", DeadlineReached(name=CONSENT, due=due), time=due))
    assert desk.state("m").phase is Phase.LAPSED and desk.state("m").deadlines == {}


def test_only_leads_answer_and_each_once() -> None:
    desk = Desk().through(("m", PROPOSAL, RECEIVER))
    desk.of("m").when(YES, actor=CO_AUTHOR).refused("not_a_lead")
    desk.of("m").when(YES, actor=STRANGER).refused("not_a_lead")
    desk.through(("m", YES, LEAD)).of("m").when(YES, actor=LEAD).refused("merge_answered_already")


def test_who_leads_both_ideas_is_asked_once() -> None:
    desk = Desk(others=authors(("p-1", "70"), ("p-3", "30"))).through(("m", PROPOSAL, RECEIVER), ("m", YES, LEAD))
    assert desk.state("m").phase is Phase.MERGED
    shares = {author.person_id: author.share for author in desk.state("i-1").authors}
    assert shares == {"p-1": Decimal("65.00"), "p-2": Decimal("20.00"), "p-3": Decimal("15.00")}


def test_what_can_not_be_proposed() -> None:
    desk = Desk()
    desk.of("m").when(ProposeMerge(reason=" "), actor=RECEIVER).refused("reason_required")
    Given(MERGE, "i-1/i-1").when(PROPOSAL, actor=RECEIVER).refused("same_idea")
    desk.through(("m", PROPOSAL, RECEIVER)).of("m").when(PROPOSAL, actor=RECEIVER).refused("merge_under_way")
    desk = Desk().through(("m", PROPOSAL, Actor("p-3", "receiver")))
    assert desk.state("m").reason == "conflict_of_interest"


def test_an_idea_past_its_check_is_not_merged() -> None:
    desk = Desk()
    desk.do("i-2", CheckCompleteness(outcome="complete"), RECEIVER)
    assert desk.through(("m", PROPOSAL, RECEIVER)).state("m").reason == "wrong_stage"


def test_an_idea_with_merges_of_its_own_joins_no_other() -> None:
    desk = Desk().merged()
    asked = MergeAsked(idea_id="i-1", into_id="i-9", other_id="i-1", step="describe")
    assert desk.of("i-1").when(asked).event(MergeHeard).refusal == "has_merges"


def test_more_authors_than_the_pack_allows_are_too_many() -> None:
    many = authors(*[(f"q-{number}", "10") for number in range(10)])
    desk = Desk(NATIONAL, others=many).through(("m", PROPOSAL, RECEIVER))
    assert desk.state("m").reason == "too_many_authors"


def test_where_the_first_idea_ended_meanwhile_the_other_is_let_go() -> None:
    desk = Desk().through(("m", PROPOSAL, RECEIVER), ("m", YES, LEAD))
    before = desk.state("i-2").deadlines
    joining = desk.do("m", YES, OTHER_LEAD)
    desk.do("i-1", WithdrawIdea(), LEAD)
    desk.settle(joining)
    assert (desk.state("m").phase, desk.state("m").reason) == (Phase.IMPOSSIBLE, "wrong_stage")
    other = desk.state("i-2")
    assert (other.stage, other.merged_into) == (Stage.RECEIVED, "")
    assert other.deadlines == before, "its clocks go on as they were"


def test_a_merge_is_taken_back_and_both_stand_as_before() -> None:
    desk = Desk()
    for who in (LEAD, CO_AUTHOR):
        desk.do("i-1", ConfirmShare(), who)
    before = {name: desk.state(name) for name in ("i-1", "i-2")}
    desk.merged().through(("m", UndoMerge(reason="서로 다른 노선이다"), RECEIVER))
    assert desk.state("m").phase is Phase.UNDONE
    first, other = desk.state("i-1"), desk.state("i-2")
    assert (first.authors, first.merged_from, first.shares.open) == (before["i-1"].authors, (), False)
    assert (other.stage, other.authors, other.shares) == (Stage.RECEIVED, OTHERS, before["i-2"].shares)
    assert other.deadlines == before["i-2"].deadlines and DECISION in other.deadlines
    assert len(desk.past["i-2"]) > 6, "nothing of its history is gone"


def test_what_was_asked_for_before_a_merge_rests_with_it_and_is_owed_again() -> None:
    desk = Desk()
    ask = RequestSupplement(missing=("effect",), reason="효과가 없다")
    desk.do("i-2", ask, RECEIVER)
    owed = desk.state("i-2").deadlines
    assert SUPPLEMENT in owed and DECISION not in owed, "its clock stands still"
    assert desk.merged().state("i-2").deadlines == {}
    desk.through(("m", UndoMerge(reason="서로 다른 노선이다"), RECEIVER))
    assert desk.state("i-2").deadlines == owed


def test_a_call_that_closes_meanwhile_starts_the_clock_and_nothing_falls_due_before_it_is_undone() -> None:
    desk = Desk(CITIZENS).merged()
    desk.do("i-2", CallClosed(call_id="c-1", idea_id="i-2", closed_on=date(2025, 3, 5)))
    assert DECISION in desk.state("i-2").clocks and desk.state("i-2").deadlines == {}
    desk.through(("m", UndoMerge(reason="서로 다른 노선이다"), RECEIVER))
    assert DECISION in desk.state("i-2").deadlines


def test_taking_back_needs_a_reason_and_has_its_time_by_the_pack() -> None:
    until = {pack_id: Desk(pack_id).merged().state("m").undo_until for pack_id in (SEOUL, NATIONAL)}
    assert (until[NATIONAL] - until[SEOUL]).days >= 14
    desk = Desk().merged()
    desk.of("m").when(UndoMerge(reason=""), actor=RECEIVER).refused("reason_required")
    late = desk.of("m").when(UndoMerge(reason="늦음"), actor=RECEIVER, time=until[SEOUL])
    late.refused("too_late_to_undo")
    desk.of("m").when(UndoMerge(reason="내 것"), actor=Actor("p-3", "receiver")).refused("conflict_of_interest")
    Desk().of("m").when(UndoMerge(reason="아직"), actor=RECEIVER).refused("not_merged")


def test_once_the_idea_was_decided_the_merge_stays() -> None:
    desk = Desk().merged()
    undoing = desk.do("m", UndoMerge(reason="다른 제안"), RECEIVER)
    desk.do("i-1", WithdrawIdea(), LEAD)
    desk.settle(undoing)
    assert (desk.state("m").phase, desk.state("m").reason) == (Phase.MERGED, "wrong_stage")
    assert desk.state("i-2").stage is Stage.MERGED


@pytest.mark.parametrize("last_first", [False, True])
def test_the_order_of_answers_decides_nothing(last_first: bool) -> None:
    desk = Desk()
    for message, actor in ((PROPOSAL, RECEIVER), (YES, OTHER_LEAD), (YES, LEAD)):
        desk.settle(desk.do("m", message, actor), last_first=last_first)
    expected = Desk().merged()
    for name in ("i-1", "i-2"):
        ours, theirs = desk.state(name), expected.state(name)
        assert ours.model_dump(exclude={"notices"}) == theirs.model_dump(exclude={"notices"})
    assert desk.state("m").but(consents=()) == expected.state("m").but(consents=())


def test_facts_open_a_merge_once_in_whatever_order_they_come_and_how_often() -> None:
    desk = Desk()
    asked = [event for event in desk.do("m", PROPOSAL, RECEIVER) if isinstance(event, MergeAsked)]
    heard = [event for one in asked for event in desk.do(one.idea_id, one) if isinstance(event, MergeHeard)]
    for arrivals in permutations([*heard, heard[0]]):
        given = desk.of("m")
        emitted: tuple[Event, ...] = ()
        for event in arrivals:
            emitted += given(*given.past, *emitted).when(event, actor=SYSTEM).events
        kinds = [type(event) for event in emitted]
        assert (kinds.count(MergeOpened), kinds.count(MergeNoted)) == (1, 2)
        assert not [event for event in emitted if isinstance(event, MergeEnded)]


def test_a_merge_shows_itself_to_whom_it_concerns() -> None:
    desk = Desk()
    desk.do("m", PROPOSAL, RECEIVER)
    proposed = desk.state("m")
    assert proposed.visible_to(RECEIVER) and proposed.visible_to(AUDITOR) and not proposed.visible_to(LEAD)
    opened = Desk().through(("m", PROPOSAL, RECEIVER)).state("m")
    assert opened.visible_to(LEAD) and opened.visible_to(CO_AUTHOR) and opened.visible_to(OTHER_LEAD)
    assert not opened.visible_to(STRANGER) and "facts" not in opened.visible_to(LEAD)


def test_both_leads_see_what_they_are_asked_to_merge_while_it_is_open() -> None:
    desk = Desk(NATIONAL)
    assert not desk.state("i-1").known_to(OTHER_LEAD) and not desk.state("i-2").known_to(LEAD)
    desk.through(("m", PROPOSAL, RECEIVER))
    for idea, lead in (("i-1", OTHER_LEAD), ("i-2", LEAD)):
        seen = desk.state(idea).visible_to(lead)
        assert seen["sections"] and "authors" not in seen
    desk.through(("m", NO, LEAD))
    assert not desk.state("i-1").known_to(OTHER_LEAD) and not desk.state("i-2").known_to(LEAD)


def test_provisional_shares_add_up_whatever_is_merged() -> None:
    own = authors(("a", "33.34"), ("b", "33.33"), ("c", "33.33"))
    joined = (Joined(other_id="x", authors=authors(("d", "0.01"), ("e", "99.99"))), Joined(other_id="y", authors=own))
    made = together(own, joined)
    assert sum(author.share for author in made) == 100 and [one.person_id for one in made] == ["a", "b", "c", "d", "e"]
