"""Award rounds follow the duty of awards (서울창의상 운영), nominations the department in charge of their idea."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from services.awards.domain.commands import CloseCategory
from services.awards.service import SERVICE as AWARDS
from services.ideas.service import SERVICE as IDEAS
from shared.contracts.awards_duties import (
    CategoryMoved,
    CategoryMoveOrdered,
    NominationMoved,
    RoundMoved,
    RoundMoveNoticed,
    RoundMoveOrdered,
)
from shared.contracts.duties import Move
from shared.contracts.ideas_duties import IdeaMoved
from shared.duties.following import PAUSE
from shared.engine.message import Actor
from shared.rules.loader import pack
from tests.support.adopted import adopted
from tests.support.given import Given
from tests.support.house import House
from tests.unit.awards.support import (
    NATIONAL,
    OFFICER,
    PACKS,
    PANEL,
    PANELISTS,
    SEOUL,
    announced,
    given_category,
    given_nomination,
    given_round,
    main_category,
    opening,
)

SYSTEM = Actor("service:awards", "system")
NEW_OFFICER = Actor("new-officer", "award_officer", "d-creative")
RECEIVER = Actor("p-5", "receiver", "d-office")
MOVE = Move(
    duty_id="award",
    name="서울창의상 운영",
    from_department=OFFICER.department,
    department=NEW_OFFICER.department,
    moved_on=date(2023, 1, 25),
    reason="창의행정담당관 신설",
)


def begun(pack_id: str, opener: Actor = OFFICER) -> Given:
    given = given_round(pack_id)
    return given(*given.when(opening(pack_id), actor=opener).events)


def order(pack_id: str) -> RoundMoveOrdered:
    return RoundMoveOrdered(round_id=f"{pack_id}.2025", move=MOVE)


@pytest.mark.parametrize("pack_id", PACKS)
def test_an_open_round_follows_with_its_categories_and_the_panel_is_told(pack_id: str) -> None:
    given = begun(pack_id)
    outcome = given.when(order(pack_id), actor=SYSTEM)
    categories = len(pack(pack_id).awards.categories)
    outcome.emits(RoundMoved, *[CategoryMoveOrdered] * categories, RoundMoveNoticed)
    assert outcome.event(RoundMoveNoticed).recipients == (OFFICER.id, *PANEL)
    after = given(*given.past, *outcome.events)
    assert after.state.owner == "d-creative"
    after.when(order(pack_id), actor=SYSTEM).emits()


def test_a_round_that_no_department_runs_stays_with_all_officers() -> None:
    alone = begun(SEOUL, Actor("officer", "award_officer"))
    alone.when(order(SEOUL), actor=SYSTEM).emits()


def test_a_category_follows_its_round_and_with_it_the_right_to_close() -> None:
    given = given_category(NATIONAL)
    before = given(*given.when(announced(NATIONAL)).events)
    ordered = CategoryMoveOrdered(category_id=main_category(NATIONAL), move=MOVE)
    outcome = before.when(ordered, actor=SYSTEM)
    outcome.emits(CategoryMoved)
    after = before(*before.past, *outcome.events)
    after.when(ordered, actor=SYSTEM).emits()
    before.when(CloseCategory(), actor=NEW_OFFICER).refused("not_the_owner")
    assert before.when(CloseCategory(), actor=OFFICER).refusal is None
    after.when(CloseCategory(), actor=OFFICER).refused("not_the_owner")
    assert after.when(CloseCategory(), actor=NEW_OFFICER).refusal is None


def test_a_nomination_follows_its_idea() -> None:
    idea = adopted("i-1", pack=SEOUL, score="90")
    given = given_nomination(*given_nomination.when(idea).events)
    move = MOVE.model_copy(update={"from_department": idea.department, "department": "d-parks"})
    outcome = given.when(IdeaMoved(idea_id="i-1", move=move), actor=SYSTEM)
    outcome.emits(NominationMoved)
    after = given(*given.past, *outcome.events)
    assert after.state.department == "d-parks"
    after.when(IdeaMoved(idea_id="i-1", move=move), actor=SYSTEM).emits()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await House(tmp_path, IDEAS, AWARDS).open()


async def test_after_the_move_of_2023_the_new_office_runs_the_award_and_the_old_one_no_more(house: House) -> None:
    body = opening(SEOUL).model_dump(mode="json")
    round_id = (await house.must(OFFICER, "POST", "/rounds", body, service="awards"))["id"]
    for department, day in ((OFFICER.department, "2020-01-01"), ("d-creative", "2023-01-25")):
        duty = {"name": "서울창의상 운영", "covers": [{"work": "awards"}], "department": department, "holds_from": day}
        await house.must(RECEIVER, "PUT", "/duties/award", duty)
    await house.settle()
    house.clock.time += 2 * PAUSE
    await house.settle()
    assert (await house.must(OFFICER, "GET", f"/rounds/{round_id}", service="awards"))["owner"] == "d-creative"
    for path, command in (
        (f"/categories/{main_category(SEOUL)}/closing", {}),
        (f"/rounds/{round_id}/confirmations", {"category_id": main_category(SEOUL)}),
    ):
        refused = await house.ask(OFFICER, "POST", path, command, service="awards")
        assert (refused.status_code, refused.json()["code"]) == (403, "not_the_owner")
        allowed = await house.ask(NEW_OFFICER, "POST", path, command, service="awards")
        assert allowed.json().get("code") != "not_the_owner"
    told = (await house.must(PANELISTS[0], "GET", "/me/notices", service="awards"))["items"]
    assert told[0]["move"]["moved_on"] == "2023-01-25" and "서울창의상 운영" in told[0]["text"]["ko"]
    stranger = Actor("panel-99", "panelist")
    assert (await house.must(stranger, "GET", "/me/notices", service="awards"))["items"] == []
