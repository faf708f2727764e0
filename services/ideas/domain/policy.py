"""A policy (시책) that came about outside this system, entered by hand so that refused ideas are compared with it."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import Field

from services.ideas.domain.rules import today
from shared.contracts.ideas_decisions import PolicyRecorded
from shared.contracts.types import Day, Id, SealedLine, SealedProse, WrittenLine, WrittenProse
from shared.engine.aggregate import Context, State, require
from shared.engine.message import Command, Event, seal

FOLD = 1


class RecordPolicy(Command, creates=True):
    """Enter a policy: what it is called, what it says, whose it is, since when, and where that stands written."""

    title: Annotated[WrittenLine, Field(min_length=1)]
    text: WrittenProse
    department: Id
    in_force_on: Day
    source: WrittenLine = ""


class Policy(State):
    """A policy as it was entered."""

    title: SealedLine = seal("", "")
    text: SealedProse = seal("", "")
    department: str = ""
    in_force_on: date | None = None
    source: str = ""


def decide(policy: Policy, message: RecordPolicy, context: Context) -> Iterator[Event]:
    """The policy, from its first day on; what is only planned is no policy yet."""
    require(policy.in_force_on is None, "policy_recorded_already")
    require(bool(message.title.strip()) and bool(message.text.strip()), "policy_empty")
    day = message.in_force_on
    require(day <= today(context.time), "date_in_future", field="in_force_on", date=str(day))
    yield PolicyRecorded(
        policy_id=policy.id,
        title=seal(message.title, policy.id),
        text=seal(message.text, policy.id),
        department=message.department,
        in_force_on=day,
        source=message.source,
        recorded_by=context.actor.id,
    )


def evolve(policy: Policy, event: PolicyRecorded) -> Policy:
    """What an event means for the policy."""
    return policy.but(
        title=event.title,
        text=event.text,
        department=event.department,
        in_force_on=event.in_force_on,
        source=event.source,
    )
