"""Deciding without writing: what commands would be answered now, on what the store holds."""

import asyncio
import sys
from collections import defaultdict
from collections.abc import Sequence

from shared.engine.aggregate import Deciders, key_of
from shared.engine.inputs import Answer, Call, wanted
from shared.engine.partition import partition_of
from shared.engine.plan import plan
from shared.runtime.store.protocol import Store


async def preview(deciders: Deciders, store: Store, partitions: int, calls: Sequence[Call]) -> list[Answer]:
    """The answers of `calls`, each decided as if those before it had happened. Raises StoreUnavailable."""
    places: dict[int, list[int]] = defaultdict(list)
    for index, call in enumerate(calls):
        places[partition_of(key_of(call.id), partitions)].append(index)
    refs = {ref for call in calls for ref in wanted(deciders, call)}
    documents, states, answered = await asyncio.gather(
        store.partitions(list(places)), store.states(sorted(refs)), store.commands([call.command_id for call in calls])
    )
    answers: dict[int, Answer] = {}
    for number, indices in places.items():
        inputs = [calls[index] for index in indices]
        planned = plan(
            deciders, documents[number], states, answered, inputs, max_writes=sys.maxsize, max_bytes=sys.maxsize
        )
        answers |= {indices[position]: answer for position, answer in planned.answers}
    return [answers[index] for index in range(len(calls))]
