"""The decision on an idea: adopted, adopted in part, refused; and what becomes of it afterwards."""

from collections.abc import Iterator
from datetime import date
from typing import Literal

from services.ideas.domain.clocks import CLAIM, CLAIM_RESULT, DECISION, FOLLOW_UP, KEPT, REEXAMINATION, ended
from services.ideas.domain.commands import AdoptIdea, ImportDecision, RefuseIdea
from services.ideas.domain.idea_state import Idea, require_stage
from services.ideas.domain.notices import notice_of
from services.ideas.domain.rights import after_adoption, after_refusal, last_days
from services.ideas.domain.rules import cite, days, require_grounds, rules, today
from services.ideas.domain.values import LASTING, Award, Decision, Stage
from shared.contracts.awards import AwardGranted
from shared.contracts.ideas import IdeaAdopted, IdeaAwarded, IdeaRefused, IdeaSpread
from shared.contracts.ideas_process import ClocksStarted
from shared.contracts.learning import CaseAnswered
from shared.engine.aggregate import Context, require
from shared.engine.message import Event, seal
from shared.rules.ideas import IdeaDecision

SHARES = "shares"
"""Name of the deadline at which silence confirms shares, once more after a refusal was changed."""
STANDING = (CLAIM_RESULT, FOLLOW_UP)
"""Deadlines that a decision leaves as they are."""


def adopt(idea: Idea, message: AdoptIdea, context: Context) -> Iterator[Event]:
    """Adopt, whole or in part, and tell the authors."""
    _require_decider(idea, context)
    yield from adopt_as(idea, message, context)


def adopt_as(idea: Idea, message: AdoptIdea, context: Context, *, reexamination: int | None = None) -> Iterator[Event]:
    """The adoption and what follows from it, also after a re-examination.

    That of an idea that was adopted in part makes it whole: its planned date stands, and it is followed up as before.
    """
    require_grounds(idea.pack, IdeaDecision.ADOPT, message, idea.author_ids, context.time)
    now = today(context.time)
    widened = idea.stage is Stage.ADOPTED
    if widened:
        assert idea.decision is not None
        require(message.extent == "whole", "adopted_in_part_already")
        require(message.planned_date is None, "planned_date_stands")
        message = message.model_copy(update={"planned_date": idea.decision.planned_date})
    else:
        require_planned_date(idea, message.planned_date, now)
    _require_part(idea, message)
    yield adoption(idea, message, decided_on=now, decided_by=context.actor.id, reexamination=reexamination)
    notice = "adopted_in_part" if message.extent == "in_part" else "adopted"
    rights = () if widened else after_adoption(idea, now, message.extent).clocks
    until = last_days(rights).get(REEXAMINATION)
    yield notice_of(idea, context, notice, decided_on=now, planned_date=message.planned_date, reexamination_until=until)
    if rights:
        yield ClocksStarted(idea_id=idea.id, clocks=rights)


def _require_part(idea: Idea, message: AdoptIdea) -> None:
    if message.extent == "in_part":
        require(rules(idea.pack).review.in_part.value, "no_adoption_in_part", recorded=True)
        require(bool(message.part.strip()), "part_required")
        require(bool(message.reason.strip()), "reason_required")  # for what is not adopted
    else:
        require(not message.part.strip(), "part_of_whole")


def require_planned_date(idea: Idea, planned: date | None, decided_on: date) -> None:
    """A planned date is there where the pack asks for one, and lies within the management period."""
    asked = rules(idea.pack)
    require(not asked.planned_date_required.value or planned is not None, "planned_date_required")
    if planned is not None:
        last = days(idea.pack).due(decided_on, asked.management_period.value)
        inside = decided_on <= planned <= last
        require(inside, "planned_date_outside_period", first=str(decided_on), last=str(last))


def adoption(
    idea: Idea,
    message: AdoptIdea | ImportDecision,
    *,
    decided_on: date,
    decided_by: str,
    reexamination: int | None = None,
) -> IdeaAdopted:
    """The adoption as it is told to everybody."""
    assert idea.received_on is not None
    in_part = isinstance(message, AdoptIdea) and message.extent == "in_part"
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
        rule=cite(idea.pack, rules(idea.pack).decision_within),
        shares_open=idea.shares.open,
        extent="in_part" if in_part else "whole",
        part=seal(message.part, idea.id) if isinstance(message, AdoptIdea) and in_part else None,
        reexamination=reexamination,
    )


def import_adoption(
    idea: Idea, message: ImportDecision, context: Context, *, decided_on: date, decided_by: str
) -> IdeaAdopted:
    """An adoption that was decided elsewhere; it says what the pack asks of any."""
    require_grounds(idea.pack, IdeaDecision.ADOPT, message, idea.author_ids, context.time)
    require_planned_date(idea, message.planned_date, decided_on)
    return adoption(idea, message, decided_on=decided_on, decided_by=decided_by)


def refuse(idea: Idea, message: RefuseIdea, context: Context) -> Iterator[Event]:
    """Refuse, and tell the authors."""
    _require_decider(idea, context)
    now = today(context.time)
    yield refusal(idea, message, context, decided_on=now, decided_by=context.actor.id)
    begun = after_refusal(idea, now)
    mentions = ",".join(mention.code for mention in rules(idea.pack).review.refusal_mentions) or None
    until = last_days(begun.clocks)
    yield notice_of(
        idea,
        context,
        "refused",
        decided_on=now,
        mentions=mentions,
        reexamination_until=until.get(REEXAMINATION),
        claim_until=until.get(CLAIM),
    )
    yield begun


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


def require_in_charge(idea: Idea, context: Context) -> None:
    """Somebody of the department in charge acts, and no author."""
    require(context.actor.department == idea.department, "not_in_charge", recorded=True, department=idea.department)
    require(context.actor.id not in idea.author_ids, "conflict_of_interest", recorded=True)


def _require_decider(idea: Idea, context: Context) -> None:
    require_in_charge(idea, context)
    require_stage(idea, Stage.DECISION_PENDING)


# --- what a decision means


def decided(idea: Idea, stage: Stage, outcome: Literal["adopted", "refused"], event: IdeaAdopted | IdeaRefused) -> Idea:
    """The decision stands, in place of one that a re-examination changed; rights against that one are gone with it."""
    decision = Decision(
        outcome=outcome,
        reason=event.reason,
        decided_on=event.decided_on,
        decided_by=event.decided_by,
        authority=event.authority,
    )
    if isinstance(event, IdeaAdopted):
        adopted = {"planned_date": event.planned_date, "part": event.part, "reexamination": event.reexamination}
        decision = decision.model_copy(update=adopted | {"extent": event.extent or "whole"})
    if idea.decision is not None:
        idea = idea.but(decisions_before=(*idea.decisions_before, idea.decision))
    if idea.stage is Stage.REFUSED:
        for right in (REEXAMINATION, CLAIM, KEPT):
            idea = ended(idea, right, "dropped")
    after = ended(idea, DECISION, "met").but(stage=stage, decision=decision)
    still = {name: due for name, due in after.deadlines.items() if name in STANDING}
    if stage is Stage.ADOPTED and after.shares.open and after.shares.due is not None:
        still[SHARES] = after.shares.due
    return after.but(deadlines=still)
