"""What a commit writes, as operations of MongoDB."""

from collections.abc import Iterator, Sequence

from pymongo import DeleteMany, InsertOne, ReplaceOne

from shared.engine.emit import Stored
from shared.engine.outcome import Plan
from shared.runtime.store import documents
from shared.runtime.store.documents import COMMANDS, LOG, PARTITIONS, QUARANTINE, Document
from shared.runtime.store.protocol import Write
from shared.runtime.store.transactions import Operation, Step


def put(partition: int, id: str, stored: Stored) -> ReplaceOne[Document]:
    """Write a state, whether it is there or not."""
    return ReplaceOne({"_id": id}, documents.state_document(partition, id, stored), upsert=True)


def _new(partition: int, id: str, stored: Stored) -> InsertOne[Document]:
    return InsertOne(documents.state_document(partition, id, stored))


def steps_of(writes: Sequence[Write]) -> Iterator[Step]:
    """What a commit writes, collection by collection; those with nothing to write are left out."""
    plans = [write.plan for write in writes]
    yield (
        PARTITIONS,
        [
            ReplaceOne(
                {"_id": w.plan.partition.number, "token": w.read}, documents.partition_document(w.plan.partition)
            )
            for w in writes
        ],
    )
    yield from _state_steps(plans)
    batches = [InsertOne(documents.batch_document(plan)) for plan in plans if plan.entries]
    if batches:
        yield LOG, batches
    commands = [InsertOne(documents.command_document(record)) for plan in plans for record in plan.commands]
    if commands:
        yield COMMANDS, commands
    held = [InsertOne(documents.held_document(plan.partition.number, one)) for plan in plans for one in plan.held]
    released = [{"p": plan.partition.number, "number": number} for plan in plans for number in plan.released]
    quarantine: list[Operation] = [*held, *([DeleteMany({"_id": {"$in": released}})] if released else [])]
    if quarantine:
        yield QUARANTINE, quarantine


def _state_steps(plans: Sequence[Plan]) -> Iterator[Step]:
    """One step for each kind of aggregate. Inserting takes the server half the time, but not in one step with the rest.

    A state that is there after all fails its insertion, and the next attempt has read it.
    """
    known = {name for plan in plans for name, id in plan.states if (name, id) not in plan.created}
    states: dict[str, list[Operation]] = {}
    for plan in plans:
        for (name, id), stored in plan.states.items():
            write = put if name in known else _new
            states.setdefault(name, []).append(write(plan.partition.number, id, stored))
    yield from states.items()
