"""An adopted idea that is carried out and measured, for tests of what comes after a decision."""

from datetime import date
from typing import Any

from services.ideas.domain import CONSULTATION, OUTCOME
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.implementation import CompleteImplementation, StartImplementation
from services.ideas.domain.implementation_state import Implementation
from services.ideas.domain.measurement import MakeForecast, NoteFirstEffect, RecordBenefits, Sum
from services.ideas.domain.values import Stage
from shared.contracts.ideas import IdeaAdopted
from shared.engine.message import Actor, DeadlineReached, Event, Message
from tests.support.given import Given
from tests.unit.ideas.support import HEAD, SYSTEM, given_idea, given_implementation, noon, past

BEGUN = (StartImplementation(),)
DONE = (StartImplementation(), CompleteImplementation(result="8개 노선"))
DAY = date(2025, 3, 3)
"""The day on which everything in `support` happens."""


def adopted(pack_id: str) -> IdeaAdopted:
    """The adoption of the idea under this pack."""
    return next(event for event in past(pack_id, Stage.ADOPTED) if isinstance(event, IdeaAdopted))


def carried_out(pack_id: str, *messages: Message) -> Given:
    """The implementation of the adopted idea after `messages` of its department."""
    given = given_implementation(reads=[idea(pack_id)])
    for message in (adopted(pack_id), *messages):
        actor = SYSTEM if isinstance(message, IdeaAdopted) else HEAD
        given = follow(given, message, actor)
    return given


def idea(pack_id: str, stage: Stage = Stage.ADOPTED) -> Idea:
    """The idea at a stage."""
    state = given_idea(*past(pack_id, stage)).state
    assert isinstance(state, Idea)
    return state


def follow(given: Given, message: Message, actor: Actor, day: date = DAY) -> Given:
    """`given` after the message, which is not refused."""
    outcome = given.when(message, actor=actor, time=noon(day))
    assert outcome.refusal is None, outcome.refusal
    return given(*given.past, *outcome.events, reads=given.reads)


def given_outcome(pack_id: str, *messages: Message) -> Given:
    """The outcome of an idea whose implementation has come as far as `messages` bring it."""
    implementation = carried_out(pack_id, *messages).state
    assert isinstance(implementation, Implementation)
    return Given(OUTCOME, "i-1", (), (idea(pack_id), implementation), HEAD)


def given_consultation(pack_id: str, stage: Stage = Stage.DECISION_PENDING) -> Given:
    """The consultation on an idea at a stage."""
    return Given(CONSULTATION, "i-1", (), (idea(pack_id, stage),), HEAD)


def sums(*won: int) -> tuple[Sum, ...]:
    """Sums for something."""
    return tuple(Sum(what="심야 택시비 절감", won=amount) for amount in won)


def forecast(gain: int = 100_000_000, cost: int = 20_000_000, **changes: Any) -> MakeForecast:
    """A forecast that expects a gain at a cost."""
    whole: dict[str, Any] = {"gains": sums(gain), "costs": sums(cost), "basis": "노선당 하루 300명"}
    return MakeForecast(**(whole | changes))


def record(begins: date, ends: date, gain: int, cost: int = 0, **changes: Any) -> RecordBenefits:
    """A record of a time."""
    whole: dict[str, Any] = {
        "begins": begins,
        "ends": ends,
        "gains": sums(gain),
        "costs": sums(cost) if cost else (),
        "evidence": "교통카드 집계 2025-17",
    }
    return RecordBenefits(**(whole | changes))


def measured(pack_id: str, *records: RecordBenefits, expected: MakeForecast | None = None) -> Given:
    """An outcome with these records, a good year after its first effect on `DAY`, whose measuring has ended."""
    given = given_outcome(pack_id, *BEGUN)
    for message in (expected or forecast(), NoteFirstEffect()):
        given = follow(given, message, HEAD)
    last = given.state.measured_until
    for message in records:
        given = follow(given, message, HEAD, last)
    return ended(given)


def ended(given: Given) -> Given:
    """The outcome after the time of measuring."""
    [(name, due)] = given.state.deadlines.items()
    outcome = given.when(DeadlineReached(name=name, due=due), actor=SYSTEM, time=due)
    return given(*given.past, *outcome.events, reads=given.reads)


def kinds(given: Given) -> list[type[Event]]:
    """The classes of all that happened."""
    return [type(event) for event in given.past]
