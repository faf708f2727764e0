"""Ideas that read alike: candidates for the office at receipt and on demand, and closing the later one of two.

Finding them is long work and happens elsewhere (services/ideas/duplicates.py); what was found comes in as a command and
is checked here against the pack. Source: 공무원 제안 규정 제6조제3항 (of the same proposals the first received counts).
"""

from collections.abc import Iterator

from services.ideas.domain.commands import Grounded
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.intake import require_check
from services.ideas.domain.notices import notice_of
from services.ideas.domain.rules import cite, require_grounds, rules
from services.ideas.domain.submission import OFFICE
from services.ideas.domain.values import Stage
from shared.contracts.ideas import Alike, DuplicatesFound, IdeaClosed
from shared.contracts.types import Code, Id
from shared.engine.aggregate import Context, require
from shared.engine.message import SYSTEM, Command, Event, seal
from shared.rules.ideas import IdeaDecision

DUPLICATE = "duplicate"
"""The ground on which the later one of two is closed."""


class NoteDuplicates(Command):
    """What a search found. It comes from the service itself, or from the office where that had it search."""

    candidates: tuple[Alike, ...]
    method: Code


class CloseAsDuplicate(Grounded):
    """Close the idea because `first_id`, one of its candidates, is the same and was received first."""

    first_id: Id


AlikeCommand = NoteDuplicates | CloseAsDuplicate


def decide(idea: Idea, message: AlikeCommand, context: Context) -> Iterator[Event]:
    """What becomes of candidates."""
    match message:
        case NoteDuplicates():
            yield from _note(idea, message, context)
        case CloseAsDuplicate():
            yield from _close(idea, message, context)


def _note(idea: Idea, message: NoteDuplicates, context: Context) -> Iterator[Event]:
    require(context.actor.role in (SYSTEM, OFFICE) and idea.stage is not Stage.NEW, "not_found")
    asked = rules(idea.pack).duplicates
    found = {one.idea_id: one for one in idea.alike} | {one.idea_id: one for one in message.candidates}
    fitting = [one for one in found.values() if one.similarity >= asked.similar_from.value and _counts(idea, one)]
    fitting.sort(key=lambda one: (-one.similarity, one.received_on, one.idea_id))
    candidates = tuple(fitting[: asked.shown_max.value])
    if candidates != idea.alike:
        yield DuplicatesFound(
            idea_id=idea.id,
            candidates=candidates,
            method=message.method,
            threshold=asked.similar_from.value,
            rule=cite(idea.pack, asked.similar_from),
        )


def _counts(idea: Idea, one: Alike) -> bool:
    """Another idea, and where the first receipt wins one that was not received later."""
    later = idea.received_on is not None and one.received_on > idea.received_on
    return one.idea_id != idea.id and not (later and rules(idea.pack).duplicates.first_receipt_wins.value)


def _close(idea: Idea, message: CloseAsDuplicate, context: Context) -> Iterator[Event]:
    require_check(idea, context)
    first = next((one for one in idea.alike if one.idea_id == message.first_id), None)
    require(first is not None, "not_a_candidate", idea_id=message.first_id)
    assert first is not None
    require_grounds(idea.pack, IdeaDecision.CLOSE, message, idea.author_ids, context.time)
    yield IdeaClosed(
        idea_id=idea.id,
        ground=DUPLICATE,
        reason=seal(message.reason, idea.id),
        authority=message.authority,
        rule=cite(idea.pack, rules(idea.pack).duplicates.first_receipt_wins),
    )
    yield notice_of(idea, context, "closed", ground=DUPLICATE, first_received_on=first.received_on)


def evolve(idea: Idea, event: DuplicatesFound) -> Idea:
    """What a search means for the idea: the office sees it."""
    return idea.but(alike=event.candidates)
