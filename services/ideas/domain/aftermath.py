"""What an idea learns of its practice's facts, its implementation and its outcome, and what its authors are told of it.

`process` hands over here whatever is not one of its own steps. Pure and total over `Input` and `Emitted`, as `idea` is.
"""

from collections.abc import Iterator
from typing import assert_never

from services.ideas.domain.clocks import DECISION, ended
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.notices import notice_of
from services.ideas.domain.practice import check_facts
from services.ideas.domain.process_commands import CheckFacts
from services.ideas.domain.values import Facts, Stage
from shared.contracts.ideas_outcomes import (
    ConsultationAnswered,
    FailureRecognised,
    FirstEffectNoted,
    MilestoneMissed,
    MilestoneMoved,
    MilestoneReached,
    OutcomeGraded,
    PracticeChecked,
    PracticeConfirmed,
)
from shared.contracts.types import is_history
from shared.engine.aggregate import Context
from shared.engine.message import Event

Input = (
    CheckFacts
    | MilestoneReached
    | MilestoneMoved
    | MilestoneMissed
    | FailureRecognised
    | FirstEffectNoted
    | OutcomeGraded
    | ConsultationAnswered
)

Emitted = PracticeChecked | PracticeConfirmed


def decide(idea: Idea, message: Input, context: Context) -> Iterator[Event]:
    """What happens next."""
    match message:
        case CheckFacts():
            yield from check_facts(idea, message, context)
        case MilestoneReached():
            yield notice_of(idea, context, "milestone_reached", number=message.number, on=message.reached_on)
        case MilestoneMoved():
            yield notice_of(idea, context, "milestone_moved", number=message.number, planned_date=message.to_date)
        case MilestoneMissed():
            yield notice_of(idea, context, "milestone_missed", number=message.number, planned_date=message.due_on)
        case FailureRecognised():
            if not is_history(message.origin):
                yield notice_of(idea, context, "failure_recognised", on=message.recognised_on)
        case FirstEffectNoted():
            yield notice_of(idea, context, "first_effect", on=message.effect_on, until=message.measured_until)
        case OutcomeGraded():
            yield notice_of(idea, context, "outcome_graded", grade=message.grade, net_won=message.actual_won)
        case ConsultationAnswered():
            yield notice_of(idea, context, "consultation_answered", number=message.number)
        case _:
            assert_never(message)


def evolve(idea: Idea, event: Emitted) -> Idea:
    """What an event means for the idea."""
    match event:
        case PracticeChecked():
            return idea.but(facts=Facts.model_validate(event.model_dump(include=set(Facts.model_fields))))
        case PracticeConfirmed():
            return ended(idea, DECISION, "met").but(stage=Stage.CONFIRMED, deadlines={})
        case _:
            assert_never(event)
