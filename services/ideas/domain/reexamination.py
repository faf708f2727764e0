"""Re-examination (재심사) of a decision: asked for by an author, or begun by the agency, and its outcome.

Invariant: every decision that a re-examination changed stands in `decisions_before`, in order; an adoption is never
taken back by one. The author comes first: while that right runs the agency waits (policy). Sources: 공무원 제안 규정
제11조 (the author, once, in the pack's time from the notice), 제13조제1항 (the agency, while the refused idea is kept).
"""

from collections.abc import Iterator
from datetime import date
from typing import Literal

from services.ideas.domain.clock import last_day
from services.ideas.domain.clocks import KEPT, REEXAMINATION, REEXAMINATION_RESULT, ended, start
from services.ideas.domain.commands import AdoptIdea
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.notices import notice_of, tell_others
from services.ideas.domain.outcome import adopt_as, require_in_charge
from services.ideas.domain.panel import is_required, matter_of, require_finding
from services.ideas.domain.review_commands import BeginReexamination, DecideReexamination, RequestReexamination
from services.ideas.domain.review_values import Reexamination
from services.ideas.domain.rights import require_claimant, require_right
from services.ideas.domain.rules import cite, require_grounds, rules, today
from services.ideas.domain.values import Stage
from shared.contracts.ideas_decisions import IdeaReexamined, ReexaminationRequested
from shared.contracts.ideas_process import ClocksStarted
from shared.contracts.types import Code
from shared.engine.aggregate import Context, require
from shared.engine.message import Event, seal
from shared.rules.ideas import IdeaDecision
from shared.rules.review import BY_AUTHOR
from shared.rules.rule import Sourced


def request(idea: Idea, message: RequestReexamination, context: Context) -> Iterator[Event]:
    """An author asks, or the office for an author who did so on paper, within the time of the right."""
    day = require_claimant(idea, context, "requested_on", message.requested_on, message.document)
    require(bool(message.reason.strip()), "reason_required")
    require(not any(one.asked_by == "author" for one in idea.reexaminations), "right_used", recorded=True)
    require(_open(idea) is None, "reexamination_open")
    require_right(idea, REEXAMINATION, day)
    rule = rules(idea.pack).reexamination_within
    asked = _requested(idea, context, "author", None, message.reason, day, rule, document=message.document)
    yield asked
    yield _result_owed(idea, day)
    yield from tell_others(idea, context, "reexamination_requested", idea.authors)


def begin(idea: Idea, message: BeginReexamination, context: Context) -> Iterator[Event]:
    """The agency looks at a refusal again, for the idea was improved or circumstances have changed."""
    require_in_charge(idea, context)
    require(idea.stage is Stage.REFUSED, "wrong_stage", stage=idea.stage.value, needed=Stage.REFUSED.value)
    ground = rules(idea.pack).review.agency_ground(message.ground)
    require(ground is not None, "unknown_agency_ground", ground=message.ground)
    assert ground is not None
    require(bool(message.reason.strip()), "reason_required")
    require_grounds(idea.pack, IdeaDecision.REEXAMINE, message, idea.author_ids, context.time)
    require(_open(idea) is None, "reexamination_open")
    now = today(context.time)
    require_right(idea, KEPT, now)
    right = idea.clocks.get(REEXAMINATION)
    until = None if right is None or not right.running else last_day(right)
    used = any(one.asked_by == "author" for one in idea.reexaminations)
    # Without a clock the notice has not arrived yet, so that the right is still to come.
    over = right is not None and (until is None or now > until)
    require(used or over, "authors_right_runs", until=str(until) if until else None)
    yield _requested(idea, context, "agency", ground.code, message.reason, now, ground)
    yield _result_owed(idea, now)
    yield notice_of(idea, context, "reexamination_begun", ground=ground.code)


def conclude(idea: Idea, message: DecideReexamination, context: Context) -> Iterator[Event]:
    """The department in charge keeps the decision, or adopts after all; nothing is decided for the worse."""
    require_in_charge(idea, context)
    again = _open(idea)
    require(again is not None, "no_reexamination_open")
    assert again is not None
    require(bool(message.reason.strip()), "reason_required")
    require_grounds(idea.pack, IdeaDecision.REEXAMINE, message, idea.author_ids, context.time)
    supports = require_finding(idea, matter_of("reexamination", again.number), required=again.panel_required)
    now = today(context.time)
    yield IdeaReexamined(
        idea_id=idea.id,
        number=again.number,
        outcome="kept" if message.outcome == "kept" else "changed",
        reason=seal(message.reason, idea.id),
        decided_on=now,
        decided_by=context.actor.id,
        authority=message.authority,
        panel_supports=supports,
        rule=cite(idea.pack, rules(idea.pack).review.reexamination_decided_within),
    )
    if message.outcome == "kept":
        yield notice_of(idea, context, "reexamination_kept", decided_on=now)
        return
    in_part = message.outcome == "adopted_in_part"
    adoption = AdoptIdea(
        reason=message.reason,
        authority=message.authority,
        planned_date=message.planned_date,
        extent="in_part" if in_part else "whole",
        part=message.part,
    )
    yield from adopt_as(idea, adoption, context, reexamination=again.number)


def _requested(
    idea: Idea,
    context: Context,
    asked_by: Literal["author", "agency"],
    ground: Code | None,
    reason: str,
    day: date,
    rule: Sourced,
    document: str = "",
) -> ReexaminationRequested:
    return ReexaminationRequested(
        idea_id=idea.id,
        number=len(idea.reexaminations) + 1,
        asked_by=asked_by,
        ground=ground,
        reason=seal(reason, context.actor.id if asked_by == "author" else idea.id),
        requested_on=day,
        requested_by=context.actor.id,
        document=document,
        panel_required=is_required(idea.pack, ground or BY_AUTHOR),
        rule=cite(idea.pack, rule),
    )


def _result_owed(idea: Idea, on: date) -> ClocksStarted:
    owed = start(idea.pack, REEXAMINATION_RESULT, on, rules(idea.pack).review.reexamination_decided_within)
    return ClocksStarted(idea_id=idea.id, clocks=(owed,))


def _open(idea: Idea) -> Reexamination | None:
    return next((one for one in idea.reexaminations if one.status == "open"), None)


# --- what events mean


def requested(idea: Idea, event: ReexaminationRequested) -> Idea:
    """A re-examination is open; the author's right is used where the author asked."""
    shown = event.model_dump(exclude={"idea_id", "rule", "document"})
    asked = idea.but(reexaminations=(*idea.reexaminations, Reexamination(**shown)))
    return ended(asked, REEXAMINATION, "met") if event.asked_by == "author" else asked


def reexamined(idea: Idea, event: IdeaReexamined) -> Idea:
    """It has ended. A decision that it changes comes with an event of its own."""
    said = {
        "status": event.outcome,
        "answer": event.reason,
        "decided_on": event.decided_on,
        "panel_supports": event.panel_supports,
    }
    after = tuple(one.model_copy(update=said) if one.number == event.number else one for one in idea.reexaminations)
    return ended(idea.but(reexaminations=after), REEXAMINATION_RESULT, "met")
