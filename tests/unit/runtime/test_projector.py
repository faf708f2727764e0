"""Projections keep up with the log from where they stopped, and followers behind them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from shared.contracts.ideas import IdeaSpread, ImplementationStarted
from shared.engine.emit import Cause, Entry, Tip, write_entry
from shared.engine.message import Actor, Event
from shared.engine.projection import Projection, Row
from shared.runtime.engine_port import Engine, Unavailable
from shared.runtime.projector import Follower, Projector
from shared.runtime.store.memory import MemoryStore
from shared.runtime.store.protocol import Layout, LostRace, Match, Write
from tests.support.writes import COUNT, write

CAUSE = Cause("command/c", "c", Actor("p-1", "author"), datetime(2025, 3, 3, tzinfo=UTC))


def row_of(event: Event) -> Row | None:
    assert isinstance(event, IdeaSpread), "what is not taken is never read"
    return Row(event.idea_id, (len(event.department),))


PROJECTION = Projection("departments", 1, frozenset({IdeaSpread}), row_of)


class Bench:
    """A store with a log, and a projector that is made anew as a process would be."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.tips = {number: Tip(0, "", {}) for number in range(COUNT)}
        self.followed: list[str] = []
        self.failures = 0
        self.bugs = 0

    async def happen(self, number: int, *events: Event) -> None:
        """Events of one commit in a partition's log."""
        tip = self.tips[number]
        entries = [write_entry(f"ideas/{number}", COUNT, tip, "idea/i", 1, event, CAUSE, "1/1") for event in events]
        await self.store.commit([_writing((await self.store.partitions([number]))[number], entries)])

    async def follow(self, engine: Engine, event_id: str, event: Event) -> None:
        if self.bugs:
            self.bugs -= 1
            raise ZeroDivisionError
        if self.failures:
            self.failures -= 1
            raise Unavailable
        assert await self.store.nearest(PROJECTION, (len(cast(IdeaSpread, event).department),))
        self.followed.append(event_id)

    def projector(self) -> Projector:
        """A projector that knows nothing but what is stored."""
        follower = Follower("follower", frozenset({IdeaSpread}), self.follow)
        engine = cast(Engine, None)
        return Projector(engine, self.store, [PROJECTION], [follower], lambda: self.ends)

    @property
    def ends(self) -> dict[int, int]:
        return {number: tip.sequence for number, tip in self.tips.items()}


def _writing(partition: Any, entries: Sequence[Entry]) -> Write:
    done = write(partition, f"t{entries[-1].sequence}")
    done.plan.entries.extend(entries)
    done.plan.partition.sequence = entries[-1].sequence
    return done


@pytest.fixture
async def bench() -> Bench:
    made = Bench()
    await made.store.prepare(Layout("ideas", (), COUNT, {}, (PROJECTION,), ("follower",)))
    return made


def spread(idea_id: str, department: str) -> IdeaSpread:
    return IdeaSpread(idea_id=idea_id, department=department, answer="adopted")


STARTED = ImplementationStarted(idea_id="a", started_on=datetime(2025, 3, 3, tzinfo=UTC).date())


async def until_idle(projector: Projector) -> None:
    while await projector.step():
        pass


async def test_what_was_read_before_a_restart_is_not_read_again(bench: Bench) -> None:
    await bench.happen(0, spread("a", "xx"), STARTED)
    await bench.happen(2, spread("b", "xx"))
    await until_idle(bench.projector())
    assert await bench.store.nearest(PROJECTION, (2,)) == [Match("a", 1), Match("b", 1)]
    assert await bench.store.progress("departments", [0, 1, 2]) == {0: 2, 1: 0, 2: 1}
    await bench.happen(0, spread("c", "xx"))
    reads: list[int] = []
    log = bench.store.log

    async def noting(partition: int, after: int, *, limit: int = 100) -> Any:
        reads.append(after)
        return await log(partition, after, limit=limit)

    bench.store.log = noting
    await until_idle(bench.projector())
    assert reads and set(reads) == {2}, "it goes on where it stopped"
    assert bench.followed == ["ideas/0/1", "ideas/2/1", "ideas/0/3"]


async def test_what_could_not_be_done_is_tried_again_and_nothing_behind_it_is_passed_over(bench: Bench) -> None:
    await bench.happen(0, spread("a", "xx"), spread("b", "xxx"))
    bench.failures = 1
    projector = bench.projector()
    with pytest.raises(Unavailable):
        await projector.step()
    assert bench.followed == [] and await bench.store.progress("follower", [0]) == {0: 0}
    await until_idle(projector)
    assert bench.followed == ["ideas/0/1", "ideas/0/2"]


async def test_what_follows_stays_behind_the_projections(bench: Bench) -> None:
    await bench.happen(0, spread("a", "xx"))
    await bench.happen(0, spread("b", "xxx"))
    log, limits = bench.store.log, [1]

    async def a_little_first(partition: int, after: int, *, limit: int = 100) -> Any:
        return await log(partition, after, limit=limits.pop() if limits else limit)

    bench.store.log = a_little_first
    projector = bench.projector()
    await projector.step()
    assert bench.followed == ["ideas/0/1"], "the second is not in the projection yet"
    await until_idle(projector)
    assert bench.followed == ["ideas/0/1", "ideas/0/2"]


async def test_a_bug_in_what_follows_is_passed_over(bench: Bench) -> None:
    await bench.happen(0, spread("a", "xx"), spread("b", "xxx"))
    bench.bugs = 1
    await until_idle(bench.projector())
    assert bench.followed == ["ideas/0/2"]


async def test_of_two_who_own_a_partition_one_goes_on_and_the_rows_are_the_same(bench: Bench) -> None:
    ours, theirs = bench.projector(), bench.projector()
    await bench.happen(0, spread("a", "xx"))
    for projector in (ours, theirs):
        await projector.step()
    await bench.happen(0, spread("a", "xxx"))
    await ours.step()
    with pytest.raises(LostRace):
        await theirs.step()
    assert (
        await bench.store.nearest(PROJECTION, (2, 3)) == [Match("a", 1)] == await bench.store.nearest(PROJECTION, (3,))
    )
