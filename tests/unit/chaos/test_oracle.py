"""Each thing that must not be is found where it is, and nothing where it is not."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from owlbus.audit.check import LogCheck
from shared.engine.envelope import Envelope, digest_of, encode
from shared.engine.inputs import Held
from shared.engine.message import Actor
from shared.engine.partition import GENESIS, Aside, Partition, partition_of
from shared.runtime.kafka.records import Record
from tests.chaos.evidence import Evidence, Told
from tests.chaos.ledger import Asked, Ledger, Outcome
from tests.chaos.oracle import Finding, count, judge

COUNT = 1
NOW = datetime(2026, 1, 5, tzinfo=UTC)


class Scene:
    """Logs, topics and a ledger that grow together."""

    def __init__(self) -> None:
        self.ledger = Ledger(phase=3)
        self.evidence = Evidence(check=LogCheck(COUNT))
        self._sent: dict[tuple[str, str], int] = {}

    def asked(self, name: str, outcome: Outcome = Outcome.OK, service: str = "ideas", code: str = "") -> str:
        command = f"command/{name}"
        self.ledger.asked.append(Asked(command, service, name, "course", 3, outcome, code))
        return command

    def event(
        self, service: str, kind: str, cause: str, index: str = "1/1", *, published: bool = True, record: bool = True
    ) -> str:
        source, topic = f"{service}/0", f"{service}.events"
        told = self.evidence.logs.setdefault(source, [])
        chain = digest_of(told[-1].value) if told else GENESIS
        previous = self._sent.get((source, topic), 0)
        envelope = Envelope(
            source=source,
            type=kind,
            schema_version=1,
            subject="idea/i1",
            time=NOW,
            key="i1",
            sequence=len(told) + 1,
            previous=previous,
            chain=chain,
            version=len(told) + 1,
            correlation="c",
            causation=cause,
            cause_index=index,
            actor=Actor("p", "author"),
            data={},
        )
        value = encode(envelope)
        told.append(Told(envelope, topic, value))
        self._sent[source, topic] = envelope.sequence
        partition = self.evidence.partitions.setdefault(source, Partition(0, COUNT))
        partition.sequence, partition.chain = envelope.sequence, digest_of(value)
        if published:
            place = partition_of("i1", COUNT)
            self.evidence.check.add(Record(topic, place, envelope.sequence - 1, b"i1", value))
        return envelope.id

    def judged(self) -> list[Finding]:
        return judge(self.ledger, self.evidence)


@pytest.fixture
def scene() -> Scene:
    """An idea from submission to its evaluation, as it should be."""
    scene = Scene()
    scene.event("ideas", "ideas.IdeaSubmitted", scene.asked("submit"), "1/2")
    scene.event("ideas", "ideas.NoticeIssued", "command/submit", "2/2")
    requested = scene.event("ideas", "ideas.EvaluationRequested", scene.asked("check"))
    scene.event("evaluation", "evaluation.EvaluationOpened", requested)
    scene.asked("refused", Outcome.REFUSED, code="invalid")
    scene.asked("nobody knows", Outcome.UNKNOWN)
    return scene


def kinds(findings: list[Finding]) -> set[tuple[str, int]]:
    return {(one.kind, one.phase) for one in findings}


def test_nothing_is_found_where_nothing_is_wrong(scene: Scene) -> None:
    assert scene.judged() == []


def test_an_accepted_request_without_an_event_is_lost(scene: Scene) -> None:
    scene.asked("vote")
    findings = scene.judged()
    assert kinds(findings) == {("lost", 3)}
    assert count(findings, "lost", [3]) == 1 and count(findings, "lost", [2]) == 0


def test_a_request_with_only_some_of_its_events_is_lost(scene: Scene) -> None:
    scene.event("ideas", "ideas.VoteCast", scene.asked("vote", Outcome.UNKNOWN), "1/2")
    assert kinds(scene.judged()) == {("lost", 3)}


def test_a_refused_request_with_an_event_is_doubled(scene: Scene) -> None:
    scene.event("ideas", "ideas.VoteCast", "command/refused")
    assert kinds(scene.judged()) == {("doubled", 3)}


def test_an_effect_that_came_twice_is_doubled(scene: Scene) -> None:
    cause = scene.asked("vote")
    scene.event("ideas", "ideas.VoteCast", cause)
    scene.event("ideas", "ideas.VoteCast", cause)
    assert kinds(scene.judged()) == {("doubled", 3)}


def test_a_reaction_that_never_came_is_lost_and_one_too_many_doubled(scene: Scene) -> None:
    requested = scene.event("ideas", "ideas.EvaluationRequested", scene.asked("check again"))
    assert kinds(scene.judged()) == {("lost", 3)}
    scene.event("evaluation", "evaluation.EvaluationOpened", requested, "1/2")
    scene.event("evaluation", "evaluation.EvaluationOpened", requested, "2/2")
    assert kinds(scene.judged()) == {("doubled", 3)}


def test_requests_of_one_course_stand_in_the_order_of_their_answers(scene: Scene) -> None:
    first, second = scene.asked("first"), scene.asked("second")
    scene.event("ideas", "ideas.VoteCast", second)
    scene.event("ideas", "ideas.VoteCast", first)
    assert kinds(scene.judged()) == {("reordered", 3)}


def test_causes_of_one_channel_are_taken_in_order(scene: Scene) -> None:
    one = scene.event("ideas", "ideas.EvaluationRequested", scene.asked("one"))
    two = scene.event("ideas", "ideas.EvaluationRequested", scene.asked("two"))
    scene.event("evaluation", "evaluation.EvaluationOpened", two)
    scene.event("evaluation", "evaluation.EvaluationOpened", one)
    assert kinds(scene.judged()) == {("reordered", 3)}


def test_a_changed_log_is_found(scene: Scene) -> None:
    told = scene.evidence.logs["ideas/0"]
    told[1] = replace(told[1], value=told[1].value.replace(b"author", b"rater!"))
    assert ("lost", -1) in kinds(scene.judged())


def test_what_was_never_published_is_stuck(scene: Scene) -> None:
    scene.event("ideas", "ideas.VoteCast", scene.asked("vote"), published=False)
    assert kinds(scene.judged()) == {("stuck", 3)}


def test_what_is_parked_set_aside_or_waited_for_in_vain_is_stuck(scene: Scene) -> None:
    scene.ledger.waited.append((2, "idea 1"))
    partition = scene.evidence.partitions["ideas/0"]
    partition.parked["i1"] = "a bug"
    partition.aside["ideas.events|ideas/0"] = Aside("gap", 4, NOW)
    findings = scene.judged()
    assert count(findings, "stuck", [2]) == 1 and count(findings, "stuck", [-1]) == 2


def test_poison_is_set_aside_and_nothing_else(scene: Scene) -> None:
    scene.evidence.poison = frozenset({b"poison"})
    assert kinds(scene.judged()) == {("lost", -1)}
    scene.evidence.held["ideas/0"] = (Held(1, "", "unreadable", "", NOW, "ideas.events", 5, b"poison"),)
    assert scene.judged() == []
    scene.evidence.held["ideas/0"] += (Held(2, "i1", "bug", "oh", NOW, "ideas.events", 6, b"{}"),)
    assert kinds(scene.judged()) == {("stuck", -1)}


def test_states_that_the_log_does_not_give_are_unequal(scene: Scene) -> None:
    scene.evidence.unequal.append("ideas idea/i1")
    assert kinds(scene.judged()) == {("unequal", -1)}
