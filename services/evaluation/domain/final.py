"""The final in pairs (쌍대비교 결선): the best of a round, two at a time, by judges; an order with intervals beside it.

Pure. Pairs are drawn and the order is computed elsewhere: an event asks, a worker computes, a command brings it with
seed and versions. Invariants: nobody in conflict with a finalist opens it, judges, ends it or learns anything of it;
nothing of choices or progress shows before the disclosure. The order is advisory, the weighted sum the legal score.
"""

from collections.abc import Iterator
from datetime import UTC
from typing import assert_never

from services.evaluation.domain.final_commands import (
    CloseFinal,
    ComparePair,
    OpenFinal,
    RecordDraw,
    RecordOrder,
    StepBack,
)
from services.evaluation.domain.final_state import CLOSE, DISCLOSURE, DRAW, ORDER, Final, Phase
from services.evaluation.domain.results import method_of
from services.evaluation.domain.round_state import Phase as RoundPhase
from services.evaluation.domain.round_state import Round
from shared.contracts.evaluation_finals import (
    FinalAsked,
    FinalClosed,
    FinalDisclosed,
    FinalDrawn,
    FinalNotDrawn,
    FinalRanked,
    JudgeSteppedBack,
    PairCompared,
)
from shared.contracts.types import Rule
from shared.engine.aggregate import Context, require
from shared.engine.message import DeadlineReached, Event, seal
from shared.rules.loader import calendar, pack, pack_hash

FOLD = 1

Input = OpenFinal | ComparePair | StepBack | CloseFinal | RecordDraw | RecordOrder | DeadlineReached
Emitted = (
    FinalAsked
    | FinalDrawn
    | FinalNotDrawn
    | PairCompared
    | JudgeSteppedBack
    | FinalClosed
    | FinalRanked
    | FinalDisclosed
)


def decide(final: Final, message: Input, context: Context) -> Iterator[Event]:
    """What happens next."""
    match message:
        case OpenFinal():
            yield _asked(final, message, context)
        case RecordDraw():
            if final.awaits(DRAW, message):
                yield _drawn(final, message)
        case ComparePair():
            yield from _compared(final, message, context)
        case StepBack():
            yield from _stepped_back(final, message, context)
        case CloseFinal():
            _require_no_conflict(final, context)
            _require_open(final)
            yield FinalClosed(**_id(final), closed_by="command", ask_id=context.new_id(ORDER))
        case RecordOrder():
            if final.awaits(ORDER, message):
                yield from _ranked(final, message, context)
        case DeadlineReached(name="close"):
            yield FinalClosed(**_id(final), closed_by="deadline", ask_id=context.new_id(ORDER))
        case DeadlineReached():
            yield _disclosed(final)
        case _:
            assert_never(message)


def _id(final: Final) -> dict[str, str]:
    return {"round_id": final.round_id, "stage": final.stage}


def _rule(final: Final) -> Rule:
    return Rule(pack=final.pack, hash=pack_hash(final.pack, "evaluation"), article=final.rules.article)


def _asked(final: Final, message: OpenFinal, context: Context) -> FinalAsked:
    require(final.phase in (Phase.NEW, Phase.NOT_DRAWN), "final_already_open")
    _require_no_conflict(final, context)
    round = context.read(Round)
    _, _, stage = final.id.partition("/")
    require(round.phase is not RoundPhase.NEW, "not_found")
    rules = pack(round.pack).evaluation.final
    require(rules is not None and rules.code == stage, "no_final", pack=round.pack)
    assert rules is not None
    require(round.announced.phase is RoundPhase.ENDED and bool(round.rankings), "round_not_ended")
    ideas = tuple(one.idea_id for one in round.rankings[-1].ideas if one.rank and one.rank <= rules.best.value)
    near = any(round.in_conflict(context.actor.id, idea) for idea in ideas)
    require(not near, "conflict_of_interest", recorded=True, person_id=context.actor.id)
    judges = tuple(dict.fromkeys(message.judges))
    require(len(judges) == len(message.judges), "rater_named_twice")
    require(len(judges) >= rules.judges_min.value, "too_few_raters", needed=rules.judges_min.value)
    unsigned = [judge for judge in judges if round.statement(judge) is None]
    require(not unsigned or not round.conflict_rules.statement_required.value, "statement_missing", persons=unsigned)
    days = calendar(pack(round.pack).calendar)
    due = days.end_of(days.due(days.seoul_date(context.time), rules.closes_within.value))
    if message.due is not None:
        due = message.due.astimezone(UTC)
        require(due > context.time, "due_too_early", due=due.isoformat(), than=context.time.isoformat())
    return FinalAsked(
        round_id=round.id,
        stage=stage,
        pack=round.pack,
        ideas=ideas,
        judges=judges,
        due=due,
        asked_by=context.actor.id,
        ask_id=context.new_id(DRAW),
        rule=Rule(pack=round.pack, hash=pack_hash(round.pack, "evaluation"), article=rules.article),
    )


def _drawn(final: Final, found: RecordDraw) -> FinalDrawn | FinalNotDrawn:
    if found.obstacle is not None:
        return FinalNotDrawn(
            **_id(final),
            reason=found.obstacle,
            withheld_from=found.withheld_from,
            withheld_units=found.withheld_units,
        )
    near = {pair.judge_id for pair in found.pairs} & {*found.withheld_from, *found.left_out}
    assert not near, "nobody in conflict with a finalist judges"
    return FinalDrawn(
        **_id(final),
        finalists=found.finalists,
        pairs=found.pairs,
        left_out=found.left_out,
        withheld_from=found.withheld_from,
        withheld_units=found.withheld_units,
        method=method_of(found, found.algorithm, found.input),
    )


def _compared(final: Final, message: ComparePair, context: Context) -> Iterator[Event]:
    _require_no_conflict(final, context)
    _require_drawn(final)
    pair = next((one for one in final.standing if one.number == message.number), None)
    require(pair is not None and pair.judge_id == context.actor.id, "not_assigned", recorded=True)
    assert pair is not None
    _require_open(final)
    require(message.better in (pair.left, pair.right), "not_in_pair", idea_id=message.better)
    compared = PairCompared(**_id(final), number=message.number, judge_id=context.actor.id, better=message.better)
    yield compared
    yield from _close_if_complete(evolve(final, compared), context)


def _stepped_back(final: Final, message: StepBack, context: Context) -> Iterator[Event]:
    _require_no_conflict(final, context)
    _require_drawn(final)
    judge = context.actor.id
    require(any(pair.judge_id == judge for pair in final.standing), "not_assigned", recorded=True)
    _require_open(final)
    require(bool(message.reason.strip()), "reason_required")
    stepped = JudgeSteppedBack(**_id(final), judge_id=judge, reason=seal(message.reason, judge))
    yield stepped
    yield from _close_if_complete(evolve(final, stepped), context)


def _close_if_complete(final: Final, context: Context) -> Iterator[FinalClosed]:
    if final.complete:
        yield FinalClosed(**_id(final), closed_by="complete", ask_id=context.new_id(ORDER))


def _ranked(final: Final, found: RecordOrder, context: Context) -> Iterator[Event]:
    assert not found.ranking or found.abstained is None, "where the order abstains, none is given"
    assert final.closes_at is not None
    days = calendar(pack(final.pack).calendar)
    # Not before the announced end: an early disclosure would tell how far the comparing was.
    ranked = FinalRanked(
        **_id(final),
        ranking=found.ranking,
        abstained=found.abstained,
        separation=found.separation,
        disclosure_at=days.disclosed_at(max(final.closes_at, context.time), final.rules.disclosure_at.value),
        method=method_of(found, found.algorithm, found.input),
        rule=_rule(final),
    )
    yield ranked
    if ranked.disclosure_at <= context.time:
        yield _disclosed(evolve(final, ranked))


def _disclosed(final: Final) -> FinalDisclosed:
    assert final.method is not None
    return FinalDisclosed(
        **_id(final),
        pack=final.pack,
        ideas=len(final.ideas),
        comparisons=len(final.compared),
        abstained=final.abstained,
        separation=final.separation,
        method=final.method,
        rule=_rule(final),
    )


def _require_drawn(final: Final) -> None:
    require(final.phase not in (Phase.NEW, Phase.ASKED, Phase.NOT_DRAWN), "not_found")


def _require_open(final: Final) -> None:
    _require_drawn(final)
    require(final.phase is Phase.OPEN, "final_closed", recorded=True)


def _require_no_conflict(final: Final, context: Context) -> None:
    require(not final.withholds(context.actor), "conflict_of_interest", recorded=True, person_id=context.actor.id)


def evolve(final: Final, event: Emitted) -> Final:
    """What an event means for the final."""
    match event:
        case FinalAsked():
            return final.but(
                phase=Phase.ASKED,
                round_id=event.round_id,
                stage=event.stage,
                pack=event.pack,
                ideas=event.ideas,
                judges=event.judges,
                asked_by=event.asked_by,
                closes_at=event.due,
                obstacle=None,
                rule=event.rule,
            ).with_ask(DRAW, event.ask_id)
        case FinalDrawn():
            assert final.closes_at is not None
            return (
                final.but(
                    phase=Phase.OPEN,
                    finalists=event.finalists,
                    pairs=event.pairs,
                    withheld_from=event.withheld_from,
                    withheld_units=event.withheld_units,
                    method=event.method,
                )
                .without_ask(DRAW)
                .with_deadline(CLOSE, final.closes_at)
            )
        case FinalNotDrawn():
            return final.but(
                phase=Phase.NOT_DRAWN,
                obstacle=event.reason,
                withheld_from=event.withheld_from,
                withheld_units=event.withheld_units,
            ).without_ask(DRAW)
        case PairCompared():
            return final.but(choices={**final.choices, event.number: event.better})
        case JudgeSteppedBack():
            return final.but(stepped_back=(*final.stepped_back, event.judge_id))
        case FinalClosed():
            return final.but(phase=Phase.CLOSED).without_deadline(CLOSE).with_ask(ORDER, event.ask_id)
        case FinalRanked():
            ranked = final.but(
                phase=Phase.RANKED,
                ranking=event.ranking,
                abstained=event.abstained,
                separation=event.separation,
                method=event.method,
                rule=event.rule,
                disclosure_at=event.disclosure_at,
            )
            return ranked.without_ask(ORDER).with_deadline(DISCLOSURE, event.disclosure_at)
        case FinalDisclosed():
            return final.but(phase=Phase.DISCLOSED).without_deadline(DISCLOSURE)
        case _:
            assert_never(event)
