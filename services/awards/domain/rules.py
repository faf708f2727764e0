"""Reading the rules of a round's own pack, and the ids that follow from them. Pure."""

from datetime import date, datetime

from shared.contracts.types import Rule
from shared.engine.aggregate import Refused, require
from shared.rules.awards import AwardsRules, Category
from shared.rules.calendar import Calendar
from shared.rules.library import UnknownPack
from shared.rules.loader import calendar, pack, pack_hash
from shared.rules.pack import Pack
from shared.rules.rule import Sourced


def chosen(pack_id: str, on: date) -> Pack:
    """The pack a round is to be opened under, if it is in force on that day."""
    try:
        found = pack(pack_id)
    except UnknownPack:
        raise Refused("unknown_pack", pack=pack_id) from None
    require(found.in_force_from <= on, "pack_not_in_force", pack=pack_id, in_force_from=str(found.in_force_from))
    return found


def rules(pack_id: str) -> AwardsRules:
    """What the pack says about awards."""
    return pack(pack_id).awards


def days(pack_id: str) -> Calendar:
    """The working calendar the pack counts its days with."""
    return calendar(pack(pack_id).calendar)


def today(time: datetime) -> date:
    """The date in Seoul at a recorded time."""
    return Calendar.seoul_date(time)


def cite(pack_id: str, rule: Sourced) -> Rule:
    """The reference that a decision carries: pack, hash of its section on awards, article."""
    return Rule(pack=pack_id, hash=pack_hash(pack_id, "awards"), article=rule.article)


def round_id(pack_id: str, year: int) -> str:
    """Id of the round of a pack and year, known before the round opens."""
    return f"{pack_id}.{year}"


def category_id(round_id: str, code: str) -> str:
    """Id of a category of a round."""
    return f"{round_id}.{code}"


def category_rules(pack_id: str, category_id: str) -> Category:
    """The rules of a category, by its id."""
    found = rules(pack_id).category(category_id.rpartition(".")[2])
    assert found is not None, f"{category_id} is no category of {pack_id}"
    return found
