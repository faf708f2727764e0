"""Duties that are held from a day on, and ideas that follow them when they move."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.ideas.domain import DUTY, FOLLOWING
from services.ideas.domain.commands import AdoptIdea, CheckCompleteness, ReceiveIdea, WithdrawIdea
from services.ideas.domain.duty import MOVE, AssignDuty
from services.ideas.domain.implementation import StartImplementation
from services.ideas.domain.values import Stage
from services.ideas.service import SERVICE as IDEAS
from shared.contracts.duties import Cover, Move
from shared.contracts.ideas import ImplementationPlanned, NoticeIssued
from shared.contracts.ideas_duties import (
    ChargeMoved,
    DutyAssigned,
    DutyBegun,
    DutyMoved,
    IdeaMoved,
    IdeaMoveOrdered,
    ImplementationMoved,
    ItemsSought,
    LookEnded,
    MoveFollowed,
)
from shared.duties.following import MOST_LOOKS, PAUSE, RecordItems
from shared.engine.message import Actor, DeadlineReached
from shared.runtime import following as reading
from tests.support.given import NOON, Given
from tests.support.house import House
from tests.unit.ideas.support import (
    AUDITOR,
    HEAD,
    LEAD,
    OPEN_CALL,
    OTHER_HEAD,
    PACKS,
    RECEIVER,
    SEOUL,
    STRANGER,
    SYSTEM,
    adoption,
    given_idea,
    given_implementation,
    past,
    submission,
)

given_duty = Given(DUTY, "proposals", actor=RECEIVER)
given_following = Given(FOLLOWING, "proposals", actor=SYSTEM)

TODAY, DAY = date(2025, 3, 3), date(2025, 4, 1)
MIDNIGHT = datetime(2025, 3, 31, 15, tzinfo=UTC)
COVERS = (Cover(work="ideas"),)
MOVED = Move(
    duty_id="proposals",
    name="교통 제안",
    from_department=HEAD.department,
    department=OTHER_HEAD.department,
    moved_on=DAY,
    reason="조직 개편",
)
ORDER = IdeaMoveOrdered(idea_id="i-1", move=MOVED)


def assign(department: str, holds_from: date | None = None, **changes: Any) -> AssignDuty:
    whole: dict[str, Any] = {"name": "교통 제안", "covers": COVERS, "reason": "조직 개편"}
    return AssignDuty(department=department, holds_from=holds_from, **(whole | changes))


def held(*entries: tuple[str, date | None]) -> Given:
    given = given_duty
    for department, holds_from in entries:
        given = given(*given.past, *given.when(assign(department, holds_from)).events)
    return given


# --- who holds a duty from when


def test_a_duty_begins_with_its_first_holder() -> None:
    outcome = given_duty.when(assign("d-transport"))
    outcome.emits(DutyAssigned, DutyBegun(duty_id="proposals", department="d-transport", begun_on=TODAY))
    assert outcome.event(DutyAssigned).holds_from == TODAY


def test_a_move_is_announced_and_takes_effect_at_midnight_in_seoul() -> None:
    given = held(("d-transport", TODAY), ("d-parks", DAY))
    assert given.state.department == "d-transport" and given.state.deadlines == {MOVE: MIDNIGHT}
    fired = given.when(DeadlineReached(name=MOVE, due=MIDNIGHT), actor=SYSTEM, time=MIDNIGHT)
    fired.emits(DutyMoved(duty_id="proposals", move=MOVED, covers=COVERS))
    after = given(*given.past, *fired.events).state
    assert after.department == "d-parks" and not after.deadlines


def test_moves_that_passed_while_nobody_was_there_happen_one_after_the_other_each_on_its_day() -> None:
    given = held(("d-transport", TODAY), ("d-parks", DAY), ("d-water", date(2025, 5, 1)))
    days: list[date] = []
    while MOVE in given.state.deadlines:
        due = given.state.deadlines[MOVE]
        fired = given.when(DeadlineReached(name=MOVE, due=due), actor=SYSTEM, time=datetime(2025, 12, 1, tzinfo=UTC))
        days.append(fired.event(DutyMoved).move.moved_on)
        given = given(*given.past, *fired.events)
    assert days == [DAY, date(2025, 5, 1)] and given.state.department == "d-water"


def test_a_day_that_has_passed_takes_effect_at_once() -> None:
    outcome = held(("d-transport", date(2020, 1, 1))).when(assign("d-parks", date(2023, 1, 25)))
    assert outcome.event(DutyMoved).move.moved_on == date(2023, 1, 25)


def test_the_latest_entry_for_a_day_counts_and_the_earlier_one_stays_in_the_history() -> None:
    given = held(("d-transport", TODAY), ("d-parks", DAY))
    corrected = given.when(assign("d-transport", DAY))
    corrected.emits(DutyAssigned)
    after = given(*given.past, *corrected.events)
    assert not after.state.deadlines, "the move is called off"
    assert [type(event) for event in after.past] == [DutyAssigned, DutyBegun, DutyAssigned, DutyAssigned]


@pytest.mark.parametrize(
    ("given", "again"),
    [
        (held(("d-transport", TODAY)), assign("d-transport")),
        (held(("d-transport", TODAY), ("d-parks", DAY)), assign("d-parks", DAY)),
        (held(("d-transport", date(2020, 1, 1)), ("d-parks", TODAY)), assign("d-transport", date(2020, 1, 1))),
    ],
    ids=["as it is", "announced already", "history"],
)
def test_what_is_known_changes_nothing(given: Given, again: AssignDuty) -> None:
    given.when(again).emits()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (assign("d-transport", name="  "), "name_required"),
        (assign("d-transport", covers=(Cover(work="ideas"), Cover(work="ideas"))), "work_named_twice"),
    ],
)
def test_a_duty_that_makes_no_sense_is_refused(command: AssignDuty, code: str) -> None:
    given_duty.when(command).refused(code)


# --- finding what follows


def sought(given: Given) -> str:
    return given.state.ask("items").id


def page(given: Given, *items: str, after: str = "") -> RecordItems:
    return RecordItems(ask_id=sought(given), items=items, after=after)


def test_items_are_found_page_by_page_until_a_look_finds_none() -> None:
    moved = DutyMoved(duty_id="proposals", move=MOVED, covers=COVERS)
    first = given_following.when(moved)
    first.emits(MoveFollowed, ItemsSought)
    given = given_following(*first.events)
    more = given.when(page(given, "i-1", "i-2", after="i-2"))
    more.emits(IdeaMoveOrdered, IdeaMoveOrdered, ItemsSought)
    assert more.event(ItemsSought).after == "i-2"
    given = given(*given.past, *more.events)
    last = given.when(page(given, "i-3"))
    last.emits(IdeaMoveOrdered, LookEnded(duty_id="proposals", found=3, again_at=NOON + PAUSE))
    given = given(*given.past, *last.events)
    again = given.when(DeadlineReached(name="again", due=NOON + PAUSE), time=NOON + PAUSE)
    given = given(*given.past, *again.events)
    given.when(page(given)).emits(LookEnded(duty_id="proposals", found=0))


def test_a_page_that_nobody_waits_for_is_of_no_use() -> None:
    given = given_following(*given_following.when(DutyMoved(duty_id="proposals", move=MOVED, covers=COVERS)).events)
    given.when(RecordItems(ask_id="another", items=("i-1",))).emits()


def test_one_move_is_followed_to_its_end_before_the_next_begins() -> None:
    back = MOVED.model_copy(update={"from_department": "d-parks", "department": "d-transport"})
    given = given_following(*given_following.when(DutyMoved(duty_id="proposals", move=MOVED, covers=COVERS)).events)
    second = given.when(DutyMoved(duty_id="proposals", move=back, covers=COVERS))
    second.emits(MoveFollowed)
    given = given(*given.past, *second.events)
    for look in range(2):
        ended = given.when(page(given))
        given = given(*given.past, *ended.events)
        if look == 0:
            given = given(*given.past, *given.when(DeadlineReached(name="again", due=NOON + PAUSE)).events)
    assert given.state.queue[0].move == back and sought(given)
    assert given.when(page(given, "i-1")).event(IdeaMoveOrdered).move == back


def test_a_search_ends_though_something_is_found_again_and_again() -> None:
    given = given_following(*given_following.when(DutyMoved(duty_id="proposals", move=MOVED, covers=COVERS)).events)
    looks = 0
    while given.state.queue:
        given = given(*given.past, *given.when(page(given, "i-1")).events)
        looks += 1
        if given.state.deadlines:
            given = given(*given.past, *given.when(DeadlineReached(name="again", due=NOON)).events)
    assert looks == MOST_LOOKS


def test_a_duty_about_other_work_concerns_nobody_here() -> None:
    given_following.when(DutyMoved(duty_id="proposals", move=MOVED, covers=(Cover(work="awards"),))).emits()


# --- an idea follows


@pytest.mark.parametrize("pack_id", PACKS)
@pytest.mark.parametrize(
    "stage", [Stage.SUBMITTED, Stage.UNDER_EVALUATION, Stage.DECISION_PENDING, Stage.ADOPTED, Stage.REFUSED]
)
def test_an_open_idea_follows_and_its_authors_and_evaluations_hear_of_it(pack_id: str, stage: Stage) -> None:
    given = given_idea(*past(pack_id, stage))
    outcome = given.when(ORDER, actor=SYSTEM)
    assert outcome.event(IdeaMoved) == IdeaMoved(idea_id="i-1", move=MOVED)
    notice: NoticeIssued = outcome.event(NoticeIssued)
    assert notice.notice == "duty_moved" and set(notice.recipients) == {"p-1", "p-2"}
    assert notice.facts == {
        "duty": "교통 제안", "from_department": "d-transport", "department": "d-parks", "on": "2025-04-01"
    }  # fmt: skip
    charged = [event for event in outcome.events if isinstance(event, ChargeMoved)]
    assert bool(charged) is (stage is not Stage.SUBMITTED)
    after = given(*given.past, *outcome.events)
    assert after.state.department == "d-parks" and after.state.clocks == given.state.clocks, "its clocks run on"
    after.when(ORDER, actor=SYSTEM).emits()


def test_what_has_ended_or_gone_elsewhere_stays() -> None:
    submitted = past(SEOUL, Stage.SUBMITTED)
    given = given_idea(*submitted, *given_idea(*submitted).when(WithdrawIdea()).events)
    given.when(ORDER, actor=SYSTEM).emits()
    elsewhere = ORDER.model_copy(update={"move": MOVED.model_copy(update={"from_department": "d-water"})})
    given_idea(*submitted).when(elsewhere, actor=SYSTEM).emits()


def test_the_right_to_decide_goes_from_the_old_department_to_the_new_one() -> None:
    given = given_idea(*past(SEOUL, Stage.DECISION_PENDING))
    moved = given(*given.past, *given.when(ORDER, actor=SYSTEM).events)
    moved.when(adoption(), actor=HEAD).refused("not_in_charge")
    assert moved.when(adoption(), actor=OTHER_HEAD).refusal is None
    assert given.when(adoption(), actor=OTHER_HEAD).refusal is not None, "before the move it was the other way round"
    assert moved.state.opens_to(OTHER_HEAD) and not moved.state.opens_to(HEAD)


def test_the_implementation_follows_with_the_idea() -> None:
    planned = ImplementationPlanned(idea_id="i-1", pack=SEOUL, department="d-transport", decided_on=TODAY)
    given = given_implementation(planned)
    outcome = given.when(IdeaMoved(idea_id="i-1", move=MOVED), actor=SYSTEM)
    outcome.emits(ImplementationMoved(idea_id="i-1", move=MOVED))
    after = given(planned, *outcome.events)
    after.when(StartImplementation(), actor=HEAD).refused("not_in_charge")
    assert after.when(StartImplementation(), actor=OTHER_HEAD).refusal is None
    given_implementation.when(IdeaMoved(idea_id="i-1", move=MOVED), actor=SYSTEM).emits()


# --- over HTTP


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await House(tmp_path, IDEAS).open()


async def submit(house: House, pack_id: str = SEOUL, **changes: Any) -> str:
    body = submission(pack_id, **changes).model_dump(mode="json")
    return str((await house.must(LEAD, "POST", "/ideas", body))["id"])


async def announce(house: House, *covers: Cover, **changes: Any) -> None:
    for department, day in (("d-transport", TODAY), ("d-parks", DAY)):
        body = assign(department, day, covers=covers or COVERS, **changes).model_dump(mode="json")
        await house.must(RECEIVER, "PUT", "/duties/proposals", body)


async def in_charge(house: House, idea: str) -> str:
    return str((await house.must(AUDITOR, "GET", f"/ideas/{idea}"))["department"])


async def pass_midnight(house: House) -> None:
    await house.settle()
    house.clock.time = MIDNIGHT
    await house.settle()
    house.clock.time += 2 * PAUSE
    await house.settle()


async def test_open_ideas_follow_at_midnight_and_not_before(house: House) -> None:
    idea = await submit(house)
    await announce(house)
    await house.settle()
    house.clock.time = MIDNIGHT - timedelta(seconds=1)
    await house.settle()
    assert await in_charge(house, idea) == "d-transport"
    await pass_midnight(house)
    assert await in_charge(house, idea) == "d-parks"
    duty = await house.must(STRANGER, "GET", "/duties/proposals")
    assert duty["department"] == "d-parks" and [one["holds_from"] for one in duty["holdings"]] == [
        "2025-03-03", "2025-04-01"
    ]  # fmt: skip
    assert [one["id"] for one in (await house.must(STRANGER, "GET", "/duties?department=d-parks"))["items"]] == [
        "proposals"
    ]
    told = (await house.must(LEAD, "GET", "/me/notices"))["items"]
    assert "duty_moved" in {one["notice"] for one in told}


async def test_categories_and_packs_bound_what_follows(house: House) -> None:
    buses, parks = await submit(house), await submit(house, category="공원")
    other = await submit(house, OPEN_CALL)
    await announce(house, Cover(work="ideas", packs=(SEOUL,), categories=("교통",)))
    await pass_midnight(house)
    assert [await in_charge(house, idea) for idea in (buses, parks, other)] == ["d-parks", "d-transport", "d-transport"]


async def test_many_ideas_follow_in_several_pages(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE", 3)
    ideas = [await submit(house) for _ in range(10)]
    await announce(house)
    await pass_midnight(house)
    assert {await in_charge(house, idea) for idea in ideas} == {"d-parks"}
    events = [told.entry.value for told in await house.rooms["ideas"].reader.history("proposals")]
    assert sum(b"ideas.ItemsSought" in value for value in events) == 5, "four pages, and one look that found nothing"
    for idea in ideas:
        history = await house.must(AUDITOR, "GET", f"/ideas/{idea}/history")
        assert sum(one["type"] == "ideas.IdeaMoved" for one in history["items"]) == 1


async def test_what_was_submitted_to_the_old_department_in_that_minute_follows_too(house: House) -> None:
    await announce(house)
    await house.settle()
    house.clock.time = MIDNIGHT
    await house.settle()
    late = await submit(house)
    house.clock.time += 2 * PAUSE
    await house.settle()
    assert await in_charge(house, late) == "d-parks"


async def test_the_unit_that_a_duty_goes_to_is_listed_where_a_directory_is_kept(house: House) -> None:
    await house.must(RECEIVER, "PUT", "/departments/d-transport", {"name": "버스정책과"})
    body = assign("d-parks").model_dump(mode="json")
    answer = await house.ask(RECEIVER, "PUT", "/duties/proposals", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_department")
    assert (await house.ask(HEAD, "PUT", "/duties/proposals", body)).status_code == 403


async def test_after_the_move_only_the_new_department_decides_over_http(house: House) -> None:
    idea = await submit(house, OPEN_CALL)
    await house.must(RECEIVER, "POST", f"/ideas/{idea}/receipt", ReceiveIdea().model_dump(mode="json"))
    complete = CheckCompleteness(outcome="complete").model_dump(mode="json")
    await house.must(RECEIVER, "POST", f"/ideas/{idea}/completeness", complete)
    await announce(house)
    await pass_midnight(house)
    body = AdoptIdea(reason="좋다").model_dump(mode="json")
    assert (await house.ask(HEAD, "POST", f"/ideas/{idea}/adoption", body)).json()["code"] == "not_in_charge"
    answer = await house.ask(Actor("p-7", "department", "d-parks"), "POST", f"/ideas/{idea}/adoption", body)
    assert answer.json().get("code") != "not_in_charge"
