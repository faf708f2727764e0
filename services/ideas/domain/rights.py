"""What runs after a decision: the author's rights from the delivery of the notice, and the times of keeping.

A notice online is delivered when it is issued. To authors who submitted on paper it is delivered when the office says
so. 공무원 제안 규정 제11조제1항, 제13조제3항, 제23조.
"""

from collections.abc import Iterator
from datetime import date

from services.ideas.domain.clocks import CLAIM, FOLLOW_UP, KEPT, REEXAMINATION, start
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.intake import ON_PAPER
from services.ideas.domain.process_commands import RecordDelivery
from services.ideas.domain.rules import rules, today
from shared.contracts.ideas_process import ClocksStarted, NoticeDelivered, StartedClock
from shared.engine.aggregate import Context, require
from shared.engine.message import Event


def after_adoption(idea: Idea, decided_on: date) -> ClocksStarted:
    """An adopted idea is followed up for the management period."""
    follow_up = start(idea.pack, FOLLOW_UP, decided_on, rules(idea.pack).management_period)
    return ClocksStarted(idea_id=idea.id, clocks=(follow_up,))


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
    if notice.notice == "refused" and REEXAMINATION not in idea.clocks:
        yield ClocksStarted(idea_id=idea.id, clocks=_rights(idea.pack, day))


def _rights(pack_id: str, delivered_on: date) -> tuple[StartedClock, ...]:
    asked = rules(pack_id)
    return (
        start(pack_id, REEXAMINATION, delivered_on, asked.reexamination_within),
        start(pack_id, CLAIM, delivered_on, asked.claim_within),
    )
