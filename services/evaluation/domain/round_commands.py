"""What people may ask of a round. The models are the bodies of the HTTP API."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from shared.contracts.evaluation_conflicts import Interest
from shared.contracts.types import Code, Id, PersonId, WrittenLine, WrittenProse
from shared.engine.message import Command
from shared.rules.calibration import AssignmentKind

MAX_IDEAS = 2_000
"""How many ideas one round takes, so that the order of a stage always fits into one event."""


class OpenRound(Command, creates=True):
    """Open a round (회차) under a pack; its first stage ends at `due`, or when the pack says.

    `name` tells it from the pack's other rounds.
    """

    pack: Code
    name: Code
    title: WrittenLine
    due: AwareDatetime | None = None


class AdmitIdeas(Command):
    """Let ideas take part. What takes part already stays as it is."""

    ideas: Annotated[tuple[Id, ...], Field(min_length=1, max_length=500)]


class ExtendStage(Command):
    """Let the scoring of the present stage go on until a later moment, and announce it."""

    due: AwareDatetime
    reason: WrittenProse


class CloseStage(Command):
    """End the present stage before its deadline, however far its scoring is."""


class SignStatement(Command):
    """Sign the statement of the round (이해관계 서약), and declare the conflicts that only oneself knows of.

    `complete` says that there are no others. Sent again, it adds what was not declared before.
    """

    complete: bool
    interests: Annotated[tuple[Interest, ...], Field(max_length=500)] = ()


class NameRaters(Command):
    """Name who is to score an idea of the round; replaces those named before. All of them must have signed.

    `drawn` says how they were chosen; only from raters drawn at random or linked can severity be told (domain 6).
    """

    idea_id: Id
    raters: Annotated[tuple[PersonId, ...], Field(min_length=1, max_length=100)]
    drawn: AssignmentKind = AssignmentKind.NAMED
