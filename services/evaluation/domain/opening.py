"""How an evaluation opens: asked for by `ideas`, as a further stage of a round, or to grade what came of the idea.

Pure. An idea that was imported is history: its evaluation has no deadline and joins no round.
"""

from collections.abc import Iterator

from services.evaluation.domain import conflicts, in_round
from services.evaluation.domain.evaluation_state import CLOSE, Admission, Evaluation, Phase
from shared.contracts.evaluation import EvaluationOpened
from shared.contracts.evaluation_outcomes import OutcomeRequested
from shared.contracts.evaluation_rounds import RoundNotJoined, StageRequested
from shared.contracts.ideas import EvaluationRequested
from shared.contracts.types import Rule, is_history
from shared.engine.aggregate import Context
from shared.engine.message import Event, seal
from shared.rules.loader import calendar, pack, pack_hash

RESULT = "result"
"""The section in which the panel reads what came of an implemented idea."""


def requested(evaluation: Evaluation, request: EvaluationRequested, context: Context) -> Iterator[Event]:
    """The idea arrives; where it was admitted to a round already, it joins."""
    said = _opening(evaluation, request, context)
    yield said
    yield from conflicts.named(opened(evaluation, said))
    if evaluation.admission is not None and is_history(request.origin):
        yield RoundNotJoined(
            round_id=evaluation.admission.round_id, idea_id=request.idea_id, stage=request.stage, reason="history"
        )
    elif evaluation.admission is not None:
        yield in_round.joined(opened(evaluation, said), evaluation.admission)


def within(evaluation: Evaluation, request: StageRequested | OutcomeRequested, context: Context) -> Iterator[Event]:
    """What this service itself asks for, once."""
    if evaluation.phase is not Phase.NEW:
        return
    match request:
        case StageRequested():
            yield from further(evaluation, request)
        case OutcomeRequested():
            yield from of_outcome(evaluation, request, context)


def further(evaluation: Evaluation, request: StageRequested) -> Iterator[Event]:
    """A further stage of a round opens with what the stage before knew."""
    stage = pack(request.pack).evaluation.stage(request.stage)
    assert stage is not None, f"{request.pack} has no stage {request.stage}"
    said = EvaluationOpened(
        idea_id=request.idea_id,
        stage=request.stage,
        pack=request.pack,
        department=request.department,
        title=request.title,
        sections=request.sections,
        authors=request.authors,
        raters_needed=stage.raters_target.value,
        due=request.due,
        rule=Rule(pack=request.pack, hash=pack_hash(request.pack, "evaluation"), article=stage.article),
        round_id=request.round_id,
        requested=request.requested,
        received_on=request.received_on,
    )
    yield said
    yield from conflicts.named(opened(evaluation, said))
    yield in_round.joined(opened(evaluation, said), Admission(round_id=request.round_id, due=request.due))


def of_outcome(evaluation: Evaluation, request: OutcomeRequested, context: Context) -> Iterator[Event]:
    """The idea was implemented: a panel sees what the department says came of it, and is part of no round."""
    rules = pack(request.pack)
    stage = rules.evaluation.stage(request.stage)
    assert stage is not None, f"{request.pack} has no stage {request.stage}"
    days = calendar(rules.calendar)
    said = EvaluationOpened(
        idea_id=request.idea_id,
        stage=request.stage,
        pack=request.pack,
        department=request.department,
        title=request.title,
        sections=seal({RESULT: request.result.value}, request.result.key),
        authors=request.authors,
        raters_needed=stage.raters_target.value,
        due=days.end_of(days.due(days.seoul_date(context.time), stage.closes_within.value)),
        rule=Rule(pack=request.pack, hash=pack_hash(request.pack, "evaluation"), article=stage.article),
        received_on=request.received_on,
    )
    yield said
    yield from conflicts.named(opened(evaluation, said))


def _opening(evaluation: Evaluation, request: EvaluationRequested, context: Context) -> EvaluationOpened:
    rules = pack(request.pack)
    stage = rules.evaluation.stage(request.stage)
    assert stage is not None, f"{request.pack} has no stage {request.stage}"
    days = calendar(rules.calendar)
    due = days.end_of(days.due(days.seoul_date(context.time), stage.closes_within.value))
    admission = None if is_history(request.origin) else evaluation.admission
    return EvaluationOpened(
        idea_id=request.idea_id,
        stage=request.stage,
        pack=request.pack,
        department=request.department,
        title=request.title,
        sections=request.sections,
        authors=request.authors,
        raters_needed=stage.raters_target.value,
        due=None if is_history(request.origin) else admission.due if admission else due,
        rule=Rule(pack=request.pack, hash=pack_hash(request.pack, "evaluation"), article=stage.article),
        origin=request.origin,
        round_id=admission.round_id if admission else None,
        received_on=request.received_on,
    )


def opened(evaluation: Evaluation, event: EvaluationOpened) -> Evaluation:
    """With its task, its authors and its deadline."""
    now_open = evaluation.but(
        phase=Phase.OPEN,
        idea_id=event.idea_id,
        stage=event.stage,
        pack=event.pack,
        department=event.department,
        title=event.title,
        sections=event.sections,
        authors=event.authors,
        raters_needed=event.raters_needed,
        origin=event.origin,
        closes_at=event.due,
        round_id=event.round_id or "",
        requested=event.requested or "",
        received_on=event.received_on,
        admission=None,
    )
    return now_open.with_deadline(CLOSE, event.due) if event.due else now_open
