"""Telling the authors: notices are facts, and the clocks of an author's rights start at them."""

from collections.abc import Iterable, Iterator
from datetime import date

from services.ideas.domain.idea_state import Idea
from shared.contracts.ideas import NoticeIssued
from shared.contracts.types import Author
from shared.engine.aggregate import Context
from shared.engine.message import Event


def notice_of(
    idea: Idea, context: Context, notice: str, *, recipients: tuple[str, ...] = (), **facts: date | str | int | None
) -> NoticeIssued:
    """The next notice, to all authors unless `recipients` says otherwise; facts that are None are left out."""
    return NoticeIssued(
        idea_id=idea.id,
        position=idea.notices_issued + 1,
        notice=notice,
        issued_at=context.time,
        recipients=recipients or tuple(author.person_id for author in idea.authors),
        facts={name: str(value) for name, value in facts.items() if value is not None},
    )


def tell_others(idea: Idea, context: Context, notice: str, authors: Iterable[Author]) -> Iterator[Event]:
    """Tell all authors but the one who acted."""
    others = tuple(author.person_id for author in authors if author.person_id != context.actor.id)
    if others:
        yield notice_of(idea, context, notice, recipients=others)
