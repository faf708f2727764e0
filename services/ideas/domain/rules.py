"""Reading the rules of an idea's own pack. Pure: packs are at hand before anything is decided."""

from datetime import date, datetime

from services.ideas.domain.commands import Grounded
from shared.contracts.types import Rule
from shared.engine.aggregate import Refused, require
from shared.rules.calendar import Calendar
from shared.rules.ideas import IdeaDecision, IdeasRules
from shared.rules.library import UnknownPack
from shared.rules.loader import calendar, pack, pack_hash
from shared.rules.pack import Pack
from shared.rules.rule import Sourced


def chosen(pack_id: str, on: date) -> Pack:
    """The pack a submission names, if it is in force on that day."""
    try:
        found = pack(pack_id)
    except UnknownPack:
        raise Refused("unknown_pack", pack=pack_id) from None
    require(found.in_force_from <= on, "pack_not_in_force", pack=pack_id, in_force_from=str(found.in_force_from))
    return found


def rules(pack_id: str) -> IdeasRules:
    """What the pack says about ideas."""
    return pack(pack_id).ideas


def days(pack_id: str) -> Calendar:
    """The working calendar the pack counts its days with."""
    return calendar(pack(pack_id).calendar)


def today(time: datetime) -> date:
    """The date in Seoul at a recorded time."""
    return Calendar.seoul_date(time)


def cite(pack_id: str, rule: Sourced) -> Rule:
    """The reference that a decision carries: pack, hash of its section on ideas, article."""
    return Rule(pack=pack_id, hash=pack_hash(pack_id, "ideas"), article=rule.article)


def require_grounds(
    pack_id: str, act: IdeaDecision, message: Grounded, author_ids: frozenset[str], time: datetime
) -> None:
    """Reason and authority are there where the pack asks for them, and no author signed for the own idea."""
    asked = rules(pack_id)
    require(act not in asked.reasons_required.value or bool(message.reason.strip()), "reason_required")
    require(act not in asked.authority_required.value or message.authority is not None, "authority_required")
    if message.authority is not None:
        signed_on = message.authority.at
        require(signed_on <= today(time), "date_in_future", field="authority.at", date=str(signed_on))
        require(message.authority.approver not in author_ids, "conflict_of_interest", recorded=True)
