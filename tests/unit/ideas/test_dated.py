"""Entries of the directories that hold from a day, and until one: what counts when, and what others hear of it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.evaluation.domain import COLLEAGUE
from services.evaluation.domain.colleague import Colleague
from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.domain import DEPARTMENT, PERSON
from services.ideas.domain.dated import TURN
from services.ideas.domain.department import RegisterDepartment
from services.ideas.domain.person import RegisterPerson
from services.ideas.service import SERVICE as IDEAS
from shared.contracts.ideas import DepartmentRegistered, PersonRegistered
from shared.contracts.ideas_duties import PersonEntered, UnitEntered
from shared.engine.message import Command, DeadlineReached
from tests.support.given import Given
from tests.support.house import House
from tests.unit.ideas.support import RECEIVER, SYSTEM

TODAY, DAY, LAST = date(2025, 3, 3), date(2025, 4, 1), date(2025, 6, 30)
given_unit = Given(DEPARTMENT, "d-bus", actor=RECEIVER)
given_person = Given(PERSON, "p-1", actor=RECEIVER)


def after(given: Given, *commands: Command) -> Given:
    for command in commands:
        outcome = given.when(command)
        assert outcome.refusal is None, outcome.refusal
        given = given(*given.past, *outcome.events)
    return given


def fired(given: Given) -> tuple[Given, Any]:
    due = given.state.deadlines[TURN]
    outcome = given.when(DeadlineReached(name=TURN, due=due), actor=SYSTEM, time=due + timedelta(days=40))
    assert outcome.refusal is None
    return given(*given.past, *outcome.events), outcome


def works(department: str | None, first: date | None = None, last: date | None = None) -> RegisterPerson:
    return RegisterPerson(name="김하늘", department=department, valid_from=first, valid_until=last)


def test_what_begins_later_is_entered_now_and_told_when_its_day_begins_in_seoul() -> None:
    given = after(given_person, works("d-bus"))
    outcome = given.when(works("d-parks", DAY))
    outcome.emits(PersonEntered)
    given = given(*given.past, *outcome.events)
    assert given.state.department == "d-bus", "until then it is as before"
    assert given.state.deadlines == {TURN: datetime(2025, 3, 31, 15, tzinfo=UTC)}
    given, told = fired(given)
    assert told.event(PersonRegistered).department == "d-parks" and told.event(PersonRegistered).as_of == DAY
    assert not given.state.deadlines


def test_what_ends_gives_way_to_what_was_said_before() -> None:
    given = after(given_person, works("d-bus", TODAY), works("d-parks", DAY, LAST))
    given, _ = fired(given)
    assert given.state.department == "d-parks"
    given, told = fired(given)
    assert given.state.department == "d-bus" and told.event(PersonRegistered).as_of == LAST + timedelta(days=1)


def test_who_is_in_no_entry_any_more_works_nowhere_and_stays_listed() -> None:
    given, _ = fired(after(given_person, works("d-bus", TODAY, LAST)))
    assert given.state.department is None and given.state.listed and given.state.name.value == "김하늘"


def test_a_correction_is_an_entry_of_its_own_and_the_wrong_one_stays_on_record() -> None:
    given = after(given_person, works("d-bus", TODAY), works("d-parks", TODAY))
    assert given.state.department == "d-parks"
    assert [one.department for one in given.state.entries] == ["d-bus", "d-parks"]
    given.when(works("d-parks", TODAY)).emits()
    assert given.when(works("d-bus", TODAY)).refusal is None, "back again is said anew"


@pytest.mark.parametrize(
    ("given", "command"),
    [
        (given_person, works("d-bus", DAY, TODAY)),
        (given_unit, RegisterDepartment(name="버스과", valid_from=DAY, valid_until=TODAY)),
    ],
)
def test_an_end_before_the_beginning_is_refused(given: Given, command: Command) -> None:
    given.when(command).refused("date_too_early")


def test_a_unit_is_renamed_and_gets_another_parent_on_its_day() -> None:
    first = RegisterDepartment(name="버스과", kind="department", parent="b-transport", valid_from=TODAY)
    later = RegisterDepartment(name="버스정책과", kind="department", parent="b-climate", valid_from=DAY)
    given = after(given_unit, first)
    assert [type(event) for event in given.past] == [UnitEntered, DepartmentRegistered]
    given.when(first).emits()
    given = after(given, later)
    assert (given.state.name, given.state.parent) == ("버스과", "b-transport")
    given, told = fired(given)
    assert (given.state.name, given.state.parent) == ("버스정책과", "b-climate")
    assert told.event(DepartmentRegistered).registered_from == TODAY


async def test_another_service_hears_where_a_person_works_on_the_day_and_not_before(tmp_path: Path) -> None:
    house = await House(tmp_path, IDEAS, EVALUATION).open()

    async def team() -> str | None:
        await house.settle()
        stored = await house.rooms["evaluation"].reader.state(COLLEAGUE, "p-1")
        assert stored is not None and isinstance(stored.state, Colleague)
        return stored.state.team

    for department, day in (("d-bus", "2025-03-03"), ("d-parks", "2025-04-01")):
        body = {"name": "김하늘", "department": department, "valid_from": day}
        await house.must(RECEIVER, "PUT", "/people/p-1", body)
    assert await team() == "d-bus"
    house.clock.time = datetime(2025, 3, 31, 14, 59, 59, tzinfo=UTC)
    assert await team() == "d-bus"
    house.clock.time = datetime(2025, 3, 31, 15, tzinfo=UTC)
    assert await team() == "d-parks"


async def test_a_register_goes_in_line_by_line_and_a_corrected_line_is_a_new_entry(tmp_path: Path) -> None:
    house = await House(tmp_path, IDEAS).open()

    async def send(path: str, *lines: dict[str, Any]) -> list[tuple[str, str]]:
        answer = await house.send_lines(RECEIVER, path, lines)
        return [(one["outcome"], one.get("problem", {}).get("code", "")) for one in answer]

    units: list[dict[str, Any]] = [
        {
            "key": "1",
            "id": "t-award",
            "name": "창의상팀",
            "kind": "team",
            "parent": "d-creative",
            "valid_from": "2023-01-25",
        },
        {"key": "2", "id": "d-creative", "name": "창의행정담당관", "kind": "department", "valid_from": "2023-01-25"},
        {"key": "3", "id": "d-wrong", "name": "", "valid_from": "2023-01-25"},
    ]
    assert await send("/departments/imports", *units) == [("done", ""), ("done", ""), ("refused", "name_required")]
    assert await send("/departments/imports", *units[:2]) == [("known", ""), ("known", "")]
    units[1]["name"] = "창의행정과"
    assert await send("/departments/imports", units[1]) == [("done", "")]
    unit = await house.must(RECEIVER, "GET", "/departments/d-creative")
    assert unit["name"] == "창의행정과" and len(unit["entries"]) == 2
    people = [
        {"key": "1", "id": "p-1", "name": "김하늘", "department": "t-award", "valid_from": "2023-01-25"},
        {"key": "2", "id": "p-2", "name": "이도윤", "department": "d-nowhere", "valid_from": "2023-01-25"},
    ]
    assert await send("/people/imports", *people) == [("done", ""), ("refused", "unknown_department")]
    duties = [
        {"key": str(n), "id": "award", "name": "시상", "department": unit, "work": "awards", "holds_from": day}
        for n, (unit, day) in enumerate((("t-award", "2023-01-25"), ("d-nowhere", "2024-01-01")))
    ]
    assert await send("/duties/imports", *duties) == [("done", ""), ("refused", "unknown_department")]
    assert await send("/duties/imports", duties[0]) == [("known", "")]
