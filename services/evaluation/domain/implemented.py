"""An idea on its way from adoption to implementation: when it is complete, a panel is asked to grade what came of it.

Pure. Nobody sees it: what is seen is the evaluation that opens. Imported ideas are history and are not graded anew.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, assert_never

from shared.contracts.evaluation_outcomes import AdoptionNoted, OutcomeRequested
from shared.contracts.ideas import IdeaAdopted, ImplementationCompleted
from shared.contracts.types import Author, SealedLine, is_history
from shared.engine.aggregate import Context, State
from shared.engine.message import Actor, Event, seal
from shared.rules.loader import pack

FOLD = 1

Input = IdeaAdopted | ImplementationCompleted
Emitted = AdoptionNoted | OutcomeRequested


class Implemented(State):
    """What the panel needs to know of the idea; `requested` once it was asked."""

    pack: str = ""
    department: str = ""
    title: SealedLine = seal("", "")
    authors: tuple[Author, ...] = ()
    received_on: date | None = None
    requested: bool = False

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """Nothing: the adopted idea is in `ideas`, its evaluation in the evaluations."""
        return {}


def decide(implemented: Implemented, message: Input, context: Context) -> Iterator[Event]:
    """Keep in mind what was adopted; ask the panel when it is done."""
    match message:
        case IdeaAdopted():
            graded = pack(message.pack).evaluation.outcome is not None
            if graded and not is_history(message.origin) and not implemented.pack:
                yield AdoptionNoted(
                    idea_id=message.idea_id,
                    pack=message.pack,
                    department=message.department,
                    title=message.title,
                    authors=message.authors,
                    received_on=message.received_on,
                )
        case ImplementationCompleted():
            if implemented.pack and not implemented.requested:
                yield _requested(implemented, message)
        case _:
            assert_never(message)


def _requested(implemented: Implemented, completed: ImplementationCompleted) -> OutcomeRequested:
    rules = pack(implemented.pack).evaluation.outcome
    assert rules is not None and implemented.received_on is not None
    return OutcomeRequested(
        idea_id=completed.idea_id,
        stage=rules.stage,
        pack=implemented.pack,
        department=implemented.department,
        title=implemented.title,
        result=completed.result,
        authors=implemented.authors,
        received_on=implemented.received_on,
        completed_on=completed.completed_on,
    )


def evolve(implemented: Implemented, event: Emitted) -> Implemented:
    """What is known of it now."""
    match event:
        case AdoptionNoted():
            return implemented.but(
                pack=event.pack,
                department=event.department,
                title=event.title,
                authors=event.authors,
                received_on=event.received_on,
            )
        case OutcomeRequested():
            return implemented.but(requested=True)
        case _:
            assert_never(event)
