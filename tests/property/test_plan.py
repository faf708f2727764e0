"""`plan` under any split, any repetition and any disorder of its inputs (docs/invariants.md)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.engine.chain import ChainCheck
from shared.engine.channel import Verdict
from shared.engine.envelope import MAX_BYTES, decode
from shared.engine.inputs import Due, Held, Input, Redrive, read_record
from shared.engine.message import Actor
from shared.engine.plan import Jump, OlderStore, plan
from tests.support.counter import COUNTER, TALLY, VAULT, Add, Lock, deciders
from tests.support.world import START, World, call, key_in, record, world

DECIDERS = deciders()
KEYS = [f"k{i}" for i in range(4)]
OPERATOR = Actor("o-1", "operator")

wishes = st.tuples(
    st.sampled_from(KEYS),
    st.sampled_from([1, 2, 13, 666, 2_000]),
    st.sampled_from(["", "t0", "t1"]),
    st.integers(0, 15),
)


def _calls(drawn: list[tuple[str, int, str, int]]) -> list[Input]:
    return [
        call(Add(amount=amount, tally=tally), key, wish=f"w{wish}-{key}-{amount}-{tally}")
        for key, amount, tally, wish in drawn
    ]


def _source(drawn: list[tuple[str, int, str, int]]) -> World:
    source = world(DECIDERS, 1)
    source.give(*_calls(drawn))
    return source


def _records(source: World) -> list[Input]:
    """What the source sends to its own two topics, as one reader would see it if all went to one partition."""
    offsets: dict[str, int] = {}
    inputs: list[Input] = []
    for entry in source.log:
        if entry.destination == 0:
            offset = offsets.get(entry.topic, 0)
            offsets[entry.topic] = offset + 1
            inputs.append(record(DECIDERS, entry, offset))
    return inputs


def _interleaved(left: list[Input], right: list[Input]) -> list[Input]:
    mixed: list[Input] = []
    for i in range(max(len(left), len(right))):
        mixed += left[i : i + 1] + right[i : i + 1]
    return mixed


@given(st.lists(wishes, max_size=30), st.lists(wishes, max_size=30), st.integers(2, 20))
@settings(max_examples=60, deadline=None)
def test_any_split_gives_the_same_bytes(
    heard: list[tuple[str, int, str, int]], asked: list[tuple[str, int, str, int]], writes: int
) -> None:
    inputs = _interleaved(_records(_source(heard)), _calls(asked))
    whole, cut, single = world(DECIDERS), world(DECIDERS), world(DECIDERS)
    whole.give(*inputs)
    cut.give(*inputs, max_writes=writes)
    for one in inputs:
        single.give(one)
    assert [e.value for e in whole.log] == [e.value for e in cut.log] == [e.value for e in single.log]
    assert whole.states == cut.states == single.states
    assert whole.partition == cut.partition == single.partition
    assert whole.held == cut.held == single.held


@given(st.lists(wishes, max_size=40))
@settings(max_examples=60, deadline=None)
def test_a_fold_of_the_log_equals_the_states(asked: list[tuple[str, int, str, int]]) -> None:
    own = world(DECIDERS)
    own.give(*_calls(asked))
    assert own.folded() == own.states
    check = ChainCheck()
    for entry in own.log:
        check.add(entry.topic, decode(entry.value), entry.value)
    assert check.faults() == ()


@given(st.lists(wishes, min_size=1, max_size=30), st.data())
@settings(max_examples=60, deadline=None)
def test_duplicates_add_nothing(heard: list[tuple[str, int, str, int]], data: st.DataObject) -> None:
    source = _source(heard)
    clean, noisy = world(DECIDERS), world(DECIDERS)
    clean.give(*_records(source))
    sent = [entry for entry in source.log if entry.destination == 0]
    offsets: dict[str, int] = {}
    for upto, entry in enumerate(sent):
        again = data.draw(st.lists(st.integers(0, upto), max_size=3), label="copies after it")
        for one in (entry, *(sent[i] for i in again)):
            offset = offsets.get(one.topic, 0)
            offsets[one.topic] = offset + 1
            noisy.give(record(DECIDERS, one, offset))
    assert {ref: s.state for ref, s in noisy.states.items()} == {ref: s.state for ref, s in clean.states.items()}
    assert [decode(e.value).data for e in noisy.log] == [decode(e.value).data for e in clean.log]
    assert not noisy.partition.aside


def _heard(amounts: list[int]) -> World:
    """A source that told a tally in partition 0 of these amounts."""
    source = world(DECIDERS, 1)
    tally = key_in(0, "t")
    key = key_in(1)
    for i, amount in enumerate(amounts):
        source.give(call(Add(amount=amount, tally=tally, tag=f"g{i}"), key, wish=f"w{i}"))
    return source


def _to_zero(source: World) -> list[Input]:
    return _records(source)


def test_a_gap_sets_only_its_channel_aside_until_the_missing_one_comes() -> None:
    source, reader = _heard([1, 2, 3]), world(DECIDERS)
    sent = [e for e in source.log if e.destination == 0]
    counts = reader.give(
        record(DECIDERS, sent[0], 0),
        record(DECIDERS, sent[2], 1),
        record(DECIDERS, sent[1], 2),
        record(DECIDERS, sent[2], 3),
    )[0].counts
    assert counts[Verdict.GAP.value] == 1
    assert reader.states["tally", key_in(0, "t")].state.model_dump()["tags"] == ("g0", "g1", "g2")
    assert not reader.partition.aside


def test_a_gap_is_on_record_while_it_lasts() -> None:
    source, reader = _heard([1, 2, 3]), world(DECIDERS)
    sent = [e for e in source.log if e.destination == 0]
    reader.give(record(DECIDERS, sent[0], 0), record(DECIDERS, sent[2], 1))
    assert [a.kind for a in reader.partition.aside.values()] == ["gap"]


def test_a_fork_is_on_record_for_good() -> None:
    source, other, reader = _heard([1, 2]), _heard([5, 2]), world(DECIDERS)
    mine = [e for e in source.log if e.destination == 0]
    theirs = [e for e in other.log if e.destination == 0]
    reader.give(record(DECIDERS, mine[0], 0), record(DECIDERS, theirs[0], 1), record(DECIDERS, mine[1], 2))
    assert [a.kind for a in reader.partition.aside.values()] == ["fork"]
    assert reader.states["tally", key_in(0, "t")].state.model_dump()["total"] == 3


def test_a_broken_decision_parks_the_key_and_nobody_else() -> None:
    source, reader = _heard([1, 13, 2]), world(DECIDERS)
    reader.give(*_to_zero(source))
    tally = key_in(0, "t")
    assert reader.states["tally", tally].state.model_dump()["total"] == 1
    assert [(h.kind, h.key) for h in reader.held] == [("bug", tally), ("waiting", tally)]
    asked = reader.give(call(Add(amount=1), tally, wish="a"), call(Add(amount=1), "free", wish="b"))[0]
    assert [answer.code for _, answer in asked.answers] == ["awaiting_repair", ""]


def test_a_redrive_goes_in_order_and_stops_at_the_first_failure() -> None:
    source, reader = _heard([1, 13, 2]), world(DECIDERS)
    reader.give(*_to_zero(source))
    tally = key_in(0, "t")
    stopped = reader.give(Redrive(tally, OPERATOR, START, tuple(reader.held)))[0]
    assert stopped.answers[0][1].body["left"] == 2
    assert tally in reader.partition.parked
    mended: list[Held] = [held for held in reader.held if held.kind == "waiting"]
    gone = [held.number for held in reader.held if held.kind == "bug"]
    done = reader.give(Redrive(tally, OPERATOR, START, tuple(mended)))[0]
    assert done.answers[0][1].body == {"target_id": tally, "done": 1, "left": 0, "reason": ""}
    assert tally not in reader.partition.parked
    assert [held.number for held in reader.held] == gone
    assert [decode(e.value).type for e in reader.log][-1] == "engine.Redriven"


def test_two_redrives_of_one_key_do_not_apply_it_twice() -> None:
    source, reader = _heard([13, 2]), world(DECIDERS)
    reader.give(*_to_zero(source))
    tally = key_in(0, "t")
    waiting = tuple(held for held in reader.held if held.kind == "waiting")
    again = Redrive(tally, OPERATOR, START, waiting)
    first = plan(DECIDERS, reader.partition, reader.states, {}, [again, again])
    assert (first.consumed, first.released) == (1, [waiting[0].number])


def test_a_redrive_of_a_part_leaves_the_key_parked() -> None:
    source, reader = _heard([13, 2]), world(DECIDERS)
    reader.give(*_to_zero(source))
    tally = key_in(0, "t")
    part = tuple(held for held in reader.held if held.kind == "waiting")
    reader.give(Redrive(tally, OPERATOR, START, part, complete=False))
    assert tally in reader.partition.parked


@pytest.mark.parametrize(
    ("value", "kind"),
    [(b"\xff\xfe", "unreadable"), (b"[]", "unreadable"), (b"{}", "unreadable"), (b"", "unreadable")],
)
def test_what_cannot_be_read_is_kept_with_its_reason(value: bytes, kind: str) -> None:
    reader = world(DECIDERS)
    reader.give(read_record(DECIDERS, "test.events", 0, value, START))
    assert [(held.kind, held.value) for held in reader.held] == [(kind, value)]
    assert reader.held[0].reason
    assert reader.partition.offsets == {"test.events": 1}


def test_an_unknown_type_is_kept_and_a_newer_version_parks_its_key() -> None:
    source, reader = _heard([1]), world(DECIDERS)
    entry = next(e for e in source.log if e.destination == 0)
    unknown = entry.value.replace(b"test.Noted", b"test.Nuted")
    newer = entry.value.replace(b"urn:owlbus:test.Noted:1", b"urn:owlbus:test.Noted:9")
    reader.give(read_record(DECIDERS, "test.events", 0, unknown, START))
    assert [h.kind for h in reader.held] == ["unknown_type"]
    assert not reader.partition.parked
    other = world(DECIDERS)
    other.give(read_record(DECIDERS, "test.events", 0, newer, START))
    assert [h.kind for h in other.held] == ["unfit"]
    assert list(other.partition.parked) == [key_in(0, "t")]


def test_the_same_command_gets_its_first_answer_and_another_body_is_refused() -> None:
    own = world(DECIDERS)
    first, again, other = own.give(
        call(Add(amount=1), "k", wish="a"), call(Add(amount=1), "k", wish="a"), call(Add(amount=2), "k", wish="a")
    )[0].answers
    assert (first[1].repeated, again[1].repeated) == (False, True)
    assert replace(again[1], repeated=False) == first[1]
    assert other[1].code == "idempotency_conflict"
    assert own.states["counter", "k"].version == 1


def test_a_refusal_writes_nothing_but_its_record_and_those_are_limited() -> None:
    own = world(DECIDERS)
    answers = own.give(*(call(Add(amount=2_000), "k", wish=f"w{i}") for i in range(100)))[0].answers
    assert {a.code for _, a in answers} == {"too_much"}
    assert not own.states and not own.commands
    assert [decode(e.value).type for e in own.log] == ["engine.CommandRefused"] * 60


def test_a_broken_decider_answers_its_caller_and_parks_nobody() -> None:
    own = world(DECIDERS)
    answers = own.give(call(Add(amount=666), "k", wish="a"), call(Add(amount=1), "k", wish="b"))[0].answers
    assert [a.code for _, a in answers] == ["bug", ""]


def test_reads_see_what_the_same_plan_has_done() -> None:
    own = world(DECIDERS)
    own.give(call(Add(amount=7), "k", wish="a"), call(Lock(), "k", wish="b", kind=VAULT))
    assert own.states["vault", "k"].state.model_dump()["locked_at"] == 7


def test_a_deadline_fires_once_at_its_legal_time() -> None:
    own, due = world(DECIDERS), START + timedelta(hours=1)
    own.give(call(Add(amount=1, due=due), "k", wish="a"), Due(COUNTER, "k", START))
    assert [decode(e.value).type for e in own.log] == ["test.Added"]
    own.give(*[Due(COUNTER, "k", START + timedelta(hours=2))] * 2)
    assert [decode(e.value).type for e in own.log] == ["test.Added", "test.Expired"]
    assert decode(own.log[-1].value).data["due"] == due.isoformat(timespec="microseconds").replace("+00:00", "Z")


def test_recorded_time_never_goes_back() -> None:
    own = world(DECIDERS)
    own.give(
        call(Add(amount=1), "k", wish="a", time=START),
        call(Add(amount=1), "k", wish="b", time=START - timedelta(hours=1)),
    )
    assert [decode(e.value).time for e in own.log] == [START, START]


def test_a_jump_in_offsets_is_refused() -> None:
    source, reader = _heard([1, 2]), world(DECIDERS)
    sent = [e for e in source.log if e.destination == 0]
    with pytest.raises(Jump):
        reader.give(record(DECIDERS, sent[0], 3))


def test_an_own_event_above_the_log_means_an_older_store() -> None:
    own = world(DECIDERS, 0)
    own.give(call(Add(amount=1), key_in(0), wish="a"))
    older = world(DECIDERS, 0)
    with pytest.raises(OlderStore, match="the log ends at 0"):
        older.give(record(DECIDERS, own.log[0], 0))


def test_an_own_event_that_continues_nothing_known_is_a_gap_and_stops_nothing() -> None:
    own, reader = world(DECIDERS, 0), world(DECIDERS, 0)
    for wish in ("a", "b"):
        own.give(call(Add(amount=1), key_in(0), wish=wish))
    reader.give(record(DECIDERS, own.log[1], 0), call(Add(amount=1), "k", wish="c"))
    assert [aside.kind for aside in reader.partition.aside.values()] == ["gap"]
    assert reader.states["counter", "k"].version == 1


def test_a_command_for_an_event_over_the_limit_is_refused_and_nothing_is_written() -> None:
    own = world(DECIDERS)
    answers = own.give(call(Add(amount=1, tag="x" * MAX_BYTES), "k"))[0].answers
    assert (answers[0][1].code, answers[0][1].facts) == ("too_large", {"limit": MAX_BYTES})
    assert not own.log


def test_unknown_targets_and_stale_versions_are_told() -> None:
    own = world(deciders(COUNTER, TALLY))
    own.give(call(Add(amount=1), "k", wish="a"))
    stale = replace(call(Add(amount=1), "k", wish="b"), expected_version=7)
    done = plan(own.deciders, own.partition, own.states, own.commands, [stale])
    assert [(a.code, a.facts) for _, a in done.answers] == [("stale_version", {"version": 1})]


def test_an_unknown_type_waits_for_nobody_and_nobody_waits_for_it() -> None:
    source, reader = _heard([13, 1, 2]), world(DECIDERS)
    sent = [e for e in source.log if e.destination == 0]
    tally = key_in(0, "t")
    unknown = sent[1].value.replace(b"test.Noted", b"test.Nuted")
    reader.give(record(DECIDERS, sent[0], 0))
    reader.give(read_record(DECIDERS, "test.events", 1, unknown, START), record(DECIDERS, sent[2], 2))
    assert [held.kind for held in reader.held] == ["bug", "unknown_type", "waiting"]
    rest = tuple(held for held in reader.held if held.kind != "bug")
    done = reader.give(Redrive(tally, OPERATOR, START, rest))[0]
    body = done.answers[0][1].body
    assert (body["done"], body["left"], body["reason"]) == (1, 1, "unknown type test.Nuted")
    assert tally not in reader.partition.parked
    assert reader.states["tally", tally].state.model_dump()["total"] == 2


def test_an_event_for_a_key_of_another_partition_is_kept_and_not_decided_on() -> None:
    source, reader = _heard([1]), world(DECIDERS, 1)
    entry = next(e for e in source.log if e.destination == 0)
    reader.give(record(DECIDERS, entry, 0))
    assert [held.kind for held in reader.held] == ["unreadable"]
    assert not reader.states and not reader.partition.marks
