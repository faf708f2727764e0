"""Who may do what, and who sees what: reads the table in tests/roles, and writes it as docs/roles.md.

The table is the demand, the tests beside it hold the services to it; so the document says what was seen to be true.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from owlbus.errors import OwlbusError

EVERY_SERVICE = "every service"
"""Under this heading stand the operations that all services have."""

EVERYBODY_ELSE = "everybody else"
REFUSED = "."
"""The cell of a role that is refused with `forbidden`."""


@dataclass(frozen=True)
class Operation:
    """One line: a route, the view a query shows (else empty), and a cell per role."""

    service: str
    method: str
    path: str
    shows: str
    cells: Mapping[str, str]

    @property
    def name(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"

    @property
    def is_query(self) -> bool:
        """Whether it only reads."""
        return self.method == "GET"

    @property
    def roles(self) -> frozenset[str]:
        """Who may call it."""
        return frozenset(role for role, cell in self.cells.items() if cell != REFUSED)


@dataclass(frozen=True)
class View:
    """What people see of one thing: sets of fields by name, and for each viewer a cell per column."""

    name: str
    shows: Mapping[str, frozenset[str]]
    columns: tuple[str, ...]
    rows: Mapping[str, tuple[str, ...]]

    def row(self, viewer: str) -> dict[str, str]:
        """The viewer's cells by column. Raises KeyError for a viewer that the view has no row for."""
        cells = self.rows[viewer] if viewer in self.rows else self.rows[EVERYBODY_ELSE]
        return dict(zip(self.columns, cells, strict=True))


@dataclass(frozen=True)
class Table:
    """The whole table. `viewers` are persons with the role each acts in; `public` are paths that need no token."""

    public: frozenset[str]
    operations: tuple[Operation, ...]
    viewers: Mapping[str, str]
    views: Mapping[str, View]

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """The roles, in the table's order."""
        return tuple(self.operations[0].cells)

    def of(self, service: str) -> dict[str, Operation]:
        """The operations of one service by name, those that all services have included."""
        return {one.name: one for one in self.operations if one.service in (service, EVERY_SERVICE)}


def read_table(path: Path) -> Table:
    """The table in a file. Raises OwlbusError where a line has too few or too many cells."""
    raw: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    columns: list[str] = raw["operations"].pop("columns")
    operations = tuple(
        _operation(service, name, columns[1:], _cells(name, cells, len(columns)))
        for service, lines in raw["operations"].items()
        for name, cells in lines.items()
    )
    views = {name: _view(name, one) for name, one in raw["views"].items()}
    return Table(frozenset(raw["public"]), operations, raw["viewers"], views)


def _operation(service: str, name: str, roles: Sequence[str], cells: Sequence[str]) -> Operation:
    method, _, path = name.partition(" ")
    shows = "" if cells[0] == REFUSED else cells[0]
    return Operation(service, method, path, shows, dict(zip(roles, cells[1:], strict=True)))


def _view(name: str, raw: dict[str, Any]) -> View:
    columns = tuple(raw["columns"])
    rows = {viewer: _cells(f"{name}: {viewer}", cells, len(columns)) for viewer, cells in raw["rows"].items()}
    return View(name, {named: frozenset(fields) for named, fields in raw["shows"].items()}, columns, rows)


def _cells(line: str, cells: Sequence[object], wanted: int) -> tuple[str, ...]:
    if len(cells) != wanted:
        raise OwlbusError(f"the line {line} has {len(cells)} cells, not {wanted}")
    return tuple(map(str, cells))


# --- docs/roles.md


def roles_page(table: Table) -> str:
    """docs/roles.md."""
    parts = [
        "# Roles",
        "Who may do what, and who sees what. Generated from [the table](../tests/roles/table.yaml) by `make docs`;\n"
        "not to be edited. `tests/roles` walks it: every operation is called in every role, and every query is\n"
        "compared field by field with the views below. What the roles are for is in\n"
        "[architecture](architecture.md#the-edges).",
        "## Operations",
        "*do*: may ask for it; the state of things may still refuse. *all*: sees everything of it. *some*: sees what\n"
        "the view says. *own*: sees what concerns the caller alone. Empty: refused with 403 `forbidden`.",
        *(part for service in _services(table) for part in _operations(table, service)),
        "Without a token and without content: " + ", ".join(f"`{path}`" for path in sorted(table.public)) + ".",
        "## Views",
        "Rows are who looks, columns how far things are. *404*: as if it did not exist, and absent from lists.\n"
        "*none*: an empty list. Empty: refused with 403 `forbidden`. What the other words stand for is below\n"
        "each table.",
        *(part for view in table.views.values() for part in _view_parts(view)),
    ]
    return "\n\n".join(parts) + "\n"


def _services(table: Table) -> list[str]:
    return list(dict.fromkeys(one.service for one in table.operations))


def _operations(table: Table, service: str) -> Iterator[str]:
    yield f"### Operations of {service}"
    head = ("operation", "view", *table.roles)
    lines = [one for one in table.operations if one.service == service]
    yield _matrix(head, [(f"`{one.name}`", _link(one.shows), *map(_blank, one.cells.values())) for one in lines])


def _view_parts(view: View) -> Iterator[str]:
    yield f"### {view.name}"
    yield _matrix(("", *view.columns), [(viewer, *map(_blank, cells)) for viewer, cells in view.rows.items()])
    yield "\n".join(
        f"- *{name}*: {', '.join(f'`{field}`' for field in sorted(fields)) or 'no event'}"
        for name, fields in view.shows.items()
    )


def _link(view: str) -> str:
    return f"[{view}](#{view.replace(' ', '-')})" if view else ""


def _blank(cell: str) -> str:
    return "" if cell == REFUSED else cell


def _matrix(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows))
