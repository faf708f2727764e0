"""An honest failure (실패사례): what was given up, and what the office recognises as worth learning from.

Neither the department that gave it up nor an author recognises it; the pack says whether there are such cases, and
whether they earn points. What was taken over from elsewhere earns none: it was somebody else's to reward.
"""

from services.ideas.domain.commands import Grounded
from services.ideas.domain.idea_state import Idea
from services.ideas.domain.implementation_state import Implementation, Phase, require_phase
from services.ideas.domain.rules import cite, require_grounds, rules, today
from shared.contracts.ideas_outcomes import FailureRecognised
from shared.contracts.types import Authority, SealedProse, is_history
from shared.engine.aggregate import Context, require
from shared.engine.message import seal
from shared.rules.ideas import IdeaDecision


class RecogniseFailure(Grounded):
    """Recognise what was given up as an honest failure: tried with care, and told so that others learn."""


def recognise(implementation: Implementation, message: RecogniseFailure, context: Context) -> FailureRecognised:
    """The failure, with all that a case and points need."""
    idea, asked = context.read(Idea), rules(implementation.pack).outcomes
    require(asked.failure_cases.value, "failure_cases_not_kept", recorded=True)
    require_phase(implementation, Phase.ABANDONED)
    require(not implementation.failure, "failure_recognised_already")
    own = context.actor.id in idea.author_ids or context.actor.department == implementation.department
    require(not own, "conflict_of_interest", recorded=True)
    require(bool(message.reason.strip()), "reason_required")
    require_grounds(implementation.pack, IdeaDecision.ABANDON, message, idea.author_ids, context.time)
    assert implementation.learnt is not None
    return failure(implementation, idea, context, implementation.learnt, message.reason, message.authority)


def failure(
    implementation: Implementation,
    idea: Idea,
    context: Context,
    learnt: SealedProse,
    finding: str,
    authority: Authority | None = None,
) -> FailureRecognised:
    """The failure as a case and points need it, under the rules of the implementation's pack."""
    asked = rules(implementation.pack).outcomes
    return FailureRecognised(
        idea_id=implementation.id,
        pack=implementation.pack,
        kind=idea.kind,
        department=implementation.department,
        title=idea.title,
        authors=idea.authors,
        learnt=learnt,
        finding=seal(finding, implementation.id),
        recognised_on=today(context.time),
        recognised_by=context.actor.id,
        earns_points=asked.failure_points.value and not is_history(idea.origin),
        authority=authority,
        origin=idea.origin,
        rule=cite(implementation.pack, asked.failure_cases),
    )
