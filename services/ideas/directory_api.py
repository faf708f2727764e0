"""HTTP of the directories of `ideas`: departments, people, duties. States decide who sees what."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from services.ideas.directory import objection, objections_to
from services.ideas.domain import DEPARTMENT, DUTY, PERSON
from services.ideas.domain.department import RegisterDepartment
from services.ideas.domain.duty import AssignDuty
from services.ideas.domain.person import RegisterPerson
from services.ideas.imports import DutyLine, PersonLine, UnitLine
from services.ideas.roles import READERS
from shared.contracts.types import Id, PersonId
from shared.runtime.bulk import DryRun, Lines, bulk, documented
from shared.runtime.caller import Caller, Cursor, Limit, allow

Reading = Annotated[Caller, allow(*READERS)]
Office = Annotated[Caller, allow("receiver")]
Keeper = Annotated[Caller, allow("receiver", "auditor")]

router = APIRouter(tags=["directories"])


@router.put("/departments/{department_id}")
async def register_department(department_id: Id, body: RegisterDepartment, caller: Office) -> Response:
    """List a department, or replace its entry (부서 등록). The department above it is listed first."""
    if body.parent and (problem := await objection(caller.reader, departments={"parent": body.parent})):
        raise problem
    return await caller.execute(DEPARTMENT, department_id, body)


@router.get("/departments")
async def departments(caller: Reading, parent: Id | None = None, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """The departments that are listed (부서 목록)."""
    return await caller.page(DEPARTMENT, {"parent": parent} if parent else {}, cursor, limit)


@router.get("/departments/{department_id}")
async def department(department_id: Id, caller: Reading) -> Response:
    """One department."""
    return await caller.show(DEPARTMENT, department_id)


@router.put("/people/{person_id}")
async def register_person(person_id: PersonId, body: RegisterPerson, caller: Office) -> Response:
    """List a person, or replace the entry (구성원 등록). The department is listed first."""
    if body.department and (problem := await objection(caller.reader, departments={"department": body.department})):
        raise problem
    return await caller.execute(PERSON, person_id, body)


@router.get("/people")
async def people(caller: Keeper, department: Id | None = None, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """The people who are listed (구성원 목록)."""
    return await caller.page(PERSON, {"department": department} if department else {}, cursor, limit)


@router.get("/people/{person_id}")
async def person(person_id: PersonId, caller: Reading) -> Response:
    """One person: all of the own entry, of a colleague the department."""
    return await caller.show(PERSON, person_id)


@router.put("/duties/{duty_id}")
async def assign_duty(duty_id: Id, body: AssignDuty, caller: Office) -> Response:
    """Say which unit holds a duty from a day on (분장사무 지정, 업무 이관 예고); open items follow on that day."""
    if problem := await objection(caller.reader, departments={"department": body.department}):
        raise problem
    return await caller.execute(DUTY, duty_id, body)


@router.get("/duties")
async def duties(caller: Reading, department: Id | None = None, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """The duties, or those that a unit holds now (분장사무 목록)."""
    return await caller.page(DUTY, {"department": department} if department else {}, cursor, limit)


@router.get("/duties/{duty_id}")
async def duty(duty_id: Id, caller: Reading) -> Response:
    """One duty: what it covers, and who holds it from which day on."""
    return await caller.show(DUTY, duty_id)


@router.post("/departments/imports", response_class=Lines, openapi_extra=documented(UnitLine))
async def import_departments(caller: Office, dry_run: DryRun = False) -> Response:
    """Take over a register of units, in any order: what stands above one may come later (가져오기)."""
    return bulk(caller, UnitLine, dry_run=dry_run)


@router.post("/people/imports", response_class=Lines, openapi_extra=documented(PersonLine))
async def import_people(caller: Office, dry_run: DryRun = False) -> Response:
    """Take over a register of people; their departments are listed first (가져오기)."""
    return bulk(caller, PersonLine, dry_run=dry_run, objections=partial(objections_to, caller.reader))


@router.post("/duties/imports", response_class=Lines, openapi_extra=documented(DutyLine))
async def import_duties(caller: Office, dry_run: DryRun = False) -> Response:
    """Take over who holds which duty from when; their units are listed first (가져오기)."""
    return bulk(caller, DutyLine, dry_run=dry_run, objections=partial(objections_to, caller.reader))
