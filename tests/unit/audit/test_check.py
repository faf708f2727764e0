"""What `owlbus log verify` finds, and what it leaves alone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from owlbus.audit.check import LogCheck
from shared.engine.envelope import Envelope, digest_of, encode
from shared.engine.message import Actor
from shared.engine.partition import GENESIS, partition_of
from shared.runtime.kafka.records import Record

N = 12
KEY = "idea-1"
PLACE = partition_of(KEY, N)
FIRST = Envelope(
    source=f"ideas/{PLACE}",
    type="ideas.IdeaFoundComplete",
    schema_version=1,
    subject=f"idea/{KEY}",
    time=datetime(2025, 3, 4, tzinfo=UTC),
    key=KEY,
    sequence=1,
    previous=0,
    chain=GENESIS,
    version=1,
    correlation="c",
    causation="c",
    cause_index="1/1",
    actor=Actor("p-1", "receiver"),
    data={},
)


def chain(count: int, actor: str = "p-1") -> list[Record]:
    """So many events of one source on one channel."""
    records: list[Record] = []
    before = GENESIS
    for number in range(1, count + 1):
        by = Actor(actor, "receiver")
        value = encode(replace(FIRST, sequence=number, previous=number - 1, chain=before, version=number, actor=by))
        before = digest_of(value)
        records.append(Record("ideas.events", PLACE, number - 1, KEY.encode(), value))
    return records


def kinds(records: list[Record]) -> list[str]:
    check = LogCheck(N)
    for record in records:
        check.add(record)
    return [trouble.kind for trouble in check.troubles()]


def test_a_whole_log_has_no_troubles_and_is_counted() -> None:
    check = LogCheck(N)
    for record in chain(5):
        check.add(record)
    report = check.report()
    assert report["ok"] and report["faults"] == 0
    assert report["topics"] == {"ideas.events": 5} and report["types"] == {"ideas.IdeaFoundComplete": 5}
    assert report["heads"][f"ideas/{PLACE}"]["sequence"] == 5


def test_copies_of_the_same_bytes_are_counted_and_no_fault() -> None:
    whole = chain(3)
    check = LogCheck(N)
    for record in [*whole, whole[1], whole[2]]:
        check.add(record)
    assert check.report()["ok"] and check.report()["redelivered"] == 2 and check.events == 3


def test_a_hole_healed_by_a_later_copy_is_no_fault() -> None:
    first, second, third = chain(3)
    assert kinds([first, third, second, third]) == []


def test_what_comes_while_topics_are_written_to_opens_no_holes_but_fills_them() -> None:
    records = chain(9)
    check = LogCheck(N)
    for record in [*records[:3], records[4]]:
        check.add(record)
    check.end_here()
    assert check.unsettled
    for record in [records[3], records[4], records[7]]:
        check.add(record)
    assert not check.unsettled and check.troubles() == ()
    check.add(changed(records[8]))
    assert [trouble.kind for trouble in check.troubles()] == []
    check.add(records[8])
    assert [trouble.kind for trouble in check.troubles()] == ["fork"]


def changed(record: Record) -> Record:
    """The same record with other bytes."""
    return replace(record, value=(record.value or b"").replace(b"p-1", b"p-2"))


WHOLE = chain(3)
TAMPERED: dict[str, tuple[list[Record], list[str]]] = {
    "deleted": ([WHOLE[0], WHOLE[2]], ["missing", "gap"]),
    "swapped": ([WHOLE[1], WHOLE[0], WHOLE[2]], ["gap"]),
    "changed": ([WHOLE[0], changed(WHOLE[1]), WHOLE[2]], ["chain"]),
    "forked": ([*WHOLE, changed(WHOLE[2])], ["fork", "fork"]),
    "garbage": ([*WHOLE, replace(WHOLE[0], value=b"\xff")], ["unreadable"]),
    "empty": ([*WHOLE, replace(WHOLE[0], value=None)], ["unreadable"]),
    "misplaced": ([replace(record, partition=(PLACE + 1) % N) for record in WHOLE], ["misplaced"] * 3),
    "foreign": ([replace(record, topic="awards.events") for record in WHOLE], ["foreign"] * 3),
}


def test_a_number_far_off_is_one_fault_and_costs_nothing() -> None:
    far = encode(replace(FIRST, sequence=2**62, previous=1))
    check = LogCheck(N)
    for record in [*chain(1), Record("ideas.events", PLACE, 1, None, far)]:
        check.add(record)
    missing = check.troubles()[0]
    assert (missing.kind, missing.where) == ("missing", f"ideas/{PLACE}/2") and str(2**62 - 1) in missing.detail


def test_a_source_that_is_none_is_told_like_any_other() -> None:
    odd = encode(replace(FIRST, source="nobody"))
    assert kinds([Record("ideas.events", PLACE, 0, None, odd)]) == ["unreadable"]


@pytest.mark.parametrize("case", TAMPERED)
def test_what_was_tampered_with_is_found(case: str) -> None:
    records, found = TAMPERED[case]
    assert kinds(records) == found
