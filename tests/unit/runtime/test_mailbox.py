"""The five rules that make a mailbox exact."""

import asyncio

from shared.engine.inputs import Answer, Due, read_record
from shared.engine.partition import Partition
from shared.runtime.mailbox import Mailbox, Offered, Standing
from tests.support.counter import COUNTER, Add, deciders
from tests.support.world import COUNT, START, call


def _serving(offset: int = 5) -> Mailbox:
    box = Mailbox(0, owned=True)
    box.serve(Partition(0, COUNT, offsets={"t": offset}), ("t", "u"))
    return box


def test_it_takes_only_the_next_offset() -> None:
    box = _serving()
    assert [box.offer("t", 4), box.offer("t", 5), box.offer("t", 5), box.offer("u", 0)] == [
        Offered.DROPPED, Offered.TAKEN, Offered.DROPPED, Offered.TAKEN,
    ]  # fmt: skip


def test_a_jump_is_sought_back_once_and_then_a_hole() -> None:
    box = _serving()
    assert box.offer("t", 8) is Offered.JUMPED
    assert box.next_offsets["t"] == 5
    assert box.offer("t", 8) is Offered.TAKEN
    assert box.is_hole("t", 8)
    assert box.offer("t", 9) is Offered.TAKEN
    assert not box.is_hole("t", 9)


def test_a_reset_keeps_calls_in_order_and_drops_the_rest() -> None:
    box = _serving()
    first, second = call(Add(amount=1), "k", wish="a"), call(Add(amount=1), "k", wish="b")
    box.put(read_record(deciders(), "t", 5, b"", START))
    box.put(second)
    box.put(Due(COUNTER, "k", START))
    taken = box.take(1)
    box.put_back([*taken])
    box.reset([type(taken[0])(first)])
    assert [one.item for one in box.queue] == [first, second]
    assert (box.records, box.epoch, box.partition, box.standing) == (0, 1, None, Standing.LOADING)
    assert box.offer("t", 5) is Offered.DROPPED


def test_nothing_is_taken_while_it_is_not_owned() -> None:
    box = Mailbox(0)
    box.serve(Partition(0, COUNT), ("t",))
    assert box.offer("t", 0) is Offered.DROPPED


def test_a_stop_outlives_a_reset() -> None:
    box = _serving()
    box.stop("older_store")
    box.reset([])
    assert (box.standing, box.why) == (Standing.STOPPED, "older_store")
    assert box.offer("t", 5) is Offered.DROPPED


async def test_who_no_longer_waits_is_passed_over() -> None:
    box = _serving()
    gone: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    gone.cancel()
    box.put(call(Add(amount=1), "k", wish="a"), gone)
    box.put(call(Add(amount=1), "k", wish="b"))
    assert len(box.take(10)) == 1
