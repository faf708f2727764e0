"""Reading the rules of a group's or a case's own pack. Pure."""

from datetime import date, datetime

from shared.contracts.types import Rule
from shared.engine.aggregate import Refused, require
from shared.rules.calendar import Calendar
from shared.rules.learning import LearningRules
from shared.rules.library import UnknownPack
from shared.rules.loader import calendar, pack, pack_hash
from shared.rules.pack import Pack
from shared.rules.rule import Sourced


def chosen(pack_id: str, on: date) -> Pack:
    """The pack that somebody names, if it is in force on that day."""
    try:
        found = pack(pack_id)
    except UnknownPack:
        raise Refused("unknown_pack", pack=pack_id) from None
    require(found.in_force_from <= on, "pack_not_in_force", pack=pack_id, in_force_from=str(found.in_force_from))
    return found


def rules(pack_id: str) -> LearningRules:
    """What the pack says about learning groups and spread."""
    return pack(pack_id).learning


def days(pack_id: str) -> Calendar:
    """The working calendar the pack counts its days with."""
    return calendar(pack(pack_id).calendar)


def today(time: datetime) -> date:
    """The date in Seoul at a recorded time."""
    return Calendar.seoul_date(time)


def cite(pack_id: str, rule: Sourced) -> Rule:
    """The reference that a decision carries: pack, hash of its section on learning, article."""
    return Rule(pack=pack_id, hash=pack_hash(pack_id, "learning"), article=rule.article)
