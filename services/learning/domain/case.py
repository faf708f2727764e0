"""One case (사례): an adopted idea that other departments may take over. Its id is the idea's.

Pure. A case is open from the adoption on; what becomes of it in each department is told by the offers.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import assert_never

from shared.contracts.ideas import IdeaAdopted
from shared.contracts.ideas_duties import IdeaMoved
from shared.contracts.learning import CaseOpened
from shared.contracts.learning_duties import CaseMoved
from shared.contracts.types import Author, Kind, SealedLine
from shared.engine.aggregate import Context, State
from shared.engine.message import Event

FOLD = 2


class Stage(StrEnum):
    """How far a case has come."""

    NEW = "new"
    OPEN = "open"


class Case(State):
    """An adopted idea as a case: whose it is and under which pack it spreads."""

    stage: Stage = Stage.NEW
    pack: str = ""
    kind: Kind | None = None
    department: str = ""
    title: SealedLine | None = None
    authors: tuple[Author, ...] = ()


def decide(case: Case, message: IdeaAdopted | IdeaMoved, context: Context) -> Iterator[Event]:
    """What follows for the case."""
    match message:
        case IdeaAdopted():
            if case.stage is Stage.NEW:
                yield CaseOpened(
                    idea_id=case.id,
                    pack=message.pack,
                    kind=message.kind,
                    department=message.department,
                    title=message.title,
                    authors=message.authors,
                )
        case IdeaMoved(move=move):
            if case.stage is Stage.OPEN and case.department == move.from_department:
                yield CaseMoved(idea_id=case.id, move=move)
        case _:
            assert_never(message)


def evolve(case: Case, event: CaseOpened | CaseMoved) -> Case:
    """What has happened to the case."""
    match event:
        case CaseOpened():
            return case.but(
                stage=Stage.OPEN,
                pack=event.pack,
                kind=event.kind,
                department=event.department,
                title=event.title,
                authors=event.authors,
            )
        case CaseMoved():
            return case.but(department=event.move.department)
        case _:
            assert_never(event)
