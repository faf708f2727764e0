"""What `ideas` says around receipt and decision: numbers, supplements, opinions, clocks, calls, drafts."""

from datetime import date
from typing import Literal

from shared.contracts.types import (
    Author,
    Authority,
    Channel,
    Code,
    Id,
    Kind,
    Line,
    PersonId,
    Rule,
    SealedLine,
    SealedProse,
    SealedSections,
    Value,
)
from shared.engine.message import Event, Instant

ClosingForm = Literal["closed", "returned", "complaint"]
"""How a check ended that found no proposal: closed (종결), returned (반려), passed on as a complaint (민원)."""


class GroundText(Value):
    """What a ground says, in the words of its pack."""

    ko: Line
    en: Line


# --- receipt numbers


class ReceiptNumberRequested(Event, type="ideas.ReceiptNumberRequested", key="register_id"):
    """An idea was received and needs the next number of the year's register (접수대장)."""

    register_id: Id
    idea_id: Id
    received_on: date


class ReceiptNumberIssued(Event, type="ideas.ReceiptNumberIssued", key="idea_id"):
    """The register gave the idea its next number. Without gaps: the order of the numbers is the order of receipt."""

    register_id: Id
    idea_id: Id
    number: int
    received_on: date


class IdeaNumbered(Event, type="ideas.IdeaNumbered", key="idea_id"):
    """The idea has its receipt number (접수번호), written as the register writes it."""

    idea_id: Id
    register_id: Id
    number: int
    receipt_number: Line


# --- supplements


class SupplementRequested(Event, type="ideas.SupplementRequested", key="idea_id"):
    """The office asks for what is missing (보완 요청), with reasons; the clock of the decision stops."""

    idea_id: Id
    number: int
    missing: tuple[Code, ...] = ()
    ground: Code | None = None
    reason: SealedProse
    requested_on: date
    due: Instant
    rule: Rule


class SupplementReminded(Event, type="ideas.SupplementReminded", key="idea_id"):
    """A term for a supplement has ended without one; the office reminds, and a further term runs."""

    idea_id: Id
    number: int
    reminder: int
    due: Instant


class SupplementUnmet(Event, type="ideas.SupplementUnmet", key="idea_id"):
    """The last term for a supplement has ended without one. The clock of the decision goes on the day after."""

    idea_id: Id
    number: int
    due: Instant
    resumed_on: date
    decision_due: Instant | None = None


class SupplementAnswered(Event, type="ideas.SupplementAnswered", key="idea_id"):
    """The author supplied what was missing (보완): `sections` replace those of the same names. The clock goes on."""

    idea_id: Id
    number: int
    title: SealedLine | None = None
    sections: SealedSections
    answered_on: date
    answered_by: PersonId
    document: Line = ""
    decision_due: Instant | None = None


# --- transfer, opinions, re-opening


class IdeaTransferred(Event, type="ideas.IdeaTransferred", key="idea_id"):
    """The office passed the idea on to the department in charge (이송), with the reason."""

    idea_id: Id
    from_department: Id
    department: Id
    reason: SealedProse
    authority: Authority | None = None
    rule: Rule


class OpinionRequested(Event, type="ideas.OpinionRequested", key="idea_id"):
    """Another department is asked for its opinion (의견 조회); the clock of the decision stops."""

    idea_id: Id
    number: int
    department: Id
    question: SealedProse
    requested_on: date
    due: Instant
    rule: Rule


class OpinionGiven(Event, type="ideas.OpinionGiven", key="idea_id"):
    """A department gave the opinion it was asked for. The clock goes on once no other is awaited."""

    idea_id: Id
    number: int
    department: Id
    opinion: SealedProse
    given_on: date
    given_by: PersonId
    decision_due: Instant | None = None


class OpinionUnanswered(Event, type="ideas.OpinionUnanswered", key="idea_id"):
    """The term for an opinion has ended without one. The clock goes on the day after."""

    idea_id: Id
    number: int
    department: Id
    due: Instant
    resumed_on: date
    decision_due: Instant | None = None


class IdeaReopened(Event, type="ideas.IdeaReopened", key="idea_id"):
    """The office takes up an idea again that it had closed, with the reason. The clock of the decision goes on."""

    idea_id: Id
    reason: SealedProse
    authority: Authority | None = None
    reopened_on: date
    decision_due: Instant | None = None
    rule: Rule


# --- clocks


class StartedClock(Value):
    """A clock that began to run: its term as the pack writes it, the calendar its days are counted with, its end.

    Without `due` it stands still from the beginning, for something was asked for before.
    """

    clock: Code
    started_on: date
    term: Line
    calendar: Line
    due: Instant | None = None
    rule: Rule


class ClocksStarted(Event, type="ideas.ClocksStarted", key="idea_id"):
    """Clocks began to run: of the decision when a call closes; of rights and keeping after a decision."""

    idea_id: Id
    clocks: tuple[StartedClock, ...]


class DecisionExtended(Event, type="ideas.DecisionExtended", key="idea_id"):
    """The department announced that it needs longer for the decision, with the reason."""

    idea_id: Id
    term: Line
    decision_due: Instant | None = None
    reason: SealedProse
    authority: Authority | None = None
    rule: Rule


class ClockRanOut(Event, type="ideas.ClockRanOut", key="idea_id"):
    """A clock after the decision ran out: a right of the author has ended, or a time of keeping."""

    idea_id: Id
    clock: Code
    due: Instant


class NoticeDelivered(Event, type="ideas.NoticeDelivered", key="idea_id"):
    """A notice reached the authors by another way than online. The clocks of their rights start here."""

    idea_id: Id
    position: int
    channel: Channel
    delivered_on: date
    recorded_by: PersonId


class PlannedDatePassed(Event, type="ideas.PlannedDatePassed", key="idea_id"):
    """The planned date has ended, the implementation is not complete, and no other date was named."""

    idea_id: Id
    department: Id
    planned_date: date


# --- calls


class CallOpened(Event, type="ideas.CallOpened", key="call_id"):
    """A call for ideas (공모) under a pack, to the end of the day `closes_on`."""

    call_id: Id
    pack: Code
    title: Line
    closes_on: date
    closes_at: Instant
    opened_by: PersonId


class CallExtended(Event, type="ideas.CallExtended", key="call_id"):
    """A call stays open longer; this is the announcement of it."""

    call_id: Id
    closes_on: date
    closes_at: Instant
    reason: Line


class CallAnswered(Event, type="ideas.CallAnswered", key="call_id"):
    """An idea that answers a call was received: its clock begins when the call closes."""

    call_id: Id
    idea_id: Id


class CallEntered(Event, type="ideas.CallEntered", key="call_id", journal=True):
    """The call knows of an idea that answers it, and tells it when it closes."""

    call_id: Id
    idea_id: Id
    closes_at: Instant


class CallClosed(Event, type="ideas.CallClosed", key="idea_id"):
    """The call that the idea answers has closed."""

    call_id: Id
    idea_id: Id
    closed_on: date


# --- drafts


class DraftSaved(Event, type="ideas.DraftSaved", key="idea_id", journal=True):
    """An author keeps an idea that is not submitted yet, as far as it is written: all of it as it is from now on."""

    idea_id: Id
    author_id: PersonId
    pack: Code | None = None
    kind: Kind | None = None
    category: Line = ""
    department: Id | None = None
    title: SealedLine
    sections: SealedSections
    authors: tuple[Author, ...] = ()
    call: Id | None = None


class DraftDiscarded(Event, type="ideas.DraftDiscarded", key="idea_id", journal=True):
    """The author threw the draft away."""

    idea_id: Id


class DraftSubmitted(Event, type="ideas.DraftSubmitted", key="idea_id", journal=True):
    """What the draft was for has been submitted."""

    idea_id: Id
