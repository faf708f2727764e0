"""What a replay finds when it holds folded states against a store's documents, and what it waits for."""

import asyncio
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from owlbus.audit.compare import Comparison, differences
from owlbus.audit.fold import ServiceFold
from services.ideas.service import SERVICE as IDEAS
from shared.engine.aggregate import Aggregate
from shared.engine.envelope import decode
from shared.engine.partition import Partition
from shared.runtime.kafka.records import Record
from tests.support.house import PARTITIONS
from tests.support.lived import documents_of, lived, records_of, without

Documents = dict[str, list[dict[str, Any]]]
TOPICS = ("ideas.events", "ideas.journal")


class Ended:
    """A log of `ideas` that has come to rest, with the store as it stands then."""

    def __init__(self, records: list[Record], documents: Documents, partitions: dict[int, Partition]) -> None:
        self.records = records
        self.documents = documents
        self.partitions = partitions


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    async def live() -> Ended:
        directory: Path = tmp_path_factory.mktemp("issuer")
        house, _ = await lived(directory)
        documents = {kind.name: await documents_of(house, "ideas", kind) for kind in IDEAS.aggregates}
        partitions = await house.rooms["ideas"].reader.partitions(range(PARTITIONS))
        return Ended(records_of(house.topics, *TOPICS), documents, partitions)

    return asyncio.run(live())


def folded(records: list[Record]) -> ServiceFold:
    fold = ServiceFold("ideas", IDEAS.aggregates, PARTITIONS)
    for record in records:
        fold.add(record)
    return fold


def compared(fold: ServiceFold, documents: Documents, partitions: dict[int, Partition]) -> Comparison:
    comparison = Comparison("ideas", IDEAS.aggregates, fold)
    for kind in IDEAS.aggregates:
        for document in documents[kind.name]:
            comparison.take(kind, document)
    comparison.take_ends(IDEAS.aggregates, partitions)
    return comparison


def found(comparison: Comparison) -> list[tuple[str, str]]:
    comparison.close(0.0)
    return [(one.kind, one.path) for one in comparison.findings.listed]


def test_the_store_shows_what_the_events_say(ended: Ended) -> None:
    comparison = compared(folded(ended.records), ended.documents, ended.partitions)
    assert not comparison.waiting and found(comparison) == []
    assert {name: count for name, count in comparison.equal.items() if count} == {
        "idea": 3,
        "vote": 2,
        "implementation": 1,
        "register": 2,
    }


def _idea(documents: Documents) -> dict[str, Any]:
    return max(documents["idea"], key=lambda document: document["version"])


def _changed(path: str, value: Any) -> Callable[[Documents], None]:
    def change(documents: Documents) -> None:
        *inner, last = path.split(".")
        place: Any = _idea(documents)
        for name in inner:
            place = place[int(name) if name.isdecimal() else name]
        place[int(last) if last.isdecimal() else last] = value

    return change


def _removed(documents: Documents) -> None:
    documents["vote"].pop()


def _added(documents: Documents) -> None:
    documents["vote"].append({**documents["vote"][0], "_id": "nobody/p-1", "key": "nobody"})


def _older(documents: Documents) -> None:
    _idea(documents)["version"] -= 1


def _undue(documents: Documents) -> None:
    place = next(index for index, one in enumerate(documents["idea"]) if "due" in one)
    documents["idea"][place] = without(documents["idea"][place], "due")


def _unknown(documents: Documents) -> None:
    _idea(documents)["state"]["added_by_a_later_release"] = True


TAMPERED: dict[str, tuple[Callable[[Documents], None], list[tuple[str, str]]]] = {
    "a text": (_changed("state.title.value", "다른 제목"), [("differs", "state.title.value")]),
    "a share": (_changed("state.authors.1.share", "41"), [("differs", "state.authors[1].share")]),
    "an author too many": (
        _changed("state.authors", [{"person_id": "p-1", "share": "60"}]),
        [("differs", "state.authors[1]")],
    ),
    "what can't be read": (_changed("state.stage", "nowhere"), [("differs", "state.stage")]),
    "a wrong partition": (_changed("p", 77), [("differs", "p")]),
    "a deadline taken away": (_undue, [("differs", "due")]),
    "a version back": (_older, [("differs", "version")]),
    "a version ahead of every event": (_changed("version", 999), [("differs", "version")]),
    "no version": (_changed("version", None), [("differs", "version")]),
    "a document gone": (_removed, [("missing", "")]),
    "a document nobody made": (_added, [("surplus", "")]),
    "a field that nobody reads": (_unknown, []),
}


@pytest.mark.parametrize("case", TAMPERED)
def test_what_was_changed_in_the_store_is_named(case: str, ended: Ended) -> None:
    change, expected = TAMPERED[case]
    documents = deepcopy(ended.documents)
    change(documents)
    assert found(compared(folded(ended.records), documents, ended.partitions)) == expected


ENDS: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "another chain": ({"chain": "f" * 64}, [("partition", "chain")]),
    "behind the topics": ({"sequence": 1}, [("partition", "sequence")]),
    "ahead of the topics": ({"sequence": 99_999}, [("ahead", "")]),
    "another fold": ({"folds": {kind.name: kind.fold for kind in IDEAS.aggregates[1:]}}, [("fold", "")]),
}


@pytest.mark.parametrize("case", ENDS)
def test_a_partition_that_does_not_end_where_the_log_does_is_named(case: str, ended: Ended) -> None:
    changes, expected = ENDS[case]
    number = max(ended.partitions, key=lambda p: ended.partitions[p].sequence)
    partitions = ended.partitions | {number: replace(ended.partitions[number], **changes)}
    assert found(compared(folded(ended.records), ended.documents, partitions)) == expected


def test_a_partition_that_is_not_there_is_named(ended: Ended) -> None:
    busiest = max(ended.partitions, key=lambda p: ended.partitions[p].sequence)
    partitions = {number: one for number, one in ended.partitions.items() if number != busiest}
    kinds = {kind for kind, _ in found(compared(folded(ended.records), ended.documents, partitions))}
    assert kinds == {"partition"}


@pytest.mark.parametrize("held_back", [1, 5, 20])
def test_events_on_their_way_are_waited_for_and_then_compared_exactly(ended: Ended, held_back: int) -> None:
    late = [record for record in ended.records if record.topic == "ideas.events"][-held_back:]
    fold = folded([record for record in ended.records if record not in late])
    comparison = compared(fold, ended.documents, ended.partitions)
    assert comparison.waiting
    for record in late:
        fold.add(record)
    assert not comparison.waiting and found(comparison) == []


def test_what_never_comes_is_told_as_ahead_and_as_a_gap(ended: Ended) -> None:
    last = max((decode(record.value or b"") for record in ended.records), key=lambda event: event.sequence)
    fold = folded([r for r in ended.records if decode(r.value or b"").id != last.id])
    kinds = [kind for kind, _ in found(compared(fold, ended.documents, ended.partitions))]
    assert kinds[0] == "ahead" and set(kinds) <= {"ahead"}
    first = f"{last.source}/1"
    fold = folded([r for r in ended.records if decode(r.value or b"").id != first])
    kinds = [kind for kind, _ in found(compared(fold, ended.documents, ended.partitions))]
    assert kinds[0] == "gap"


def test_what_no_evolve_can_fold_is_named_and_stops_nobody(ended: Ended) -> None:
    def broken(state: Any, event: Any) -> Any:
        raise RuntimeError("a broken fold")

    aggregates: list[Aggregate] = [
        replace(kind, evolve=broken) if kind.name == "vote" else kind for kind in IDEAS.aggregates
    ]
    fold = ServiceFold("ideas", aggregates, PARTITIONS)
    for record in ended.records:
        fold.add(record)
    comparison = compared(fold, ended.documents, ended.partitions)
    assert found(comparison) == [("unfoldable", "")] * 2 and comparison.equal["idea"] == 3


@given(st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_topics_may_be_read_in_any_interleaving(ended: Ended, random: Any) -> None:
    queues: dict[tuple[str, int], list[Record]] = {}
    for record in ended.records:
        queues.setdefault((record.topic, record.partition), []).append(record)
    mixed: list[Record] = []
    while queues:
        place = random.choice(sorted(queues))
        mixed.append(queues[place].pop(0))
        if not queues[place]:
            del queues[place]
    fold = folded([*mixed, *mixed[:10]])
    assert {ref: one.stored for ref, one in fold.states.items()} == {
        ref: one.stored for ref, one in folded(ended.records).states.items()
    }
    assert not any(line.ahead for line in fold.lines.values())


def test_values_that_only_look_equal_differ() -> None:
    assert list(differences({"a": 1, "b": [1, 2]}, {"a": True, "b": [1], "c": None})) == [
        ("a", 1, True),
        ("b[1]", 2, "(absent)"),
        ("c", "(absent)", None),
    ]
