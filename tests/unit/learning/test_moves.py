"""Learning groups follow the duty that they belong to (창의학습조직 운영), cases the department of their idea."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from services.ideas.service import SERVICE as IDEAS
from services.learning.domain import OFFER
from services.learning.domain.case import Case
from services.learning.domain.commands import CloseGroup, OfferCase
from services.learning.service import SERVICE as LEARNING
from shared.contracts.duties import Move
from shared.contracts.ideas_duties import IdeaMoved
from shared.contracts.learning_duties import CaseMoved, GroupMoved, GroupMoveNoticed, GroupMoveOrdered
from shared.duties.following import PAUSE
from shared.engine.message import Actor
from tests.support.adopted import adopted
from tests.support.given import Given
from tests.support.house import House
from tests.unit.learning.support import HEAD, LEAD, OWNER, PACKS, SEOUL, given_case, registered, registration

SYSTEM = Actor("service:learning", "system")
NEW_HEAD = Actor("new-head", "department", "creative")
RECEIVER = Actor("p-5", "receiver", "d-office")
MOVE = Move(
    duty_id="learning",
    name="창의학습조직 운영",
    from_department="transport",
    department="creative",
    moved_on=date(2023, 1, 25),
    reason="창의행정담당관 신설",
)
ORDER = GroupMoveOrdered(group_id="g-1", move=MOVE)


@pytest.mark.parametrize("pack_id", PACKS)
def test_an_active_group_follows_and_its_members_are_told(pack_id: str) -> None:
    given = registered(pack_id)
    outcome = given.when(ORDER, actor=SYSTEM)
    outcome.emits(GroupMoved, GroupMoveNoticed)
    assert outcome.event(GroupMoveNoticed).recipients == ("kim", "lee", "park")
    after = given(*given.past, *outcome.events)
    assert after.state.department == "creative"
    after.when(ORDER, actor=SYSTEM).emits()


def test_a_group_that_has_ended_stays() -> None:
    given = registered(SEOUL)
    closed = given(*given.past, *given.when(CloseGroup(), actor=LEAD).events)
    closed.when(ORDER, actor=SYSTEM).emits()


def test_a_case_follows_its_idea_and_with_it_the_right_to_offer() -> None:
    opened = given_case(*given_case.when(adopted("i-1", pack=SEOUL)).events)
    moved = IdeaMoved(idea_id="i-1", move=MOVE)
    outcome = opened.when(moved, actor=SYSTEM)
    outcome.emits(CaseMoved)
    after = opened(*opened.past, *outcome.events)
    after.when(moved, actor=SYSTEM).emits()

    def offer(case: Case) -> Given:
        return Given(OFFER, "i-1/parks")(reads=[case])

    command = OfferCase(target="parks", owner=OWNER.id)
    assert offer(opened.state).when(command, actor=HEAD).refusal is None
    offer(opened.state).when(command, actor=NEW_HEAD).refused("not_the_department_in_charge")
    offer(after.state).when(command, actor=HEAD).refused("not_the_department_in_charge")
    assert offer(after.state).when(command, actor=NEW_HEAD).refusal is None


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await House(tmp_path, IDEAS, LEARNING).open()


async def test_a_moved_duty_reaches_the_groups_of_its_packs_and_their_members(house: House) -> None:
    groups: list[str] = []
    for pack_id in PACKS:
        body = registration(pack_id).model_dump(mode="json")
        groups.append((await house.must(LEAD, "POST", "/groups", body, service="learning"))["id"])
    covers = [{"work": "learning", "packs": [SEOUL]}]
    for department, day in (("transport", "2020-01-01"), ("creative", "2023-01-25")):
        duty = {"name": "창의학습조직 운영", "covers": covers, "department": department, "holds_from": day}
        await house.must(RECEIVER, "PUT", "/duties/learning", duty)
    await house.settle()
    house.clock.time += 2 * PAUSE
    await house.settle()
    found = [(await house.must(LEAD, "GET", f"/groups/{one}", service="learning"))["department"] for one in groups]
    assert found == ["creative" if pack_id == SEOUL else "transport" for pack_id in PACKS]
    told = (await house.must(LEAD, "GET", "/me/notices", service="learning"))["items"]
    assert [one["id"] for one in told] == [groups[PACKS.index(SEOUL)]]
    assert "창의학습조직 운영" in told[0]["text"]["ko"]
    listed = await house.must(LEAD, "GET", "/groups?department=creative", service="learning")
    assert [one["id"] for one in listed["items"]] == [groups[PACKS.index(SEOUL)]]
