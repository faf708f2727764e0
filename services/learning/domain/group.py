"""One learning group (창의학습조직): its members, what they do, and the outputs they hand over as ideas.

Pure. Invariants: only the lead speaks for the group; its lead is always a member; the pack's limits on members hold
whenever somebody joins or leaves; an output's authors are members of the day it is handed over.
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Any, assert_never

from pydantic import BaseModel, ConfigDict

from services.learning.domain.commands import (
    AddMember,
    CloseGroup,
    HandOverOutput,
    RecordActivity,
    RegisterGroup,
    RemoveMember,
)
from services.learning.domain.output import require_fit
from services.learning.domain.rules import chosen, cite, days, rules, today
from shared.contracts.learning import (
    ActivityRecorded,
    GroupClosed,
    GroupRegistered,
    MemberJoined,
    MemberLeft,
    OutputHandedOver,
)
from shared.contracts.learning_duties import GroupMoved, GroupMoveNoticed, GroupMoveOrdered
from shared.contracts.types import Kind, SealedLine
from shared.duties.notice import Told, everybody, told
from shared.engine.aggregate import Context, State, require
from shared.engine.message import Actor, Event, seal

Input = RegisterGroup | AddMember | RemoveMember | RecordActivity | HandOverOutput | CloseGroup | GroupMoveOrdered
Emitted = (
    GroupRegistered
    | MemberJoined
    | MemberLeft
    | ActivityRecorded
    | OutputHandedOver
    | GroupClosed
    | GroupMoved
    | GroupMoveNoticed
)

FOLD = 2


class Stage(StrEnum):
    """How far a group has come."""

    NEW = "new"
    ACTIVE = "active"
    CLOSED = "closed"


class Part(BaseModel):
    """A part of the state."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Activity(Part):
    """One meeting or piece of work."""

    held_on: date
    title: SealedLine
    attendees: tuple[str, ...]


class Output(Part):
    """One output and the idea it became."""

    idea_id: str
    kind: Kind
    title: SealedLine
    handed_over_on: date


class Group(State):
    """A learning group; `ends_on` is the last day of its term."""

    stage: Stage = Stage.NEW
    pack: str = ""
    name: str = ""
    topic: str = ""
    department: str = ""
    lead: str = ""
    members: tuple[str, ...] = ()
    registered_on: date | None = None
    ends_on: date | None = None
    activities: tuple[Activity, ...] = ()
    outputs: tuple[Output, ...] = ()
    told: tuple[Told, ...] = ()

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """All of it but who was told what: that is for them."""
        return self.model_dump(mode="json", exclude={"told"})


def decide(group: Group, message: Input, context: Context) -> Iterator[Event]:
    """What follows for the group."""
    if not isinstance(message, RegisterGroup | GroupMoveOrdered):
        require(context.actor.id == group.lead, "not_the_lead", recorded=True)
        require(group.stage is Stage.ACTIVE, "group_closed")
    match message:
        case RegisterGroup():
            yield _register(group, message, context)
        case AddMember(person_id=person_id):
            _require_joins(group, person_id)
            yield MemberJoined(group_id=group.id, person_id=person_id, joined_on=today(context.time))
        case RemoveMember(person_id=person_id):
            _require_may_leave(group, person_id)
            yield MemberLeft(group_id=group.id, person_id=person_id, left_on=today(context.time))
        case RecordActivity():
            yield _activity(group, message, today(context.time))
        case HandOverOutput():
            yield _output(group, message, context)
        case CloseGroup():
            yield GroupClosed(
                group_id=group.id, closed_on=today(context.time), outputs=len(group.outputs), reason=message.reason
            )
        case GroupMoveOrdered():
            yield from _move(group, message, context)
        case _:
            assert_never(message)


def _move(group: Group, message: GroupMoveOrdered, context: Context) -> Iterator[Event]:
    """An active group follows a duty, and its members are told."""
    move = message.move
    if group.stage is not Stage.ACTIVE or group.department != move.from_department:
        return
    yield GroupMoved(group_id=group.id, move=move)
    recipients = everybody(group.lead, group.members)
    yield GroupMoveNoticed(group_id=group.id, move=move, issued_at=context.time, recipients=recipients)


def _register(group: Group, message: RegisterGroup, context: Context) -> GroupRegistered:
    require(group.stage is Stage.NEW, "already_registered")
    require(bool(message.name.strip()), "name_required")
    opened_on = today(context.time)
    asked = chosen(message.pack, opened_on).learning.group
    members = tuple(dict.fromkeys((context.actor.id, *message.members)))
    require(len(members) >= asked.members_min.value, "too_few_members", least=asked.members_min.value)
    require(len(members) <= asked.members_max.value, "too_many_members", most=asked.members_max.value)
    return GroupRegistered(
        group_id=group.id,
        pack=message.pack,
        name=message.name,
        topic=message.topic,
        department=message.department,
        lead=context.actor.id,
        members=members,
        registered_on=opened_on,
        ends_on=days(message.pack).due(opened_on, asked.lasts.value),
        rule=cite(message.pack, asked.lasts),
    )


def _require_joins(group: Group, person_id: str) -> None:
    most = rules(group.pack).group.members_max.value
    require(person_id not in group.members, "already_a_member", person_id=person_id)
    require(len(group.members) < most, "too_many_members", most=most)


def _require_may_leave(group: Group, person_id: str) -> None:
    least = rules(group.pack).group.members_min.value
    require(person_id in group.members, "not_a_member", persons=[person_id])
    require(person_id != group.lead, "lead_may_not_leave")
    require(len(group.members) > least, "too_few_members", least=least)


def _activity(group: Group, message: RecordActivity, today: date) -> ActivityRecorded:
    strangers = sorted(set(message.attendees) - set(group.members))
    require(bool(message.title.strip()), "title_required")
    require(message.held_on <= today, "date_in_future", field="held_on", date=str(message.held_on))
    require(group.registered_on is not None and message.held_on >= group.registered_on, "before_registration")
    require(group.ends_on is not None and message.held_on <= group.ends_on, "after_the_term", ends_on=group.ends_on)
    require(bool(message.attendees), "attendees_required")
    require(not strangers, "not_a_member", persons=strangers)
    return ActivityRecorded(
        group_id=group.id,
        held_on=message.held_on,
        title=seal(message.title, key=group.id),
        attendees=tuple(dict.fromkeys(message.attendees)),
    )


def _output(group: Group, message: HandOverOutput, context: Context) -> OutputHandedOver:
    require_fit(message, group.members, today(context.time))
    lead_author = message.authors[0].person_id
    return OutputHandedOver(
        idea_id=context.new_id("output"),
        group_id=group.id,
        group_name=group.name,
        pack=message.pack,
        kind=message.kind,
        category=message.category,
        department=message.department,
        title=seal(message.title, key=lead_author),
        sections=seal(message.sections, key=lead_author),
        authors=message.authors,
        handed_over_on=today(context.time),
    )


def evolve(group: Group, event: Emitted) -> Group:
    """What has happened to the group."""
    match event:
        case GroupRegistered():
            return group.but(
                stage=Stage.ACTIVE,
                pack=event.pack,
                name=event.name,
                topic=event.topic,
                department=event.department,
                lead=event.lead,
                members=event.members,
                registered_on=event.registered_on,
                ends_on=event.ends_on,
            )
        case MemberJoined():
            return group.but(members=(*group.members, event.person_id))
        case MemberLeft():
            return group.but(members=tuple(one for one in group.members if one != event.person_id))
        case ActivityRecorded():
            activity = Activity(held_on=event.held_on, title=event.title, attendees=event.attendees)
            return group.but(activities=(*group.activities, activity))
        case OutputHandedOver():
            output = Output(
                idea_id=event.idea_id, kind=event.kind, title=event.title, handed_over_on=event.handed_over_on
            )
            return group.but(outputs=(*group.outputs, output))
        case GroupClosed():
            return group.but(stage=Stage.CLOSED)
        case GroupMoved():
            return group.but(department=event.move.department)
        case GroupMoveNoticed():
            return group.but(told=told(group.told, event))
        case _:
            assert_never(event)
