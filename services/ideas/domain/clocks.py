"""The clocks of an idea: which run, what stops them, and how they are kept in its state.

Invariant: a running clock that is due has the deadline of its name, and no other clock has one. What was imported shows
its clock, and nothing falls due: it was owed elsewhere. While an idea is merged into another, its deadlines rest.
"""

from datetime import date
from typing import Literal

from services.ideas.domain.clock import Clock, started
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.rules import cite, rules
from services.ideas.domain.values import Stage
from shared.contracts.ideas import IdeaReceived
from shared.contracts.ideas_process import ClocksStarted, StartedClock
from shared.engine.message import Instant
from shared.rules.calendar import DAY, Calendar
from shared.rules.loader import pack
from shared.rules.rule import Rule, Term

DECISION = "decision"
"""Clock of decision and notice."""
SUPPLEMENT = "supplement"
"""Deadline by which a supplement is owed."""
OPINION = "opinion"
"""Deadlines by which opinions are owed, each with its number: `opinion.2`."""
REEXAMINATION, CLAIM, KEPT, FOLLOW_UP = "reexamination", "claim", "kept", "follow_up"
"""Clocks after a decision: two rights of the author, and how long a refused or an adopted idea is kept in view."""
REEXAMINATION_RESULT, CLAIM_RESULT = "reexamination_result", "claim_result"
"""Clocks of what the agency owes once an author or it itself has asked."""
CLOSING = "closing"
"""Why the clock of the decision stands still while an idea is closed."""


def awaited(what: str, number: int) -> str:
    """Why a clock stands still: the supplement or opinion of this number."""
    return f"{what}.{number}"


def start(pack_id: str, name: str, on: date, term: Rule[Term]) -> StartedClock:
    """A clock that begins to run under a rule of the pack."""
    clock = started(on, term.value, pack(pack_id).calendar)
    return StartedClock(
        clock=name,
        started_on=on,
        term=clock.term,
        calendar=clock.calendar,
        due=clock.due,
        rule=cite(pack_id, term),
    )


def decision_clock(idea: Idea, on: date, term: str, calendar_name: str, by: int) -> Clock:
    """The clock of the decision from `on`. What was asked for before and has not come holds it from the beginning."""
    clock = started(on, Term.model_validate(term), calendar_name, by)
    if idea.supplement is not None and idea.supplement.status == "open":
        clock = clock.stopped(awaited(SUPPLEMENT, idea.supplement.number), idea.supplement.requested_on, by)
    for opinion in idea.opinions:
        if opinion.status == "open":
            clock = clock.stopped(awaited(OPINION, opinion.number), opinion.requested_on, by)
    return clock


def due_after(idea: Idea, why: str, on: date) -> Instant | None:
    """When the decision is due once it no longer waits for `why`; None where other things hold it, or nothing runs."""
    clock = idea.clocks.get(DECISION)
    return clock.resumed(why, on, 0).due if clock is not None and clock.running else None


def day_after(due: Instant) -> date:
    """The day after the last one of a term: on it goes on what has waited in vain."""
    return Calendar.seoul_date(due)


def last_day_of(due: Instant) -> date:
    """The last day of a term that is over at `due`."""
    return Calendar.seoul_date(due) - DAY


# --- what events mean


def received(idea: Idea, event: IdeaReceived) -> Idea:
    """The clock of the decision begins, where the receipt says when it is due."""
    now = idea.but(channel=event.channel)
    if event.decision_due is None:
        return now
    term = event.term or str(rules(idea.pack).decision_within.value)
    clock = started(event.received_on, Term.model_validate(term), event.calendar or pack(idea.pack).calendar, idea.next)
    return with_clock(now, DECISION, clock)


def clocks_started(idea: Idea, event: ClocksStarted) -> Idea:
    """Further clocks begin."""
    for begun in event.clocks:
        if begun.clock == DECISION:
            clock = decision_clock(idea, begun.started_on, begun.term, begun.calendar, idea.next)
        else:
            clock = started(begun.started_on, Term.model_validate(begun.term), begun.calendar, idea.next)
        idea = with_clock(idea, begun.clock, clock)
    return idea


def stopped(idea: Idea, why: str, on: date) -> Idea:
    """The clock of the decision waits for something."""
    clock = idea.clocks.get(DECISION)
    return idea if clock is None else with_clock(idea, DECISION, clock.stopped(why, on, idea.next))


def resumed(idea: Idea, why: str, on: date) -> Idea:
    """It waits for it no longer."""
    clock = idea.clocks.get(DECISION)
    return idea if clock is None else with_clock(idea, DECISION, clock.resumed(why, on, idea.next))


def ended(idea: Idea, name: str, how: Literal["met", "ran_out", "dropped"]) -> Idea:
    """A clock has ended; so has its deadline."""
    clock = idea.clocks.get(name)
    without = idea.without_deadline(name)
    return without if clock is None else with_clock(without, name, clock.at_end(how, idea.next))


def with_clock(idea: Idea, name: str, clock: Clock) -> Idea:
    """The idea with one clock as it is now, and with the deadline that follows from it."""
    after = idea.but(clocks={**idea.clocks, name: clock})
    if name == DECISION:
        after = after.but(decision_due=clock.due)
    if not clock.running or clock.due is None or idea.channel == "import" or idea.stage is Stage.MERGED:
        return after.without_deadline(name)
    return after.with_deadline(name, clock.due)


def armed(idea: Idea) -> Idea:
    """The idea with the deadlines that rested while it was merged: what was due stays due."""
    for name, clock in idea.clocks.items():
        idea = with_clock(idea, name, clock)
    if idea.supplement is not None and idea.supplement.status == "open":
        idea = idea.with_deadline(SUPPLEMENT, idea.supplement.due)
    for opinion in idea.opinions:
        if opinion.status == "open":
            idea = idea.with_deadline(awaited(OPINION, opinion.number), opinion.due)
    return idea
