"""A practice that runs already (실행사례): recommended, its facts checked, then a case and a nomination.

That it is being done is what it is about, so it is never closed for that. Whether its facts are checked, how long it
must have run, and whether an evaluation follows, its pack says.
"""

from collections.abc import Iterator
from datetime import date

from services.ideas.domain.idea_state import Idea
from services.ideas.domain.intake import onwards, require_check
from services.ideas.domain.notices import notice_of
from services.ideas.domain.process_commands import CheckFacts
from services.ideas.domain.rules import cite, require_grounds, rules, today
from shared.contracts.ideas import IdeaFoundComplete
from shared.contracts.ideas_outcomes import PracticeChecked, PracticeConfirmed
from shared.contracts.types import Kind, Rule
from shared.engine.aggregate import Context, require
from shared.engine.message import Event, seal
from shared.rules.calendar import DAY, Calendar
from shared.rules.ideas import IdeaDecision
from shared.rules.outcomes import PracticeCourse


def require_no_facts_to_check(idea: Idea) -> None:
    """The completeness check suffices: it is no practice, or the pack wants no facts checked."""
    checked = idea.kind is Kind.PRACTICE and rules(idea.pack).outcomes.practice.facts_checked.value
    require(not checked, "facts_not_checked")


def check_facts(idea: Idea, message: CheckFacts, context: Context) -> Iterator[Event]:
    """The office checked the facts. Confirmed, it goes on as the pack says; unconfirmed, it may be supplemented."""
    require_check(idea, context)
    asked = rules(idea.pack).outcomes.practice
    require(idea.kind is Kind.PRACTICE, "not_a_practice", kind=idea.kind.value)
    require(asked.facts_checked.value, "facts_not_for_pack", recorded=True)
    require(bool(message.findings.strip()), "findings_required")
    require(bool(message.document.strip()), "document_required")
    require_grounds(idea.pack, IdeaDecision.PRACTICE, message, idea.author_ids, context.time)
    confirmed, now = message.outcome == "confirmed", today(context.time)
    if confirmed:
        _require_running(idea, message.running_since, now)
    rule = cite(idea.pack, asked.running_for)
    yield PracticeChecked(
        idea_id=idea.id,
        outcome=message.outcome,
        running_since=message.running_since,
        findings=seal(message.findings, idea.id),
        document=message.document,
        checked_on=now,
        checked_by=context.actor.id,
        authority=message.authority,
        rule=rule,
    )
    if not confirmed:
        yield notice_of(idea, context, "practice_unconfirmed")
        return
    yield IdeaFoundComplete(idea_id=idea.id, checked_by=context.actor.id)
    if asked.course.value is PracticeCourse.EVALUATION:
        yield notice_of(idea, context, "practice_checked")
        yield from onwards(idea, after="")
        return
    assert message.running_since is not None
    yield _confirmation(idea, message.running_since, now, context, rule)
    yield notice_of(idea, context, "practice_confirmed", running_since=message.running_since)


def _require_running(idea: Idea, since: date | None, now: date) -> None:
    """It has been running for as long as the pack asks for."""
    require(since is not None, "running_since_required")
    assert since is not None
    require(since <= now, "date_in_future", field="running_since", date=str(since))
    term = rules(idea.pack).outcomes.practice.running_for.value
    if term is not None:
        earliest = since + Calendar.length(since, term) * DAY
        require(earliest <= now, "practice_too_young", needed=str(term), earliest=str(earliest))


def _confirmation(idea: Idea, since: date, now: date, context: Context, rule: Rule) -> PracticeConfirmed:
    assert idea.received_on is not None
    return PracticeConfirmed(
        idea_id=idea.id,
        pack=idea.pack,
        kind=idea.kind,
        category=idea.category,
        department=idea.department,
        title=idea.title,
        authors=idea.authors,
        running_since=since,
        received_on=idea.received_on,
        confirmed_on=now,
        confirmed_by=context.actor.id,
        origin=idea.origin,
        rule=rule,
        shares_open=idea.shares.open,
    )
