"""The department that organises a round, and how it changes with a duty.

Pure. Where a department organises a round, the receiving office acts on it from that department only. Who chairs is a
person, not a department, and stays.
"""

from collections.abc import Iterator
from typing import assert_never

from services.evaluation.domain.round_state import Phase, Round
from shared.contracts.evaluation_duties import RoundMoved, RoundMoveNoticed, RoundMoveOrdered
from shared.duties.notice import everybody, told
from shared.engine.aggregate import Context, require
from shared.engine.message import Actor, Event

OFFICE = "receiver"


def require_organises(round: Round, actor: Actor) -> None:
    """An office that acts on the round is that of its department. Raises Refused."""
    elsewhere = actor.role == OFFICE and round.organiser not in ("", actor.department)
    require(not elsewhere, "not_the_organiser", recorded=True, department=round.organiser)


def follow(round: Round, message: RoundMoveOrdered, context: Context) -> Iterator[Event]:
    """An open round follows a duty; whoever opened it or signed for it is told."""
    move = message.move
    if round.phase is not Phase.OPEN or round.organiser != move.from_department:
        return
    yield RoundMoved(round_id=round.id, move=move)
    recipients = everybody(round.begun_by, (one.person_id for one in round.statements))
    yield RoundMoveNoticed(round_id=round.id, move=move, issued_at=context.time, recipients=recipients)


def took(round: Round, event: RoundMoved | RoundMoveNoticed) -> Round:
    """What these events mean for the round."""
    match event:
        case RoundMoved():
            return round.but(organiser=event.move.department)
        case RoundMoveNoticed():
            return round.but(told=told(round.told, event))
        case _:
            assert_never(event)
