"""What a group's output must satisfy to be an idea under the pack it names, so that its submission can't fail later."""

from datetime import date
from decimal import Decimal

from services.learning.domain.commands import HandOverOutput
from services.learning.domain.rules import chosen
from shared.contracts.types import Author
from shared.engine.aggregate import require
from shared.rules.ideas import IdeasRules

WHOLE = Decimal(100)


def require_fit(message: HandOverOutput, members: tuple[str, ...], today: date) -> None:
    """The output fits its pack, and its authors are members with shares that total 100."""
    pack = chosen(message.pack, today)
    require(message.kind in pack.learning.group.output_kinds.value, "kind_not_allowed", kind=message.kind.value)
    _require_texts(message, pack.ideas)
    _require_authors(message.authors, members, pack.ideas)


def _require_texts(message: HandOverOutput, asked: IdeasRules) -> None:
    limit = asked.title_max_characters.value
    require(bool(message.title.strip()), "title_required")
    require(len(message.title) <= limit, "title_too_long", limit=limit)
    known = {section.key for section in asked.sections}
    for key in message.sections:
        require(key in known, "section_unknown", section=key)
    limit = asked.text_max_characters.value
    for section in asked.sections:
        text = message.sections.get(section.key)
        require(text is not None, "section_missing", section=section.key)
        require(section.may_be_empty or bool(text and text.strip()), "section_empty", section=section.key)
        require(len(text or "") <= limit, "section_too_long", section=section.key, limit=limit)


def _require_authors(authors: tuple[Author, ...], members: tuple[str, ...], asked: IdeasRules) -> None:
    people = {author.person_id for author in authors}
    most = asked.authors_max.value
    require(len(authors) <= most, "too_many_authors", limit=most)
    require(len(people) == len(authors), "author_named_twice")
    require(people <= set(members), "author_not_a_member", persons=sorted(people - set(members)))
    total = sum((author.share for author in authors), Decimal(0))
    require(total == WHOLE, "shares_do_not_total_100", total=str(total))
    largest = max(author.share for author in authors)
    require(not asked.lead_has_largest_share.value or authors[0].share == largest, "lead_without_largest_share")
