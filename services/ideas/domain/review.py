"""What comes after a decision: re-examinations, panels, claims, the watch. What each message makes happen.

`idea` hands over here, as it does to `process`. Pure and total over `ReviewCommand` and `ReviewEvent`.
"""

from collections.abc import Iterator
from typing import assert_never

from services.ideas.domain import claim, panel, reexamination, watching
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.review_commands import (
    BeginReexamination,
    ConvenePanel,
    DecideClaim,
    DecideReexamination,
    FileClaim,
    NoteMatch,
    RecordFinding,
    RequestReexamination,
)
from shared.contracts.ideas_decisions import (
    ClaimDecided,
    ClaimFiled,
    IdeaReexamined,
    MatchFound,
    PanelConvened,
    PanelFound,
    ReexaminationRequested,
)
from shared.engine.aggregate import Context
from shared.engine.message import Event

ReviewCommand = (
    RequestReexamination
    | BeginReexamination
    | DecideReexamination
    | ConvenePanel
    | RecordFinding
    | FileClaim
    | DecideClaim
    | NoteMatch
)

ReviewEvent = (
    ReexaminationRequested | IdeaReexamined | PanelConvened | PanelFound | ClaimFiled | ClaimDecided | MatchFound
)


def decide(idea: Idea, message: ReviewCommand, context: Context) -> Iterator[Event]:
    """What happens next."""
    match message:
        case RequestReexamination():
            yield from reexamination.request(idea, message, context)
        case BeginReexamination():
            yield from reexamination.begin(idea, message, context)
        case DecideReexamination():
            yield from reexamination.conclude(idea, message, context)
        case ConvenePanel():
            yield from panel.convene(idea, message, context)
        case RecordFinding():
            yield from panel.find(idea, message, context)
        case FileClaim():
            yield from claim.file(idea, message, context)
        case DecideClaim():
            yield from claim.conclude(idea, message, context)
        case NoteMatch():
            yield from watching.note(idea, message, context)
        case _:
            assert_never(message)


def evolve(idea: Idea, event: ReviewEvent) -> Idea:
    """What an event means for the idea."""
    match event:
        case ReexaminationRequested():
            return reexamination.requested(idea, event)
        case IdeaReexamined():
            return reexamination.reexamined(idea, event)
        case PanelConvened():
            return panel.convened(idea, event)
        case PanelFound():
            return panel.found(idea, event)
        case ClaimFiled():
            return claim.filed(idea, event)
        case ClaimDecided():
            return claim.decided(idea, event)
        case MatchFound():
            return watching.noted(idea, event)
        case _:
            assert_never(event)
