"""An idea's life under a pack, step by step, for tests of `ideas`."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from services.ideas.domain import IDEA, IMPLEMENTATION, VOTE
from services.ideas.domain.commands import AdoptIdea, CheckCompleteness, ReceiveIdea, RefuseIdea, SubmitIdea
from services.ideas.domain.values import Stage
from shared.contracts.evaluation import IdeaEvaluated
from shared.contracts.types import Author, Authority, Kind, Rule
from shared.engine.message import Actor, DeadlineReached, Event, Message
from shared.rules.loader import pack
from tests.support.given import Given, Outcome

SEOUL, NATIONAL, OPEN_CALL = "seoul-2025-1", "kr-national-2023-09", "open-call"
PACKS = (SEOUL, NATIONAL, OPEN_CALL)
NATIONAL_2017, CITIZENS = "kr-national-2017", "kr-citizens-2023-04"

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


def noon(day: date) -> datetime:
    """Midday of a day in Seoul, as a recorded time."""
    return datetime.combine(day, time(3), UTC)


def after(pack_id: str, until: Stage, *steps: tuple[Message, Actor, date]) -> Given:
    """An idea that came to a stage of `past` on 3 March 2025 and through `steps`, each on its day."""
    given = given_idea(*past(pack_id, until))
    for message, actor, day in steps:
        outcome = given.when(message, actor=actor, time=noon(day))
        assert outcome.refusal is None, outcome.refusal
        given = given(*given.past, *outcome.events)
    return given


def fallen(given: Given, name: str) -> tuple[Given, Outcome]:
    """The idea after its deadline `name` has fired, a week late as after a time down, and what came of it."""
    due = given.state.deadlines[name]
    outcome = given.when(DeadlineReached(name=name, due=due), actor=SYSTEM, time=due + timedelta(days=7))
    assert outcome.refusal is None, outcome.refusal
    return given(*given.past, *outcome.events), outcome
