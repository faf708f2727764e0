"""What is said on the way from an implemented idea to the panel that grades what came of it (창의성과 평가)."""

from datetime import date

from shared.contracts.types import Author, Code, Id, SealedLine, SealedProse
from shared.engine.message import Event


class AdoptionNoted(Event, type="evaluation.AdoptionNoted", key="idea_id", journal=True):
    """An idea was adopted under a pack by which its outcome is to be graded, once it is implemented."""

    idea_id: Id
    pack: Code
    department: Id
    title: SealedLine
    authors: tuple[Author, ...]
    received_on: date


class OutcomeRequested(Event, type="evaluation.OutcomeRequested", key="idea_id", journal=True):
    """The idea was implemented: a panel is to grade the outcome at this stage. `result` is what the department says."""

    idea_id: Id
    stage: Code
    pack: Code
    department: Id
    title: SealedLine
    result: SealedProse
    authors: tuple[Author, ...]
    received_on: date
    completed_on: date
