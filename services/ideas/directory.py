"""Whether the directories list who and what a request names.

A decision runs in its idea's partition and can't read an entry that is in another one, so the question is put at the
edge. Entries are never removed: what was found still holds when the decision is made. A directory without any entry is
not kept yet, and lists whatever it is asked for (docs/decisions/0015-directories.md).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from services.ideas.domain import DEPARTMENT, PERSON
from services.ideas.domain.commands import Submission
from services.ideas.domain.person import Person
from services.ideas.imports import DutyLine, IdeaLine, PersonLine
from shared.engine.aggregate import Aggregate
from shared.engine.message import Actor
from shared.runtime.problems import Problem
from shared.runtime.store.protocol import Reader

CODES = {DEPARTMENT.name: "unknown_department", PERSON.name: "unknown_person"}

Named = Mapping[str, str]
"""What a request names: ids by the path of the field they stand in."""


async def unlisted(reader: Reader, directory: Aggregate, ids: Collection[str]) -> set[str]:
    """Those of `ids` that the directory (DEPARTMENT or PERSON) does not list. One read by id, mostly."""
    wanted = set(ids)
    found = await reader.find(directory, {"id": sorted(wanted)}, limit=max(1, len(wanted)))
    missing = wanted - {stored.state.id for stored in found.items}
    is_kept = bool(missing) and bool((await reader.find(directory, {}, limit=1)).items)
    return missing if is_kept else set()


async def officials_among(reader: Reader, people: Collection[str]) -> set[str]:
    """Those of `people` whom the directory lists with a department: they are on the staff."""
    wanted = sorted(set(people))
    found = await reader.find(PERSON, {"id": wanted}, limit=max(1, len(wanted))) if wanted else None
    listed = [stored.state for stored in found.items] if found else []
    return {person.id for person in listed if isinstance(person, Person) and person.department}


async def objection(reader: Reader, *, departments: Named | None = None, people: Named | None = None) -> Problem | None:
    """Why what is named can't be accepted: a Problem with the path of every field; None where all is listed."""
    errors = [
        *await _errors(reader, DEPARTMENT, departments or {}),
        *await _errors(reader, PERSON, people or {}),
    ]
    return Problem(errors[0]["code"], errors=errors) if errors else None


async def objection_to(reader: Reader, message: Submission, actor: Actor) -> Problem | None:
    """The same for a submission: its department, and its authors.

    Not asked for are citizens who submit for themselves: the issuer of their token knows them, a directory need not.
    """
    themselves = actor.id if actor.role == "citizen" else ""
    people = {f"authors.{n}.person_id": author.person_id for n, author in enumerate(message.authors)}
    others = {field: person for field, person in people.items() if person != themselves}
    return await objection(reader, departments={"department": message.department}, people=others)


async def objections_to(reader: Reader, lines: Sequence[IdeaLine | PersonLine | DutyLine]) -> dict[str, Problem]:
    """The same for lines of a file, by key: their department. People of imported ideas may have left long ago."""
    missing = await unlisted(reader, DEPARTMENT, {line.department for line in lines if line.department})
    detail = "not in the directory (department)"
    error = {"in": "line", "field": "department", "code": CODES[DEPARTMENT.name], "detail": detail}
    return {line.key: Problem(error["code"], errors=[error]) for line in lines if line.department in missing}


async def _errors(reader: Reader, directory: Aggregate, named: Named) -> list[dict[str, Any]]:
    missing = await unlisted(reader, directory, named.values()) if named else set[str]()
    detail = f"not in the directory ({directory.name})"
    return [
        {"in": "body", "field": field, "code": CODES[directory.name], "detail": detail}
        for field, id in named.items()
        if id in missing
    ]
