"""What every store promises, in memory as on MongoDB."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import pytest

from deploy.embedded.mongo import MongoServer
from deploy.provision.mongodb import Client, put_service
from shared.engine.emit import Stored
from shared.engine.inputs import Held
from shared.engine.partition import Aside, Mark
from shared.engine.projection import Row
from shared.runtime.store.memory import MemoryStore
from shared.runtime.store.mongo import MongoStore
from shared.runtime.store.protocol import Layout, LostRace, Match, Store, Unstorable, Write
from tests.support.stack import embedded_only
from tests.support.writes import (
    BOARD,
    LAYOUT,
    OTHER_TERMS,
    SEAT,
    TERMS,
    Board,
    Member,
    Seat,
    command,
    entry,
    key_in,
    stored,
    write,
)

NOON = datetime(2025, 3, 3, 12, 0, 0, 123456, tzinfo=UTC)


ON_MONGODB = [pytest.mark.integration]
AS_A_SERVICE = [*ON_MONGODB, embedded_only]


@pytest.fixture(scope="session")
def guarded() -> Iterator[MongoServer]:
    """A server that asks for users."""
    with TemporaryDirectory(prefix="owlbus-test-") as directory:
        server = MongoServer(Path(directory) / "mongod", auth=True)
        server.start()
        yield server
        server.stop()


@pytest.fixture(
    params=[
        "memory",
        pytest.param("mongo", marks=ON_MONGODB),
        pytest.param("mongo as a service's user", marks=AS_A_SERVICE),
    ]
)
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """A store that is prepared and empty; the last one may do only what a service may (deploy/provision/grants.py)."""
    database = f"contract_{uuid4().hex[:12]}"
    match request.param:
        case "memory":
            made: Store = MemoryStore()
        case "mongo":
            made = _on_mongodb(request.getfixturevalue("stack").mongo_uri, database)
        case _:
            uri: str = request.getfixturevalue("guarded").uri
            with Client(uri) as administrator:
                put_service(administrator, database, "service", "secret", LAYOUT.aggregates)
            address = uri.partition("@")[2].replace("/?", f"/{database}?")
            made = _on_mongodb(f"mongodb://service:secret@{address}", database)
    await made.prepare(LAYOUT)
    yield made
    await made.close()


def _on_mongodb(uri: str, database: str) -> MongoStore:
    return MongoStore(uri, database, appname=f"test/{uuid4().hex[:8]}")


async def committed(store: Store, number: int, token: str, *states: Stored, **what: Any) -> Write:
    """Commit a plan on what partition `number` is now."""
    done = write((await store.partitions([number]))[number], token, *states, **what)
    await store.commit([done])
    return done


def waiting(number: int, key: str) -> Held:
    return Held(number, key, "bug", "because", NOON, "test.events", 7, b"\x00\xff", "trace", ("board", "b"))


def due_board(id: str, **deadlines: datetime) -> Stored:
    return stored(Board(id=id, deadlines=deadlines))


# --- preparing


async def test_preparing_again_changes_nothing(store: Store):
    await committed(store, 1, "t1", emits=["board/b"])
    await store.prepare(LAYOUT)
    found = await store.partitions([0, 1])
    assert (found[0].token, found[1].token, found[1].sequence) == ("", "t1", 1)


async def test_another_number_of_partitions_is_refused(store: Store):
    with pytest.raises(ValueError, match="4 partitions, OWLBUS_PARTITIONS says 5: set it to 4, or stop"):
        await store.prepare(replace(LAYOUT, partitions=5))
    await committed(store, 3, "t1")


async def test_an_aggregate_can_not_be_called_like_a_part_of_the_store(store: Store):
    with pytest.raises(ValueError, match="log"):
        await store.prepare(Layout("test", (replace(BOARD, name="log"),), 4, {}))


async def test_a_new_partition_has_nothing_and_nothing_to_fold(store: Store):
    found = await store.partitions(range(4))
    assert [p.number for p in found.values()] == [0, 1, 2, 3]
    assert found[2].folds == {"board": 3, "seat": 3}
    assert (found[2].count, found[2].sequence, found[2].offsets) == (4, 0, {})


# --- committing


async def test_a_partition_is_read_as_it_was_written(store: Store):
    changes = {
        "chain": "ab" * 32,
        "time": NOON,
        "offsets": {"test.events": 2**40, "$odd.topic\x00": 0},
        "marks": {"test.events|ideas/3": Mark(7, "cd" * 32, 5)},
        "aside": {"test.journal|ideas/3": Aside("gap", 9, NOON)},
        "sent": {"test.events|2": 5},
        "parked": {"a.key": "why", "": "empty", "$where\x00": "odd"},
        "folds": {"board": 4},
        "held": 12,
        "refusals": 3,
        "refusals_since": NOON,
    }
    done = await committed(store, 2, "t1", emits=["board/b"], changed=changes)
    assert (await store.partitions([2]))[2] == done.plan.partition


async def test_a_commit_writes_all_that_its_plans_say(store: Store):
    first, second = (await store.partitions([0, 1])).values()
    board = Board(id="b", stage="open", members=(Member(person_id="p1", share=3),), notes={"a.b": "$c"})
    await store.commit(
        [
            write(first, "t1", stored(board), emits=["board/b", "board/b"], commands=[command("c1", total=1)]),
            write(second, "t2", stored(Seat(id="s/p"), 5), emits=["seat/s/p"], held=[waiting(1, "s")]),
        ]
    )
    states = await store.states([("board", "b"), ("seat", "s/p"), ("board", "none"), ("seat", "b")])
    assert states == {("board", "b"): stored(board), ("seat", "s/p"): stored(Seat(id="s/p"), 5)}
    assert await store.state(BOARD, "b") == stored(board)
    assert await store.state(BOARD, "none") is None
    assert await store.commands(["c1", "c2"]) == {"c1": command("c1", total=1)}
    assert [e.sequence for batch in await store.log(0, 0) for e in batch.entries] == [1, 2]
    assert await store.held(1) == (waiting(1, "s"),)
    assert {n: p.token for n, p in (await store.partitions([0, 1])).items()} == {0: "t1", 1: "t2"}


async def test_the_next_commit_replaces_states(store: Store):
    await committed(store, 0, "t1", due_board("b", end=NOON))
    await committed(store, 0, "t2", stored(Board(id="b", stage="done"), 2))
    assert await store.state(BOARD, "b") == stored(Board(id="b", stage="done"), 2)
    assert await store.next_due([0]) is None


async def test_one_stale_token_undoes_the_whole_commit_and_is_named(store: Store):
    before = await store.partitions([0, 1, 2])
    await committed(store, 1, "t1", due_board("old", end=NOON), held=[waiting(1, "k")])
    writes = [
        write(before[n], f"u{n}", due_board(f"b{n}", end=NOON), emits=["board/b"], commands=[command(f"c{n}")])
        for n in before
    ]
    writes[1].plan.released.append(1)
    writes[2].plan.held.append(waiting(1, "k"))
    with pytest.raises(LostRace) as lost:
        await store.commit(writes)
    assert lost.value.partitions == (1,)
    assert {n: p.token for n, p in (await store.partitions([0, 1, 2])).items()} == {0: "", 1: "t1", 2: ""}
    assert await store.states([("board", "b0"), ("board", "b1"), ("board", "b2")]) == {}
    assert await store.commands(["c0", "c1", "c2"]) == {}
    assert await store.log(0, 0) == []
    assert [await store.held(1), await store.held(2)] == [(waiting(1, "k"),), ()]
    assert [ref.id for ref in await store.due([0, 1, 2], NOON + timedelta(days=1))] == ["old"]


async def test_of_commits_at_once_on_one_partition_one_wins(store: Store):
    partition = (await store.partitions([0]))[0]
    rivals = [store.commit([write(partition, f"t{i}", emits=["board/b"])]) for i in range(8)]
    outcomes = await asyncio.gather(*rivals, return_exceptions=True)
    winners = [i for i, outcome in enumerate(outcomes) if outcome is None]
    assert len(winners) == 1
    assert all(isinstance(o, LostRace) and o.partitions == (0,) for o in outcomes if o is not None)
    assert (await store.partitions([0]))[0].token == f"t{winners[0]}"
    assert len(await store.log(0, 0)) == 1


async def test_commits_at_once_on_different_partitions_all_win(store: Store):
    before = await store.partitions(range(4))
    await asyncio.gather(*(store.commit([write(p, "t", emits=["board/b"])]) for p in before.values()))
    assert {p.token for p in (await store.partitions(range(4))).values()} == {"t"}


async def test_a_command_is_stored_once(store: Store):
    await committed(store, 0, "t1", commands=[command("c1", total=1)])
    with pytest.raises(LostRace):
        await committed(store, 2, "t2", stored(Board(id="b")), commands=[command("c1", total=2)])
    assert await store.commands(["c1"]) == {"c1": command("c1", total=1)}
    assert await store.state(BOARD, "b") is None


async def test_nothing_to_commit_is_no_commit(store: Store):
    await store.commit([])
    assert await store.states([]) == {}
    assert await store.commands([]) == {}


async def test_what_can_not_be_stored_leaves_nothing_behind(store: Store):
    with pytest.raises(Unstorable):
        await committed(store, 0, "t1", stored(Board(id="a")), stored(Board(id="b", notes={"\x00": ""})))
    assert await store.states([("board", "a"), ("board", "b")]) == {}
    await committed(store, 0, "t1", stored(Board(id="a")))


async def test_what_callers_hold_is_not_what_is_stored(store: Store):
    body, notes = {"list": [1]}, {"a": "b"}
    done = await committed(store, 0, "t1", stored(Board(id="b", notes=notes)), commands=[command("c", inner=body)])
    body["list"].append(2)
    done.plan.partition.parked["k"] = "later"
    for _ in range(2):
        read = await store.state(BOARD, "b")
        assert read is not None and isinstance(read.state, Board) and read.state.notes == {"a": "b"}
        read.state.notes["x"] = "y"
        answer = (await store.commands(["c"]))["c"].answer
        assert answer.body == {"inner": {"list": [1]}}
        answer.body.clear()
        partition = (await store.partitions([0]))[0]
        assert partition.parked == {}
        partition.parked["z"] = "y"


# --- what is set aside


async def test_what_is_held_comes_in_order_and_goes_when_released(store: Store):
    await committed(store, 1, "t1", held=[waiting(n, "ab"[n % 2]) for n in (11, 2, 9)])
    await committed(store, 1, "t2", held=[waiting(n, "ab"[n % 2]) for n in (12, 13)])
    await committed(store, 2, "t1", held=[waiting(2, "b")])
    assert [one.number for one in await store.held(1)] == [2, 9, 11, 12, 13]
    assert [one.number for one in await store.held(1, "b")] == [9, 11, 13]
    assert [one.number for one in await store.held(1, "b", limit=2)] == [9, 11]
    await committed(store, 1, "t3", held=[waiting(14, "a")], released=[2, 11])
    assert [one.number for one in await store.held(1)] == [9, 12, 13, 14]
    assert await store.held(2) == (waiting(2, "b"),)


# --- the log


async def test_the_log_is_read_from_a_cursor_in_order(store: Store):
    await committed(store, 0, "t0", changed={"sequence": 2**31 - 3})
    for i in range(12):
        await committed(store, 0, f"t{i + 1}", emits=["board/b"] * (1 + i % 2))
    await committed(store, 1, "t1", emits=["board/other"])
    start = 2**31 - 3
    everything = await store.log(0, 0)
    assert [e.sequence for batch in everything for e in batch.entries] == list(range(start + 1, start + 19))
    assert [(b.partition, b.first, b.last) for b in everything[:2]] == [
        (0, start + 1, start + 1),
        (0, start + 2, start + 3),
    ]
    assert await store.log(0, start + 2, limit=3) == everything[1:4]
    assert await store.log(0, start + 3) == everything[2:]
    assert await store.log(0, everything[-1].last) == []
    assert everything[1].entries[1] == entry(start + 3, "board/b")


async def test_the_end_of_each_log_is_known(store: Store):
    for i in range(11):
        await committed(store, 0, f"t{i}", emits=["board/b", "board/b"])
    await committed(store, 2, "t", emits=["board/other"])
    assert await store.log_ends([0, 1, 2]) == {0: 22, 1: 0, 2: 1}
    assert await store.log_ends([]) == {}


async def test_large_batches_come_a_few_at_a_time_and_none_is_left_out(store: Store):
    for i in range(12):
        done = write((await store.partitions([0]))[0], f"t{i}", emits=["board/b"])
        done.plan.entries[0] = replace(done.plan.entries[0], value=bytes(900_000))
        await store.commit([done])
    seen: list[int] = []
    while batches := await store.log(0, seen[-1] if seen else 0):
        seen += [batch.last for batch in batches]
    assert seen == list(range(1, 13))


async def test_a_history_has_all_that_was_emitted_under_one_key(store: Store):
    key = key_in(2, "$k")
    other = key_in(2, f"{key}x")
    await committed(store, 2, "t1", emits=[f"board/{key}", f"board/{other}", f"seat/{key}/p1", f"seat/{other}/{key}"])
    await committed(store, 2, "t2", emits=[f"board/{other}"])
    await committed(store, 2, "t3", emits=[f"key/{key}", f"seat/{key}/p2"])
    history = [told.entry for told in await store.history(key)]
    assert [(e.sequence, e.subject) for e in history] == [
        (1, f"board/{key}"),
        (3, f"seat/{key}/p1"),
        (6, f"key/{key}"),
        (7, f"seat/{key}/p2"),
    ]
    assert history[0] == entry(1, f"board/{key}")
    assert [told.position for told in await store.history(key, after=1, limit=2)] == [3, 6]
    assert await store.history(key, after=7) == []
    assert await store.history("unknown") == []


async def test_cursors_are_kept_per_partition(store: Store):
    await store.save_cursors({0: 5, 3: 7})
    await store.save_cursors({3: 2**40})
    await store.save_cursors({})
    assert await store.cursors([0, 1, 3]) == {0: 5, 1: 0, 3: 2**40}


# --- deadlines


async def test_due_is_earliest_first_and_never_early(store: Store):
    day = timedelta(days=1)
    await committed(store, 0, "t1", due_board("c", a=NOON + 2 * day, b=NOON), due_board("a", a=NOON + day))
    await committed(store, 1, "t1", stored(Seat(id="b/p", deadlines={"x": NOON - day})), stored(Board(id="none")))
    await committed(store, 2, "t1", due_board("elsewhere", a=NOON - 2 * day))
    rounded = NOON.replace(microsecond=124000)
    assert await store.next_due([0, 1]) == rounded - day
    assert await store.next_due([0]) == rounded
    assert await store.next_due([3]) is None
    assert [ref.id for ref in await store.due([0, 1], NOON + 5 * day)] == ["b/p", "c", "a"]
    assert [ref.id for ref in await store.due([0, 1], NOON + 5 * day, limit=2)] == ["b/p", "c"]
    (only,) = await store.due([0], rounded + timedelta(microseconds=1))
    assert (only.partition, only.aggregate, only.id, only.due) == (0, "board", "c", rounded)
    assert len(await store.due([0], rounded)) == 1
    assert await store.due([0], NOON) == []
    assert await store.due([0], rounded - timedelta(microseconds=1)) == []


# --- folding again


async def test_a_refold_replaces_the_states_of_one_aggregate_in_one_partition(store: Store):
    await committed(store, 0, "t1", due_board("gone", a=NOON), stored(Board(id="kept")), stored(Seat(id="kept/p")))
    await committed(store, 1, "t1", stored(Board(id="elsewhere")))
    newer = replace(BOARD, fold=9)
    boards = {"kept": stored(Board(id="kept", stage="new fold"), 4), "more": due_board("more", a=NOON)}
    token = await store.refold(0, newer, boards, "t1")
    assert await store.states([("board", id) for id in ("gone", "kept", "more", "elsewhere")]) == {
        ("board", "kept"): boards["kept"],
        ("board", "more"): boards["more"],
        ("board", "elsewhere"): stored(Board(id="elsewhere")),
    }
    assert await store.state(SEAT, "kept/p") == stored(Seat(id="kept/p"))
    assert [ref.id for ref in await store.due([0], NOON + timedelta(1))] == ["more"]
    after = (await store.partitions([0]))[0]
    assert (after.token, after.folds) == (token, {"board": 9, "seat": 3})
    assert token != "t1"
    await committed(store, 0, "t2", stored(Board(id="kept"), 5))


async def test_a_refold_to_nothing_leaves_nothing(store: Store):
    await committed(store, 0, "t1", stored(Board(id="gone")))
    token = await store.refold(0, BOARD, {}, "t1")
    assert await store.state(BOARD, "gone") is None
    assert (await store.partitions([0]))[0].token == token


async def test_a_refold_of_many_states_is_whole(store: Store):
    many = {f"b{i}": stored(Board(id=f"b{i}"), i) for i in range(2_300)}
    token = await store.refold(0, replace(BOARD, fold=4), many, "")
    counts = await store.count_by(BOARD, "stage", {})
    few = {"b7": stored(Board(id="b7"), 1)}
    await store.refold(0, replace(BOARD, fold=5), few, token)
    assert counts == {"new": 2_300}
    assert (await store.find(BOARD, {})).items == (few["b7"],)
    assert (await store.partitions([0]))[0].folds["board"] == 5


async def test_a_refold_on_a_stale_token_changes_nothing(store: Store):
    await committed(store, 0, "t1", stored(Board(id="b")))
    with pytest.raises(LostRace) as lost:
        await store.refold(0, replace(BOARD, fold=9), {"c": stored(Board(id="c"))}, "")
    assert lost.value.partitions == (0,)
    assert (await store.find(BOARD, {})).items == (stored(Board(id="b")),)
    after = (await store.partitions([0]))[0]
    assert (after.token, after.folds["board"]) == ("t1", 3)


async def test_a_refold_of_what_can_not_be_stored_stamps_nothing(store: Store):
    with pytest.raises(Unstorable):
        await store.refold(0, replace(BOARD, fold=9), {"b": stored(Board(id="b", notes={"\x00": ""}))}, "")
    assert (await store.partitions([0]))[0].folds == {"board": 3, "seat": 3}


async def test_who_planned_before_a_refold_loses(store: Store):
    before = (await store.partitions([0]))[0]
    await store.refold(0, BOARD, {}, "")
    with pytest.raises(LostRace):
        await store.commit([write(before, "t1", stored(Board(id="b")))])


# --- queries


async def boards(store: Store) -> None:
    people = (Member(person_id="p1"), Member(person_id="p2", share=2))
    await committed(
        store,
        0,
        "t1",
        stored(Board(id="a", stage="open", members=people)),
        stored(Board(id="b", stage="open", members=people[:1], open=False)),
        stored(Board(id="c", stage="shut", members=people[1:])),
        stored(Seat(id="a/p1")),
        stored(Seat(id="a/p2")),
        stored(Seat(id="ab/p1")),
    )


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ({}, "abc"),
        ({"stage": "open"}, "ab"),
        ({"members.person_id": "p2"}, "ac"),
        ({"members.person_id": "p1", "stage": "open", "open": True}, "a"),
        ({"stage": ["shut", "lost"]}, "c"),
        ({"stage": []}, ""),
        ({"members.share": 2}, "ac"),
        ({"id": ("a", "c")}, "ac"),
        ({"nowhere": None}, "abc"),
        ({"nowhere": "x"}, ""),
    ],
)
async def test_finding_by_fields(store: Store, where: dict[str, object], ids: str):
    await boards(store)
    page = await store.find(BOARD, where)
    assert "".join(one.state.id for one in page.items) == ids
    assert page.cursor is None


async def test_finding_what_belongs_to_a_key(store: Store):
    await boards(store)
    assert [one.state.id for one in (await store.find(SEAT, {"key": "a"})).items] == ["a/p1", "a/p2"]


async def test_finding_page_by_page(store: Store):
    await boards(store)
    first = await store.find(BOARD, {}, limit=2)
    assert ([one.state.id for one in first.items], first.cursor) == (["a", "b"], "b")
    second = await store.find(BOARD, {}, after=first.cursor, limit=2)
    assert ([one.state.id for one in second.items], second.cursor) == (["c"], None)
    exact = await store.find(BOARD, {"stage": "open"}, limit=2)
    assert (len(exact.items), exact.cursor) == (2, None)


async def test_counting_by_a_field(store: Store):
    await boards(store)
    assert await store.count_by(BOARD, "stage", {}) == {"open": 2, "shut": 1}
    assert await store.count_by(BOARD, "members.person_id", {"stage": "open"}) == {"p1": 2, "p2": 1}
    assert await store.count_by(BOARD, "open", {}) == {"True": 2, "False": 1}
    assert await store.count_by(BOARD, "nowhere", {}) == {"": 3}
    assert await store.count_by(BOARD, "stage", {"stage": "none"}) == {}


# --- the rest


async def test_the_owner_is_who_claimed_last(store: Store):
    await store.claim([0, 1], "http://a")
    await store.claim([1], "http://b")
    await store.claim([], "http://c")
    assert [await store.owner(n) for n in (0, 1, 2)] == ["http://a", "http://b", None]


async def test_the_store_has_a_clock(store: Store):
    now = await store.now()
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)


# --- projections


async def test_rows_are_found_by_the_terms_they_share_those_that_share_most_first(store: Store):
    rows = {1: (TERMS, Row("a", (1, 2, -3))), 2: (TERMS, Row("b", (2, -3, 2**62, 5))), 4: (TERMS, Row("c", (9,)))}
    await store.advance("terms", 0, rows, 0, 4)
    await store.advance("terms", 1, {1: (TERMS, Row("d", (1, 2)))}, 0, 1)
    assert await store.nearest(TERMS, (1, 2, -3, -3)) == [Match("a", 3), Match("b", 2), Match("d", 2)]
    assert await store.nearest(TERMS, (2**62,)) == [Match("b", 1)]
    assert await store.nearest(TERMS, (1, 2), limit=1) == [Match("a", 2)]
    assert await store.nearest(OTHER_TERMS, (1, 2)) == [] == await store.nearest(TERMS, ())


async def test_each_projection_and_follower_has_a_place_of_its_own_in_each_partitions_log(store: Store):
    assert await store.progress("terms", [0, 3]) == {0: 0, 3: 0}
    await store.advance("terms", 0, {}, 0, 7)
    await store.advance("follower", 0, {}, 0, 2)
    await store.prepare(LAYOUT)
    assert await store.progress("terms", [0, 1]) == {0: 7, 1: 0}
    assert await store.progress("follower", [0]) == {0: 2} and await store.progress("other", [0]) == {0: 0}


async def test_who_comes_too_late_does_not_move_the_place(store: Store):
    await store.advance("terms", 0, {5: (TERMS, Row("a", (5,)))}, 0, 5)
    with pytest.raises(LostRace):
        await store.advance("terms", 0, {3: (TERMS, Row("a", (3,)))}, 0, 3)
    assert await store.progress("terms", [0]) == {0: 5}
    assert await store.nearest(TERMS, (3, 5)) == [Match("a", 1)] == await store.nearest(TERMS, (5,))


async def test_a_later_event_replaces_a_row_and_the_same_one_again_changes_nothing(store: Store):
    for read, last, terms in ((0, 1, (1,)), (1, 4, (4,)), (4, 5, (5,))):
        await store.advance("terms", 0, {last: (TERMS, Row("a", terms))}, read, last)
    with pytest.raises(LostRace):
        await store.advance("terms", 0, {5: (TERMS, Row("a", (5,)))}, 4, 5)
    assert await store.nearest(TERMS, (1, 4, 5)) == [Match("a", 1)] == await store.nearest(TERMS, (5,))


async def test_another_version_begins_anew_and_the_others_stay(store: Store):
    await store.advance("terms", 0, {1: (TERMS, Row("a", (1,)))}, 0, 1)
    await store.advance("other", 0, {1: (OTHER_TERMS, Row("a", (1,)))}, 0, 1)
    newer = replace(TERMS, version=2)
    await store.prepare(replace(LAYOUT, projections=(newer, OTHER_TERMS)))
    assert await store.progress("terms", [0]) == {0: 0} and await store.progress("other", [0]) == {0: 1}
    assert await store.nearest(newer, (1,)) == [] == await store.nearest(TERMS, (1,))
    assert await store.nearest(OTHER_TERMS, (1,)) == [Match("a", 1)]
    await store.advance("terms", 0, {1: (newer, Row("a", (1,)))}, 0, 1)
    assert await store.nearest(newer, (1,)) == [Match("a", 1)]
