"""What only the store in memory can do: fail when a test asks for it."""

from collections.abc import Sequence

import pytest

from shared.runtime.store.memory import MemoryStore
from shared.runtime.store.protocol import LostRace, StoreUnavailable, Write
from tests.support.writes import LAYOUT, write


@pytest.fixture
async def store() -> MemoryStore:
    """A store that is prepared and empty."""
    made = MemoryStore()
    await made.prepare(LAYOUT)
    return made


@pytest.mark.parametrize("applied", [False, True])
async def test_one_commit_fails_before_or_after_it_was_written(store: MemoryStore, applied: bool):
    done = write((await store.partitions([0]))[0], "t1", emits=["board/b"])
    store.fail_next(StoreUnavailable("lost on the way"), applied=applied)
    with pytest.raises(StoreUnavailable):
        await store.commit([done])
    assert (await store.partitions([0]))[0].token == ("t1" if applied else "")
    assert len(await store.log(0, 0)) == applied
    if not applied:
        await store.commit([done])


async def test_somebody_else_may_be_faster(store: MemoryStore):
    before = (await store.partitions([0]))[0]

    async def rival(_: Sequence[Write]) -> None:
        store.before_commit = None
        await store.commit([write(before, "rival")])

    store.before_commit = rival
    with pytest.raises(LostRace):
        await store.commit([write(before, "t1")])
    assert (await store.partitions([0]))[0].token == "rival"


async def test_a_store_that_is_down_says_so(store: MemoryStore):
    store.down = True
    with pytest.raises(StoreUnavailable):
        await store.partitions([0])
    store.down = False
    await store.partitions([0])
