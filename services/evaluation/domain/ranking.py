"""The order of a stage, and who goes on: by the legal score, equal ones as the pack says. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from services.evaluation.domain.round_state import Entry
from services.evaluation.domain.ties import tie_key
from shared.contracts.evaluation_rounds import RankedIdea
from shared.rules.evaluation import Stage

Key = tuple[Decimal, ...]


def ranked(stage: Stage, entries: Sequence[Entry], best: int | None, *, last: bool) -> tuple[RankedIdea, ...]:
    """Every entry in order, best first; those without a score at the end.

    `best` of them go on, all with None, nobody from the `last` stage. Who is equal to the last one that goes on goes
    on, too, and so does who has no score: nobody is cut by chance, or without having been measured.
    """
    scored = sorted((entry for entry in entries if entry.score is not None), key=lambda e: _key(stage, e), reverse=True)
    keys = [_key(stage, entry) for entry in scored]
    line = keys[best - 1] if best is not None and best <= len(keys) else None
    in_order = [
        RankedIdea(
            idea_id=entry.idea_id,
            score=entry.score,
            rank=keys.index(key) + 1,
            goes_on=not last and (line is None or key >= line),
        )
        for entry, key in zip(scored, keys, strict=True)
    ]
    unscored = [
        RankedIdea(idea_id=entry.idea_id, score=None, rank=None, goes_on=not last)
        for entry in entries
        if entry.score is None
    ]
    return (*in_order, *unscored)


def _key(stage: Stage, entry: Entry) -> Key:
    """The score, then what the pack breaks ties by."""
    assert entry.score is not None
    return (entry.score, *tie_key(stage, entry.means, entry.received_on))
