"""A call for ideas (공모) under a pack: until when it is open, and by how much that was moved."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, assert_never

from pydantic import Field

from services.ideas.domain.rules import chosen, today
from shared.contracts.ideas_process import CallExtended, CallOpened
from shared.contracts.types import Code, Day, WrittenLine
from shared.engine.aggregate import Context, State, require
from shared.engine.message import Command, Event, Instant
from shared.rules.calendar import Calendar

FOLD = 1


class OpenCall(Command, creates=True):
    """Open a call (공모 공고), to the end of the day `closes_on`."""

    pack: Code
    title: Annotated[WrittenLine, Field(min_length=1)]
    closes_on: Day


class ExtendCall(Command):
    """Keep an open call open longer (공모 기간 연장), and say why."""

    closes_on: Day
    reason: Annotated[WrittenLine, Field(min_length=1)]


class Call(State):
    """What was announced of a call. `extensions` are the days on which it was to close before."""

    pack: str = ""
    title: str = ""
    closes_on: date | None = None
    closes_at: Instant | None = None
    extensions: tuple[date, ...] = ()
    reason: str = ""


Input = OpenCall | ExtendCall
Emitted = CallOpened | CallExtended


def decide(call: Call, message: Input, context: Context) -> Iterator[Event]:
    """What happens next."""
    now = today(context.time)
    match message:
        case OpenCall():
            require(call.closes_at is None, "call_opened_already")
            require(bool(message.title.strip()), "title_required")
            chosen(message.pack, now)
            require(message.closes_on >= now, "date_too_early", field="closes_on", first=str(now))
            yield CallOpened(
                call_id=call.id,
                pack=message.pack,
                title=message.title,
                closes_on=message.closes_on,
                closes_at=Calendar.end_of(message.closes_on),
                opened_by=context.actor.id,
            )
        case ExtendCall():
            assert call.closes_at is not None and call.closes_on is not None
            require(context.time < call.closes_at, "call_closed", recorded=True, closed_on=str(call.closes_on))
            require(message.closes_on > call.closes_on, "date_too_early", field="closes_on", first=str(call.closes_on))
            require(bool(message.reason.strip()), "reason_required")
            closes_at = Calendar.end_of(message.closes_on)
            yield CallExtended(call_id=call.id, closes_on=message.closes_on, closes_at=closes_at, reason=message.reason)
        case _:
            assert_never(message)


def evolve(call: Call, event: Emitted) -> Call:
    """What an event means for the call."""
    match event:
        case CallOpened():
            return call.but(pack=event.pack, title=event.title, closes_on=event.closes_on, closes_at=event.closes_at)
        case CallExtended():
            assert call.closes_on is not None
            return call.but(
                closes_on=event.closes_on,
                closes_at=event.closes_at,
                extensions=(*call.extensions, call.closes_on),
                reason=event.reason,
            )
        case _:
            assert_never(event)
