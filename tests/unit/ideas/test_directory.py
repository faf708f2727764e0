"""The two directories: entries, who sees what of them, and what is refused because they do not list it."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.ideas.directory import unlisted
from services.ideas.domain import DEPARTMENT, PERSON
from services.ideas.domain.department import RegisterDepartment
from services.ideas.domain.person import RegisterPerson
from services.ideas.service import SERVICE as IDEAS
from shared.contracts.ideas import DepartmentRegistered, PersonRegistered
from shared.engine.message import Actor, Command, Message, seal
from tests.support.given import Given
from tests.support.house import House
from tests.unit.ideas.support import AUDITOR, LEAD, RECEIVER, SEOUL, STRANGER, authors, submission

CITIZEN = Actor("c-1", "citizen")
given_department = Given(DEPARTMENT, "d-transport", actor=RECEIVER)
given_person = Given(PERSON, "p-1", actor=RECEIVER)

TODAY = date(2025, 3, 3)
TRANSPORT = DepartmentRegistered(department_id="d-transport", name="버스정책과", registered_from=TODAY)
KIM = PersonRegistered(person_id="p-1", name=seal("김하늘", "p-1"), department="d-transport")


# --- entries


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        (given_department, RegisterDepartment(name="버스정책과"), [TRANSPORT]),
        (given_department(TRANSPORT), RegisterDepartment(name="버스정책과"), []),
        (
            given_department(TRANSPORT.model_copy(update={"registered_from": date(2020, 1, 1)})),
            RegisterDepartment(name="버스과", parent="d-city"),
            [
                DepartmentRegistered(
                    department_id="d-transport", name="버스과", parent="d-city", registered_from=date(2020, 1, 1)
                )
            ],
        ),
        (given_person, RegisterPerson(name="김하늘", department="d-transport"), [KIM]),
        (given_person, RegisterPerson(), [PersonRegistered(person_id="p-1")]),
        (given_person(KIM), RegisterPerson(name="김하늘", department="d-transport"), []),
        (given_person(KIM), RegisterPerson(), [PersonRegistered(person_id="p-1")]),
        (
            given_person(KIM),
            RegisterPerson(employed_from=date(2020, 1, 1), employed_to=TODAY),
            [PersonRegistered(person_id="p-1", employed_from=date(2020, 1, 1), employed_to=TODAY)],
        ),
    ],
    ids=["new", "same", "changed", "new person", "only an id", "same person", "emptied", "employed"],
)
def test_an_entry_is_told_once_and_again_where_it_changes(given: Given, when: Command, then: list[Message]) -> None:
    outcome = given.when(when)
    assert outcome.refusal is None and list(outcome.events) == then


@pytest.mark.parametrize(
    ("given", "when", "code"),
    [
        (given_department, RegisterDepartment(name="  "), "name_required"),
        (given_department, RegisterDepartment(name="버스과", parent="d-transport"), "own_parent"),
        (given_person, RegisterPerson(employed_from=TODAY, employed_to=date(2020, 1, 1)), "date_too_early"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(given: Given, when: Command, code: str) -> None:
    given.when(when).refused(code)


@pytest.mark.parametrize(
    ("actor", "seen"),
    [
        (RECEIVER, {"id", "name", "department", "employed_from", "employed_to", "entries"}),
        (AUDITOR, {"id", "name", "department", "employed_from", "employed_to", "entries"}),
        (LEAD, {"id", "name", "department", "employed_from", "employed_to", "entries"}),
        (STRANGER, {"id", "department"}),
        (Actor("r-1", "rater"), {"id", "department"}),
        (CITIZEN, set[str]()),
        (Actor("u-1", "union"), set[str]()),
    ],
    ids=lambda value: value.role if isinstance(value, Actor) else "",
)
def test_a_name_is_told_to_office_auditor_and_the_person_alone(actor: Actor, seen: set[str]) -> None:
    assert set(given_person(KIM).state.visible_to(actor)) == seen


def test_who_is_not_on_the_staff_is_nobodys_colleague() -> None:
    assert given_person(PersonRegistered(person_id="p-1")).state.visible_to(STRANGER) == {}


# --- what is refused over HTTP


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    yield await House(tmp_path, IDEAS).open()


async def list_department(house: House, *ids: str) -> None:
    for id in ids:
        await house.must(RECEIVER, "PUT", f"/departments/{id}", {"name": f"{id} 부서"})


async def list_people(house: House, *ids: str) -> None:
    for id in ids:
        await house.must(RECEIVER, "PUT", f"/people/{id}", {"name": f"{id} 님"})


def body(**changes: Any) -> Any:
    return submission(SEOUL, **changes).model_dump(mode="json")


async def test_a_directory_without_entries_is_not_asked(house: House) -> None:
    assert (await house.ask(LEAD, "POST", "/ideas", body())).status_code == 201
    await list_department(house, "d-transport")
    assert (await house.ask(LEAD, "POST", "/ideas", body())).status_code == 201, "people are not listed yet"


@pytest.mark.parametrize(
    ("language", "department", "person"),
    [
        ("ko", "등록되지 않은 부서입니다", "등록되지 않은 사람입니다"),
        (
            "en",
            "There is no such department in the directory of departments",
            "There is no such person in the directory of people",
        ),
    ],
)
async def test_what_is_not_listed_is_refused_with_the_path_of_its_field(
    house: House, language: str, department: str, person: str
) -> None:
    await list_department(house, "d-transport")
    await list_people(house, "p-1")
    answer = await house.ask(LEAD, "POST", "/ideas", body(department="d-nowhere"), Accept_Language=language)
    document = answer.json()
    assert (answer.status_code, document["code"], document["title"]) == (422, "unknown_department", department)
    fields = [(error["field"], error["code"]) for error in document["errors"]]
    assert fields == [("department", "unknown_department"), ("authors.1.person_id", "unknown_person")]
    answer = await house.ask(LEAD, "POST", "/ideas", body(), Accept_Language=language)
    document = answer.json()
    assert (answer.status_code, document["code"], document["title"]) == (422, "unknown_person", person)
    assert [error["field"] for error in document["errors"]] == ["authors.1.person_id"]
    assert (await house.must(AUDITOR, "GET", "/ideas"))["items"] == [], "nothing was recorded"
    await list_people(house, "p-2")
    assert (await house.ask(LEAD, "POST", "/ideas", body())).status_code == 201


async def test_citizens_vouch_for_themselves_and_for_nobody_else(house: House) -> None:
    await list_people(house, "p-1")
    alone = body(authors=authors((CITIZEN.id, "100")))
    assert (await house.ask(CITIZEN, "POST", "/ideas", alone)).status_code == 201
    for actor, by in (
        (CITIZEN, ((CITIZEN.id, "60"), ("c-2", "40"))),
        (RECEIVER, ((CITIZEN.id, "100"),)),
        (STRANGER, ((STRANGER.id, "100"),)),
    ):
        answer = await house.ask(actor, "POST", "/ideas", body(authors=authors(*by)))
        assert answer.json()["code"] == "unknown_person", actor


async def test_a_repeated_request_gets_its_first_answer_though_the_directory_has_filled_since(house: House) -> None:
    first = await house.ask(LEAD, "POST", "/ideas", body(), Idempotency_Key="once")
    await list_department(house, "d-parks")
    again = await house.ask(LEAD, "POST", "/ideas", body(), Idempotency_Key="once")
    assert (again.status_code, again.json()) == (201, first.json())
    other = await house.ask(LEAD, "POST", "/ideas", body(), Idempotency_Key="another")
    assert other.json()["code"] == "unknown_department"


async def test_entries_name_departments_that_are_listed(house: House) -> None:
    await list_department(house, "d-city")
    for path, entry, field in (
        ("/departments/d-bus", {"name": "버스", "parent": "d-nowhere"}, "parent"),
        ("/people/p-1", {"department": "d-nowhere"}, "department"),
    ):
        answer = await house.ask(RECEIVER, "PUT", path, entry)
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_department")
        assert answer.json()["errors"][0]["field"] == field
    bus = await house.must(RECEIVER, "PUT", "/departments/d-bus", {"name": "버스", "parent": "d-city"})
    assert bus == {
        "id": "d-bus",
        "name": "버스",
        "kind": None,
        "parent": "d-city",
        "registered_from": "2025-03-03",
        "entries": [],
    }


async def test_entries_are_read_by_id_and_as_lists(house: House) -> None:
    await list_department(house, "d-city", "d-transport")
    await house.must(RECEIVER, "PUT", "/departments/d-bus", {"name": "버스", "parent": "d-city"})
    await house.must(RECEIVER, "PUT", "/people/p-1", {"name": "김하늘", "department": "d-bus"})
    found = await house.must(STRANGER, "GET", "/departments?parent=d-city")
    assert [one["id"] for one in found["items"]] == ["d-bus"]
    assert (await house.must(CITIZEN, "GET", "/departments/d-bus"))["name"] == "버스"
    found = await house.must(AUDITOR, "GET", "/people?department=d-bus")
    assert [one["name"]["value"] for one in found["items"]] == ["김하늘"]
    assert await house.must(STRANGER, "GET", "/people/p-1") == {"id": "p-1", "department": "d-bus"}
    assert (await house.must(LEAD, "GET", "/people/p-1"))["name"]["value"] == "김하늘"
    assert (await house.ask(CITIZEN, "GET", "/people/p-1")).status_code == 404
    assert (await house.ask(STRANGER, "GET", "/people/p-404")).status_code == 404
    assert (await house.ask(STRANGER, "GET", "/people")).status_code == 403


async def test_one_question_may_be_about_many(house: House) -> None:
    reader = house.rooms["ideas"].reader
    assert await unlisted(reader, DEPARTMENT, ["d-1", "d-2"]) == set()
    await list_department(house, "d-1")
    assert await unlisted(reader, DEPARTMENT, ["d-1", "d-2", "d-3", "d-2"]) == {"d-2", "d-3"}
    assert await unlisted(reader, DEPARTMENT, []) == set()
