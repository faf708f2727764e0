"""Holding folded states against the documents of a service's store, field by field.

Pure. A live state is compared at its own version: where it is ahead of the events, it waits until they have come, so
that a service that goes on working is compared exactly too.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, cast

from pydantic import ValidationError

from owlbus.audit.fold import Folded, Line, ServiceFold
from shared.engine.aggregate import Aggregate
from shared.engine.inputs import StateRef
from shared.engine.partition import Partition
from shared.runtime.store.documents import read_state, state_document

MOST_LISTED = 200
ABSENT = "(absent)"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not agree. `path`, `folded` and `live` are those of one field where it is about a field."""

    kind: str
    where: str
    detail: str = ""
    path: str = ""
    folded: Any = None
    live: Any = None


@dataclass(slots=True)
class Findings:
    """All are counted, the first are kept."""

    counts: dict[str, int] = field(default_factory=dict[str, int])
    listed: list[Finding] = field(default_factory=list[Finding])

    def add(self, finding: Finding) -> None:
        """Note one."""
        self.counts[finding.kind] = self.counts.get(finding.kind, 0) + 1
        if len(self.listed) < MOST_LISTED:
            self.listed.append(finding)


class Comparison:
    """Takes live documents once the topics have been folded; afterwards the fold may go on, and is listened to."""

    def __init__(self, service: str, aggregates: Iterable[Aggregate], fold: ServiceFold) -> None:
        self.findings = Findings()
        self.equal: dict[str, int] = {aggregate.name: 0 for aggregate in aggregates}
        self.live: dict[str, int] = dict(self.equal)
        self._service = service
        self._fold = fold
        self._seen: set[StateRef] = set()
        self._awaited: dict[StateRef, tuple[Aggregate, Mapping[str, Any]]] = {}
        self._ends: dict[int, Partition] = {}
        fold.changed = self._met
        fold.stepped = self._reached

    # --- what is live

    def take(self, aggregate: Aggregate, document: Mapping[str, Any]) -> None:
        """Take one document of the store, read after everything that has been folded so far."""
        ref = (aggregate.name, str(document["_id"]))
        self.live[aggregate.name] += 1
        self._seen.add(ref)
        if ref in self._fold.unfoldable:
            return
        folded = self._fold.states.get(ref)
        version = document.get("version")
        if isinstance(version, int) and version > (folded.stored.version if folded else 0):
            self._awaited[ref] = (aggregate, document)
        elif folded is None:
            self._surplus(ref)
        else:
            self._compare(aggregate, ref, folded, document)

    def take_ends(self, aggregates: Iterable[Aggregate], partitions: Mapping[int, Partition]) -> None:
        """All documents have been taken; now where the store says that each log ends. Read after the states."""
        for ref in self._fold.states.keys() - self._seen:
            self.findings.add(Finding("missing", "/".join(ref), "the events have it, the store does not"))
        for number in sorted(self._fold.lines.keys() - partitions.keys()):
            self.findings.add(Finding("partition", f"{self._service}/{number}", "the store has no such partition"))
        for number, partition in sorted(partitions.items()):
            for aggregate in aggregates:
                if partition.sequence and partition.folds.get(aggregate.name) != aggregate.fold:
                    detail = f"states of {aggregate.name} were made by another release's fold"
                    self.findings.add(Finding("fold", f"{self._service}/{number}", detail))
            line = self._fold.lines.get(number, Line())
            if line.sequence < partition.sequence:
                self._ends[number] = partition
            else:
                self._end(number, line, partition)

    @property
    def waiting(self) -> bool:
        """Whether the store knows of events that have not come yet."""
        return bool(self._ends)

    def close(self, waited: float) -> None:
        """Nothing more comes: what was still waited for, in seconds, is noted for what it is."""
        for number, partition in sorted(self._ends.items()):
            self.findings.add(self._never_reached(number, partition, waited))
        for ref, (aggregate, document) in self._awaited.items():
            self._never_met(ref, aggregate, document)
        for ref, early in self._fold.early.items():
            self.findings.add(Finding("unfoldable", "/".join(ref), f"no event makes it version {min(early) - 1}"))
        for ref, reason in self._fold.unfoldable.items():
            self.findings.add(Finding("unfoldable", "/".join(ref), reason))

    def _never_reached(self, number: int, partition: Partition, waited: float) -> Finding:
        line = self._fold.lines.get(number, Line())
        if line.ahead:
            detail = f"this event is missing, and {len(line.ahead)} behind it could not be folded"
            return Finding("gap", f"{self._service}/{number}/{line.sequence + 1}", detail)
        detail = f"the store's log ends at {partition.sequence}, the topics' at {line.sequence} after {waited:.0f} s"
        return Finding("ahead", f"{self._service}/{number}", detail)

    def _never_met(self, ref: StateRef, aggregate: Aggregate, document: Mapping[str, Any]) -> None:
        number = document.get("p")
        folded = self._fold.states.get(ref)
        if ref in self._fold.unfoldable:
            return
        if number in self._ends:
            so_far = folded.stored.version if folded else 0
            detail = f"version {document['version']} in the store, its events only up to {so_far} so far"
            self.findings.add(Finding("ahead", "/".join(ref), detail))
        elif folded is None:
            self._surplus(ref)
        else:
            self._compare(aggregate, ref, folded, document)

    # --- what is folded meanwhile

    def _met(self, ref: StateRef, folded: Folded) -> None:
        awaited = self._awaited.get(ref)
        if awaited and awaited[1]["version"] == folded.stored.version:
            del self._awaited[ref]
            self._compare(awaited[0], ref, folded, awaited[1])

    def _reached(self, number: int, line: Line) -> None:
        partition = self._ends.get(number)
        if partition and partition.sequence == line.sequence:
            del self._ends[number]
            self._end(number, line, partition)

    # --- comparing

    def _surplus(self, ref: StateRef) -> None:
        self.findings.add(Finding("surplus", "/".join(ref), "the store has it, no event does"))

    def _end(self, number: int, line: Line, partition: Partition) -> None:
        where = f"{self._service}/{number}"
        for path, folded, live in (
            ("sequence", line.sequence, partition.sequence),
            ("chain", line.digest, partition.chain),
        ):
            if folded != live:
                self.findings.add(Finding("partition", where, path=path, folded=folded, live=live))

    def _compare(self, aggregate: Aggregate, ref: StateRef, folded: Folded, live: Mapping[str, Any]) -> None:
        expected = state_document(folded.partition, ref[1], folded.stored)
        found = list(differences(expected, live))
        if found:
            found = list(differences(expected, as_read(aggregate, live)))
        for path, ours, theirs in found:
            self.findings.add(Finding("differs", "/".join(ref), path=path, folded=ours, live=theirs))
        self.equal[aggregate.name] += not found


def as_read(aggregate: Aggregate, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document as a service reads it: fields that were added since have their defaults, unknown ones are gone."""
    try:
        stored = read_state(aggregate, document)
    except (ValidationError, KeyError, TypeError):
        return document
    return {**document, "state": state_document(0, str(document["_id"]), stored)["state"]}


def differences(folded: Any, live: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Each field in which two documents differ: its path, and both values."""
    if isinstance(folded, dict) and isinstance(live, dict):
        ours, theirs = cast(dict[str, Any], folded), cast(dict[str, Any], live)
        for name in dict.fromkeys([*ours, *theirs]):
            inner = f"{path}.{name}" if path else name
            yield from differences(ours.get(name, ABSENT), theirs.get(name, ABSENT), inner)
    elif isinstance(folded, list) and isinstance(live, list):
        pairs = zip_longest(cast(list[Any], folded), cast(list[Any], live), fillvalue=ABSENT)
        for index, (one, other) in enumerate(pairs):
            yield from differences(one, other, f"{path}[{index}]")
    elif folded != live or isinstance(folded, bool) is not isinstance(live, bool):
        yield path, folded, live
