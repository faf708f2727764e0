"""Votes: the latest one of a person counts, and it reads its idea."""

from datetime import UTC, datetime

import pytest

from services.ideas.domain.values import Stage
from services.ideas.domain.vote import CastVote
from shared.contracts.ideas import VoteCast
from shared.contracts.types import Choice
from shared.engine.message import Actor, Event
from tests.support.given import NOON, Given, Outcome
from tests.unit.ideas.support import (
    AUDITOR,
    LEAD,
    NATIONAL,
    OPEN_CALL,
    RECEIVER,
    SEOUL,
    STRANGER,
    VOTE,
    given_idea,
    given_vote,
    past,
)


def voting(pack_id: str, stage: Stage, *votes: Event, voter: str = "p-9") -> Given:
    return Given(VOTE, f"i-1/{voter}", actor=STRANGER)(*votes, reads=[given_idea(*past(pack_id, stage)).state])


def at(day: int) -> datetime:
    return datetime(2025, 3, day, tzinfo=UTC)


def cast(choice: Choice, day: int) -> VoteCast:
    return VoteCast(idea_id="i-1", voter_id="p-9", choice=choice, voted_at=at(day))


@pytest.mark.parametrize("stage", [Stage.RECEIVED, Stage.UNDER_EVALUATION, Stage.DECISION_PENDING])
@pytest.mark.parametrize("choice", Choice)
def test_a_vote_between_receipt_and_decision_counts_at_its_recorded_time(stage: Stage, choice: Choice) -> None:
    voted = VoteCast(idea_id="i-1", voter_id="p-9", choice=choice, voted_at=NOON)
    voting(SEOUL, stage).when(CastVote(choice=choice)).emits(voted)


@pytest.mark.parametrize("stage", [Stage.SUBMITTED, Stage.ADOPTED, Stage.REFUSED])
def test_before_receipt_and_after_the_decision_voting_is_closed(stage: Stage) -> None:
    voting(SEOUL, stage).when(CastVote(choice=Choice.ENDORSE)).refused("voting_closed")


def test_a_pack_may_take_no_votes() -> None:
    voting(NATIONAL, Stage.RECEIVED).when(CastVote(choice=Choice.ENDORSE)).refused("voting_closed")


def test_an_unknown_idea_is_not_found() -> None:
    given_vote(reads=[given_idea().state]).when(CastVote(choice=Choice.PASS)).refused("not_found")


def test_packs_differ_in_whether_authors_vote_on_their_own_idea() -> None:
    own = CastVote(choice=Choice.ENDORSE)
    voting(SEOUL, Stage.RECEIVED, voter="p-1").when(own, actor=LEAD).refused("own_idea")
    voting(OPEN_CALL, Stage.RECEIVED, voter="p-1").when(own, actor=LEAD).emits(VoteCast)


def refusal(outcome: Outcome, code: str) -> bool:
    refused = outcome.refused(code).refusal
    return refused is not None and refused.recorded


def test_nobody_votes_for_another_or_without_a_vote() -> None:
    endorse = CastVote(choice=Choice.ENDORSE)
    assert refusal(voting(SEOUL, Stage.RECEIVED, voter="p-3").when(endorse), "not_your_vote")
    operator = Actor("p-9", "operator")
    assert refusal(voting(SEOUL, Stage.RECEIVED).when(endorse, actor=operator), "role_may_not_vote")


def test_only_the_office_names_the_moment() -> None:
    dated = CastVote(choice=Choice.OBJECT, voted_at=at(1))
    assert refusal(voting(SEOUL, Stage.RECEIVED).when(dated), "backdating_not_allowed")
    outcome = voting(SEOUL, Stage.RECEIVED).when(dated, actor=RECEIVER)
    assert outcome.event(VoteCast).voted_at == at(1)


@pytest.mark.parametrize(("voted_at", "code"), [(at(4), "date_in_future"), (datetime(2025, 3, 1), "invalid_voted_at")])
def test_a_moment_that_makes_no_sense_is_refused(voted_at: datetime, code: str) -> None:
    dated = CastVote(choice=Choice.OBJECT, voted_at=voted_at)
    voting(SEOUL, Stage.RECEIVED).when(dated, actor=RECEIVER).refused(code)


def test_moments_are_kept_in_utc() -> None:
    dated = CastVote(choice=Choice.OBJECT, voted_at=datetime.fromisoformat("2025-03-01T09:00:00+09:00"))
    event = voting(SEOUL, Stage.RECEIVED).when(dated, actor=RECEIVER).event(VoteCast)
    assert event.model_dump(mode="json")["voted_at"] == "2025-03-01T00:00:00.000000Z"


@pytest.mark.parametrize(
    ("votes", "counts"),
    [
        ((cast(Choice.ENDORSE, 1), cast(Choice.OBJECT, 2)), Choice.OBJECT),
        ((cast(Choice.OBJECT, 2), cast(Choice.ENDORSE, 1)), Choice.OBJECT),
        ((cast(Choice.OBJECT, 2), cast(Choice.PASS, 2)), Choice.PASS),
        ((cast(Choice.OBJECT, 2), cast(Choice.ENDORSE, 1), cast(Choice.PASS, 3)), Choice.PASS),
    ],
)
def test_the_latest_moment_counts_and_of_equal_ones_the_later_arrival(
    votes: tuple[VoteCast, ...], counts: Choice
) -> None:
    assert given_vote(*votes).state.choice is counts


def test_an_older_vote_that_arrives_later_is_journalled_and_changes_nothing() -> None:
    late = CastVote(choice=Choice.ENDORSE, voted_at=at(1))
    outcome = voting(SEOUL, Stage.RECEIVED, cast(Choice.OBJECT, 2)).when(late, actor=RECEIVER).emits(VoteCast)
    assert outcome.state == given_vote(cast(Choice.OBJECT, 2)).state


def test_a_vote_is_seen_by_its_voter_and_the_auditor() -> None:
    vote = given_vote(cast(Choice.PASS, 1)).state
    assert vote.visible_to(STRANGER)["choice"] == "pass" and vote.visible_to(AUDITOR)
    assert vote.shows(VoteCast, STRANGER) and vote.shows(VoteCast, AUDITOR)
    assert vote.visible_to(LEAD) == {} and not vote.shows(VoteCast, LEAD)
