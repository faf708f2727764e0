"""A learning group and a case under a pack, for tests of `learning`."""

from typing import Any

from services.learning.domain import CASE, GROUP, OFFER
from services.learning.domain.case import Case
from services.learning.domain.commands import HandOverOutput, OfferCase, RegisterGroup
from shared.contracts.types import Kind
from shared.engine.message import Actor
from shared.rules.loader import pack
from tests.support.adopted import adopted, authors
from tests.support.given import Given

SEOUL, NATIONAL, OPEN_CALL = "seoul-2025-1", "kr-national-2023-09", "open-call"
PACKS = (SEOUL, NATIONAL, OPEN_CALL)

LEAD = Actor("kim", "group_lead", "transport")
MEMBER = Actor("lee", "group_lead", "transport")
OFFICER = Actor("officer", "award_officer", "creative")
HEAD = Actor("head", "department", "transport")
TARGET_HEAD = Actor("park-head", "department", "parks")
OWNER = Actor("owner", "member", "parks")

given_group = Given(GROUP, "g-1", actor=LEAD)
given_case = Given(CASE, "i-1")


def registration(pack_id: str, **changes: Any) -> RegisterGroup:
    """A registration that suffices under every pack."""
    whole: dict[str, Any] = {
        "pack": pack_id,
        "name": "밤길 연구모임",
        "topic": "심야 이동",
        "department": "transport",
        "members": ("lee", "park"),
    }
    return RegisterGroup(**(whole | changes))


def registered(pack_id: str, **changes: Any) -> Given:
    """A group of kim, lee and park."""
    return given_group(*given_group.when(registration(pack_id, **changes)).events)


def output(pack_id: str, **changes: Any) -> HandOverOutput:
    """An output that is an idea under its pack."""
    whole: dict[str, Any] = {
        "pack": pack_id,
        "kind": Kind.IMPROVE,
        "category": "교통",
        "department": "transport",
        "title": "심야 정류소 안내",
        "sections": {section.key: "밤에 버스를 기다리는 사람이 많다." for section in pack(pack_id).ideas.sections},
        "authors": authors(kim="50", lee="50"),
    }
    return HandOverOutput(**(whole | changes))


def case(pack_id: str) -> Case:
    """An open case of the transport department."""
    state = given_case.when(adopted(pack=pack_id)).state
    assert isinstance(state, Case)
    return state


def given_offer(pack_id: str) -> Given:
    """The parks department and the case."""
    return Given(OFFER, "i-1/parks", (), (case(pack_id),), OFFICER)


def offered(pack_id: str, **changes: Any) -> Given:
    """The case, offered to the parks department."""
    given = given_offer(pack_id)
    whole: dict[str, Any] = {"target": "parks", "owner": OWNER.id}
    command = OfferCase(**(whole | changes))
    return given(*given.when(command).events, reads=given.reads)
