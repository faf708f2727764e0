"""An idea's life under a pack, step by step, for tests of `ideas`."""

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from services.ideas.domain import IDEA, IMPLEMENTATION, VOTE
from services.ideas.domain.commands import AdoptIdea, CheckCompleteness, ReceiveIdea, RefuseIdea, SubmitIdea
from services.ideas.domain.values import Stage
from shared.contracts.evaluation import IdeaEvaluated
from shared.contracts.types import Author, Authority, Kind, Rule
from shared.engine.message import Actor, Event, Message
from shared.rules.loader import pack
from tests.support.given import Given

SEOUL, NATIONAL, OPEN_CALL = "seoul-2025-1", "kr-national-2023-09", "open-call"
PACKS = (SEOUL, NATIONAL, OPEN_CALL)

LEAD = Actor("p-1", "author", "d-1")
CO_AUTHOR = Actor("p-2", "author", "d-1")
STRANGER = Actor("p-9", "author", "d-9")
RECEIVER = Actor("p-5", "receiver", "d-office")
HEAD = Actor("p-6", "department", "d-transport")
OTHER_HEAD = Actor("p-7", "department", "d-parks")
AUDITOR = Actor("p-8", "auditor")
SYSTEM = Actor("service:ideas", "system")

given_idea = Given(IDEA, "i-1", actor=LEAD)
given_vote = Given(VOTE, "i-1/p-9", actor=STRANGER)
given_implementation = Given(IMPLEMENTATION, "i-1", actor=HEAD)


def authors(*shares: tuple[str, str]) -> tuple[Author, ...]:
    """Authors with their shares; alone, the lead author."""
    return tuple(Author(person_id=who, share=Decimal(share)) for who, share in shares or (("p-1", "100"),))


def submission(pack_id: str, **changes: Any) -> SubmitIdea:
    """What a careful author sends under this pack."""
    sections = {section.key: "심야에 다니는 버스가 없다." for section in pack(pack_id).ideas.sections}
    whole: dict[str, Any] = {
        "pack": pack_id,
        "kind": Kind.CREATE,
        "category": "교통",
        "department": HEAD.department,
        "title": "올빼미버스",
        "sections": sections,
        "authors": authors(("p-1", "60"), ("p-2", "40")),
    }
    return SubmitIdea(**(whole | changes))


def authority(approver: str = "p-50", at: date = date(2025, 3, 3)) -> Authority:
    """A signature that suffices."""
    return Authority(document_no="교통-2025-17", approver=approver, capacity="전결", at=at)


def adoption(**changes: Any) -> AdoptIdea:
    """An adoption that suffices under every pack."""
    whole: dict[str, Any] = {"planned_date": date(2025, 9, 1), "reason": "효과가 크다", "authority": authority()}
    return AdoptIdea(**(whole | changes))


def evaluated(pack_id: str, score: str | None = "87.50", stage: str = "") -> IdeaEvaluated:
    """The result of the pack's stage."""
    return IdeaEvaluated(
        idea_id="i-1",
        stage=stage or pack(pack_id).ideas.evaluation_stages.value[0],
        pack=pack_id,
        outcome="scored" if score else "not_enough_raters",
        score=Decimal(score) if score else None,
        means=(),
        raters=3,
        closed_by="complete",
        rule=Rule(pack=pack_id),
    )


@cache
def past(pack_id: str, until: Stage) -> tuple[Event, ...]:
    """All that happened to an idea until it stood at this stage."""
    decided: Message = RefuseIdea(reason="예산이 없다", authority=authority()) if until is Stage.REFUSED else adoption()
    steps: tuple[tuple[Message, Actor], ...] = (
        (submission(pack_id), LEAD),
        (ReceiveIdea(), RECEIVER),
        (CheckCompleteness(outcome="complete"), RECEIVER),
        (evaluated(pack_id), SYSTEM),
        (decided, HEAD),
    )
    events: tuple[Event, ...] = ()
    for message, actor in steps:
        outcome = given_idea(*events).when(message, actor=actor)
        assert outcome.refusal is None, outcome.refusal
        events += outcome.events
        if given_idea(*events).state.stage is until:
            return events
    raise AssertionError(f"never came to {until}")
