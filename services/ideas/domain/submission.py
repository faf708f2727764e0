"""What a submission must satisfy under its pack."""

from datetime import date
from decimal import Decimal

from services.ideas.domain.commands import Submission
from services.ideas.domain.rules import chosen
from shared.contracts.types import Author
from shared.engine.aggregate import require
from shared.engine.message import Actor
from shared.rules.ideas import IdeasRules, Section

OFFICE = "receiver"
"""The role that receives; it alone submits for others and dates back."""

WHOLE = Decimal(100)


def require_fit(message: Submission, actor: Actor, *, submitted_on: date, today: date) -> None:
    """The submission fits its pack and may come from this person on this day."""
    require(submitted_on <= today, "date_in_future", field="submitted_on", date=str(submitted_on))
    require(
        submitted_on == today or actor.role == OFFICE,
        "backdating_not_allowed",
        recorded=True,
        date=str(submitted_on),
    )
    rules = chosen(message.pack, submitted_on).ideas
    require(message.kind in rules.kinds.value, "kind_not_allowed", kind=message.kind.value)
    _require_texts(message, rules)
    require_authors(message.authors, rules)
    is_author = any(author.person_id == actor.id for author in message.authors)
    require(is_author or actor.role == OFFICE, "not_an_author", recorded=True)


def _require_texts(message: Submission, rules: IdeasRules) -> None:
    limit = rules.title_max_characters.value
    require(len(message.title) <= limit, "title_too_long", limit=limit)
    known = {section.key for section in rules.sections}
    for key in message.sections:
        require(key in known, "section_unknown", section=key)
    for section in rules.sections:
        text = message.sections.get(section.key)
        require(text is not None, "section_missing", section=section.key)
        require_section(section, text or "", rules)


def require_section(section: Section, text: str, rules: IdeasRules) -> None:
    """The text is one that the pack takes for this section."""
    limit = rules.text_max_characters.value
    require(section.may_be_empty or bool(text.strip()), "section_empty", section=section.key)
    require(len(text) <= limit, "section_too_long", section=section.key, limit=limit)


def require_authors(authors: tuple[Author, ...], rules: IdeasRules) -> None:
    """The authors are not too many, each is there once, and their shares are as the pack wants them."""
    most = rules.authors_max.value
    require(len(authors) <= most, "too_many_authors", limit=most)
    require(len({author.person_id for author in authors}) == len(authors), "author_named_twice")
    total = sum((author.share for author in authors), Decimal(0))
    require(not rules.shares_must_total_100.value or total == WHOLE, "shares_do_not_total_100", total=str(total))
    largest = max(author.share for author in authors)
    require(not rules.lead_has_largest_share.value or authors[0].share == largest, "lead_without_largest_share")
