"""Whatever bytes come, the planner goes on, and what it sets aside can be stored."""

import bson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.awards.service import SERVICE as AWARDS
from services.evaluation.service import SERVICE as EVALUATION
from services.ideas.service import SERVICE as IDEAS
from services.learning.service import SERVICE as LEARNING
from shared.engine.aggregate import Deciders, key_of
from shared.engine.emit import Cause, Tip, write_entry
from shared.engine.inputs import Input, Record, Redrive, read_record, wanted
from shared.engine.message import Actor, Event
from shared.engine.partition import GENESIS, Partition, partition_of
from shared.runtime.service import Service
from shared.runtime.store.documents import held_document, partition_document
from tests.contract.contracts import example
from tests.support.bad import GOOD, HOME, PARTITIONS, Source, key_at
from tests.support.counter import deciders
from tests.support.noise import every_nasty_part, noise
from tests.support.world import START, World

DECIDERS = deciders()
TOPIC = "test.events"
OTHER = key_at(HOME, "another")
SERVICES = {"test", "ideas", "evaluation", "awards", "learning"}


def _genuine() -> list[bytes]:
    source = Source(7)
    return [source.tell(f"e{i}", GOOD if i % 2 else OTHER).value for i in range(5)]


GENUINE = _genuine()


def _read(known: Deciders, topic: str, values: list[bytes]) -> list[Input]:
    return [read_record(known, topic, offset, value, START) for offset, value in enumerate(values)]


def _given(known: Deciders, topic: str, values: list[bytes], number: int = HOME) -> World:
    """A partition that was given these. OlderStore is a stop that is meant: an own event that continues the own log."""
    reader = World(known, Partition(number, PARTITIONS))
    for item in _read(known, topic, values):
        wanted(known, item)
        if isinstance(item, Record) and item.envelope is not None:
            assert item.envelope.time.tzinfo is not None, "metrics tell how old it is"
        reader.give(item)
    return reader


def _expect_storable(reader: World) -> None:
    assert len(bson.encode(partition_document(reader.partition))) < 4_000
    for held in reader.held:
        assert len(bson.encode(held_document(reader.partition.number, held))) < 1_000_000
        assert held.reason
    assert {channel.partition("|")[2].partition("/")[0] for channel in reader.partition.marks} <= SERVICES


@given(st.data(), st.integers(0, len(GENUINE)))
@settings(max_examples=400, deadline=None)
def test_bad_bytes_advance_the_offset_change_no_state_and_can_be_stored(data: st.DataObject, place: int) -> None:
    """Damaged copies come after what they are copies of, as they would if something doubled them on the way."""
    known = GENUINE[:place]
    bad = data.draw(st.lists(noise(known[-1]) if known else st.binary(max_size=300), min_size=1, max_size=3))
    reader = _given(DECIDERS, TOPIC, [*known, *bad, *GENUINE[place:]])
    clean = _given(DECIDERS, TOPIC, GENUINE)
    assert reader.partition.offsets == {TOPIC: len(GENUINE) + len(bad)}
    assert reader.states == clean.states
    assert {c: m for c, m in reader.partition.marks.items() if c in clean.partition.marks} == clean.partition.marks
    _expect_storable(reader)


def test_an_event_with_anything_anywhere_is_decided_on_or_held_and_its_neighbours_are_not_touched() -> None:
    """It comes in place of the event: then its own key may wait, another's may not."""
    for bad in every_nasty_part(GENUINE[2]):
        reader = _given(DECIDERS, TOPIC, [*GENUINE[:2], bad, *GENUINE[2:]])
        assert reader.partition.offsets == {TOPIC: len(GENUINE) + 1}
        assert reader.states["tally", GOOD].state.model_dump()["tags"] == ("e1", "e3"), bad
        assert set(reader.partition.parked) <= {OTHER}
        _redrive(reader, OTHER)
        _expect_storable(reader)


def _redrive(reader: World, key: str) -> None:
    held = tuple(one for one in reader.held if one.key == key)
    reader.give(Redrive(key, Actor("o", "operator"), START, held))


def _taken() -> list[tuple[Service, type[Event]]]:
    services = (AWARDS, EVALUATION, IDEAS, LEARNING)
    return [
        (service, kind)
        for service in services
        for kind in sorted(service.deciders.events_taken, key=lambda kind: kind.TYPE)
    ]


@pytest.mark.parametrize(("service", "kind"), _taken(), ids=lambda it: getattr(it, "TYPE", getattr(it, "name", "")))
def test_no_real_event_can_be_damaged_so_that_a_service_trips_over_it(service: Service, kind: type[Event]) -> None:
    event = example(kind)
    key = key_of(event.partition_key)
    emitter, number = kind.TYPE.partition(".")[0], partition_of(key, PARTITIONS)
    source = f"{emitter}/{(number + 1) % PARTITIONS}"
    cause = Cause("c", "c", Actor("service", "system"), START)
    entry = write_entry(source, PARTITIONS, Tip(0, GENESIS, {}), f"x/{key}", 1, event, cause, "1/1")
    for bad in every_nasty_part(entry.value):
        reader = _given(service.deciders, entry.topic, [bad], number)
        assert reader.partition.offsets == {entry.topic: 1}
        _redrive(reader, key)
        _expect_storable(reader)
