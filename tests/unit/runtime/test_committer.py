"""The committer over a store in memory: what happens when the world moves while a round is under way."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from shared.engine.emit import Entry, Stored
from shared.engine.inputs import Answer, StateRef, read_record
from shared.runtime.committer import Committer
from shared.runtime.mailbox import Mailbox, Offered, Standing
from shared.runtime.store.memory import MemoryStore
from shared.runtime.store.protocol import Layout, StoreUnavailable, Unstorable
from shared.runtime.telemetry import Metrics
from tests.support.counter import COUNTER, TALLY, Add, deciders
from tests.support.world import COUNT, START, call, key_in, record, world

KEY = key_in(0)
LEAST = -(2**63)
"""The least number that the store can hold."""


class _Store(MemoryStore):
    """Calls `meanwhile` once, while states are being read."""

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def states(self, refs: Sequence[StateRef]) -> dict[StateRef, Stored]:
        step, self.meanwhile = self.meanwhile, None
        if step is not None:
            await step()
        return await super().states(refs)


@dataclass
class _Bench:
    """A committer with one mailbox per partition, no Kafka."""

    store: _Store = field(default_factory=_Store)
    boxes: list[Mailbox] = field(default_factory=lambda: [Mailbox(n, verified=True) for n in range(COUNT)])
    sent: list[Entry] = field(default_factory=list[Entry])
    stopped: list[int] = field(default_factory=list[int])

    def __post_init__(self) -> None:
        self.committer = Committer(
            deciders(), self.store, self.boxes, self, Metrics("test"), self, lambda box: self.stopped.append(box.number)
        )

    def offer(self, partition: int, entries: Sequence[Entry]) -> None:
        self.sent += entries

    async def load(self, boxes: Sequence[Mailbox]) -> None:
        for number, partition in (await self.store.partitions([box.number for box in boxes])).items():
            self.boxes[number].serve(partition, ("test.events", "test.journal"))

    def ask(self, wish: str, amount: int = 1) -> "asyncio.Future[Answer]":
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.boxes[0].put(call(Add(amount=amount, tag=wish), KEY, wish=wish), answer)
        self.committer.wake()
        return answer


async def _running(scenario: Callable[[_Bench], Awaitable[None]], *, owned: bool = True) -> None:
    bench = _Bench()
    bench.boxes[0].owned = owned
    await bench.store.prepare(Layout("test", deciders().aggregates, COUNT, {}))
    task = asyncio.create_task(bench.committer.run())
    try:
        async with asyncio.timeout(10):
            await scenario(bench)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _total(bench: _Bench) -> int:
    stored = await bench.store.state(COUNTER, KEY)
    return stored.state.model_dump()["total"] if stored else 0


async def test_a_reset_in_mid_round_does_not_make_known_states_new() -> None:
    async def scenario(bench: _Bench) -> None:
        await bench.ask("a", 5)

        async def revoked() -> None:
            bench.boxes[0].reset([])

        bench.store.meanwhile = revoked
        await bench.ask("b", 7)
        assert await _total(bench) == 12

    await _running(scenario)


async def test_what_somebody_else_wrote_meanwhile_is_read_and_planned_on() -> None:
    async def scenario(bench: _Bench) -> None:
        await bench.ask("a", 5)
        other = _Bench(store=bench.store)
        rival = asyncio.create_task(other.committer.run())
        await other.ask("b", 7)
        rival.cancel()
        assert (await bench.ask("c", 1)).version == 3
        assert await _total(bench) == 13

    await _running(scenario)


async def test_an_unknown_outcome_gives_one_effect_and_its_answer() -> None:
    async def scenario(bench: _Bench) -> None:
        bench.store.fail_next(StoreUnavailable("cut off"), applied=True)
        assert (await bench.ask("a", 5)).version == 1
        bench.store.fail_next(StoreUnavailable("cut off"), applied=False)
        assert (await bench.ask("b", 5)).version == 2
        assert await _total(bench) == 10

    await _running(scenario)


async def test_a_partition_that_is_not_owned_is_forgotten_after_its_commands() -> None:
    async def scenario(bench: _Bench) -> None:
        assert (await bench.ask("a")).version == 1
        await bench.committer.idle()
        assert (bench.boxes[0].standing, bench.boxes[0].partition) == (Standing.LOADING, None)
        assert bench.sent == []

    await _running(scenario, owned=False)


async def test_a_command_that_can_not_be_stored_is_answered_and_its_neighbours_are_done() -> None:
    async def scenario(bench: _Bench) -> None:
        asked = [bench.ask(f"w{i}", LEAST if i in (3, 4) else 1) for i in range(8)]
        answers = await asyncio.gather(*asked)
        assert [answer.code for answer in answers] == ["", "", "", "", "bug", "", "", ""]
        assert "can't be stored" in answers[4].facts["reason"]
        assert await _total(bench) == LEAST + 6
        assert not bench.stopped

    await _running(scenario)


async def test_a_record_that_can_not_be_stored_is_set_aside_and_its_neighbours_are_done() -> None:
    async def scenario(bench: _Bench) -> None:
        source, tallies = world(deciders(), 1), [key_in(0, "t"), key_in(0, "u"), key_in(0, "v")]
        for i in range(9):
            amount = LEAST if i in (1, 4) else 1
            source.give(call(Add(amount=amount, tally=tallies[i % 3]), key_in(1), wish=f"w{i}"))
        box, heard = bench.boxes[0], [entry for entry in source.log if entry.destination == 0]

        def read() -> None:
            for offset, entry in enumerate(heard):
                if box.offer(entry.topic, offset) is Offered.TAKEN:
                    box.put(record(deciders(), entry, offset))
            bench.committer.wake()

        bench.committer.wake()
        while (await bench.store.partitions([0]))[0].offsets.get("test.events") != 9:
            read()  # as Kafka would, whenever the mailbox was emptied
            await asyncio.sleep(0)
        held = await bench.store.held(0)
        assert [(one.kind, one.key) for one in held] == [("bug", tallies[1]), ("waiting", tallies[1])]
        assert "can't be stored" in held[0].reason
        totals = [await bench.store.state(TALLY, id) for id in tallies]
        assert [one.state.model_dump()["total"] for one in totals if one] == [3, LEAST, 3]
        assert not bench.stopped

    await _running(scenario)


async def test_a_partition_stops_only_where_setting_aside_can_not_be_stored_either() -> None:
    async def scenario(bench: _Bench) -> None:
        await bench.load(bench.boxes)
        bench.boxes[0].offer("test.events", 0)
        bench.boxes[0].put(read_record(deciders(), "test.events", 0, b"", START))
        bench.store.fail_next(Unstorable("too large"))
        bench.committer.wake()
        while bench.stopped != [0]:
            await asyncio.sleep(0)
        assert bench.boxes[0].why == "not_storable"

    await _running(scenario)


async def test_who_waits_for_room_goes_on_when_the_mailboxes_were_emptied() -> None:
    async def scenario(bench: _Bench) -> None:
        box = bench.boxes[0]
        box.standing = Standing.REBUILDING  # no round will come
        box.put(read_record(deciders(), "test.events", 0, b"", START))
        room = asyncio.create_task(bench.committer.space(1))
        await asyncio.sleep(0.01)
        assert not room.done()
        box.reset([])
        bench.committer.wake()
        async with asyncio.timeout(1):
            await room

    bench = _Bench()
    await scenario(bench)


async def test_calls_that_wait_for_a_rebuild_are_no_work_undone() -> None:
    bench = _Bench()
    bench.ask("a")
    assert bench.committer.waited_for
    bench.boxes[0].standing = Standing.REBUILDING
    assert not bench.committer.waited_for


async def test_what_a_round_had_no_room_for_is_not_given_back_to_another_epoch() -> None:
    async def scenario(bench: _Bench) -> None:
        box = bench.boxes[1]
        await bench.ask("first")

        async def revoked() -> None:
            box.owned = False
            box.reset([])

        for i in range(600):
            bench.boxes[0].put(call(Add(amount=1), key_in(0, f"x{i}-"), wish=f"x{i}"))
        await bench.load([box])
        box.owned = True
        box.put(read_record(deciders(), "test.events", 0, b"", START))
        bench.store.meanwhile = revoked
        bench.committer.wake()
        await asyncio.sleep(0.5)
        assert (await bench.store.partitions([1]))[1].offsets == {}

    await _running(scenario)
