"""Documents and objects, one into the other; the same documents in memory and in MongoDB.

Invariant: reading what was written gives an equal object. What comes from outside (topics, keys) is a value and never a
field name, so that no name can be refused by the database. Moments are strings with microseconds, except `due`: a date
of the database has milliseconds and is rounded up, so that nothing is ever due too early.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic_core import to_jsonable_python

from shared.engine.aggregate import Aggregate, State, key_of
from shared.engine.emit import Entry, Stored
from shared.engine.generation import Generation
from shared.engine.inputs import Answer, CommandRecord, Held
from shared.engine.partition import Aside, Mark, Partition
from shared.engine.plan import Plan
from shared.engine.projection import Projection, Row
from shared.runtime.store.protocol import Batch, Layout

Document = dict[str, Any]

PARTITIONS = "partitions"
LOG = "log"
COMMANDS = "commands"
QUARANTINE = "quarantine"
CURSORS = "cursors"
OWNERS = "owners"
META = "meta"
PROJECTED = "projected"
PROGRESS = "progress"
OWN_NAMES = frozenset({PARTITIONS, LOG, COMMANDS, QUARANTINE, CURSORS, OWNERS, META, PROJECTED, PROGRESS})
LAYOUT_ID = "layout"
FOLDS = "folds"


def check_layout(layout: Layout) -> None:
    """Raise ValueError where an aggregate would share a collection with the store itself."""
    taken = OWN_NAMES & {aggregate.name for aggregate in layout.aggregates}
    if taken:
        raise ValueError(f"an aggregate can't be called {', '.join(sorted(taken))}")


def check_count(found: int, layout: Layout, moving: int = 0) -> None:
    """Raise ValueError where the store was made for another number of partitions, or is on its way to one.

    `moving` is the number that a repartition was begun towards, 0 where none was.
    """
    if moving:
        raise ValueError(
            f"the store of {layout.service} is being moved from {found} to {moving} partitions: "
            f"finish it with `owlbus ops repartition --to {moving} --yes`"
        )
    if found != layout.partitions:
        raise ValueError(
            f"the store of {layout.service} has {found} partitions, OWLBUS_PARTITIONS says {layout.partitions}: "
            f"set it to {found}{_or_grow(found, layout.partitions)}"
        )


def _or_grow(found: int, wanted: int) -> str:
    if wanted < found:
        return " (a deployment can't be given fewer)"
    return f", or stop all services and run `owlbus ops repartition --to {wanted}` (docs/runbooks/repartition.md)"


def generations_document(generations: Sequence[Generation]) -> list[Document]:
    """The generations that are over, as they stand in the layout's document."""
    return [{"count": one.count, "ends": list(one.ends)} for one in generations]


def read_generations(layout: Mapping[str, Any]) -> tuple[Generation, ...]:
    """The generations that are over, of a layout's document."""
    return tuple(Generation(one["count"], tuple(one["ends"])) for one in layout.get("generations", ()))


def new_partition(layout: Layout, number: int) -> Partition:
    """A partition that nothing has happened to: every fold of nothing is current."""
    folds = {aggregate.name: aggregate.fold for aggregate in layout.aggregates}
    return Partition(number, layout.partitions, folds=folds)


def new_token() -> str:
    """A token for a commit of the store's own."""
    return secrets.token_hex(12)


# --- partitions


def partition_document(partition: Partition) -> Document:
    """The document of a partition."""
    return {
        "_id": partition.number,
        "token": partition.token,
        "count": partition.count,
        "sequence": partition.sequence,
        "chain": partition.chain,
        "time": partition.time.isoformat(),
        "offsets": list(partition.offsets.items()),
        "marks": [(channel, mark.sequence, mark.digest, mark.previous) for channel, mark in partition.marks.items()],
        "aside": [(name, it.kind, it.sequence, it.since.isoformat()) for name, it in partition.aside.items()],
        "sent": list(partition.sent.items()),
        "parked": list(partition.parked.items()),
        FOLDS: dict(partition.folds),
        "held": partition.held,
        "refusals": partition.refusals,
        "refusals_since": partition.refusals_since.isoformat(),
        "recovering": list(partition.recovering.items()),
        "tolerated": partition.tolerated,
        "earlier": list(partition.earlier),
    }


def read_partition(document: Mapping[str, Any]) -> Partition:
    """The partition of a document."""
    return Partition(
        number=document["_id"],
        count=document["count"],
        token=document["token"],
        sequence=document["sequence"],
        chain=document["chain"],
        time=datetime.fromisoformat(document["time"]),
        offsets=dict(document["offsets"]),
        marks={channel: Mark(*mark) for channel, *mark in document["marks"]},
        aside={
            name: Aside(kind, sequence, datetime.fromisoformat(since))
            for name, kind, sequence, since in document["aside"]
        },
        sent=dict(document["sent"]),
        parked=dict(document["parked"]),
        folds=dict(document[FOLDS]),
        held=document["held"],
        refusals=document["refusals"],
        refusals_since=datetime.fromisoformat(document["refusals_since"]),
        recovering=dict(document.get("recovering", ())),
        tolerated=document.get("tolerated", 0),
        earlier=tuple(document.get("earlier", ())),
    )


# --- states


def state_document(partition: int, id: str, stored: Stored) -> Document:
    """The document of an aggregate, in the collection of its name."""
    state = stored.state.model_dump(mode="json")
    del state["id"]
    document: Document = {
        "_id": id,
        "p": partition,
        "key": key_of(id),
        "version": stored.version,
        "correlation": stored.correlation,
        "state": state,
    }
    due = due_of(stored.state)
    if due is not None:
        document["due"] = due
    return document


def read_state(aggregate: Aggregate, document: Mapping[str, Any]) -> Stored:
    """The aggregate of a document; fields that this release does not know are left out."""
    state = aggregate.state.model_validate({**document["state"], "id": document["_id"]})
    return Stored(state, document["version"], document["correlation"])


def due_of(state: State) -> datetime | None:
    """The earliest deadline, in whole milliseconds and never before it."""
    due = state.due
    if due is None:
        return None
    return due + timedelta(microseconds=-due.microsecond % 1000)


# --- the log


def batch_document(plan: Plan) -> Document:
    """The log document of a plan that has entries. Field names are short because there is one set of them per event."""
    entries = plan.entries
    return {
        "_id": {"p": plan.partition.number, "last": entries[-1].sequence},
        "first": entries[0].sequence,
        "keys": list(dict.fromkeys(emitter_of(entry.subject) for entry in entries)),
        "entries": [_entry_document(entry) for entry in entries],
    }


def read_batch(document: Mapping[str, Any]) -> Batch:
    """The batch of a log document."""
    id = document["_id"]
    return Batch(id["p"], document["first"], id["last"], tuple(map(read_entry, document["entries"])))


def _entry_document(entry: Entry) -> Document:
    return {
        "n": entry.sequence,
        "v": entry.value,
        "t": entry.topic,
        "d": entry.destination,
        "k": entry.key,
        "s": entry.subject,
        "h": dict(entry.headers),
    }


def read_entry(document: Mapping[str, Any]) -> Entry:
    """One event of a log document. Header names are the relay's own, each at most once."""
    return Entry(
        document["n"],
        document["v"],
        document["t"],
        document["d"],
        document["k"],
        document["s"],
        tuple(document["h"].items()),
    )


def emitter_of(subject: str) -> str:
    """The key of the aggregate that `subject` ("idea/ID", "vote/ID/VOTER") names."""
    return subject.split("/", 2)[1]


# --- commands and quarantine


def command_document(record: CommandRecord) -> Document:
    """The document of a command's first answer."""
    answer = record.answer
    return {
        "_id": record.command_id,
        "fingerprint": record.fingerprint,
        "code": answer.code,
        "facts": answer.facts,
        "subject": answer.subject,
        "version": answer.version,
        "body": answer.body,
    }


def read_command(document: Mapping[str, Any]) -> CommandRecord:
    """The command of a document."""
    answer = Answer(document["code"], document["facts"], document["subject"], document["version"], document["body"])
    return CommandRecord(document["_id"], document["fingerprint"], answer)


def held_document(partition: int, held: Held) -> Document:
    """The quarantine document of something set aside."""
    return {
        "_id": {"p": partition, "number": held.number},
        "key": held.key,
        "kind": held.kind,
        "reason": held.reason,
        "time": held.time.isoformat(),
        "topic": held.topic,
        "offset": held.offset,
        "value": held.value,
        "traceparent": held.traceparent,
        "ref": held.ref,
        "origin": held.origin,
    }


def read_held(document: Mapping[str, Any]) -> Held:
    """What a quarantine document holds."""
    name, id = document["ref"]
    return Held(
        number=document["_id"]["number"],
        key=document["key"],
        kind=document["kind"],
        reason=document["reason"],
        time=datetime.fromisoformat(document["time"]),
        topic=document["topic"],
        offset=document["offset"],
        value=document["value"],
        traceparent=document["traceparent"],
        ref=(name, id),
        origin=document.get("origin", ""),
    )


# --- projections


def row_document(projection: Projection, partition: int, sequence: int, row: Row) -> Document:
    """The document of a row; `n` is the event it was made of."""
    return {
        "_id": {"of": projection.name, "id": row.id},
        "version": projection.version,
        "p": partition,
        "n": sequence,
        "terms": list(row.terms),
    }


# --- queries


def field_path(name: str) -> str:
    """Where a filter's field stands in a state's document; "id" and "key" are the aggregate's own."""
    match name:
        case "id":
            return "_id"
        case "key":
            return "key"
        case _:
            return f"state.{name}"


def choices(wanted: Any) -> list[Any]:
    """The values that a filter allows, as they stand in a document."""
    several = isinstance(wanted, list | tuple | set | frozenset)
    values: list[Any] = to_jsonable_python(wanted)
    return values if several else [values]


def label(value: Any) -> str:
    """How a counted value is called; empty where there is none."""
    return "" if value is None else str(value)
