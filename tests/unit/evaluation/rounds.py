"""A round under a pack, for tests of `evaluation`."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from services.evaluation.domain import ROUND
from services.evaluation.domain.round import round_id
from services.evaluation.domain.round_commands import AdmitIdeas, OpenRound
from shared.contracts.evaluation_rounds import ResultHandedIn, RoundJoined
from shared.contracts.types import Author, CriterionMean
from shared.engine.message import Actor, DeadlineReached, Event, Message
from shared.rules.loader import pack
from tests.support.given import NOON, Given
from tests.unit.evaluation.support import CHAIR, SYSTEM

NAME = "2025-1"


def id_of(pack_id: str) -> str:
    """Where the round is."""
    return round_id(pack_id, NAME)


def opening(pack_id: str, **more: Any) -> OpenRound:
    """Open it."""
    return OpenRound.model_validate({"pack": pack_id, "name": NAME, "title": "2025년 상반기 창의제안", **more})


def a_round(pack_id: str, *past: Event) -> Given:
    """The round after some events."""
    return Given(ROUND, id_of(pack_id), actor=CHAIR)(*past)


def lived(pack_id: str, *steps: Message | tuple[Message, datetime], by: Actor | None = None) -> tuple[Event, ...]:
    """All that came of the opening and these steps."""
    events: tuple[Event, ...] = ()
    for step in (opening(pack_id), *steps):
        message, time = step if isinstance(step, tuple) else (step, NOON)
        actor = by or (SYSTEM if isinstance(message, Event | DeadlineReached) else CHAIR)
        outcome = a_round(pack_id, *events).when(message, actor=actor, time=time)
        assert outcome.refusal is None, outcome.refusal
        events += outcome.events
    return events


def first(pack_id: str) -> str:
    """The stage it begins with."""
    return pack(pack_id).evaluation.round.first()


def joined(pack_id: str, idea: str, stage: str = "") -> RoundJoined:
    """An idea's evaluation joins."""
    return RoundJoined(
        round_id=id_of(pack_id),
        idea_id=idea,
        stage=stage or first(pack_id),
        department="d-transport",
        authors=(Author(person_id="p-1", share=Decimal(100)),),
        due=a_round(pack_id, *lived(pack_id)).state.closes_at,
    )


def result(
    pack_id: str,
    idea: str,
    score: str | None,
    *,
    stage: str = "",
    closed_by: str = "complete",
    due: datetime | None = None,
    means: tuple[str, ...] = (),
) -> ResultHandedIn:
    """An idea's evaluation ends."""
    found = pack(pack_id).evaluation.stage(stage or first(pack_id))
    assert found is not None
    return ResultHandedIn.model_validate(
        {
            "round_id": id_of(pack_id),
            "idea_id": idea,
            "stage": found.code,
            "due": due or a_round(pack_id, *lived(pack_id)).state.closes_at,
            "closed_by": closed_by,
            "score": score,
            "means": tuple(
                CriterionMean(criterion=criterion.code, mean=Decimal(mean), raters=3)
                for criterion, mean in zip(found.criteria, means, strict=False)
            ),
            "raters": 3,
        }
    )


def admitting(*ideas: str) -> AdmitIdeas:
    """Admit these."""
    return AdmitIdeas(ideas=ideas)


def scoring(pack_id: str, *ideas: str) -> tuple[Message, ...]:
    """Admit these, and let all of them join."""
    return (admitting(*ideas), *(joined(pack_id, idea) for idea in ideas))
