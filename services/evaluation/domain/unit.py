"""A team or department of the directory, in view of conflicts: what it belongs to, and what belongs to it.

Pure. Fed by the directory of `ideas`; answers evaluations that ask which teams are in one department. Nobody sees it.
"""

from collections.abc import Iterator
from typing import Any, assert_never

from shared.contracts.evaluation_conflicts import (
    DepartmentAsked,
    DepartmentDescribed,
    TeamMoved,
    TeamNamed,
    TeamPlaced,
    TeamsNoted,
)
from shared.contracts.ideas import DepartmentRegistered
from shared.engine.aggregate import Context, State
from shared.engine.message import Actor, Event

FOLD = 1

Input = DepartmentRegistered | TeamMoved | TeamNamed | DepartmentAsked
Emitted = TeamPlaced | TeamMoved | TeamsNoted | DepartmentAsked | DepartmentDescribed


class Unit(State):
    """One entry of the directory."""

    parent: str | None = None
    teams: tuple[str, ...] = ()

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """Nothing: the directory itself is in `ideas`."""
        return {}


def decide(unit: Unit, message: Input, context: Context) -> Iterator[Event]:
    """Keep up with the directory, and answer."""
    match message:
        case DepartmentRegistered():
            yield from _placed(unit, message.parent)
        case TeamMoved():
            others = tuple(team for team in unit.teams if team != message.team)
            teams = (*others, message.team) if message.inside else others
            if set(teams) != set(unit.teams):
                yield TeamsNoted(department_id=unit.id, teams=teams)
        case TeamNamed():
            if unit.parent:
                yield DepartmentAsked(department_id=unit.parent, idea_id=message.idea_id, stage=message.stage)
            else:
                yield _described(unit, message)
        case DepartmentAsked():
            yield _described(unit, message)
        case _:
            assert_never(message)


def _placed(unit: Unit, parent: str | None) -> Iterator[Event]:
    if parent == unit.parent:
        return
    yield TeamPlaced(department_id=unit.id, parent=parent)
    if unit.parent:
        yield TeamMoved(department_id=unit.parent, team=unit.id, inside=False)
    if parent:
        yield TeamMoved(department_id=parent, team=unit.id, inside=True)


def _described(unit: Unit, message: TeamNamed | DepartmentAsked) -> DepartmentDescribed:
    return DepartmentDescribed(idea_id=message.idea_id, stage=message.stage, units=(unit.id, *unit.teams))


def evolve(unit: Unit, event: Emitted) -> Unit:
    """What the directory says now."""
    match event:
        case TeamPlaced():
            return unit.but(parent=event.parent)
        case TeamsNoted():
            return unit.but(teams=event.teams)
        case TeamMoved() | DepartmentAsked() | DepartmentDescribed():
            return unit
        case _:
            assert_never(event)
