"""Between topics there is no order: whatever comes first, an idea, an evaluation and a vote end the same."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.evaluation.domain.score import Sheet, result_of
from services.ideas.domain.values import Stage
from shared.contracts.awards import AwardGranted
from shared.contracts.evaluation import CriterionScore
from shared.contracts.ideas import ImplementationCompleted, ImplementationStarted, NoticeIssued, VoteCast
from shared.contracts.learning import CaseAnswered
from shared.contracts.types import Choice, Rule
from shared.engine.message import Event, seal
from tests.support.given import Given
from tests.unit.evaluation import support as evaluation
from tests.unit.ideas.support import SEOUL, SYSTEM, given_idea, given_vote, past

Channels = Sequence[Sequence[Event]]


def interleavings(channels: Channels) -> Iterator[tuple[Event, ...]]:
    """All orders in which the channels' events can arrive, each channel in its own order."""
    if not any(channels):
        yield ()
    for index, channel in enumerate(channels):
        if channel:
            rest = [events[1:] if i == index else events for i, events in enumerate(channels)]
            yield from ((channel[0], *tail) for tail in interleavings(rest))


def lived_through(start: Given, arrivals: Sequence[Event]) -> tuple[Given, tuple[Event, ...]]:
    """Where an aggregate stands after `arrivals`, and what it emitted on the way."""
    emitted: tuple[Event, ...] = ()
    for event in arrivals:
        outcome = start(*start.past, *emitted).when(event, actor=SYSTEM)
        assert outcome.refusal is None, "an event is never refused"
        emitted += outcome.events
    return start(*start.past, *emitted), emitted


def answered(target: str, answer: Any) -> CaseAnswered:
    return CaseAnswered(
        idea_id="i-1",
        target=target,
        answer=answer,
        answered_by="p-70",
        answered_on=date(2025, 12, 1),
        reason=seal("", "i-1"),
    )


GRANTED = AwardGranted(
    idea_id="i-1",
    round_id="seoul-2025-1.2025",
    category_id="seoul-2025-1.2025.creative",
    grade="grand",
    prize_won=3_000_000,
    payments=(),
    authority=None,
    rule=Rule(pack=SEOUL),
)

AFTER_ADOPTION: Channels = (
    (
        ImplementationStarted(idea_id="i-1", started_on=date(2025, 9, 1)),
        ImplementationCompleted(idea_id="i-1", completed_on=date(2025, 10, 1), result=seal("", "i-1")),
    ),
    (GRANTED, GRANTED),
    (answered("d-busan", "declined"), answered("d-daegu", "adopted"), answered("d-busan", "adapted")),
)


def what_matters(idea: Given, emitted: Sequence[Event]) -> tuple[Any, ...]:
    """State and facts. Notices are numbered as they come; what they say and to whom must be the same."""
    state = idea.state.model_dump(mode="json", exclude={"notices"})
    notices = {(n.notice, tuple(n.facts.items()), n.recipients) for n in emitted if isinstance(n, NoticeIssued)}
    facts = {event.model_dump_json() for event in emitted if not isinstance(event, NoticeIssued)}
    return state, notices, facts


@pytest.mark.parametrize("stage", [Stage.ADOPTED, Stage.REFUSED])
def test_what_comes_to_a_decided_idea_has_one_outcome_in_every_interleaving(stage: Stage) -> None:
    start = given_idea(*past(SEOUL, stage))
    first, *others = interleavings(AFTER_ADOPTION)
    expected = what_matters(*lived_through(start, first))
    assert len(others) == 209
    for arrivals in others:
        assert what_matters(*lived_through(start, arrivals)) == expected


@pytest.mark.parametrize("pack_id", [evaluation.SEOUL, evaluation.NATIONAL])
def test_a_withdrawn_idea_ends_cancelled_in_whatever_order_it_is_heard(pack_id: str) -> None:
    messages = (evaluation.requested(pack_id), evaluation.withdrawn(pack_id), evaluation.requested(pack_id))
    for arrivals in permutations(messages):
        ended, _ = lived_through(evaluation.given(pack_id), arrivals)
        assert ended.state.phase == "cancelled" and ended.state.deadlines == {}


votes = st.lists(
    st.tuples(st.sampled_from(Choice), st.integers(0, 10_000)), min_size=1, max_size=6, unique_by=lambda vote: vote[1]
)


@for_all(votes, st.randoms(use_true_random=False))
def test_the_order_in_which_votes_arrive_decides_nothing(votes: list[tuple[Choice, int]], chance: Any) -> None:
    start = datetime(2025, 3, 1, tzinfo=UTC)
    events = [
        VoteCast(idea_id="i-1", voter_id="p-9", choice=choice, voted_at=start + timedelta(seconds=seconds))
        for choice, seconds in votes
    ]
    expected = max(votes, key=lambda vote: vote[1])[0]
    chance.shuffle(events)
    assert given_vote(*events).state.choice is expected


sheets = st.lists(st.tuples(*[st.integers(0, 10)] * 4), min_size=2, max_size=7)


@for_all(sheets, st.randoms(use_true_random=False))
def test_the_legal_score_depends_on_no_order_and_equals_the_plain_sum(rows: list[tuple[int, ...]], chance: Any) -> None:
    stage = evaluation.rules(SEOUL)
    given: list[Sheet] = [
        tuple(CriterionScore(criterion=c.code, points=Decimal(p)) for c, p in zip(stage.criteria, row, strict=True))
        for row in rows
    ]
    result = result_of(stage, given)
    chance.shuffle(given)
    assert result_of(stage, given) == result
    means = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    plain = sum(float(c.weight.value) * mean / 10 for c, mean in zip(stage.criteria, means, strict=True))
    assert result.score is not None and abs(float(result.score) - plain) <= 0.005 + 1e-9
    assert all(abs(float(m.mean) - mean) < 1e-9 for m, mean in zip(result.means, means, strict=True))
