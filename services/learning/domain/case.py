"""One case (사례): an adopted idea that other departments may take over. Its id is the idea's.

Pure. A case is open from the adoption on; what becomes of it in each department is told by the offers.
"""

from collections.abc import Iterator
from enum import StrEnum

from shared.contracts.ideas import IdeaAdopted
from shared.contracts.learning import CaseOpened
from shared.contracts.types import Author, Kind, SealedLine
from shared.engine.aggregate import Context, State
from shared.engine.message import Event

FOLD = 1


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


def decide(case: Case, message: IdeaAdopted, context: Context) -> Iterator[Event]:
    """What follows for the case."""
    if case.stage is Stage.NEW:
        yield CaseOpened(
            idea_id=case.id,
            pack=message.pack,
            kind=message.kind,
            department=message.department,
            title=message.title,
            authors=message.authors,
        )


def evolve(case: Case, event: CaseOpened) -> Case:
    """What has happened to the case."""
    return case.but(
        stage=Stage.OPEN,
        pack=event.pack,
        kind=event.kind,
        department=event.department,
        title=event.title,
        authors=event.authors,
    )
