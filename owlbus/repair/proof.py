"""Proving, before anything moves, that a service's logs are whole and its states are what they add up to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from owlbus.audit.compare import as_read, differences
from shared.engine.aggregate import Aggregate, key_of
from shared.engine.emit import Stored
from shared.engine.envelope import decode, digest_of
from shared.engine.generation import Segment
from shared.engine.partition import GENESIS, Partition, partition_of
from shared.runtime.folding import entries_of, folded
from shared.runtime.service import Service
from shared.runtime.store.documents import state_document
from shared.runtime.store.protocol import Store
from shared.runtime.store.relayout import Relayout

CHUNK = 1_000
MOST_NAMED = 20


@dataclass(slots=True)
class Proof:
    """What was read and compared of one service; `troubles` are the first of what does not agree, `differing` all."""

    events: int = 0
    states: int = 0
    differing: int = 0
    troubles: list[str] = field(default_factory=list[str])

    def trouble(self, what: str) -> None:
        """Note something that does not agree."""
        self.differing += 1
        if len(self.troubles) < MOST_NAMED:
            self.troubles.append(what)


async def prove(
    service: Service,
    store: Store,
    shelf: Relayout,
    partitions: Sequence[Partition],
    to: int,
    progress: Callable[[str], None],
) -> Proof:
    """Follow every chain to its end, fold all states from the log afresh, and hold each against its document.

    A state's document must be the folded one in every field, version, correlation and due date included; only where it
    lives may be its old home or already its new one among `to`. Raises StoreUnavailable, UnknownType, Unfit.
    """
    proof = Proof()
    for partition in partitions:
        await _follow(service.name, store, partition, proof)
        progress(f"{service.name}: {proof.events:,} events follow from one another")
    totals = {kind.name: 0 for kind in service.aggregates}
    for number in range(len(partitions)):
        states = await folded(store, number, len(partitions), service.aggregates)
        for kind in service.aggregates:
            totals[kind.name] += len(states[kind.name])
            await _hold(service, kind, shelf, states[kind.name], (number, to), proof)
        progress(f"{service.name}: {proof.states:,} states compared")
    for kind in service.aggregates:
        surplus = sum([1 async for _ in shelf.places(service.name, kind)]) - totals[kind.name]
        if surplus > 0:
            proof.trouble(f"{service.name}: {surplus} states of {kind.name} are there that no event tells of")
    return proof


async def _follow(name: str, store: Store, partition: Partition, proof: Proof) -> None:
    sequence, chain = 0, GENESIS
    async for entries in entries_of(store, Segment(partition.number, 0, None)):
        for entry in entries:
            if entry.sequence != sequence + 1 or decode(entry.value).chain != chain:
                proof.trouble(f"{name}/{partition.number}/{entry.sequence} does not follow from {sequence}")
            sequence, chain = entry.sequence, digest_of(entry.value)
            proof.events += 1
    if (sequence, chain) != (partition.sequence, partition.chain):
        where = f"{name}/{partition.number}"
        proof.trouble(f"{where}: the log ends at {sequence}, its document says {partition.sequence}")


async def _hold(
    service: Service,
    kind: Aggregate,
    shelf: Relayout,
    states: Mapping[str, Stored],
    place: tuple[int, int],
    proof: Proof,
) -> None:
    ids = list(states)
    for begin in range(0, len(ids), CHUNK):
        chunk = ids[begin : begin + CHUNK]
        live = await shelf.documents(service.name, kind, chunk)
        for id in chunk:
            proof.states += 1
            for what in _differing(kind, id, states[id], live.get(id), place):
                proof.trouble(f"{service.name} {kind.name}/{id}: {what}")


def _differing(
    kind: Aggregate, id: str, stored: Stored, live: Mapping[str, Any] | None, place: tuple[int, int]
) -> Iterable[str]:
    """What is wrong with one state, in one line at most."""
    number, to = place
    if live is None:
        return ["the log has it, the store does not"]
    if live.get("p") not in (number, partition_of(key_of(id), to)):
        return [f"it is said to live in partition {live.get('p')}"]
    expected = state_document(live["p"], id, stored)
    found = list(differences(expected, live)) and list(differences(expected, as_read(kind, live)))
    return [", ".join(path for path, _, _ in found)] if found else []
