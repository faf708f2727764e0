"""Whatever had happened, more partitions change no state, lose, double and hide nothing (docs/invariants.md)."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from owlbus.audit.fold import ServiceFold
from shared.engine.emit import Entry
from shared.engine.envelope import decode
from shared.engine.generation import segments_of_key
from shared.engine.inputs import Answer, Call
from shared.engine.partition import partition_of
from shared.runtime.store.documents import emitter_of
from tests.support.counter import COUNTER, TALLY, VAULT, Add, deciders
from tests.support.town import Town, town
from tests.support.world import call

DECIDERS = deciders()
KEYS = [f"k{n}" for n in range(9)]
TALLIES = [f"t{n}" for n in range(5)]

Wish = tuple[str, int, str]
wishes = st.lists(
    st.tuples(st.sampled_from(KEYS), st.sampled_from([1, 2, 13, 2_000]), st.sampled_from(["", *TALLIES])), max_size=25
)
growths = st.lists(st.integers(1, 9), min_size=1, max_size=3)


def _calls(wanted: Sequence[Wish], name: str) -> list[Call]:
    return [
        call(Add(amount=amount, tag=f"{name}{n}", tally=tally), key, wish=f"{name}{n}")
        for n, (key, amount, tally) in enumerate(wanted)
    ]


def _live(place: Town, calls: Sequence[Call]) -> list[Answer]:
    answers: list[Answer] = []
    for n, one in enumerate(calls):
        answers.append(place.ask(one))
        if n % 3 == 0:
            place.settle()
    place.settle()
    return answers


def _history(place: Town, key: str) -> list[tuple[int, Entry]]:
    return [
        (entry.sequence + segment.shift, entry)
        for segment in segments_of_key(place.generations, place.count, key)
        for entry in place.logs.get(segment.number, [])[segment.after : segment.until]
        if emitter_of(entry.subject) == key
    ]


def _told(place: Town) -> dict[str, list[str]]:
    """What each tally was told: heard of, or waiting. In any order, for there is none between sources."""
    told: dict[str, list[str]] = {}
    for (name, id), stored in place.states.items():
        if name == "tally":
            told.setdefault(id, []).extend(stored.state.model_dump()["tags"])
    for one in (one for some in place.held.values() for one in some):
        told.setdefault(one.key, []).append(decode(one.value).data["tag"])
    return {id: sorted(tags) for id, tags in told.items()}


def _grown(before: list[Wish], after: list[Wish], count: int, steps: list[int]) -> Town:
    """A town that has lived, grown by each step, and lived on."""
    place = town(DECIDERS, count)
    _live(place, _calls(before, "a"))
    for n, more in enumerate(steps):
        place.grow(place.count + more)
        _live(place, _calls(after, f"b{n}"))
    return place


@given(before=wishes, after=wishes, count=st.integers(1, 6), steps=growths)
@settings(max_examples=120, deadline=None)
def test_states_answers_and_what_waits_are_the_same_and_life_goes_on(
    before: list[Wish], after: list[Wish], count: int, steps: list[int]
) -> None:
    grown, control = town(DECIDERS, count), town(DECIDERS, count)
    first = _live(grown, _calls(before, "a"))
    assert _live(control, _calls(before, "a")) == first
    assert grown.obstacles() == []
    for more in steps:
        states, logs = dict(grown.states), {n: list(log) for n, log in grown.logs.items()}
        parked = {key for one in grown.partitions for key in one.parked}
        waiting = {key: [h.value for some in grown.held.values() for h in some if h.key == key] for key in parked}
        grown.grow(grown.count + more)
        assert grown.states == states and grown.folded() == states
        assert all(grown.logs[n][: len(log)] == log for n, log in logs.items())
        for key in parked:
            home = partition_of(key, grown.count)
            assert key in grown.partitions[home].parked
            assert [one.value for one in grown.held[home] if one.key == key] == waiting[key]
        assert sum(len(one.parked) for one in grown.partitions) == len(parked)
        grown.settle()
        assert grown.obstacles() == []
    assert [replace(answer, repeated=False) for answer in map(grown.ask, _calls(before, "a"))][: len(first)] == first
    assert _live(grown, _calls(after, "b")) == _live(control, _calls(after, "b"))
    assert _told(grown) == _told(control)
    counters = {ref: stored for ref, stored in control.states.items() if ref[0] == "counter"}
    assert counters == {ref: stored for ref, stored in grown.states.items() if ref[0] == "counter"}
    assert grown.folded() == grown.states
    assert all(not one.aside for one in grown.partitions) and not grown.counts.get("duplicate")


@given(before=wishes, after=wishes, count=st.integers(1, 6), steps=growths)
@settings(max_examples=80, deadline=None)
def test_an_auditor_finds_every_log_whole_over_all_generations(
    before: list[Wish], after: list[Wish], count: int, steps: list[int]
) -> None:
    place = _grown(before, after, count, steps)
    check = place.checked()
    assert check.troubles() == ()
    assert check.events == sum(map(len, place.logs.values()))
    ids = [decode(value).id for values in place.topics.values() for value in values]
    assert len(ids) == len(set(ids))
    fold = ServiceFold("test", DECIDERS.aggregates, place.count)
    for record in reversed(place.records()):
        fold.add(record)
    assert {ref: one.stored for ref, one in fold.states.items()} == place.states and not fold.early
    assert all(one.partition == partition_of(ref[1].partition("/")[0], place.count) for ref, one in fold.states.items())


@given(before=wishes, after=wishes, count=st.integers(1, 6), steps=growths)
@settings(max_examples=60, deadline=None)
def test_what_is_said_again_over_all_generations_is_heard_by_nobody_twice(
    before: list[Wish], after: list[Wish], count: int, steps: list[int]
) -> None:
    place = _grown(before, after, count, steps)
    states, held = dict(place.states), {number: list(some) for number, some in place.held.items()}
    events = sum(map(len, place.logs.values()))
    place.rewind()
    assert (place.states, place.held) == (states, held)
    assert sum(map(len, place.logs.values())) == events == place.counts.get("duplicate", 0)
    assert all(not one.aside for one in place.partitions)


@given(before=wishes, after=wishes, count=st.integers(1, 6), steps=growths)
@settings(max_examples=60, deadline=None)
def test_a_key_has_one_history_whose_positions_grow(
    before: list[Wish], after: list[Wish], count: int, steps: list[int]
) -> None:
    place = town(DECIDERS, count)
    _live(place, _calls(before, "a"))
    earlier = {key: _history(place, key) for key in KEYS}
    for n, more in enumerate(steps):
        place.grow(place.count + more)
        _live(place, _calls(after, f"b{n}"))
    for key in KEYS:
        history = _history(place, key)
        positions = [position for position, _ in history]
        assert history[: len(earlier[key])] == earlier[key]
        assert positions == sorted(set(positions))
        told = [decode(entry.value) for _, entry in history if entry.subject == f"counter/{key}"]
        versions = [event.version for event in told if event.type.startswith("test.")]
        assert versions == list(range(1, len(versions) + 1))


def test_what_was_parked_is_redriven_at_its_new_home() -> None:
    place = town(DECIDERS, 3)
    key = next(key for n in range(99) if partition_of(key := f"t{n}", 3) != partition_of(key, 7))
    _live(place, _calls([("k0", 13, key), ("k1", 1, key)], "a"))
    old = partition_of(key, 3)
    assert [one.kind for one in place.held[old]] == ["bug", "waiting"]
    place.grow(7)
    place.settle()
    home = partition_of(key, 7)
    assert [(one.kind, one.origin) for one in place.held[home]] == [("bug", f"{old}/1"), ("waiting", f"{old}/2")]
    assert not place.held[old] and not place.partitions[old].parked
    place.deciders = deciders(COUNTER, replace(TALLY, decide=_lucky), VAULT)
    assert place.redrive(key).body == {"target_id": key, "done": 2, "left": 0, "reason": ""}
    assert place.states["tally", key].version == 2 and not place.partitions[home].parked


def _lucky(tally: object, message: object, context: object) -> object:
    return TALLY.decide(tally, message.model_copy(update={"amount": 1}), context)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]


@pytest.mark.parametrize("left", ["unpublished", "unread"])
def test_nothing_grows_while_something_is_not_heard(left: str) -> None:
    place = town(DECIDERS, 3)
    place.ask(call(Add(amount=1, tally="t0"), "k0"))
    if left == "unread":
        place.publish()
    found = place.obstacles()
    assert any("it has heard up to 0" in one for one in found)
    assert any("are unread" in one for one in found) == (left == "unread")
    place.settle()
    assert place.obstacles() == []


def test_what_is_written_to_its_keys_old_place_is_misplaced() -> None:
    place = town(DECIDERS, 2)
    _live(place, _calls([(key, 1, "") for key in KEYS], "a"))
    place.grow(4)
    _live(place, _calls([(key, 1, "") for key in KEYS], "b"))
    moved = next(key for key in KEYS if partition_of(key, 2) != partition_of(key, 4))
    there = place.topics["test.events", partition_of(moved, 4)]
    old = place.topics["test.events", partition_of(moved, 2)]
    fresh = next(value for value in there if decode(value).key == moved)
    there.remove(fresh)
    old.append(fresh)
    assert "misplaced" in {one.kind for one in place.checked().troubles()}
