"""What `learning` says: groups, outputs, cases and their spread."""

from datetime import date
from typing import Literal

from shared.contracts import learning_duties
from shared.contracts.types import (
    Author,
    Code,
    Id,
    Kind,
    Line,
    PersonId,
    Rule,
    SealedLine,
    SealedProse,
    SealedSections,
)
from shared.engine.message import Event, Instant

FURTHER = (learning_duties,)
"""Whoever imports this module knows all types of `learning`, for what a consumer doesn't know it sets aside."""


class GroupRegistered(Event, type="learning.GroupRegistered", key="group_id"):
    """A learning group (창의학습조직) was registered with its lead."""

    group_id: Id
    pack: Code
    name: Line
    topic: Line
    department: Id
    lead: PersonId
    members: tuple[PersonId, ...]
    registered_on: date
    ends_on: date
    rule: Rule


class MemberJoined(Event, type="learning.MemberJoined", key="group_id"):
    """A person joined the group."""

    group_id: Id
    person_id: PersonId
    joined_on: date


class MemberLeft(Event, type="learning.MemberLeft", key="group_id"):
    """A person left the group."""

    group_id: Id
    person_id: PersonId
    left_on: date


class ActivityRecorded(Event, type="learning.ActivityRecorded", key="group_id"):
    """The group met or worked (학습활동)."""

    group_id: Id
    held_on: date
    title: SealedLine
    attendees: tuple[PersonId, ...]


class OutputHandedOver(Event, type="learning.OutputHandedOver", key="idea_id"):
    """A group's output (학습성과) is handed over as an idea; `ideas` submits it under this id."""

    idea_id: Id
    group_id: Id
    group_name: Line
    pack: Code
    kind: Kind
    category: Line
    department: Id
    title: SealedLine
    sections: SealedSections
    authors: tuple[Author, ...]
    handed_over_on: date


class GroupClosed(Event, type="learning.GroupClosed", key="group_id"):
    """The group ended."""

    group_id: Id
    closed_on: date
    outputs: int
    reason: Line


class CaseOpened(Event, type="learning.CaseOpened", key="idea_id"):
    """A proven case (사례) was opened from an adopted idea; its id is the idea's."""

    idea_id: Id
    pack: Code
    kind: Kind
    department: Id
    title: SealedLine
    authors: tuple[Author, ...]


class CaseFailed(Event, type="learning.CaseFailed", key="idea_id"):
    """What was carried out and given up is a case of an honest failure (실패사례), for what was learnt."""

    idea_id: Id
    pack: Code
    kind: Kind
    department: Id
    title: SealedLine
    authors: tuple[Author, ...]
    learnt: SealedProse


class CaseOffered(Event, type="learning.CaseOffered", key="idea_id"):
    """A case was offered to a target department, with an owner there and a due date for the answer."""

    idea_id: Id
    pack: Code
    target: Id
    owner: PersonId
    due: Instant
    rule: Rule


class CaseAnswered(Event, type="learning.CaseAnswered", key="idea_id"):
    """The target answered: adopted, adapted, or declined with a reason."""

    idea_id: Id
    target: Id
    answer: Literal["adopted", "adapted", "declined"]
    answered_by: PersonId
    answered_on: date
    reason: SealedProse


class OfferOverdue(Event, type="learning.OfferOverdue", key="idea_id"):
    """The day by which the target owed an answer has ended without one."""

    idea_id: Id
    target: Id
    owner: PersonId
    due: Instant
