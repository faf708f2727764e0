"""What stands in the way of more partitions is named."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.engine.inputs import Held
from shared.engine.message import Actor
from shared.engine.partition import Aside, Mark, Partition, partition_of
from shared.engine.repartition import Side, obstacles, repartitioned

NOON = datetime(2025, 3, 3, 12, 0, tzinfo=UTC)
TOPICS = ("ideas.events", "ideas.journal")
HEARD = Partition(
    0,
    1,
    sequence=5,
    offsets={"ideas.events": 5},
    sent={"ideas.events|0": 5},
    marks={"ideas.events|ideas/0": Mark(5, "d", 4)},
    folds={"idea": 2},
)
ENDS = {("ideas.events", 0): 5}


def _found(partition: Partition, ends: dict[tuple[str, int], int] = ENDS) -> list[str]:
    return list(obstacles([Side("ideas", TOPICS, [partition], {"idea": 2})], ends))


def test_where_all_is_heard_nothing_stands_in_the_way() -> None:
    assert _found(HEARD) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"offsets": {"ideas.events": 3}}, "ideas/0: 2 records of ideas.events are unread"),
        ({"offsets": {"ideas.events": 9}}, "ideas/0: ideas.events ends at 5, before what was read of it (9)"),
        ({"marks": {}}, "ideas/0: ideas/0 has sent it up to 5 in ideas.events, it has heard up to 0"),
        (
            {"aside": {"ideas.events|ideas/0": Aside("gap", 9, NOON)}},
            "ideas/0: ideas.events|ideas/0 waits for a missing event",
        ),
        ({"recovering": {"ideas.events": 9}}, "ideas/0: a recovery has not come to its end"),
        ({"folds": {"idea": 1}}, "ideas/0: its states of idea are another release's; start the service once"),
    ],
)
def test_what_has_to_be_done_first_is_named(changes: dict[str, object], said: str) -> None:
    assert _found(replace(HEARD, **changes)) == [said]  # pyright: ignore[reportArgumentType]


def test_a_fork_stays_on_record_and_is_in_nobodys_way() -> None:
    forked = replace(HEARD, aside={"ideas.events|ideas/0": Aside("fork", 3, NOON)})
    assert _found(forked) == []
    first, *_ = repartitioned(Side("ideas", TOPICS, [forked], {"idea": 2}), {}, 2, Actor("o-1", "operator"), NOON)
    assert first.partition.aside == forked.aside


def test_what_has_no_key_stays_and_accepted_keys_stay_accepted() -> None:
    key = next(key for n in range(99) if partition_of(key := f"k{n}", 2) == 1)
    old = replace(HEARD, parked={key: "why"}, held=2, tolerated=1)
    held = [Held(1, "", "unreadable", "no JSON", NOON, "ideas.events", 3), Held(2, key, "bug", "why", NOON)]
    side = Side("ideas", TOPICS, [old], {"idea": 2})
    first, second = repartitioned(side, {0: held}, 2, Actor("o-1", "operator"), NOON)
    assert (first.held, first.released, first.partition.parked, first.partition.tolerated) == ([], [2], {}, 0)
    assert [(one.number, one.key, one.origin) for one in second.held] == [(1, key, "0/2")]
    assert (second.partition.parked, second.partition.tolerated) == ({key: "why"}, 1)
    assert (first.partition.earlier, second.partition.folds) == ((1,), {"idea": 2})


def test_recorded_time_goes_back_for_no_key() -> None:
    sides = Side("ideas", TOPICS, [replace(HEARD, time=NOON)], {"idea": 2})
    plans = repartitioned(sides, {}, 2, Actor("o-1", "operator"), NOON.replace(hour=3))
    assert [plan.partition.time for plan in plans] == [NOON, NOON]
