"""The supplement (보완): asked for with reasons, supplied or reminded of, and unmet when its last term has ended.

공무원 제안 규정 제6조제2항, 제4항; what the pack says differs.
"""

from collections.abc import Iterator

from services.ideas.domain.clocks import SUPPLEMENT, awaited, day_after, due_after, last_day_of
from services.ideas.domain.idea_state import Idea, require_stage
from services.ideas.domain.intake import require_check
from services.ideas.domain.notices import notice_of, tell_others
from services.ideas.domain.process_commands import AnswerSupplement, RequestSupplement
from services.ideas.domain.rules import cite, days, rules, today
from services.ideas.domain.submission import OFFICE, require_section
from services.ideas.domain.values import Stage, Supplement
from shared.contracts.ideas_process import SupplementAnswered, SupplementReminded, SupplementRequested, SupplementUnmet
from shared.engine.aggregate import Context, require
from shared.engine.message import DeadlineReached, Event, seal


def request(idea: Idea, message: RequestSupplement, context: Context) -> Iterator[Event]:
    """Ask for a supplement, within the pack's days from receipt or re-opening; the authors are told until when."""
    require_check(idea, context)
    asked, calendar, now = rules(idea.pack), days(idea.pack), today(context.time)
    first = idea.reopened_on or idea.received_on
    assert first is not None
    last = calendar.due(first, asked.supplement_request_within.value)
    require(now <= last, "supplement_too_late", recorded=True, last=str(last))
    require(bool(message.reason.strip()), "reason_required")
    known = {section.key for section in asked.sections}
    for key in message.missing:
        require(key in known, "section_unknown", section=key)
    require(message.ground is None or asked.ground(message.ground) is not None, "unknown_ground", ground=message.ground)
    due = calendar.end_of(calendar.due(now, asked.supplement_answer_within.value))
    yield SupplementRequested(
        idea_id=idea.id,
        number=1 if idea.supplement is None else idea.supplement.number + 1,
        missing=message.missing,
        ground=message.ground,
        reason=seal(message.reason, idea.id),
        requested_on=now,
        due=due,
        rule=cite(idea.pack, asked.supplement_request_within),
    )
    yield notice_of(idea, context, "supplement_requested", until=last_day_of(due))


def answer(idea: Idea, message: AnswerSupplement, context: Context) -> Iterator[Event]:
    """An author supplies, or the office for an author who did so on paper. It is not too late before the closing."""
    actor, asked = context.actor, rules(idea.pack)
    own = actor.id in idea.author_ids
    require(own or actor.role == OFFICE, "not_an_author", recorded=True)
    require_stage(idea, Stage.RECEIVED)
    supplement = idea.supplement
    require(supplement is not None and supplement.status != "answered", "no_supplement_asked")
    assert supplement is not None
    require(own or not asked.receipt_documented.value or bool(message.document.strip()), "document_required")
    _require_texts(idea, supplement, message)
    now = today(context.time)
    lead = idea.authors[0].person_id
    yield SupplementAnswered(
        idea_id=idea.id,
        number=supplement.number,
        title=None if message.title is None else seal(message.title, lead),
        sections=seal(message.sections, lead),
        answered_on=now,
        answered_by=actor.id,
        document=message.document,
        decision_due=due_after(idea, awaited(SUPPLEMENT, supplement.number), now),
    )
    yield from tell_others(idea, context, "supplement_answered", idea.authors)


def _require_texts(idea: Idea, supplement: Supplement, message: AnswerSupplement) -> None:
    asked = rules(idea.pack)
    require(bool(message.sections) or message.title is not None, "supplement_empty")
    for key in supplement.missing:
        require(key in message.sections, "section_missing", section=key)
    known = {section.key: section for section in asked.sections}
    for key, text in message.sections.items():
        require(key in known, "section_unknown", section=key)
        require_section(known[key], text, asked)
    if message.title is not None:
        limit = asked.title_max_characters.value
        require(bool(message.title.strip()), "title_required")
        require(len(message.title) <= limit, "title_too_long", limit=limit)


def not_supplied(idea: Idea, message: DeadlineReached, context: Context) -> Iterator[Event]:
    """A term has ended without a supplement: remind, as often as the pack says, or find it unmet."""
    supplement, asked = idea.supplement, rules(idea.pack)
    assert supplement is not None
    if supplement.reminders < asked.supplement_reminders.value:
        calendar = days(idea.pack)
        last = calendar.due(last_day_of(message.due), asked.supplement_reminder_within.value)
        yield SupplementReminded(
            idea_id=idea.id,
            number=supplement.number,
            reminder=supplement.reminders + 1,
            due=calendar.end_of(last),
        )
        yield notice_of(idea, context, "supplement_reminded", until=last)
        return
    resumed_on = day_after(message.due)
    yield SupplementUnmet(
        idea_id=idea.id,
        number=supplement.number,
        due=message.due,
        resumed_on=resumed_on,
        decision_due=due_after(idea, awaited(SUPPLEMENT, supplement.number), resumed_on),
    )
    yield notice_of(idea, context, "supplement_unmet")
