"""The assignment of raters at one stage of a round (심사위원 배정): asked for, found by a solver elsewhere, given.

Pure. An event asks, a worker process computes, `RecordAssignment` brings what was found with seed and versions. It is
held against every hard constraint again before it is recorded. Invariant: no rater is given an idea with which that
person is in conflict.
"""

from collections.abc import Iterator, Sequence
from typing import assert_never

from services.evaluation.domain.assignment_commands import AskAssignment, OfferedRater, RecordAssignment
from services.evaluation.domain.assignment_state import ASSIGNMENT, Assignment, Phase, pairs_of
from services.evaluation.domain.organiser import require_organises
from services.evaluation.domain.round_state import Entry, Round, Standing
from services.evaluation.domain.round_state import Phase as RoundPhase
from services.evaluation.domain.task import faults
from shared.contracts.evaluation_assignments import (
    AskedIdea,
    AskedRater,
    AssignmentAsked,
    AssignmentImpossible,
    AssignmentMade,
)
from shared.contracts.evaluation_conflicts import NamedRater, RatersNamed
from shared.contracts.evaluation_results import Library
from shared.contracts.types import Rule
from shared.engine.aggregate import Context, require
from shared.engine.message import Event
from shared.rules.calibration import AssignmentKind
from shared.rules.evaluation import Stage
from shared.rules.loader import pack_hash

FOLD = 1

Input = AskAssignment | RecordAssignment
Emitted = AssignmentAsked | AssignmentMade | AssignmentImpossible | RatersNamed


def decide(assignment: Assignment, message: Input, context: Context) -> Iterator[Event]:
    """What happens next."""
    match message:
        case AskAssignment():
            yield _asked(assignment, message, context)
        case RecordAssignment():
            # One that was asked for again meanwhile is of no use any more.
            if assignment.awaits(ASSIGNMENT, message):
                yield from _found(assignment, message)
        case _:
            assert_never(message)


def _asked(assignment: Assignment, message: AskAssignment, context: Context) -> AssignmentAsked:
    round = context.read(Round)
    _, _, stage = assignment.id.partition("/")
    near = tuple(sorted(_near_to_one_of(round)))
    require_organises(round, context.actor)
    require(context.actor.id not in near, "conflict_of_interest", recorded=True, person_id=context.actor.id)
    require(round.phase is RoundPhase.OPEN and round.stage == stage, "stage_not_open", stage=stage)
    open_ones = [entry for entry in round.entries if entry.standing is Standing.SCORING]
    require(bool(open_ones), "nothing_to_assign")
    people = [rater.person_id for rater in message.raters]
    require(len(set(people)) == len(people), "rater_named_twice")
    unsigned = [person for person in people if round.statement(person) is None]
    require(not unsigned or not round.conflict_rules.statement_required.value, "statement_missing", persons=unsigned)
    rules = round.stage_rules(stage)
    declared = {(one.idea_id, one.person_id) for one in message.conflicts}

    def in_conflict(entry: Entry, person: str) -> bool:
        return (entry.idea_id, person) in declared or round.in_conflict(person, entry.idea_id)

    ideas = tuple(_idea(one, rules, [p for p in people if in_conflict(one, p)]) for one in open_ones)
    share = _even_share(ideas, people)
    return AssignmentAsked(
        round_id=round.id,
        stage=stage,
        ask_id=context.new_id(ASSIGNMENT),
        raters=tuple(
            AskedRater(
                person_id=one.person_id,
                department=_department(round, one),
                limit=share if one.limit is None else one.limit,
                knows=one.knows,
            )
            for one in message.raters
        ),
        ideas=ideas,
        linked=rules.assignment.linked.value,
        withheld_from=near,
        rule=Rule(pack=round.pack, hash=pack_hash(round.pack, "evaluation"), article=rules.article),
    )


def _even_share(ideas: Sequence[AskedIdea], people: Sequence[str]) -> int:
    """All ratings over those who may rate anything at all, rounded up."""
    able = sum(1 for person in people if any(person not in idea.conflicts for idea in ideas))
    return -(-sum(idea.raters for idea in ideas) // max(able, 1))


def _idea(entry: Entry, rules: Stage, conflicts: list[str]) -> AskedIdea:
    return AskedIdea(
        idea_id=entry.idea_id,
        department=entry.department,
        raters=rules.raters_target.value,
        outsiders=rules.assignment.outsiders_min.value,
        conflicts=tuple(conflicts),
    )


def _department(round: Round, rater: OfferedRater) -> str:
    """Where the rater works, as the statement says; or as the organiser does, where it says nothing."""
    statement = round.statement(rater.person_id)
    department = (statement.department if statement else None) or rater.department
    require(bool(department), "department_unknown", person_id=rater.person_id)
    return department or ""


def _near_to_one_of(round: Round) -> set[str]:
    """Everybody who is known to be in conflict with one of the stage's ideas."""
    ideas = {entry.idea_id for entry in round.entries}
    wrote = {author for entry in round.entries for author in entry.authors}
    said = {one.person_id for one in round.statements if one.interests.ideas & ideas}
    return wrote | said | {person for person, interest in round.unfit if interest.idea_id in ideas}


def _found(assignment: Assignment, message: RecordAssignment) -> Iterator[Event]:
    versions = tuple(Library(name=name, version=found) for name, found in sorted(message.versions.items()))
    if message.obstacles:
        yield AssignmentImpossible(
            round_id=assignment.round_id,
            stage=assignment.stage,
            obstacles=message.obstacles,
            seed=message.seed,
            versions=versions,
            withheld_from=message.withheld_from,
            withheld_units=message.withheld_units,
        )
        return
    pairs = [(one.idea_id, rater) for one in message.given for rater in one.raters]
    broken = next(
        faults(assignment.task(pairs_of(message.fixed), pairs_of(message.conflicts), message.seed), pairs), None
    )
    require(broken is None, "assignment_broken", fault=broken and broken[0], where=broken and broken[1])
    yield AssignmentMade(
        round_id=assignment.round_id,
        stage=assignment.stage,
        given=message.given,
        moved=message.moved,
        cost=message.cost,
        seed=message.seed,
        versions=versions,
        withheld_from=message.withheld_from,
        withheld_units=message.withheld_units,
    )
    before = {one.idea_id: one.raters for one in assignment.given}
    homes = {rater.person_id: rater.department for rater in assignment.raters}
    for one in message.given:
        if before.get(one.idea_id) != one.raters:
            yield RatersNamed(
                idea_id=one.idea_id,
                stage=assignment.stage,
                round_id=assignment.round_id,
                raters=tuple(NamedRater(person_id=rater, department=homes[rater]) for rater in one.raters),
                drawn=AssignmentKind.LINKED if assignment.linked else AssignmentKind.NAMED,
            )


def evolve(assignment: Assignment, event: Emitted) -> Assignment:
    """What an event means for the assignment. One that turns out to be impossible leaves the earlier one in force."""
    match event:
        case AssignmentAsked():
            return assignment.but(
                phase=Phase.ASKED,
                round_id=event.round_id,
                stage=event.stage,
                raters=event.raters,
                ideas=event.ideas,
                linked=event.linked,
                withheld_from=_all_of(assignment.withheld_from, event.withheld_from),
                obstacles=(),
            ).with_ask(ASSIGNMENT, event.ask_id)
        case AssignmentMade():
            anew = {one.idea_id for one in event.given}
            # What has been scored to the end keeps the raters it had; that it is gone would tell of it.
            kept = tuple(one for one in assignment.given if one.idea_id not in anew)
            return assignment.but(
                phase=Phase.MADE,
                given=tuple(sorted((*kept, *event.given), key=lambda one: one.idea_id)),
                moved=event.moved,
                cost=event.cost,
                seed=event.seed,
                versions=event.versions,
                withheld_from=_all_of(assignment.withheld_from, event.withheld_from),
                withheld_units=_all_of(assignment.withheld_units, event.withheld_units),
            ).without_ask(ASSIGNMENT)
        case AssignmentImpossible():
            return assignment.but(
                phase=Phase.IMPOSSIBLE,
                obstacles=event.obstacles,
                seed=event.seed,
                versions=event.versions,
                withheld_from=_all_of(assignment.withheld_from, event.withheld_from),
                withheld_units=_all_of(assignment.withheld_units, event.withheld_units),
            ).without_ask(ASSIGNMENT)
        case RatersNamed():
            return assignment
        case _:
            assert_never(event)


def _all_of(known: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({*known, *more}))
