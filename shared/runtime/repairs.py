"""What an operator can have done to the partitions that this process owns, and how they are.

Invariant: each repair can be repeated without harm and is itself an event, written through the partition's mailbox.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import monotonic
from typing import Any

import structlog

from shared.engine.channel import START
from shared.engine.emit import Entry, Stored
from shared.engine.facts import EvidenceRead, Rebuilt, Recovered, Resumed, Rewound
from shared.engine.inputs import Answer, Input, Repair
from shared.engine.message import Actor, Event
from shared.engine.partition import Partition
from shared.engine.recover import Tail, Unrecoverable, recover, states_wanted, tail_of, whole
from shared.runtime.clock import Clock
from shared.runtime.consumer import Consumer
from shared.runtime.engine_port import Unavailable
from shared.runtime.kafka.access import Access, KafkaUnavailable
from shared.runtime.kafka.tails import read_tails
from shared.runtime.mailbox import Mailbox, Standing
from shared.runtime.relay import Relay
from shared.runtime.service import Service
from shared.runtime.store.protocol import LostRace, Store, Write
from shared.runtime.takeover import Takeover

CHUNK_ENTRIES = 2_000
MAX_HELD = 1_000_000
TAILS_SECONDS = 120.0
"""How long what was read of the topics is kept for the other partitions that stand still for the same reason."""
COMPARED = 1_000
POLL_SECONDS = 0.05

log = structlog.get_logger("repairs")


class Repairs:
    """Implements `Repairing`. `ask` puts an input into a partition's mailbox and gives its answer."""

    def __init__(
        self,
        service: Service,
        store: Store,
        boxes: Sequence[Mailbox],
        relay: Relay,
        takeover: Takeover,
        consumer: Consumer,
        access: Access,
        wake: Callable[[], None],
        ask: Callable[[int, Input], Awaitable[Answer]],
        clock: Clock,
    ) -> None:
        self._service = service
        self._deciders = service.deciders
        self._store = store
        self._boxes = boxes
        self._relay = relay
        self._takeover = takeover
        self._consumer = consumer
        self._access = access
        self._wake = wake
        self._ask = ask
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._tails: dict[tuple[int, int], list[Entry]] = {}
        self._tails_read = 0.0

    async def rewind(self, partition: int, to: int, actor: Actor, *, dry_run: bool = False) -> Answer:
        """See `Repairing`."""
        self._owned(partition)
        document = await self._document(partition)
        to = min(to, document.sequence)
        effect = {"partition": partition, "to": to, "until": document.sequence, "events": document.sequence - to}
        if not dry_run:
            await self._store.save_cursors({partition: to})
            if not self._relay.rewind(partition, to):
                raise Unavailable("partition_stopped")
            await self._tell(partition, Rewound(target_id=_name(partition), to=to, until=document.sequence), actor)
        return Answer(body=effect)

    async def resume(self, partition: int, actor: Actor, *, dry_run: bool = False) -> Answer:
        """See `Repairing`. Topics that end early are read from their beginning; keys that are parked stay parked."""
        box = self._owned(partition)
        document = await self._document(partition)
        why, reread = box.why if box.halted else "", tuple(box.cut)
        parked = len(document.parked)
        effect = {"partition": partition, "why": why, "parked": parked, "reread": list(reread)}
        if why and not dry_run:
            if box.standing is Standing.STOPPED:
                box.look_again()
                self._wake()
            fact = Resumed(target_id=_name(partition), why=why, parked=parked, reread=reread)
            repair = Repair(fact, actor, self._clock.now(), reread, tolerate=why == "too_many_parked")
            await self._ask(partition, repair)
            box.cut = {}
            self._wake()
        return Answer(body=effect)

    async def rebuild(self, partition: int, actor: Actor, *, dry_run: bool = False) -> Answer:
        """See `Repairing`. Says how many states differ from what the log adds up to."""
        box = self._owned(partition)
        folded = await self._takeover.folded(partition, self._deciders.aggregates)
        states = sum(map(len, folded.values()))
        differing = await self._differing(folded)
        if not dry_run:
            self._takeover.rebuild(box, await self._document(partition))
            while box.standing is Standing.REBUILDING:
                await asyncio.sleep(POLL_SECONDS)
            await self._tell(partition, Rebuilt(target_id=_name(partition), states=states, differing=differing), actor)
        return Answer(body={"partition": partition, "states": states, "differing": differing})

    async def recover(
        self, partition: int, actor: Actor, *, accept_loss: bool = False, dry_run: bool = False
    ) -> Answer:
        """See `Repairing`. Answers `would_lose` or `unrecoverable`, and changes nothing, where not all can be had."""
        box = self._owned(partition)
        async with self._one_at_a_time:
            document = await self._document(partition)
            if box.standing is not Standing.STOPPED or box.why != "older_store":
                return Answer(body=_effect(document, Tail(()), 0))
            try:
                tail = await self._tail(document)
            except Unrecoverable as error:
                return Answer("unrecoverable", {"partition": partition, "reason": str(error)})
            last = document.sequence + len(tail.entries)
            lost = max(0, box.floor - last)
            effect = _effect(document, tail, lost)
            if dry_run:
                return Answer(body=effect)
            if (lost or tail.torn) and not accept_loss:
                return Answer("would_lose", effect)
            await self._import(document, tail)
            self._tails.pop((partition, document.sequence), None)
            await self._store.save_cursors({partition: last})
            box.floor = last
            box.look_again()
            self._wake()
        fact = Recovered(
            target_id=_name(partition), after=document.sequence, last=last, commands=tail.commands, lost=lost
        )
        await self._tell(partition, fact, actor)
        return Answer(body=effect)

    async def note_reading(self, partition: int, number: int, actor: Actor) -> None:
        """See `Repairing`."""
        await self._tell(partition, EvidenceRead(target_id=_name(partition), number=number), actor)

    async def stop_where_topics_end_early(self) -> None:
        """Stop partitions with a topic that ends before what was read of it. Raises KafkaUnavailable."""
        for number, cut in (await self._consumer.cut_topics()).items():
            box = self._boxes[number]
            log.error("topic_truncated", partition=number, ends=cut)
            box.cut = cut
            box.reset([])
            self._wake()

    def standing(self) -> list[dict[str, Any]]:
        """See `Repairing`."""
        lags, unpublished, oldest = self._consumer.lags(), self._relay.unpublished(), self._relay.oldest()
        now = self._clock.now()
        return [
            standing_of(
                box,
                lags.get(box.number, 0),
                unpublished.get(box.number, 0),
                (now - (box.queue[0].item.time if box.queue else now)).total_seconds(),
                (now - oldest.get(box.number, now)).total_seconds(),
            )
            for box in self._boxes
            if box.owned
        ]

    # --- how

    def _owned(self, partition: int) -> Mailbox:
        box = self._boxes[partition]
        if not box.owned:
            raise Unavailable("not_owner")
        return box

    async def _document(self, partition: int) -> Partition:
        return (await self._store.partitions([partition]))[partition]

    async def _tell(self, partition: int, fact: Event, actor: Actor) -> None:
        await self._ask(partition, Repair(fact, actor, self._clock.now()))

    async def _differing(self, folded: Mapping[str, Mapping[str, Stored]]) -> int:
        refs = [(name, id) for name, states in folded.items() for id in states]
        differing = 0
        for begin in range(0, len(refs), COMPARED):
            some = refs[begin : begin + COMPARED]
            stored = await self._store.states(some)
            differing += sum(stored.get(ref) != folded[ref[0]][ref[1]] for ref in some)
        return differing

    async def _tail(self, document: Partition) -> Tail:
        place = (document.number, document.sequence)
        if place not in self._tails or monotonic() - self._tails_read > TAILS_SECONDS:
            self._tails = await self._read_tails()
            self._tails_read = monotonic()
        source = f"{self._service.name}/{document.number}"
        return tail_of(document, source, self._tails.get(place, ()))

    async def _read_tails(self) -> dict[tuple[int, int], list[Entry]]:
        """What the own topics hold beyond the store of every partition that stands still because it is older."""
        numbers = [box.number for box in self._boxes if box.owned and box.halted and box.why == "older_store"]
        ends = {n: document.sequence for n, document in (await self._store.partitions(numbers)).items()}
        try:
            tails = await read_tails(self._access, self._service.name, self._service.own_topics, ends)
        except KafkaUnavailable:
            raise Unavailable from None
        return {(number, ends[number]): entries for number, entries in tails.items()}

    async def _import(self, document: Partition, tail: Tail) -> None:
        try:
            ends = (await self._consumer.end_offsets([document.number]))[document.number]
            held = await self._store.held(document.number, limit=MAX_HELD)
            rest, partition = tail.entries, document
            while rest:
                chunk = whole(rest, CHUNK_ENTRIES)
                states = await self._store.states(list(states_wanted(self._deciders, chunk)))
                done = recover(self._deciders, partition, states, held, chunk, ends)
                known = await self._store.commands([one.command_id for one in done.commands])
                done.commands = [one for one in done.commands if one.command_id not in known]
                done.partition.token = secrets.token_hex(8)
                await self._store.commit([Write(done, partition.token)])
                log.info("recovered", partition=partition.number, until=done.partition.sequence)
                released = set(done.released)
                held = tuple(one for one in held if one.number not in released)
                rest, partition = rest[done.consumed :], done.partition
        except (LostRace, KafkaUnavailable) as error:
            log.warning("recovery_broke_off", partition=document.number, reason=str(error))
            raise Unavailable from error


def _name(partition: int) -> str:
    return f"partition-{partition}"


def _effect(document: Partition, tail: Tail, lost: int) -> dict[str, Any]:
    return {
        "partition": document.number,
        "after": document.sequence,
        "events": len(tail.entries),
        "commands": tail.commands,
        "lost": lost,
        "torn": tail.torn,
    }


def standing_of(box: Mailbox, lag: int, unpublished: int, input_age: float, unpublished_age: float) -> dict[str, Any]:
    """One partition as its operators see it; ages in seconds."""
    partition = box.partition
    return {
        "partition": box.number,
        "standing": "stopped" if box.halted else box.standing.value,
        "why": box.why if box.halted else "",
        "sequence": partition.sequence if partition else None,
        "known": box.floor,
        "parked": len(partition.parked) if partition else 0,
        "aside": [
            {
                "channel": channel,
                "kind": aside.kind,
                "sequence": aside.sequence,
                "mark": partition.marks.get(channel, START).sequence,
                "since": aside.since.isoformat(),
            }
            for channel, aside in (partition.aside if partition else {}).items()
            if partition
        ],
        "cut": [{"topic": topic, "end": end} for topic, end in box.cut.items()],
        "lag": lag,
        "input_age_s": round(input_age, 3),
        "unpublished": unpublished,
        "unpublished_age_s": round(unpublished_age, 3),
    }
