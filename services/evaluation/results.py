"""The way to the figures of a set: what is gathered for them, and the computation, done in a process of its own.

This module knows no numeric library; the one function that needs them imports them in the worker.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from services.evaluation.domain import EVALUATION, RESULTS
from services.evaluation.domain import results_state as names
from services.evaluation.domain.evaluation_state import DISCLOSURE, Evaluation, Phase
from services.evaluation.domain.results_commands import RecordResults
from services.evaluation.domain.results_state import Results
from services.evaluation.domain.score import result_of
from shared.engine.asking import Ask, seed_of
from shared.engine.message import Instant
from shared.rules.calibration import AssignmentKind
from shared.runtime.computations import Computation
from shared.runtime.store.protocol import Reader

PAGE = 200


class Sheet(BaseModel):
    """One rater's points for one idea, by criterion. `own_department` says that the rater is of the one in charge."""

    model_config = ConfigDict(frozen=True)

    idea: str
    rater: str
    own_department: bool = False
    points: tuple[tuple[str, Decimal], ...]


class Question(BaseModel):
    """All that the figures depend on: with the same question the same figures come out."""

    model_config = ConfigDict(frozen=True)

    ask_id: str
    seed: int
    pack: str
    stage: str
    top: int
    assignment: AssignmentKind
    sheets: tuple[Sheet, ...]
    legal: tuple[tuple[str, Decimal | None], ...]
    disclosure_at: Instant | None = None
    withheld_from: tuple[str, ...] = ()
    withheld_units: tuple[str, ...] = ()


async def gather(reader: Reader, results: Results, ask: Ask) -> Question:
    """The set's evaluations that are closed: what was scored in them no longer changes."""
    found = [one async for one in _closed(reader, results)]
    waiting = [one.deadlines[DISCLOSURE] for one in found if DISCLOSURE in one.deadlines]
    return Question(
        ask_id=ask.id,
        seed=seed_of(ask.id),
        pack=results.pack,
        stage=results.stage,
        top=results.top,
        assignment=results.assignment or weakest(one.drawn for one in found),
        sheets=tuple(sheet for one in found for sheet in _sheets(one)),
        legal=tuple((one.idea_id, _legal(one)) for one in found),
        disclosure_at=max(waiting, default=None),
        withheld_from=tuple(sorted({person for one in found for person in in_conflict(one)})),
        withheld_units=tuple(sorted({unit for one in found for unit in one.relations.teams + one.relations.units})),
    )


async def _closed(reader: Reader, results: Results) -> AsyncIterator[Evaluation]:
    """Those of the round, or of the pack outside rounds."""
    alone = results.round_id == results.pack
    where = {"stage": results.stage, **({"pack": results.pack} if alone else {"round_id": results.round_id})}
    cursor: str | None = None
    while True:
        page = await reader.find(EVALUATION, where, after=cursor, limit=PAGE)
        for stored in page.items:
            state = stored.state
            assert isinstance(state, Evaluation)
            if state.phase in (Phase.CLOSED, Phase.DISCLOSED) and bool(state.round_id) != alone:
                yield state
        cursor = page.cursor
        if cursor is None:
            return


def in_conflict(evaluation: Evaluation) -> Iterator[str]:
    """Everybody of whom it is known that this idea is not theirs to judge."""
    yield from (author.person_id for author in evaluation.authors)
    yield from (one.person_id for one in evaluation.excluded)
    yield from evaluation.relations.coauthors
    yield from evaluation.challenged


def weakest(kinds: Iterable[AssignmentKind]) -> AssignmentKind:
    """What can be said of all of them: that somebody named raters as soon as it is so for one."""
    found = set(kinds) or {AssignmentKind.NAMED}
    order = (AssignmentKind.NAMED, AssignmentKind.LINKED, AssignmentKind.RANDOM)
    return next(kind for kind in order if kind in found)


def _legal(evaluation: Evaluation) -> Decimal | None:
    return result_of(evaluation.rules, (sheet.scores for sheet in evaluation.counting)).score


def _sheets(evaluation: Evaluation) -> list[Sheet]:
    return [
        Sheet(
            idea=evaluation.idea_id,
            rater=sheet.rater_id,
            own_department=sheet.department is not None and sheet.department == evaluation.department,
            points=tuple((score.criterion, score.points) for score in sheet.scores),
        )
        for sheet in sorted(evaluation.counting, key=lambda sheet: sheet.rater_id)
    ]


def compute(question: Question) -> RecordResults:
    """Done in a worker process."""
    from services.evaluation.analysis.report import findings  # noqa: PLC0415 - numeric libraries stay in the worker

    return findings(question)


COMPUTATION = Computation(names.RESULTS, RESULTS, gather, compute, RecordResults)
