"""What runs after a decision: the author's rights from the delivery of the notice, and the times of keeping.

A notice online is delivered when it is issued. To authors who submitted on paper it is delivered when the office says
so. 공무원 제안 규정 제11조제1항, 제13조제3항, 제23조.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date

from services.ideas.domain.clock import last_day
from services.ideas.domain.clocks import CLAIM, FOLLOW_UP, KEPT, REEXAMINATION, last_day_of, start
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.intake import ON_PAPER
from services.ideas.domain.process_commands import RecordDelivery
from services.ideas.domain.rules import rules, today
from services.ideas.domain.submission import OFFICE
from shared.contracts.ideas_decisions import Extent
from shared.contracts.ideas_process import ClocksStarted, NoticeDelivered, StartedClock
from shared.engine.aggregate import Context, require
from shared.engine.message import Event


def after_adoption(idea: Idea, decided_on: date, extent: Extent) -> ClocksStarted:
    """An adopted idea is followed up for the management period; of a part the rest may be looked at again, once."""
    follow_up = start(idea.pack, FOLLOW_UP, decided_on, rules(idea.pack).management_period)
    used = any(one.asked_by == "author" for one in idea.reexaminations)
    none = used or idea.channel in ON_PAPER or extent == "whole"
    again = () if none else _rights_of_part(idea.pack, decided_on)
    return ClocksStarted(idea_id=idea.id, clocks=(*again, follow_up))


def after_refusal(idea: Idea, decided_on: date) -> ClocksStarted:
    """A refused idea is kept; the author's rights run from now if the notice arrived with its issue."""
    kept = start(idea.pack, KEPT, decided_on, rules(idea.pack).refused_kept)
    rights = () if idea.channel in ON_PAPER else _rights(idea.pack, decided_on)
    return ClocksStarted(idea_id=idea.id, clocks=(*rights, kept))


def deliver(idea: Idea, message: RecordDelivery, context: Context) -> Iterator[Event]:
    """The office says that a notice was delivered; if it was that of a refusal, the author's rights begin."""
    notice = next((one for one in idea.notices if one.position == message.position), None)
    require(notice is not None, "no_such_notice")
    assert notice is not None
    require(notice.delivered_on is None, "delivered_already")
    now, issued_on = today(context.time), today(notice.issued_at)
    day = message.delivered_on or now
    require(day <= now, "date_in_future", field="delivered_on", date=str(day))
    require(day >= issued_on, "date_too_early", field="delivered_on", first=str(issued_on))
    yield NoticeDelivered(
        idea_id=idea.id,
        position=message.position,
        channel=message.channel,
        delivered_on=day,
        recorded_by=context.actor.id,
    )
    rights = RIGHTS.get(notice.notice)
    if rights is not None and REEXAMINATION not in idea.clocks and (begun := rights(idea.pack, day)):
        yield ClocksStarted(idea_id=idea.id, clocks=begun)


def _rights(pack_id: str, delivered_on: date) -> tuple[StartedClock, ...]:
    asked = rules(pack_id)
    return (
        start(pack_id, REEXAMINATION, delivered_on, asked.reexamination_within),
        start(pack_id, CLAIM, delivered_on, asked.claim_within),
    )


def _rights_of_part(pack_id: str, delivered_on: date) -> tuple[StartedClock, ...]:
    asked = rules(pack_id)
    if not asked.review.parts_reexamined.value:
        return ()
    return (start(pack_id, REEXAMINATION, delivered_on, asked.reexamination_within),)


RIGHTS: Mapping[str, Callable[[str, date], tuple[StartedClock, ...]]] = {
    "refused": _rights,
    "adopted_in_part": _rights_of_part,
}
"""Which rights begin with the delivery of a notice."""


def last_days(clocks: Iterable[StartedClock]) -> dict[str, date]:
    """Until when what these clocks run for can be used, by their names."""
    return {one.clock: last_day_of(one.due) for one in clocks if one.due is not None}


def require_claimant(idea: Idea, context: Context, field: str, named: date | None, document: str) -> date:
    """An author acts, today; or the office for one who wrote on paper, on the day that arrived. The day is given back.

    Raises Refused.
    """
    own, now = context.actor.id in idea.author_ids, today(context.time)
    require(own or context.actor.role == OFFICE, "not_an_author", recorded=True)
    require(own or bool(document.strip()), "document_required")
    day = named or now
    require(not own or day == now, "backdating_not_allowed", recorded=True)
    require(day <= now, "date_in_future", field=field, date=str(day))
    return day


def require_right(idea: Idea, name: str, on: date) -> None:
    """The clock `name` had not run out on that day, however late it is looked at. Raises Refused."""
    clock = idea.clocks.get(name)
    require(clock is not None and clock.ended in ("", "ran_out"), "no_such_right", recorded=True)
    assert clock is not None
    last = last_day(clock)
    require(on >= clock.started_on, "date_too_early", field="date", first=str(clock.started_on))
    require(last is None or on <= last, "right_ended", recorded=True, last=str(last))
