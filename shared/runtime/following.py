"""Reading the items that are to follow a duty, a page at a time, for `shared/duties/following.py`."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.duties.following import ITEMS, Following, Pending, RecordItems
from shared.engine.aggregate import Aggregate
from shared.engine.asking import Ask
from shared.runtime.computations import Computation
from shared.runtime.store.protocol import Reader

PAGE = 300
"""Items a page: with what each of them says, well below what one commit writes."""

Where = Callable[[Pending], Mapping[str, Any]]
"""Which items a move concerns, as a filter of the store."""


class Question(BaseModel):
    """A page as it was read."""

    model_config = ConfigDict(frozen=True)

    ask_id: str
    items: tuple[str, ...]
    after: str


def compute(question: Question) -> RecordItems:
    """What was read is what was found."""
    return RecordItems(ask_id=question.ask_id, items=question.items, after=question.after)


def following(aggregate: Aggregate, items: Aggregate, where: Where) -> Computation:
    """The question of `aggregate` for the `items` that a move concerns."""

    async def gather(reader: Reader, state: Following, ask: Ask) -> Question:
        page = await reader.find(items, where(state.queue[0]), after=state.after or None, limit=PAGE)
        found = tuple(stored.state.id for stored in page.items)
        return Question(ask_id=ask.id, items=found, after=page.cursor or "")

    return Computation(ITEMS, aggregate, gather, compute, RecordItems)


def given(pending: Pending, **fields: Any) -> dict[str, Any]:
    """A filter: these fields, and the packs where the duty is about some only."""
    return fields | ({"pack": list(pending.cover.packs)} if pending.cover.packs else {})
