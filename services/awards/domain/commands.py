"""What people may ask of rounds and categories. The models are the bodies of the HTTP API."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from shared.contracts.types import Authority, Code, Id, PersonId, Score, Value, Won, WrittenLine, WrittenProse
from shared.engine.message import Command

MAX_NOMINEES = 800
"""How many ideas one category lists, so that its result always fits into one event."""

Points = Annotated[Score, Field(ge=0, max_digits=12, decimal_places=6)]
"""Bounded in digits, so that arithmetic on them is exact."""

Panel = Annotated[tuple[PersonId, ...], Field(min_length=1, max_length=500)]


class OpenRound(Command, creates=True):
    """Open the award round (회차) of a pack and year; voting ends at `closes_at` or when the pack says.

    `non_officials` names the members of the panel who are not officials.
    """

    pack: Code
    year: Annotated[int, Field(ge=1990, le=2200)]
    title: WrittenLine
    panel: Panel
    non_officials: Annotated[tuple[PersonId, ...], Field(max_length=500)] = ()
    closes_at: AwareDatetime | None = None


class GivenPoints(Value):
    """What a voter gives an idea."""

    points: Points


class CastBallot(Command):
    """Score a nominated idea, or score it anew."""

    idea_id: Id
    points: Points


class CloseCategory(Command):
    """End the voting before its deadline, once the panel has a quorum on every nominee."""


class Withheld(Value):
    """An idea that gets no award although its band proposes one."""

    idea_id: Id
    reason: WrittenProse = ""


class ChosenPrize(Value):
    """Another prize than the pack proposes, within the range of the grade."""

    idea_id: Id
    won: Won


class ConfirmGrades(Command):
    """Confirm the proposed grades of a category; also that there is no winner.

    `order` puts equal nominees in order, best first, where their grades depend on it.
    """

    category_id: Id
    authority: Authority | None = None
    withheld: Annotated[tuple[Withheld, ...], Field(max_length=20)] = ()
    prizes: Annotated[tuple[ChosenPrize, ...], Field(max_length=MAX_NOMINEES)] = ()
    order: Annotated[tuple[Id, ...], Field(max_length=MAX_NOMINEES)] = ()
