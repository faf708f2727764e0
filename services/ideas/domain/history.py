"""History that is taken over from elsewhere: it keeps its own dates, nobody is told of it, and nothing falls due.

Old decisions were made under rules of their own; here they must say what the idea's pack asks of any decision.
"""

from collections.abc import Iterator

from services.ideas.domain.commands import ImportDecision, ImportIdea, ReceiveIdea
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.intake import closing, onwards, receipt, submit
from services.ideas.domain.outcome import import_adoption, refusal
from services.ideas.domain.rules import today
from services.ideas.domain.values import Stage
from shared.contracts.ideas import EndorsementsDeclared, IdeaFoundComplete
from shared.contracts.types import Origin, is_history
from shared.engine.aggregate import Context, require
from shared.engine.message import Event

CHECKS = ("complete", "closed")
"""What a completeness check may have found; everything else is a decision."""

IMPORTED = ReceiveIdea(channel="import")
"""The receipt of what was received elsewhere. It takes no number here."""


def import_idea(idea: Idea, message: ImportIdea, context: Context) -> Iterator[Event]:
    """An idea, as it was submitted and, where the source says so, received and endorsed elsewhere."""
    origin = Origin(kind="import", id=message.source_id, label=message.source)
    yield from submit(idea, message, context, message.submitted_on, origin)
    if message.endorsements is not None:
        yield EndorsementsDeclared(idea_id=idea.id, endorsements=message.endorsements, source=message.source)
    if message.received_on is not None:
        yield receipt(idea.id, message.pack, message.submitted_on, message.received_on, IMPORTED, context)


def import_decision(idea: Idea, message: ImportDecision, context: Context) -> Iterator[Event]:
    """A completeness check or a decision that was made elsewhere."""
    require(is_history(idea.origin), "not_imported")
    possible = (Stage.RECEIVED,) if message.outcome in CHECKS else (Stage.RECEIVED, Stage.DECISION_PENDING)
    require(idea.stage in possible, "wrong_stage", stage=idea.stage.value, needed=possible[0].value)
    _require_possible_day(idea, message, context)
    if message.outcome == "complete":
        checked_by = message.decided_by or context.actor.id
        yield IdeaFoundComplete(idea_id=idea.id, checked_by=checked_by, found_on=message.decided_on)
        yield from onwards(idea, after="")
    elif message.outcome == "closed":
        yield closing(idea, message, context, message.decided_on)
    else:
        yield _decision(idea, message, context)


def _require_possible_day(idea: Idea, message: ImportDecision, context: Context) -> None:
    if message.decided_on is None:
        require(message.outcome in CHECKS, "decided_on_required")
        return
    assert idea.received_on is not None
    day = str(message.decided_on)
    require(message.decided_on <= today(context.time), "date_in_future", field="decided_on", date=day)
    require(message.decided_on >= idea.received_on, "decided_before_receipt", received_on=str(idea.received_on))


def _decision(idea: Idea, message: ImportDecision, context: Context) -> Event:
    require(message.decided_by is not None, "decided_by_required")
    assert message.decided_by is not None and message.decided_on is not None
    require(message.decided_by not in idea.author_ids, "conflict_of_interest", recorded=True)
    decide = import_adoption if message.outcome == "adopted" else refusal
    return decide(idea, message, context, decided_on=message.decided_on, decided_by=message.decided_by)
