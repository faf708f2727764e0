"""An evaluation under a pack, for tests of `evaluation`."""

from decimal import Decimal

from services.evaluation.domain import EVALUATION
from services.evaluation.domain.commands import GivenScore, ScoreIdea
from shared.contracts.ideas import EvaluationRequested, IdeaWithdrawn
from shared.contracts.types import Author, Kind
from shared.engine.message import Actor, Event, Message, seal
from shared.rules.evaluation import Stage
from shared.rules.loader import pack
from tests.support.given import Given

SEOUL, NATIONAL, OPEN_CALL = "seoul-2025-1", "kr-national-2023-09", "open-call"
STAGES = {SEOUL: "first_pass", NATIONAL: "review", OPEN_CALL: "review"}

AUTHOR = Actor("p-1", "author", "d-1")
CHAIR = Actor("p-20", "chair")
RECEIVER = Actor("p-5", "receiver", "d-office")
HEAD = Actor("p-6", "department", "d-transport")
AUDITOR = Actor("p-8", "auditor")
SYSTEM = Actor("service:evaluation", "system")


def rater(number: int) -> Actor:
    """One of many raters."""
    return Actor(f"r-{number}", "rater")


def given(pack_id: str, *past: Event) -> Given:
    """The evaluation of idea i-1 at the pack's only stage."""
    return Given(EVALUATION, f"i-1/{STAGES[pack_id]}", actor=CHAIR)(*past)


def rules(pack_id: str) -> Stage:
    """What the pack says about its only stage."""
    stage = pack(pack_id).evaluation.stage(STAGES[pack_id])
    assert stage is not None
    return stage


def requested(pack_id: str) -> EvaluationRequested:
    """The idea arrives."""
    return EvaluationRequested(
        idea_id="i-1",
        stage=STAGES[pack_id],
        pack=pack_id,
        kind=Kind.CREATE,
        category="교통",
        department="d-transport",
        title=seal("올빼미버스", "p-1"),
        sections=seal({"problem": "심야에 버스가 없다"}, "p-1"),
        authors=(Author(person_id="p-1", share=Decimal(100)),),
    )


def withdrawn(pack_id: str) -> IdeaWithdrawn:
    """The idea is taken back while this stage is open."""
    return IdeaWithdrawn(idea_id="i-1", stage=STAGES[pack_id], reason=seal("", "p-1"))


def scores(pack_id: str, points: str | None = None, reason: str = "근거가 있다", comment: str = "") -> ScoreIdea:
    """Every criterion with the same points (its maximum if none are given)."""
    return ScoreIdea(
        scores=tuple(
            GivenScore(criterion=criterion.code, points=Decimal(points or criterion.scale.value.max), reason=reason)
            for criterion in rules(pack_id).criteria
        ),
        comment=comment,
    )


def after(pack_id: str, *steps: tuple[Message, Actor]) -> tuple[Event, ...]:
    """All that came of the request and these steps."""
    events: tuple[Event, ...] = ()
    for message, actor in ((requested(pack_id), SYSTEM), *steps):
        outcome = given(pack_id, *events).when(message, actor=actor)
        assert outcome.refusal is None, outcome.refusal
        events += outcome.events
    return events
