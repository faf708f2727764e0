"""The shares of several authors: each confirms or disputes, an equal pair names its lead, and no money moves meanwhile.

Invariant: `shares.open` ends only by `SharesSettled`, whose authors are the idea's from then on, the lead author first.
Sources: 공무원 제안 규정 제5조제3항 (shares, the largest leads, an equal pair agrees), 제13조제2항 (the agency that
improved an idea sets them). Who must confirm, by when, and what silence means is the pack's.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

from services.ideas.domain.commands import Authors, Grounded
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.notices import notice_of, tell_others
from services.ideas.domain.rules import cite, days, require_grounds, rules, today
from services.ideas.domain.submission import OFFICE, require_authors
from services.ideas.domain.values import LASTING, OPEN, Shares, Stage
from shared.contracts.ideas import ShareConfirmed, ShareDisputed, SharesOpened, SharesSet, SharesSettled
from shared.contracts.types import Author, PersonId, Rule, WrittenProse
from shared.engine.aggregate import Context, require
from shared.engine.message import Command, Event, seal
from shared.rules.ideas import IdeaDecision

DEADLINE = "shares"
"""Name of the deadline at which silence confirms."""

SHARED = (*OPEN, *LASTING)
"""Shares matter from the submission on, until something is won."""


class ConfirmShare(Command):
    """Confirm the own share. Of several authors with the largest share each names the `lead`."""

    lead: PersonId | None = None


class DisputeShare(Command):
    """Dispute the shares, with the reason. They stay open until they are agreed anew."""

    reason: WrittenProse


class ProposeShares(Command):
    """Propose other shares for the same authors, the lead first; everybody else is asked anew."""

    authors: Authors


class SetShares(Grounded):
    """Set the shares of an idea that the department improved; those who improved it may be among the authors."""

    authors: Authors


ShareCommand = ConfirmShare | DisputeShare | ProposeShares | SetShares
ShareEvent = SharesOpened | ShareConfirmed | ShareDisputed | SharesSet | SharesSettled


def ask(idea_id: str, pack: str, authors: Sequence[Author], context: Context) -> Iterator[Event]:
    """After a submission by several authors: everybody but who submitted is asked, where the pack wants it."""
    if len(authors) > 1 and rules(pack).sharing.each_confirms.value:
        confirmed = tuple(author.person_id for author in authors if author.person_id == context.actor.id)
        yield SharesOpened(
            idea_id=idea_id,
            authors=tuple(authors),
            confirmed=confirmed,
            reason="submitted",
            due=answer_due(pack, context.time),
            rule=cite(pack, rules(pack).sharing.each_confirms),
        )


def answer_due(pack: str, now: datetime) -> datetime | None:
    """When silence confirms, None where it never does."""
    asked, calendar = rules(pack).sharing, days(pack)
    if not asked.silence_confirms.value:
        return None
    return calendar.end_of(calendar.due(today(now), asked.answer_within.value))


def decide(idea: Idea, message: ShareCommand, context: Context) -> Iterator[Event]:
    """What an author or the agency says about the shares."""
    require(idea.stage in SHARED, "wrong_stage", stage=idea.stage.value, needed=Stage.SUBMITTED.value)
    # What was won while they are open is held, so that it still matters what they say.
    require(idea.shares.open or not idea.awards, "shares_already_paid", recorded=True)
    match message:
        case ConfirmShare():
            yield from _confirm(idea, message, context)
        case DisputeShare():
            yield from _dispute(idea, message, context)
        case ProposeShares():
            yield from _propose(idea, message, context)
        case SetShares():
            yield from _set(idea, message, context)


def _confirm(idea: Idea, message: ConfirmShare, context: Context) -> Iterator[Event]:
    own = _own(idea, context)
    require(idea.shares.open, "shares_not_open")
    equals = _equals(idea)
    lead = idea.authors[0].person_id
    if own.person_id in equals:
        require(message.lead is not None, "lead_required", persons=sorted(equals))
        lead = message.lead or lead
        require(lead in equals, "lead_not_among_equals", persons=sorted(equals))
    confirmed = ShareConfirmed(idea_id=idea.id, person_id=own.person_id, share=own.share, lead=lead)
    yield confirmed
    after = evolve(idea, confirmed)
    if _all_agree(after):
        yield _settled(after, "authors")
        yield from tell_others(idea, context, "shares_settled", idea.authors)


def _dispute(idea: Idea, message: DisputeShare, context: Context) -> Iterator[Event]:
    own = _own(idea, context)
    require(len(idea.authors) > 1, "only_author")
    require(bool(message.reason.strip()), "reason_required")
    require(idea.shares.open or not idea.shares.settled_by, "shares_settled", recorded=True)
    if not idea.shares.open:  # nobody was asked so far: the others stand by what was submitted
        others = tuple(author.person_id for author in idea.authors if author.person_id != own.person_id)
        yield SharesOpened(idea_id=idea.id, authors=idea.authors, confirmed=others, reason="disputed", rule=_rule(idea))
    yield ShareDisputed(idea_id=idea.id, person_id=own.person_id, reason=seal(message.reason, own.person_id))
    yield from tell_others(idea, context, "share_disputed", idea.authors)


def _propose(idea: Idea, message: ProposeShares, context: Context) -> Iterator[Event]:
    actor = context.actor
    require(actor.id in idea.author_ids or actor.role == OFFICE, "not_among_authors", recorded=True)
    require(idea.shares.open, "shares_not_open")
    named = frozenset(author.person_id for author in message.authors)
    require(named == idea.author_ids, "authors_differ", persons=sorted(named ^ idea.author_ids))
    require_authors(message.authors, rules(idea.pack))
    yield SharesOpened(
        idea_id=idea.id,
        authors=message.authors,
        confirmed=(actor.id,) if actor.id in named else (),
        reason="proposed",
        due=answer_due(idea.pack, context.time),
        rule=_rule(idea),
    )
    yield from tell_others(idea, context, "shares_proposed", idea.authors)


def _set(idea: Idea, message: SetShares, context: Context) -> Iterator[Event]:
    asked = rules(idea.pack)
    require(context.actor.department == idea.department, "not_in_charge", recorded=True, department=idea.department)
    require(asked.sharing.agency_sets.value, "agency_may_not_set_shares")
    named = frozenset(author.person_id for author in message.authors)
    concerned = named | idea.author_ids
    require(context.actor.id not in concerned, "conflict_of_interest", recorded=True)
    require(idea.author_ids <= named, "author_left_out", persons=sorted(idea.author_ids - named))
    require_authors(message.authors, asked)
    require_grounds(idea.pack, IdeaDecision.SET_SHARES, message, concerned, context.time)
    rule = cite(idea.pack, asked.sharing.agency_sets)
    yield SharesSet(
        idea_id=idea.id,
        authors=message.authors,
        set_by=context.actor.id,
        reason=seal(message.reason, idea.id),
        authority=message.authority,
        rule=rule,
    )
    yield SharesSettled(idea_id=idea.id, authors=message.authors, settled_by="agency", rule=rule)
    yield notice_of(idea, context, "shares_set", recipients=tuple(author.person_id for author in message.authors))


def silence(idea: Idea, context: Context) -> Iterator[Event]:
    """The time to speak is over: who has said nothing has confirmed."""
    yield _settled(idea, "silence")
    yield notice_of(idea, context, "shares_settled")


def reopen(
    idea: Idea,
    authors: tuple[Author, ...],
    reason: Literal["merged", "unmerged"],
    context: Context,
    confirmed: tuple[str, ...] = (),
) -> SharesOpened:
    """The shares are agreed anew, since a merge brought authors or took them away."""
    due = answer_due(idea.pack, context.time)
    return SharesOpened(idea_id=idea.id, authors=authors, confirmed=confirmed, reason=reason, due=due, rule=_rule(idea))


def restored(idea: Idea) -> SharesSettled:
    """The shares that stood before a merge stand again."""
    return SharesSettled(idea_id=idea.id, authors=idea.own_authors, settled_by="restored", rule=_rule(idea))


def _own(idea: Idea, context: Context) -> Author:
    own = next((author for author in idea.authors if author.person_id == context.actor.id), None)
    require(own is not None, "not_among_authors", recorded=True)
    assert own is not None
    return own


def _equals(idea: Idea) -> frozenset[str]:
    """The authors who share the largest share and so must agree on the lead; nobody where one leads or no rule asks."""
    largest = max(author.share for author in idea.authors)
    equals = frozenset(author.person_id for author in idea.authors if author.share == largest)
    return equals if len(equals) > 1 and rules(idea.pack).sharing.equal_pair_agrees.value else frozenset()


def _all_agree(idea: Idea) -> bool:
    """Who disputes has not confirmed, so that the confirmations say it all."""
    return idea.author_ids <= idea.shares.leads.keys() and not _leads_differ(idea.shares, _equals(idea))


def _leads_differ(shares: Shares, equals: frozenset[str]) -> bool:
    return len({lead for person, lead in shares.leads.items() if person in equals}) > 1


def _settled(idea: Idea, by: Literal["authors", "silence"]) -> SharesSettled:
    named = next((lead for person, lead in idea.shares.leads.items() if person in _equals(idea)), "")
    lead = named or idea.authors[0].person_id
    authors = tuple(sorted(idea.authors, key=lambda author: author.person_id != lead))
    return SharesSettled(
        idea_id=idea.id,
        authors=authors,
        settled_by=by,
        rule=_rule(idea),
    )


def _rule(idea: Idea) -> Rule:
    return cite(idea.pack, rules(idea.pack).sharing.each_confirms)


def evolve(idea: Idea, event: ShareEvent) -> Idea:
    """What an event means for the idea's authors and their shares."""
    match event:
        case SharesOpened():
            lead = event.authors[0].person_id
            shares = Shares(open=True, leads=dict.fromkeys(event.confirmed, lead), due=event.due)
            return armed(idea.but(authors=event.authors, shares=shares))
        case ShareConfirmed():
            shares = idea.shares.model_copy(
                update={
                    "leads": {**idea.shares.leads, event.person_id: event.lead},
                    "disputed_by": tuple(one for one in idea.shares.disputed_by if one != event.person_id),
                }
            )
            return armed(idea.but(shares=shares))
        case ShareDisputed():
            others = {person: lead for person, lead in idea.shares.leads.items() if person != event.person_id}
            disputed = tuple(dict.fromkeys((*idea.shares.disputed_by, event.person_id)))
            shares = idea.shares.model_copy(update={"leads": others, "disputed_by": disputed})
            return armed(idea.but(shares=shares))
        case SharesSet():
            return idea
        case SharesSettled():
            shares = Shares(settled_by=event.settled_by)
            return armed(idea.but(authors=event.authors, shares=shares))


def armed(idea: Idea) -> Idea:
    """With the deadline of silence where silence can still confirm: nobody disputes, and one lead is named."""
    shares = idea.shares
    undecided = bool(shares.disputed_by) or _leads_differ(shares, _equals(idea))
    if not shares.open or shares.due is None or undecided:
        return idea.without_deadline(DEADLINE)
    return idea.with_deadline(DEADLINE, shares.due)
