"""The way to a final in pairs: what is gathered for its draw and its order, and the computations in their processes.

This module knows no numeric library; the functions that need one import it in the worker.
"""

from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from services.evaluation.domain import EVALUATION, FINAL, ROUND
from services.evaluation.domain import final_state as names
from services.evaluation.domain.evaluation_state import Evaluation, Phase
from services.evaluation.domain.final_commands import RecordDraw, RecordOrder
from services.evaluation.domain.final_state import Final
from services.evaluation.domain.round_state import Round
from services.evaluation.results import in_conflict
from shared.contracts.evaluation_finals import Finalist
from shared.engine.asking import Ask, seed_of
from shared.runtime.computations import Computation
from shared.runtime.store.protocol import Reader

PAGE = 200


class DrawQuestion(BaseModel):
    """All that the draw depends on: finalists, judges without a conflict, how often each idea is compared."""

    model_config = ConfigDict(frozen=True)

    ask_id: str
    seed: int
    finalists: tuple[Finalist, ...]
    judges: tuple[str, ...]
    judges_min: int
    comparisons: int
    left_out: tuple[str, ...]
    organiser_near: bool
    withheld_from: tuple[str, ...]
    withheld_units: tuple[str, ...]


class OrderQuestion(BaseModel):
    """All that the order depends on: the finalists, and of each comparison the better idea and the other one."""

    model_config = ConfigDict(frozen=True)

    ask_id: str
    seed: int
    ideas: tuple[str, ...]
    compared: tuple[tuple[str, str], ...]
    prior_variance: Decimal | None
    level: Decimal


async def gather_draw(reader: Reader, final: Final, ask: Ask) -> DrawQuestion:
    """Titles, and everybody of whom an evaluation of a finalist, at whatever stage, knows a conflict.

    A finalist that was withdrawn meanwhile takes no part.
    """
    found = await _evaluations(reader, final)
    ended = [one for one in found if one.phase in (Phase.CLOSED, Phase.DISCLOSED) and not one.following]
    titles = {one.idea_id: one.title for one in ended}
    near = {person for one in found for person in in_conflict(one)}
    units = {unit for one in found for unit in one.relations.teams + one.relations.units}
    round = await reader.state(ROUND, final.round_id)
    assert round is not None and isinstance(round.state, Round)
    statements, ideas = round.state.statements, set(final.ideas)
    near |= {one.person_id for one in statements if one.interests.ideas & ideas}
    near |= {person for person, interest in round.state.unfit if interest.idea_id in ideas}
    departments = {one.person_id: one.department or "" for one in statements}
    out = {
        judge
        for judge in final.judges
        if judge in near or any(one.conflict_of(judge, departments.get(judge, "")) for one in found)
    }
    return DrawQuestion(
        ask_id=ask.id,
        seed=seed_of(ask.id),
        finalists=tuple(Finalist(idea_id=idea, title=titles[idea]) for idea in final.ideas if idea in titles),
        judges=tuple(judge for judge in final.judges if judge not in out),
        judges_min=final.rules.judges_min.value,
        comparisons=final.rules.comparisons.value,
        left_out=tuple(sorted(out)),
        organiser_near=final.asked_by in near,
        withheld_from=tuple(sorted(near | out)),
        withheld_units=tuple(sorted(units)),
    )


async def _evaluations(reader: Reader, final: Final) -> list[Evaluation]:
    """Those of the finalists in the round, at every stage."""
    found: list[Evaluation] = []
    cursor: str | None = None
    while True:
        page = await reader.find(EVALUATION, {"round_id": final.round_id}, after=cursor, limit=PAGE)
        states = (stored.state for stored in page.items)
        found += [one for one in states if isinstance(one, Evaluation) and one.idea_id in final.ideas]
        cursor = page.cursor
        if cursor is None:
            return found


async def gather_order(_: Reader, final: Final, ask: Ask) -> OrderQuestion:
    """What counts of what was compared: it no longer changes."""
    return OrderQuestion(
        ask_id=ask.id,
        seed=seed_of(ask.id),
        ideas=tuple(sorted(one.idea_id for one in final.finalists)),
        compared=final.compared,
        prior_variance=final.rules.prior_variance.value,
        level=final.rules.level.value,
    )


def draw(question: DrawQuestion) -> RecordDraw:
    """Done in a worker process."""
    from services.evaluation.analysis.final import drawn  # noqa: PLC0415 - numeric libraries stay in the worker

    return drawn(question)


def order(question: OrderQuestion) -> RecordOrder:
    """Done in a worker process."""
    from services.evaluation.analysis.final import ordered  # noqa: PLC0415 - numeric libraries stay in the worker

    return ordered(question)


DRAWING = Computation(names.DRAW, FINAL, gather_draw, draw, RecordDraw)
ORDERING = Computation(names.ORDER, FINAL, gather_order, order, RecordOrder)
