"""What must hold once all has settled: nothing lost, doubled, reordered or stuck, and states that the log gives.

Pure. The ledger says what clients were answered; the id of a request is the cause of its events, so each can be found
in the log. What one service's event must bring about in another is listed in `REACTIONS`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.engine.chain import ChainCheck
from shared.engine.channel import channel_of
from tests.chaos.evidence import Evidence, Told
from tests.chaos.ledger import Asked, Ledger, Outcome

REACTIONS = (
    ("ideas.EvaluationRequested", "evaluation", ("evaluation.EvaluationOpened",)),
    ("evaluation.IdeaEvaluated", "ideas", ("ideas.DecisionRequested",)),
    ("ideas.IdeaAdopted", "ideas", ("ideas.ImplementationPlanned",)),
    ("ideas.IdeaAdopted", "awards", ("awards.IdeaNominated", "awards.IdeaNotNominated")),
    ("ideas.IdeaAdopted", "learning", ("learning.CaseOpened",)),
)
"""An event of the first type makes the service emit exactly one of the last."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be. `kind` is "lost", "doubled", "reordered", "stuck" or "unequal"."""

    kind: str
    phase: int
    what: str


def judge(ledger: Ledger, evidence: Evidence) -> list[Finding]:
    """Everything that is wrong."""
    log = _Log(ledger, evidence)
    return [
        *_requests(ledger, log),
        *_order_of_courses(ledger, log),
        *_reactions(log),
        *_twice(log),
        *_order_of_causes(log),
        *_chains(evidence),
        *_topics(evidence, log),
        *_stuck(ledger, evidence),
        *(Finding("unequal", -1, f"{what} is not what its log folds to") for what in evidence.unequal),
    ]


class _Log:
    """The events of all services, by id and by cause, and the phase that each belongs to."""

    def __init__(self, ledger: Ledger, evidence: Evidence) -> None:
        self.sources = evidence.logs
        self.by_id: dict[str, Told] = {}
        self.by_cause: dict[tuple[str, str], list[Told]] = {}
        self._phases = {one.command: one.phase for one in ledger.asked}
        for source, told in evidence.logs.items():
            service = source.partition("/")[0]
            for one in told:
                self.by_id[one.envelope.id] = one
                self.by_cause.setdefault((service, one.envelope.causation), []).append(one)

    def phase(self, told: Told) -> int:
        """The phase of the request at the root of an event, -1 where there is none."""
        cause = told.envelope.causation
        for _ in range(50):
            if cause in self._phases:
                return self._phases[cause]
            if cause not in self.by_id:
                break
            cause = self.by_id[cause].envelope.causation
        return -1


def _requests(ledger: Ledger, log: _Log) -> Iterator[Finding]:
    """What was accepted is in the log, whole; what was refused is not; of the rest nobody knows."""
    for one in ledger.asked:
        events = log.by_cause.get((one.service, one.command), [])
        effects = [told for told in events if told.envelope.type != "engine.CommandRefused"]
        if one.outcome is Outcome.OK and not events:
            yield Finding("lost", one.phase, f"{one.what} was accepted and has no event")
        elif one.outcome is Outcome.REFUSED and effects:
            yield Finding("doubled", one.phase, f"{one.what} was refused ({one.code}) and has events")
        elif one.code == "bug":
            yield Finding("lost", one.phase, f"{one.what} met a bug")
        elif events and not _is_whole(events):
            yield Finding("lost", one.phase, f"{one.what} has only {len(events)} of its events")


def _is_whole(events: list[Told]) -> bool:
    indexes = {told.envelope.cause_index for told in events}
    return indexes == {f"{n}/{len(indexes)}" for n in range(1, len(indexes) + 1)}


def _order_of_courses(ledger: Ledger, log: _Log) -> Iterator[Finding]:
    """What a client sent after an answer stands behind what that answer was about."""
    last: dict[tuple[str, str], int] = {}
    for one in ledger.asked:
        events = log.by_cause.get((one.service, one.command), [])
        if one.outcome is not Outcome.OK or not events:
            continue
        first = min(told.envelope.sequence for told in events)
        place = (one.course, events[0].envelope.source)
        if first <= last.get(place, 0):
            yield Finding("reordered", one.phase, f"{one.what} stands before an earlier request of {one.course}")
        last[place] = max(told.envelope.sequence for told in events)


def _reactions(log: _Log) -> Iterator[Finding]:
    for cause in log.by_id.values():
        for wanted, service, types in REACTIONS:
            if cause.envelope.type == wanted:
                found = [t for t in log.by_cause.get((service, cause.envelope.id), ()) if t.envelope.type in types]
                if len(found) != 1:
                    kind = "doubled" if found else "lost"
                    what = f"{wanted} {cause.envelope.id} brought about {len(found)} of {' or '.join(types)}"
                    yield Finding(kind, log.phase(cause), what)


def _twice(log: _Log) -> Iterator[Finding]:
    """No cause has the same effect twice in one service."""
    for (service, cause), events in log.by_cause.items():
        # A deadline may be set again, and what was redriven redriven again: requests and events happen once.
        if cause not in log.by_id and not cause.startswith("command/"):
            continue
        for index, count in Counter(told.envelope.cause_index for told in events).items():
            if count > 1:
                what = f"{service}: {cause} has its effect {index} {count} times"
                yield Finding("doubled", log.phase(events[0]), what)


def _order_of_causes(log: _Log) -> Iterator[Finding]:
    """A partition takes the events of one channel in the order in which they were sent."""
    for source, told in log.sources.items():
        last: dict[str, int] = {}
        for one in told:
            cause = log.by_id.get(one.envelope.causation)
            if cause is None:
                continue
            channel, sequence = channel_of(cause.topic, cause.envelope.source), cause.envelope.sequence
            if sequence < last.get(channel, 0):
                what = f"{source} took {cause.envelope.id} of {channel} behind {last[channel]}"
                yield Finding("reordered", log.phase(one), what)
            last[channel] = max(sequence, last.get(channel, 0))


def _chains(evidence: Evidence) -> Iterator[Finding]:
    chains = ChainCheck()
    for told in evidence.logs.values():
        for one in told:
            chains.add(one.topic, one.envelope, one.value)
    for fault in chains.faults():
        yield Finding("lost", -1, f"the log of {fault.source} at {fault.sequence}: {fault.kind}")


def _topics(evidence: Evidence, log: _Log) -> Iterator[Finding]:
    """The topics hold what the logs hold, and nothing else."""
    for trouble in evidence.check.troubles():
        yield Finding("unequal", -1, f"topics: {trouble.kind} {trouble.where}: {trouble.detail}")
    heads = evidence.check.heads()
    for source, partition in evidence.partitions.items():
        head = heads.get(source)
        published, digest = (head.sequence, head.digest) if head else (0, partition.chain)
        if published != partition.sequence or digest != partition.chain:
            what = f"{source} is published up to {published}, its log ends at {partition.sequence}"
            behind = log.sources.get(source, [])[published:]
            yield Finding("stuck", log.phase(behind[0]) if behind else -1, what)


def _stuck(ledger: Ledger, evidence: Evidence) -> Iterator[Finding]:
    for phase, what in ledger.waited:
        yield Finding("stuck", phase, f"{what} never came")
    for source, partition in evidence.partitions.items():
        for key in partition.parked:
            yield Finding("stuck", -1, f"{source}: {key} is parked")
        for channel, aside in partition.aside.items():
            yield Finding("stuck", -1, f"{source}: {channel} is set aside ({aside.kind})")
    aside = {one.value for held in evidence.held.values() for one in held}
    for value in evidence.poison - aside:
        yield Finding("lost", -1, f"poison is nowhere set aside: {value[:60]!r}")
    for source, held in evidence.held.items():
        for one in held:
            if one.value not in evidence.poison:
                yield Finding("stuck", -1, f"{source}: {one.kind} {one.topic}@{one.offset}: {one.reason}")


def count(findings: Iterable[Finding], kind: str, phases: Iterable[int]) -> int:
    """How many of a kind in these phases."""
    wanted = set(phases)
    return sum(one.kind == kind and one.phase in wanted for one in findings)


def unknown(asked: Iterable[Asked]) -> int:
    """How many requests nobody answered."""
    return sum(one.outcome is Outcome.UNKNOWN for one in asked)
