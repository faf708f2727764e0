"""What people may ask between submission and decision. The models are the bodies of the HTTP API."""

from typing import Annotated, Literal

from pydantic import Field

from services.ideas.domain.commands import Grounded, Sections
from shared.contracts.types import Channel, Code, Day, Id, WrittenLine, WrittenProse
from shared.engine.message import Command

Departments = Annotated[tuple[Id, ...], Field(min_length=1, max_length=20)]


class RequestSupplement(Command):
    """Ask for what is missing (보완 요청), with reasons; `ground` where one applies that a supplement could mend."""

    missing: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    ground: Code | None = None
    reason: WrittenProse


class AnswerSupplement(Command):
    """Supply what was missing (보완). What comes on paper the office enters, with the document it came in."""

    title: WrittenLine | None = None
    sections: Sections = Field(default_factory=dict[Code, WrittenProse])
    document: WrittenLine = ""


class TransferIdea(Grounded):
    """Pass the idea on to the department in charge (이송)."""

    department: Id


class AskOpinions(Command):
    """Ask other departments for their opinion (의견 조회). The authors are told first."""

    departments: Departments
    question: WrittenProse


class GiveOpinion(Command):
    """Give the opinion that the own department was asked for."""

    opinion: WrittenProse


class ReopenIdea(Grounded):
    """Take up an idea again that was closed (재개)."""


class ExtendDecision(Grounded):
    """Announce that the decision takes longer (처리 기간 연장), by as much as the pack allows."""


class RecordDelivery(Command):
    """Say that a notice reached the authors on paper (통지 도달); the day defaults to today."""

    position: Annotated[int, Field(ge=1)]
    channel: Channel
    delivered_on: Day | None = None


class CheckFacts(Grounded):
    """Say what a check of a practice's facts found (실행사례 사실 확인), with the document that shows it."""

    outcome: Literal["confirmed", "unconfirmed"]
    running_since: Day | None = None
    findings: WrittenProse
    document: WrittenLine
