"""A store that came back older is recovered from its own events as if nothing had been lost (docs/invariants.md)."""

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.engine.emit import Entry
from shared.engine.envelope import decode
from shared.engine.inputs import Call, Due, Input, Record, Redrive, event_mark
from shared.engine.message import Actor
from shared.engine.partition import partition_of
from shared.engine.recover import Unrecoverable, recover, states_wanted, tail_of
from tests.support.counter import COUNTER, TALLY, VAULT, Add, deciders
from tests.support.world import COUNT, START, World, call, key_in, record, world

DECIDERS = deciders()
OPERATOR = Actor("o-1", "operator")
KEYS = [key for i in range(99) if partition_of(key := f"k{i}", COUNT) == 0][:4]

wishes = st.lists(
    st.tuples(
        st.sampled_from(KEYS), st.sampled_from([1, 2, 13, 2_000]), st.sampled_from(["", "t0", "t1"]), st.integers(0, 15)
    ),
    max_size=25,
)


def _calls(drawn: list[tuple[str, int, str, int]]) -> list[Call]:
    return [
        call(Add(amount=amount, tally=tally and key_in(0, tally)), key, wish=f"w{wish}-{key}-{amount}-{tally}")
        for key, amount, tally, wish in drawn
    ]


def _heard(drawn: list[tuple[str, int, str, int]]) -> list[Record]:
    """What another source told this partition."""
    source = world(DECIDERS, 1)
    source.give(*_calls(drawn))
    offsets: dict[str, int] = {}
    records: list[Record] = []
    for entry in source.log:
        if entry.destination == 0:
            offset = offsets.get(entry.topic, 0)
            offsets[entry.topic] = offset + 1
            one = record(DECIDERS, entry, offset)
            assert isinstance(one, Record)
            records.append(one)
    return records


def _recovered(older: World, found: list[Entry], ends: dict[str, int], writes: int) -> World:
    rest = list(tail_of(older.partition, f"test/{older.partition.number}", found).entries)
    while rest:
        states = {ref: older.states.get(ref) for ref in states_wanted(DECIDERS, rest)}
        done = recover(DECIDERS, older.partition, states, older.held, rest, ends, max_writes=writes)
        older.keep(done)
        rest = rest[done.consumed :]
    return older


@given(heard=wishes, asked=wishes, cut=st.integers(0, 50), writes=st.integers(1, 30), redriven=st.booleans())
@settings(max_examples=150, deadline=None)
def test_after_any_loss_of_the_end_everything_is_as_if_nothing_had_been_lost(
    heard: list[tuple[str, int, str, int]],
    asked: list[tuple[str, int, str, int]],
    cut: int,
    writes: int,
    redriven: bool,
) -> None:
    records, calls = _heard(heard), _calls(asked)
    inputs: list[Input] = [one for pair in zip(records, calls, strict=False) for one in pair]
    inputs += [*records[len(calls) :], *calls[len(records) :]]
    lived, older = world(DECIDERS), world(DECIDERS)
    for index, one in enumerate(inputs):
        if index == cut:
            older = deepcopy(lived)
        lived.give(one)
        if redriven and lived.partition.parked and index % 3 == 0:
            key = next(iter(lived.partition.parked))
            waiting = tuple(held for held in lived.held if held.key == key and held.kind == "waiting")
            lived.give(Redrive(key, OPERATOR, START, waiting))
    if cut >= len(inputs):
        older = deepcopy(lived)
    ends = dict(lived.partition.offsets)
    back = _recovered(older, lived.log, ends, writes)
    assert [entry.value for entry in back.log] == [entry.value for entry in lived.log]
    assert (back.states, back.partition.sent) == (lived.states, lived.partition.sent)
    again: list[Input] = [one for one in records if one.offset >= back.partition.offsets.get(one.topic, 0)]
    back.give(*again, *(one for one in calls if one.command_id in lived.commands))
    assert [entry.value for entry in back.log] == [entry.value for entry in lived.log]
    assert back.states == lived.states
    assert (back.partition.offsets, back.partition.marks) == (lived.partition.offsets, lived.partition.marks)
    assert not back.partition.recovering
    answers = {id: one.answer for id, one in back.commands.items() if not id.startswith("event/")}
    assert answers == {id: one.answer for id, one in lived.commands.items()}


def _lived() -> World:
    lived = world(DECIDERS)
    for number in range(3):
        lived.give(call(Add(amount=1, tally=key_in(0, "t")), KEYS[0], wish=f"w{number}"))
    return lived


def test_what_is_held_and_was_decided_meanwhile_is_held_no_longer() -> None:
    due = START + timedelta(hours=1)
    broken = replace(COUNTER, decide=_unlucky)
    lived = world(deciders(broken, TALLY, VAULT))
    lived.give(call(Add(amount=1, due=due), KEYS[0], wish="a"), Due(broken, KEYS[0], due))
    assert [held.ref for held in lived.held] == [("counter", KEYS[0])]
    older = deepcopy(lived)
    lived.deciders = DECIDERS
    lived.give(Redrive(KEYS[0], OPERATOR, due, tuple(lived.held)))
    back = _recovered(older, lived.log, {}, 1_000)
    assert not back.held and not back.partition.parked
    assert back.states["counter", KEYS[0]].state.due is None


def _unlucky(counter: Any, message: Any, context: Any) -> Any:
    if not isinstance(message, Add):
        raise RuntimeError("a broken deadline")
    return COUNTER.decide(counter, message, context)


def test_a_recovered_command_gets_its_answer_whatever_it_says_now() -> None:
    lived = _lived()
    back = _recovered(world(DECIDERS), lived.log, {}, 1)
    wish = call(Add(amount=1, tally=key_in(0, "t")), KEYS[0], wish="w1")
    answer = back.give(wish)[0].answers[0][1]
    assert answer == replace(lived.commands["w1"].answer, repeated=True)


def test_where_the_topics_do_not_continue_the_store_nothing_is_recovered() -> None:
    lived, other = _lived(), world(DECIDERS)
    other.give(call(Add(amount=7), KEYS[1], wish="x"))
    source = "test/0"
    with pytest.raises(Unrecoverable, match="test/0/2 is in no topic, test/0/3 is"):
        tail_of(world(DECIDERS).partition, source, [lived.log[0], *lived.log[2:]])
    with pytest.raises(Unrecoverable, match="two histories"):
        tail_of(other.partition, source, lived.log)
    with pytest.raises(Unrecoverable, match="two events are called test/0/1"):
        tail_of(world(DECIDERS).partition, source, [*lived.log, *other.log])


def test_a_cause_whose_events_are_there_in_part_is_named_and_done_with() -> None:
    lived = _lived()
    torn = tail_of(world(DECIDERS).partition, "test/0", lived.log[:3])
    assert (torn.torn, torn.commands) == ("command/w1", 2)
    assert tail_of(world(DECIDERS).partition, "test/0", lived.log[:4]).torn == ""
    back = _recovered(world(DECIDERS), lived.log[:3], {}, 1_000)
    assert back.commands["w1"].answer.version == 3


def test_a_record_that_had_effects_is_known_by_its_id() -> None:
    records = _heard([(KEYS[0], 1, "t0", 0)])
    lived = world(DECIDERS)
    lived.give(*records)
    back = _recovered(world(DECIDERS), lived.log, dict(lived.partition.offsets), 1)
    assert event_mark(decode(records[-1].value).id) in back.commands
    assert back.partition.recovering == lived.partition.offsets
    assert back.give(*records)[0].counts["recovered"] == 1
