"""One case (사례): an adopted idea or a confirmed practice that others may take over. Its id is the idea's.

Pure. A case is open from the adoption or confirmation on; what becomes of it in each department is told by the offers.
What was given up and recognised as an honest failure stays a case (실패사례), with what was learnt.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, assert_never

from shared.contracts.ideas import IdeaAdopted
from shared.contracts.ideas_duties import IdeaMoved
from shared.contracts.ideas_outcomes import FailureRecognised, PracticeConfirmed
from shared.contracts.learning import CaseFailed, CaseOpened
from shared.contracts.learning_duties import CaseMoved
from shared.contracts.types import Author, Kind, SealedLine, SealedProse
from shared.engine.aggregate import Context, State
from shared.engine.message import Event

Described = IdeaAdopted | PracticeConfirmed | FailureRecognised
Input = Described | IdeaMoved
Emitted = CaseOpened | CaseFailed | CaseMoved

FOLD = 3


class Stage(StrEnum):
    """How far a case has come."""

    NEW = "new"
    OPEN = "open"
    FAILED = "failed"


class Case(State):
    """An adopted idea as a case: whose it is and under which pack it spreads; of a failure, what was learnt."""

    stage: Stage = Stage.NEW
    pack: str = ""
    kind: Kind | None = None
    department: str = ""
    title: SealedLine | None = None
    authors: tuple[Author, ...] = ()
    learnt: SealedProse | None = None


def decide(case: Case, message: Input, context: Context) -> Iterator[Event]:
    """What follows for the case."""
    match message:
        case IdeaAdopted() | PracticeConfirmed():
            if case.stage is Stage.NEW:
                yield _opened(message)
        case FailureRecognised():
            if case.stage is not Stage.FAILED:
                yield CaseFailed(idea_id=case.id, **_described(message), learnt=message.learnt)
        case IdeaMoved(move=move):
            if case.stage is Stage.OPEN and case.department == move.from_department:
                yield CaseMoved(idea_id=case.id, move=move)
        case _:
            assert_never(message)


def _opened(message: IdeaAdopted | PracticeConfirmed) -> CaseOpened:
    return CaseOpened(idea_id=message.idea_id, **_described(message))


def _described(said: Described | CaseOpened | CaseFailed) -> dict[str, Any]:
    """What a case says of its idea."""
    return {
        "pack": said.pack,
        "kind": said.kind,
        "department": said.department,
        "title": said.title,
        "authors": said.authors,
    }


def evolve(case: Case, event: Emitted) -> Case:
    """What has happened to the case."""
    match event:
        case CaseOpened():
            return case.but(stage=Stage.OPEN, **_described(event))
        case CaseFailed():
            return case.but(stage=Stage.FAILED, learnt=event.learnt, **_described(event))
        case CaseMoved():
            return case.but(department=event.move.department)
        case _:
            assert_never(event)
