"""The decision on an idea, and what becomes of it afterwards."""

from collections.abc import Iterator
from datetime import date

from services.ideas.domain.commands import AdoptIdea, ImportDecision, RefuseIdea
from services.ideas.domain.idea_state import Idea, require_stage
from services.ideas.domain.notices import notice_of
from services.ideas.domain.rights import after_adoption, after_refusal
from services.ideas.domain.rules import cite, days, require_grounds, rules, today
from services.ideas.domain.values import LASTING, Award, Stage
from shared.contracts.awards import AwardGranted
from shared.contracts.ideas import IdeaAdopted, IdeaAwarded, IdeaRefused, IdeaSpread
from shared.contracts.learning import CaseAnswered
from shared.engine.aggregate import Context, require
from shared.engine.message import Event, seal
from shared.rules.ideas import IdeaDecision


def adopt(idea: Idea, message: AdoptIdea, context: Context) -> Iterator[Event]:
    """Adopt, and tell the authors."""
    _require_decider(idea, context)
    now = today(context.time)
    yield adoption(idea, message, context, decided_on=now, decided_by=context.actor.id)
    yield notice_of(idea, context, "adopted", decided_on=now, planned_date=message.planned_date)
    yield after_adoption(idea, now)


def adoption(
    idea: Idea, message: AdoptIdea | ImportDecision, context: Context, *, decided_on: date, decided_by: str
) -> IdeaAdopted:
    """The adoption, with a date within the management period."""
    require_grounds(idea.pack, IdeaDecision.ADOPT, message, idea.author_ids, context.time)
    asked = rules(idea.pack)
    require(not asked.planned_date_required.value or message.planned_date is not None, "planned_date_required")
    if message.planned_date is not None:
        first, last = decided_on, days(idea.pack).due(decided_on, asked.management_period.value)
        require(first <= message.planned_date <= last, "planned_date_outside_period", first=str(first), last=str(last))
    assert idea.received_on is not None
    return IdeaAdopted(
        idea_id=idea.id,
        pack=idea.pack,
        kind=idea.kind,
        category=idea.category,
        department=idea.department,
        title=idea.title,
        authors=idea.authors,
        score=idea.score,
        reason=seal(message.reason, idea.id),
        planned_date=message.planned_date,
        received_on=idea.received_on,
        decided_on=decided_on,
        decided_by=decided_by,
        authority=message.authority,
        origin=idea.origin,
        rule=cite(idea.pack, asked.decision_within),
        shares_open=idea.shares.open,
    )


def refuse(idea: Idea, message: RefuseIdea, context: Context) -> Iterator[Event]:
    """Refuse, and tell the authors."""
    _require_decider(idea, context)
    now = today(context.time)
    yield refusal(idea, message, context, decided_on=now, decided_by=context.actor.id)
    yield notice_of(idea, context, "refused", decided_on=now)
    yield after_refusal(idea, now)


def refusal(
    idea: Idea, message: RefuseIdea | ImportDecision, context: Context, *, decided_on: date, decided_by: str
) -> IdeaRefused:
    """The refusal, with reasons."""
    require_grounds(idea.pack, IdeaDecision.REFUSE, message, idea.author_ids, context.time)
    return IdeaRefused(
        idea_id=idea.id,
        department=idea.department,
        reason=seal(message.reason, idea.id),
        decided_on=decided_on,
        decided_by=decided_by,
        authority=message.authority,
        rule=cite(idea.pack, rules(idea.pack).decision_within),
    )


def award(idea: Idea, message: AwardGranted, context: Context) -> Iterator[Event]:
    """Remember a grade that was won, once."""
    won = Award(round_id=message.round_id, category_id=message.category_id, grade=message.grade)
    if idea.stage in LASTING and won not in idea.awards:
        yield IdeaAwarded(idea_id=idea.id, **won.model_dump())
        yield notice_of(idea, context, "awarded", grade=won.grade, prize_won=message.prize_won)


def spread(idea: Idea, message: CaseAnswered, context: Context) -> Iterator[Event]:
    """Remember a department that took the case over, once."""
    if message.answer == "declined" or idea.stage not in LASTING or message.target in idea.spread_to:
        return
    yield IdeaSpread(idea_id=idea.id, department=message.target, answer=message.answer)
    yield notice_of(idea, context, "spread", department=message.target, answer=message.answer)


def _require_decider(idea: Idea, context: Context) -> None:
    require(context.actor.department == idea.department, "not_in_charge", recorded=True, department=idea.department)
    require(context.actor.id not in idea.author_ids, "conflict_of_interest", recorded=True)
    require_stage(idea, Stage.DECISION_PENDING)
