"""The figures beside the legal scores of a set: asked for, computed elsewhere, recorded, disclosed.

Pure. The computation is not done here (docs/decisions): an event asks, a worker computes, `RecordResults` brings the
figures with seed and versions. Invariants: nothing shows before the last of the set's evaluations is disclosed; where
the calibrated score abstains there is none, and no severity either.
"""

from collections.abc import Iterator
from typing import assert_never

from services.evaluation.domain.results_commands import AskResults, RecordResults
from services.evaluation.domain.results_state import DISCLOSURE, RESULTS, Phase, Results
from shared.contracts.evaluation_results import Library, Method, ResultsAsked, ResultsComputed, ResultsDisclosed
from shared.contracts.evaluation_rounds import StageRanked
from shared.contracts.types import Rule
from shared.engine.aggregate import Context, require
from shared.engine.asking import Finding
from shared.engine.message import DeadlineReached, Event
from shared.rules.calibration import AssignmentKind
from shared.rules.evaluation import Stage
from shared.rules.loader import pack, pack_hash, packs

FOLD = 1

Input = AskResults | StageRanked | RecordResults | DeadlineReached

Emitted = ResultsAsked | ResultsComputed | ResultsDisclosed


def decide(results: Results, message: Input, context: Context) -> Iterator[Event]:
    """What happens next."""
    match message:
        case AskResults():
            yield _asked_by(results, message, context)
        case StageRanked():
            if results.phase is not Phase.DISCLOSED:
                yield _asked_at_the_end(results, message, context)
        case RecordResults():
            # One that was asked for again meanwhile is of no use any more.
            if results.awaits(RESULTS, message):
                computed = _computed(results, message, context)
                yield computed
                if computed.disclosure_at <= context.time:
                    yield _disclosed(evolve(results, computed))
        case DeadlineReached():
            yield _disclosed(results)
        case _:
            assert_never(message)


def _asked_by(results: Results, message: AskResults, context: Context) -> ResultsAsked:
    require(results.phase is not Phase.DISCLOSED, "results_disclosed")
    round_id, _, stage = results.id.partition("/")
    pack_id = results.pack or round_id
    require(pack_id in packs() and pack(pack_id).evaluation.stage(stage) is not None, "not_found")
    return ResultsAsked(
        round_id=round_id,
        stage=stage,
        pack=pack_id,
        top=message.top,
        assignment=message.assignment,
        not_before=results.not_before,
        ask_id=context.new_id(RESULTS),
        rule=_rule(pack_id, stage),
    )


def _asked_at_the_end(results: Results, ranked: StageRanked, context: Context) -> ResultsAsked:
    """The end of a stage asks by itself: about those who go on, at the end about those whom the pack can award."""
    going = sum(idea.goes_on for idea in ranked.ranking)
    pack_id = ranked.rule.pack
    prizes = max(sum(grade.count.value or 0 for grade in one.grades) for one in pack(pack_id).awards.categories)
    return ResultsAsked(
        round_id=ranked.round_id,
        stage=ranked.stage,
        pack=pack_id,
        top=(going if ranked.following else prizes) or 1,
        not_before=ranked.disclosure_at,
        ask_id=context.new_id(RESULTS),
        rule=_rule(pack_id, ranked.stage),
    )


def _computed(results: Results, found: RecordResults, context: Context) -> ResultsComputed:
    silent = all(idea.calibrated is None for idea in found.ideas) and all(one.severity is None for one in found.raters)
    assert silent or not found.abstained, "where the calibrated score abstains, none is given"
    return ResultsComputed(
        round_id=results.round_id,
        stage=results.stage,
        pack=results.pack,
        ask_id=found.ask_id,
        top=results.top,
        disclosure_at=max(one for one in (found.disclosure_at, results.not_before, context.time) if one is not None),
        assignment=found.assignment,
        abstained=found.abstained,
        components=found.components,
        top_of=found.top_of,
        agreement=found.agreement,
        ideas=found.ideas,
        raters=found.raters,
        withheld_from=found.withheld_from,
        withheld_units=found.withheld_units,
        method=method_of(found, found.algorithm, found.input),
        rule=_rule(results.pack, results.stage),
    )


def method_of(found: Finding, algorithm: str, input: str) -> Method:
    """With what a finding was computed."""
    versions = tuple(Library(name=name, version=found.versions[name]) for name in sorted(found.versions))
    return Method(algorithm=algorithm, input=input, seed=found.seed, versions=versions)


def _disclosed(results: Results) -> ResultsDisclosed:
    assert results.method is not None
    return ResultsDisclosed(
        round_id=results.round_id,
        stage=results.stage,
        pack=results.pack,
        ideas=len(results.ideas),
        top=results.top,
        agreement=results.agreement,
        abstained=results.abstained,
        method=results.method,
        rule=_rule(results.pack, results.stage),
    )


def rules_of(pack_id: str, code: str) -> Stage:
    """What the pack says about this stage; asked only where it was checked before."""
    stage = pack(pack_id).evaluation.stage(code)
    assert stage is not None, f"{pack_id} has no stage {code}"
    return stage


def _rule(pack_id: str, stage: str) -> Rule:
    article = rules_of(pack_id, stage).calibration.article
    return Rule(pack=pack_id, hash=pack_hash(pack_id, "evaluation"), article=article)


def evolve(results: Results, event: Emitted) -> Results:
    """What an event means for the figures."""
    match event:
        case ResultsAsked():
            asked = results.but(
                phase=Phase.ASKED,
                round_id=event.round_id,
                stage=event.stage,
                pack=event.pack,
                top=event.top,
                assignment=AssignmentKind(event.assignment) if event.assignment else None,
                not_before=event.not_before,
            )
            return asked.without_deadline(DISCLOSURE).with_ask(RESULTS, event.ask_id)
        case ResultsComputed():
            computed = results.but(
                phase=Phase.COMPUTED,
                assignment=AssignmentKind(event.assignment),
                abstained=event.abstained,
                components=event.components,
                top_of=event.top_of,
                agreement=event.agreement,
                ideas=event.ideas,
                raters=event.raters,
                withheld_from=event.withheld_from,
                withheld_units=event.withheld_units,
                method=event.method,
                rule=event.rule,
                disclosure_at=event.disclosure_at,
            )
            return computed.without_ask(RESULTS).with_deadline(DISCLOSURE, event.disclosure_at)
        case ResultsDisclosed():
            return results.but(phase=Phase.DISCLOSED).without_deadline(DISCLOSURE)
        case _:
            assert_never(event)
