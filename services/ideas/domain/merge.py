"""The merge of two ideas: proposed by the office, open to both lead authors' consent, carried out in steps, undone.

Invariants: neither idea changes before every lead author has consented; a step that one idea can't take is taken back
in the other; the same facts and answers end the same in whatever order they come. The merge's key is the idea that
goes on, the first received of the two (공무원 제안 규정 제6조제3항 where the pack follows it).
"""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, assert_never

from pydantic import BaseModel, ConfigDict, Field

from services.ideas.domain.rules import cite, days, rules, today
from services.ideas.domain.submission import OFFICE
from shared.contracts.ideas import (
    MergeAnswered,
    MergeAsked,
    MergeEnded,
    MergeHeard,
    MergeNoted,
    MergeOpened,
    MergeProposed,
    MergeRevoked,
    MergeStep,
)
from shared.contracts.types import Author, Id, Value, WrittenProse
from shared.engine.aggregate import Context, State, require
from shared.engine.message import Actor, Command, DeadlineReached, Event, Instant, seal

FOLD = 1
CONSENT = "consent"
"""Name of the deadline by which lead authors answer."""


class Phase(StrEnum):
    """How far a merge has come. From `declined` on it can be proposed anew."""

    NEW = "new"
    ASKED = "asked"
    OPEN = "open"
    JOINING = "joining"
    PARTING = "parting"
    MERGED = "merged"
    UNDOING = "undoing"
    DECLINED = "declined"
    LAPSED = "lapsed"
    IMPOSSIBLE = "impossible"
    UNDONE = "undone"


IDLE = (Phase.NEW, Phase.DECLINED, Phase.LAPSED, Phase.IMPOSSIBLE, Phase.UNDONE)


class ProposeMerge(Command, creates=True):
    """Propose that another idea goes on within this one (병합 제안), with the reason that both leads are told."""

    reason: WrittenProse


class NewMerge(Value):
    """The same, with the idea that is to be merged."""

    other_id: Id
    reason: WrittenProse


class AnswerMerge(Command):
    """Consent to the merge as a lead author, or decline it."""

    consents: bool
    reason: WrittenProse = ""


class UndoMerge(Command):
    """Take a merge back, with the reason."""

    reason: WrittenProse


class Facts(BaseModel):
    """What one of the two ideas said of itself. `refusal` is a code where it can't be merged."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    refusal: str = ""
    pack: str = ""
    authors: tuple[Author, ...] = ()
    received_on: date | None = None


class Merge(State):
    """A merge, with what both ideas said, who has to consent, and who has. `reason` says why it was impossible."""

    phase: Phase = Phase.NEW
    idea_id: str = ""
    other_id: str = ""
    proposed_by: str = ""
    facts: Mapping[str, Facts] = Field(default_factory=dict[str, Facts])
    leads: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()
    consent_due: Instant | None = None
    reason: str = ""
    undo_until: Instant | None = None

    @property
    def persons(self) -> frozenset[str]:
        """The authors of both ideas."""
        return frozenset(author.person_id for facts in self.facts.values() for author in facts.authors)

    def known_to(self, actor: Actor) -> bool:
        """To the office, the auditor, and once the authors are asked to them."""
        if actor.role in (OFFICE, "auditor"):
            return True
        return bool(self.leads) and actor.id in self.persons

    def visible_to(self, actor: Actor) -> dict[str, Any]:
        """All of it but the lists of authors."""
        return self.model_dump(mode="json", exclude={"facts"}) if self.known_to(actor) else {}

    def shows(self, event: type[Event], actor: Actor) -> bool:
        """Proposal, answers and end, to whom it is known."""
        return self.known_to(actor) and super().shows(event, actor)


Input = ProposeMerge | AnswerMerge | UndoMerge | MergeHeard | DeadlineReached
Emitted = MergeProposed | MergeAsked | MergeNoted | MergeOpened | MergeAnswered | MergeRevoked | MergeEnded


def decide(merge: Merge, message: Input, context: Context) -> Iterator[Event]:
    """What happens next."""
    idea_id, _, other_id = merge.id.partition("/")
    match message:
        case ProposeMerge():
            require(merge.phase in IDLE, "merge_under_way", phase=merge.phase.value)
            require(idea_id != other_id, "same_idea")
            require(bool(message.reason.strip()), "reason_required")
            yield MergeProposed(
                idea_id=idea_id,
                other_id=other_id,
                proposed_by=context.actor.id,
                reason=seal(message.reason, idea_id),
            )
            yield _ask(merge, idea_id, "describe")
            yield _ask(merge, other_id, "describe")
        case AnswerMerge():
            yield from _answer(merge, message, context)
        case UndoMerge():
            yield from _undo(merge, message, context)
        case MergeHeard(step="describe"):
            if merge.phase is Phase.ASKED and message.heard_from not in merge.facts:
                yield from _note(merge, message, context)
        case MergeHeard():
            yield from _go_on(merge, message, context)
        case DeadlineReached():
            yield from _end(merge, "lapsed")
        case _:
            assert_never(message)


def _ask(merge: Merge, idea_id: str, step: MergeStep, **more: Any) -> MergeAsked:
    into_id, _, other_id = merge.id.partition("/")
    return MergeAsked(idea_id=idea_id, into_id=into_id, other_id=other_id, step=step, **more)


def _note(merge: Merge, heard: MergeHeard, context: Context) -> Iterator[Event]:
    noted = MergeNoted(
        idea_id=merge.idea_id,
        other_id=merge.other_id,
        about_id=heard.heard_from,
        refusal=heard.refusal,
        pack=heard.pack,
        authors=heard.authors,
        received_on=heard.received_on,
    )
    yield noted
    after = evolve(merge, noted)
    if len(after.facts) < 2:
        return
    refusal = _why_impossible(after)
    if refusal:
        yield from _end(after, "impossible", refusal)
        return
    pack = after.facts[merge.idea_id].pack
    term, calendar = rules(pack).merging.consent_within, days(pack)
    due = calendar.end_of(calendar.due(today(context.time), term.value))
    leads = tuple(dict.fromkeys(after.facts[id].authors[0].person_id for id in (merge.idea_id, merge.other_id)))
    yield MergeOpened(idea_id=merge.idea_id, other_id=merge.other_id, leads=leads, due=due, rule=cite(pack, term))
    yield _ask(merge, merge.idea_id, "consent", readers=leads, due=due)
    yield _ask(merge, merge.other_id, "consent", readers=leads, due=due)


def _why_impossible(merge: Merge) -> str:
    """A code; empty where the two can be merged."""
    into, other = merge.facts[merge.idea_id], merge.facts[merge.other_id]
    if into.refusal or other.refusal:
        return into.refusal or other.refusal
    if into.pack != other.pack:
        return "packs_differ"
    if merge.proposed_by in merge.persons:
        return "conflict_of_interest"
    if len(merge.persons) > rules(into.pack).authors_max.value:
        return "too_many_authors"
    assert into.received_on is not None and other.received_on is not None
    first = rules(into.pack).duplicates.first_receipt_wins.value
    return "other_received_first" if first and other.received_on < into.received_on else ""


def _answer(merge: Merge, message: AnswerMerge, context: Context) -> Iterator[Event]:
    lead = context.actor.id
    require(lead in merge.leads, "not_a_lead", recorded=True)
    open_now = merge.phase is Phase.OPEN and merge.consent_due is not None and context.time < merge.consent_due
    require(open_now, "merge_not_open", recorded=True, phase=merge.phase.value)
    require(lead not in merge.consents, "merge_answered_already")
    answered = MergeAnswered(
        idea_id=merge.idea_id,
        other_id=merge.other_id,
        person_id=lead,
        consents=message.consents,
        reason=seal(message.reason, lead),
    )
    yield answered
    if not message.consents:
        yield from _end(merge, "declined")
    elif set(evolve(merge, answered).consents) == set(merge.leads):
        yield _ask(merge, merge.other_id, "join")


def _undo(merge: Merge, message: UndoMerge, context: Context) -> Iterator[Event]:
    require(merge.phase is Phase.MERGED, "not_merged", phase=merge.phase.value)
    require(context.actor.id not in merge.persons, "conflict_of_interest", recorded=True)
    require(bool(message.reason.strip()), "reason_required")
    in_time = merge.undo_until is not None and context.time < merge.undo_until
    require(in_time, "too_late_to_undo", recorded=True, until=str(merge.undo_until))
    yield MergeRevoked(
        idea_id=merge.idea_id,
        other_id=merge.other_id,
        revoked_by=context.actor.id,
        reason=seal(message.reason, merge.idea_id),
    )
    yield _ask(merge, merge.idea_id, "narrow")


def _go_on(merge: Merge, heard: MergeHeard, context: Context) -> Iterator[Event]:
    """The next step, after one was taken or refused. An answer that nothing waits for changes nothing."""
    match (merge.phase, heard.step):
        case (Phase.JOINING, "join"):
            if heard.refusal:
                yield from _end(merge, "impossible", heard.refusal)
            else:
                yield _ask(merge, merge.idea_id, "widen", authors=heard.authors)
        case (Phase.JOINING, "widen"):
            if heard.refusal:
                yield _ask(merge, merge.other_id, "part", outcome=heard.refusal)
            else:
                yield _merged(merge, context)
        case (Phase.UNDOING, "narrow"):
            if heard.refusal:
                yield MergeEnded(
                    idea_id=merge.idea_id,
                    other_id=merge.other_id,
                    outcome="merged",
                    reason=heard.refusal,
                    undo_until=merge.undo_until,
                )
            else:
                yield _ask(merge, merge.other_id, "part")
        case (Phase.PARTING, "part"):
            yield from _end(merge, "impossible", merge.reason)
        case (Phase.UNDOING, "part"):
            yield from _end(merge, "undone")
        case _:
            pass


def _merged(merge: Merge, context: Context) -> MergeEnded:
    pack = merge.facts[merge.idea_id].pack
    calendar = days(pack)
    until = calendar.end_of(calendar.due(today(context.time), rules(pack).merging.undo_within.value))
    return MergeEnded(idea_id=merge.idea_id, other_id=merge.other_id, outcome="merged", undo_until=until)


def _end(merge: Merge, outcome: Any, reason: str = "") -> Iterator[Event]:
    yield MergeEnded(idea_id=merge.idea_id, other_id=merge.other_id, outcome=outcome, reason=reason)
    if merge.leads:  # only who was asked is told
        yield _ask(merge, merge.idea_id, "ended", outcome=outcome)
        yield _ask(merge, merge.other_id, "ended", outcome=outcome)


def evolve(merge: Merge, event: Emitted) -> Merge:
    """What an event means for the merge."""
    match event:
        case MergeProposed():
            return Merge(
                id=merge.id,
                phase=Phase.ASKED,
                idea_id=event.idea_id,
                other_id=event.other_id,
                proposed_by=event.proposed_by,
            )
        case MergeNoted():
            facts = Facts(**event.model_dump(include=set(Facts.model_fields)))
            return merge.but(facts={**merge.facts, event.about_id: facts})
        case MergeOpened():
            opened = merge.but(phase=Phase.OPEN, leads=event.leads, consent_due=event.due)
            return opened.with_deadline(CONSENT, event.due)
        case MergeAnswered():
            return merge.but(consents=(*merge.consents, event.person_id)) if event.consents else merge
        case MergeRevoked():
            return merge.but(phase=Phase.UNDOING)
        case MergeAsked():
            return _asked(merge, event)
        case MergeEnded():
            ended = merge.but(phase=Phase(event.outcome), reason=event.reason, undo_until=event.undo_until)
            return ended.without_deadline(CONSENT)
        case _:
            assert_never(event)


def _asked(merge: Merge, event: MergeAsked) -> Merge:
    if event.step == "join":
        return merge.but(phase=Phase.JOINING).without_deadline(CONSENT)
    if event.step == "part" and merge.phase is Phase.JOINING:
        return merge.but(phase=Phase.PARTING, reason=event.outcome)
    return merge
