"""HTTP of the two directories of `ideas`. Who sees which part of an entry, its state decides."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from services.ideas.directory import objection
from services.ideas.domain import DEPARTMENT, PERSON
from services.ideas.domain.department import RegisterDepartment
from services.ideas.domain.person import RegisterPerson
from services.ideas.roles import READERS
from shared.contracts.types import Id, PersonId
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
