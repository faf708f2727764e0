"""Every query shows every viewer exactly what the table says, field by field, event by event."""

from typing import Any

import pytest

from owlbus.docs import SERVICES
from owlbus.docs_roles import REFUSED, Operation, View
from shared.engine.aggregate import key_of
from shared.engine.envelope import decode
from shared.engine.message import Actor
from shared.runtime.auth import ROLES
from shared.runtime.service import Service
from tests.roles.world import OPERATOR, VIEWERS, WORDS, Place, World, table

QUERIES = [
    pytest.param(service, line, column, id=f"{service.name} {line.name} {column}")
    for service in SERVICES
    for line in table().of(service.name).values()
    if line.shows
    for column in table().views[line.shows].columns
]


def _is_own(view: View) -> bool:
    return view.name.startswith("own ")


@pytest.mark.parametrize(("service", "line", "column"), QUERIES)
async def test_everybody_sees_what_the_table_says(service: Service, line: Operation, column: str, made: World) -> None:
    view = table().views[line.shows]
    wrong: list[str] = []
    for viewer, actor in VIEWERS.items():
        cell = view.row(viewer)[column]
        seen = await shown(made, service, line, column, actor)
        if (wanted := await expected(made, service, line, column, cell)) != seen:
            wrong.append(f"{viewer} must see {cell!r}; {_difference(wanted, seen)}")
    assert wrong == []


def _difference(wanted: str | frozenset[str], seen: str | frozenset[str]) -> str:
    if isinstance(wanted, str) or isinstance(seen, str):
        return f"sees {seen if isinstance(seen, str) else sorted(seen)}"
    return f"sees {sorted(seen - wanted)} too, and not {sorted(wanted - seen)}"


async def shown(made: World, service: Service, line: Operation, column: str, actor: Actor) -> str | frozenset[str]:
    """The fields (events) that an actor is shown; `.`, `404` or `none` where nothing is."""
    place = made.places.get((line.shows, column), Place("", {}))
    path = f"{line.path.format(**place.params)}?limit=200"
    answer = await made.house.ask(actor, "GET", path, service=service.name)
    if answer.headers["content-type"].startswith("image/"):
        return frozenset({"picture"})
    body = answer.json()
    if not answer.is_success:
        return {"forbidden": REFUSED, "not_found": "404"}[body["code"]]
    if line.shows.endswith("history"):
        return frozenset(event["type"].rpartition(".")[2] for event in body["items"])
    if "items" not in body:
        return frozenset(body)
    if place.id:
        return next((frozenset(item) for item in body["items"] if item["id"] == place.id), "404")
    return _listed(made, line.shows, actor, body["items"])


def _listed(made: World, query: str, actor: Actor, items: list[dict[str, Any]]) -> str | frozenset[str]:
    """The fields of a list's items, which all have the same ones; of an own list, those that are the actor's own."""
    if not items:
        return "none"
    fields = {frozenset(item) for item in items}
    assert len(fields) == 1, fields
    ids = {item.get("id") or item["idea_id"] for item in items} if query.startswith("own ") else set[str]()
    assert ids <= made.own.get((query, actor.id), set()), f"{actor.id} is shown what belongs to others"
    return fields.pop()


async def expected(made: World, service: Service, line: Operation, column: str, cell: str) -> str | frozenset[str]:
    """What a cell stands for; of a history the events that did happen."""
    view = table().views[line.shows]
    if cell not in view.shows:
        return cell
    if not line.shows.endswith("history"):
        return view.shows[cell]
    kind = line.shows.removeprefix("own ").removesuffix(" history").removeprefix(f"{service.name} ")
    subject = f"{kind}/{made.places[line.shows, column].id}"
    happened = await _happened(made, service, subject)
    assert happened <= view.shows["all"], f"say in {view.name} who sees {happened - view.shows['all']}"
    return view.shows[cell] & happened


async def _happened(made: World, service: Service, subject: str) -> frozenset[str]:
    """The events of one aggregate, as the log has them."""
    history = await made.house.rooms[service.name].reader.history(key_of(subject.partition("/")[2]))
    log = [told.entry for told in history]
    return frozenset(decode(entry.value).type.rpartition(".")[2] for entry in log if entry.subject == subject)


# --- the table itself


def test_the_viewers_are_those_of_the_table_and_act_in_every_role() -> None:
    assert {viewer: actor.role for viewer, actor in VIEWERS.items()} == table().viewers
    assert set(table().viewers.values()) == set(ROLES)


def test_every_query_has_its_view_and_every_view_its_query() -> None:
    assert all(bool(line.shows) == line.is_query for line in table().operations)
    assert {line.shows for line in table().operations} - {""} == set(table().views)


@pytest.mark.parametrize("line", [one for one in table().operations if one.shows], ids=lambda line: line.name)
def test_a_querys_line_says_of_each_role_what_its_view_says(line: Operation) -> None:
    assert {role: _summary(line.shows, role) for role in ROLES} == line.cells


def _summary(view: str, role: str) -> str:
    cells = _cells(table().views[view], role)
    if REFUSED in cells:
        return REFUSED if cells == {REFUSED} else "neither"
    if view.startswith("own "):
        return "own"
    return "all" if cells == {"all"} else "some"


def _cells(view: View, role: str) -> set[str]:
    viewers = [viewer for viewer, acting in table().viewers.items() if acting == role]
    return {cell for viewer in viewers for cell in view.row(viewer).values()}


# --- auditor and operator


def test_the_auditor_reads_all_and_changes_nothing() -> None:
    for line in table().operations:
        may, wanted = "auditor" in line.roles, line.is_query and not line.shows.startswith("own ")
        assert may == wanted, line.name


@pytest.mark.parametrize("view", [v for v in table().views.values() if not _is_own(v)], ids=lambda view: view.name)
def test_nobody_sees_what_the_auditor_does_not_see(view: View) -> None:
    for column, cell in view.row("auditor").items():
        seen = view.shows.get(cell, frozenset())  # an empty list shows nothing
        for viewer in table().viewers:
            other = view.shows.get(view.row(viewer)[column], frozenset())
            assert {name for name in other - seen if not name.startswith("own_")} == set(), (column, viewer)


def test_the_operator_gets_at_operations_alone() -> None:
    assert {line.name for line in table().operations if "operator" in line.roles} == {
        "POST /ops/redrive",
        "GET /ops/quarantine",
        "GET /ops/partitions",
        "POST /ops/rewind",
        "POST /ops/recover",
        "POST /ops/resume",
        "POST /ops/rebuild",
    }


async def test_the_operator_sees_no_content_and_nobodys_id(made: World) -> None:
    private = {*WORDS, *(actor.id for actor in VIEWERS.values() if actor is not OPERATOR)}
    asked = 0
    for service in SERVICES:
        for line in table().of(service.name).values():
            places = [place for (view, _), place in made.places.items() if view == line.shows] or [Place("", {})]
            for place in places:
                path = line.path.format_map(_Anything(place.params))
                answer = await made.house.ask(OPERATOR, line.method, path, {}, service=service.name)
                # What the operator put into the address comes back with a refusal.
                text = answer.text.replace(path, "") + str(answer.headers)
                assert not [word for word in private if f'"{word}"' in text or (word in WORDS and word in text)], path
                asked += 1
    assert asked > len(table().operations)


class _Anything(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "anything"
