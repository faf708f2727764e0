"""What a merge (병합) makes happen in its two ideas: one joins the other, which takes up its authors, and back again.

Merges belong to the completeness check: both ideas stand at `received`, so that nobody has rated either of them. The
ideas may live in different partitions; they hear of a step by `MergeAsked` and answer with `MergeHeard`, and a step
that was taken already is answered as before.
"""

from collections.abc import Iterator, Sequence
from decimal import ROUND_DOWN, Decimal

from services.ideas.domain import clocks, shares
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.notices import notice_of
from services.ideas.domain.rules import rules
from services.ideas.domain.submission import WHOLE
from services.ideas.domain.values import OPEN, Joined, Stage
from shared.contracts.ideas import (
    IdeaMerged,
    IdeaNarrowed,
    IdeaShown,
    IdeaUnmerged,
    IdeaWidened,
    MergeAsked,
    MergeHeard,
)
from shared.contracts.types import Author
from shared.engine.aggregate import Context
from shared.engine.message import Event

MergeFact = IdeaShown | IdeaMerged | IdeaUnmerged | IdeaWidened | IdeaNarrowed | MergeHeard

CENT = Decimal("0.01")


def answer(idea: Idea, asked: MergeAsked, context: Context) -> Iterator[Event]:
    """Take the step that a merge asks for, or say why not."""
    match asked.step:
        case "describe":
            yield _heard(idea, asked, _why_not_mergeable(idea, asked))
        case "consent" | "ended":
            yield from _tell_lead(idea, asked, context)
        case "join":
            yield from _join(idea, asked, context)
        case "widen":
            yield from _widen(idea, asked, context)
        case "narrow":
            yield from _narrow(idea, asked, context)
        case "part":
            yield from _part(idea, asked, context)


def _heard(idea: Idea, asked: MergeAsked, refusal: str = "") -> MergeHeard:
    return MergeHeard(
        idea_id=asked.into_id,
        other_id=asked.other_id,
        heard_from=idea.id,
        step=asked.step,
        refusal=refusal,
        pack=idea.pack,
        authors=idea.authors,
        received_on=idea.received_on,
    )


def _why_not_mergeable(idea: Idea, asked: MergeAsked) -> str:
    """A code; empty where nothing is in the way."""
    if idea.stage is not Stage.RECEIVED:
        return "wrong_stage"
    if not rules(idea.pack).merging.allowed.value:
        return "merges_not_allowed"
    return "has_merges" if idea.id == asked.other_id and idea.merged_from else ""


def _tell_lead(idea: Idea, asked: MergeAsked, context: Context) -> Iterator[Event]:
    if idea.shown_to != asked.readers:
        yield IdeaShown(idea_id=idea.id, to=asked.readers)
    notice = "merge_proposed" if asked.step == "consent" else "merge_ended"
    with_id = asked.other_id if idea.id == asked.into_id else asked.into_id
    yield notice_of(
        idea,
        context,
        notice,
        recipients=(idea.authors[0].person_id,),
        with_idea=with_id,
        due=asked.due.isoformat() if asked.due else None,
        outcome=asked.outcome or None,
    )


def _join(idea: Idea, asked: MergeAsked, context: Context) -> Iterator[Event]:
    refusal = _why_not_mergeable(idea, asked)
    if not refusal:
        yield IdeaMerged(idea_id=idea.id, into_id=asked.into_id)
        yield notice_of(idea, context, "merged", into=asked.into_id)
    yield _heard(idea, asked, refusal)


def _widen(idea: Idea, asked: MergeAsked, context: Context) -> Iterator[Event]:
    refusal = _why_not_mergeable(idea, asked)
    joined = (*idea.merged_from, Joined(other_id=asked.other_id, authors=asked.authors))
    authors = together(idea.own_authors or idea.authors, joined)
    if not refusal and len(authors) > rules(idea.pack).authors_max.value:
        refusal = "too_many_authors"
    if not refusal:
        yield IdeaWidened(idea_id=idea.id, other_id=asked.other_id, authors=asked.authors)
        yield shares.reopen(idea, authors, "merged", context)
        recipients = tuple(author.person_id for author in authors)
        yield notice_of(idea, context, "widened", recipients=recipients, with_idea=asked.other_id)
    yield _heard(idea, asked, refusal)


def _narrow(idea: Idea, asked: MergeAsked, context: Context) -> Iterator[Event]:
    if idea.stage not in OPEN:
        yield _heard(idea, asked, "wrong_stage")
        return
    left = tuple(one for one in idea.merged_from if one.other_id != asked.other_id)
    yield IdeaNarrowed(idea_id=idea.id, other_id=asked.other_id)
    if left:
        yield shares.reopen(idea, together(idea.own_authors, left), "unmerged", context)
    elif idea.own_shares.open:
        confirmed = tuple(idea.own_shares.leads)
        yield shares.reopen(idea, idea.own_authors, "unmerged", context, confirmed)
    else:
        yield shares.restored(idea)
    yield notice_of(idea, context, "narrowed", with_idea=asked.other_id)
    yield _heard(idea, asked)


def _part(idea: Idea, asked: MergeAsked, context: Context) -> Iterator[Event]:
    if idea.merged_into == asked.into_id:
        yield IdeaUnmerged(idea_id=idea.id, from_id=asked.into_id)
        yield notice_of(idea, context, "unmerged", from_idea=asked.into_id)
    yield _heard(idea, asked)


def together(own: Sequence[Author], joined: Sequence[Joined]) -> tuple[Author, ...]:
    """The authors of all ideas, each person once, with provisional shares: each idea counts alike.

    They add up to 100; what does not divide goes to the lead author. The authors agree on their own shares afterwards.
    """
    ideas = [own, *(one.authors for one in joined)]
    sums: dict[str, Decimal] = {}
    for author in (author for authors in ideas for author in authors):
        sums[author.person_id] = sums.get(author.person_id, Decimal(0)) + author.share
    lead = own[0].person_id
    parts = {
        person: max(CENT, (share / len(ideas)).quantize(CENT, ROUND_DOWN))
        for person, share in sums.items()
        if person != lead
    }
    rest = WHOLE - sum(parts.values())
    return (
        Author(person_id=lead, share=rest),
        *(Author(person_id=person, share=share) for person, share in parts.items()),
    )


def evolve(idea: Idea, event: MergeFact) -> Idea:
    """What a step means for the idea."""
    match event:
        case IdeaShown():
            return idea.but(shown_to=event.to)
        case IdeaMerged():
            return idea.but(stage=Stage.MERGED, merged_into=event.into_id, deadlines={})
        case IdeaUnmerged():
            return shares.armed(clocks.armed(idea.but(stage=Stage.RECEIVED, merged_into="")))
        case IdeaWidened():
            kept = idea if idea.merged_from else idea.but(own_authors=idea.authors, own_shares=idea.shares)
            joined = Joined(other_id=event.other_id, authors=event.authors)
            return kept.but(merged_from=(*idea.merged_from, joined))
        case IdeaNarrowed():
            left = tuple(one for one in idea.merged_from if one.other_id != event.other_id)
            return idea.but(merged_from=left)
        case MergeHeard():
            return idea
