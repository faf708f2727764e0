"""Steps that change an idea's course before its decision: transfer, re-opening, a longer term, its call's close."""

from collections.abc import Iterator

from services.ideas.domain.clocks import CLOSING, DECISION, decision_clock, due_after, last_day_of, start
from services.ideas.domain.idea_state import Idea, require_stage, require_stage_of
from services.ideas.domain.moves import charges
from services.ideas.domain.notices import notice_of
from services.ideas.domain.process_commands import ExtendDecision, ReopenIdea, TransferIdea
from services.ideas.domain.rules import cite, days, require_grounds, rules, today
from services.ideas.domain.values import VOTABLE, Stage
from shared.contracts.ideas_process import CallClosed, ClocksStarted, DecisionExtended, IdeaReopened, IdeaTransferred
from shared.engine.aggregate import Context, require
from shared.engine.message import Event, seal
from shared.rules.ideas import IdeaDecision


def transfer(idea: Idea, message: TransferIdea, context: Context) -> Iterator[Event]:
    """The office passes the idea on, and the authors are told (제6조제5항)."""
    require(context.actor.id not in idea.author_ids, "conflict_of_interest", recorded=True)
    require_stage_of(idea, *VOTABLE)
    require(message.department != idea.department, "same_department")
    require_grounds(idea.pack, IdeaDecision.TRANSFER, message, idea.author_ids, context.time)
    yield IdeaTransferred(
        idea_id=idea.id,
        from_department=idea.department,
        department=message.department,
        reason=seal(message.reason, idea.id),
        authority=message.authority,
        rule=cite(idea.pack, rules(idea.pack).reasons_required),
    )
    yield from charges(idea, message.department)
    yield notice_of(idea, context, "transferred", department=message.department)


def reopen(idea: Idea, message: ReopenIdea, context: Context) -> Iterator[Event]:
    """The office takes up a closed idea again, within the pack's time; it is checked anew."""
    require(context.actor.id not in idea.author_ids, "conflict_of_interest", recorded=True)
    require_stage(idea, Stage.CLOSED)
    within, now = rules(idea.pack).reopen_within, today(context.time)
    require(within.value is not None, "reopening_not_allowed", recorded=True)
    assert within.value is not None and idea.ending is not None
    closed_on = idea.ending.ended_on or idea.received_on
    assert closed_on is not None
    last = days(idea.pack).due(closed_on, within.value)
    require(now <= last, "reopening_too_late", recorded=True, last=str(last))
    require_grounds(idea.pack, IdeaDecision.REOPEN, message, idea.author_ids, context.time)
    yield IdeaReopened(
        idea_id=idea.id,
        reason=seal(message.reason, idea.id),
        authority=message.authority,
        reopened_on=now,
        decision_due=due_after(idea, CLOSING, now),
        rule=cite(idea.pack, within),
    )
    yield notice_of(idea, context, "reopened")


def extend(idea: Idea, message: ExtendDecision, context: Context) -> Iterator[Event]:
    """The department in charge takes longer, once, and the authors are told before the term has ended."""
    in_charge = context.actor.department == idea.department
    require(in_charge, "not_in_charge", recorded=True, department=idea.department)
    require(context.actor.id not in idea.author_ids, "conflict_of_interest", recorded=True)
    require_stage_of(idea, *VOTABLE)
    rule, clock = rules(idea.pack).decision_extension, idea.clocks.get(DECISION)
    require(rule.value is not None, "extension_not_allowed", recorded=True)
    require(clock is not None and clock.running, "no_clock_running", recorded=True)
    assert clock is not None and rule.value is not None
    require(not clock.extensions, "extended_already", recorded=True)
    require_grounds(idea.pack, IdeaDecision.EXTEND, message, idea.author_ids, context.time)
    due = clock.extended(rule.value, 0).due
    yield DecisionExtended(
        idea_id=idea.id,
        term=str(rule.value),
        decision_due=due,
        reason=seal(message.reason, idea.id),
        authority=message.authority,
        rule=cite(idea.pack, rule),
    )
    yield notice_of(idea, context, "decision_extended", until=None if due is None else last_day_of(due))


def call_closed(idea: Idea, message: CallClosed) -> Iterator[Event]:
    """The call has closed: the clock of the decision begins, for what came in later with its receipt."""
    if idea.stage not in (*VOTABLE, Stage.MERGED) or DECISION in idea.clocks or idea.received_on is None:
        return
    term = rules(idea.pack).decision_within
    begun = start(idea.pack, DECISION, max(message.closed_on, idea.received_on), term)
    clock = decision_clock(idea, begun.started_on, begun.term, begun.calendar, 0)
    yield ClocksStarted(idea_id=idea.id, clocks=(begun.model_copy(update={"due": clock.due}),))
