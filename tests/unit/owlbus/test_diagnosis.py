"""What the doctor makes of what replicas say; every finding has its page."""

from pathlib import Path
from typing import Any

import pytest

from owlbus.repair.diagnosis import Finding, coordinator_stuck, diagnose
from owlbus.repair.replica import Replica
from shared.runtime.kafka.coordinators import StuckCoordinator

RUNBOOKS = Path(__file__).resolve().parents[3] / "docs" / "runbooks"
FORK = {"channel": "ideas.journal|ideas/2", "kind": "fork", "sequence": 9, "mark": 9, "since": ""}
GAP = {"channel": "ideas.events|ideas/3", "kind": "gap", "sequence": 1_502, "mark": 1_500, "since": ""}


def _row(number: int = 0, **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "partition": number,
        "standing": "serving",
        "why": "",
        "sequence": 7,
        "known": 7,
        "parked": 0,
        "aside": [],
    }
    return {**row, "cut": [], "lag": 0, "input_age_s": 0.0, "unpublished": 0, "unpublished_age_s": 0.0, **changes}


def _replica(*rows: dict[str, Any], status: str = "ok", degraded: tuple[str, ...] = (), drift: float = 0.0) -> Replica:
    details = {"instance": "evaluation-0", "clock_drift_s": drift}
    health = {"status": status, "degraded": degraded, "details": details}
    return Replica("evaluation", "http://here", health, rows)


def _found(*replicas: Replica, partitions: int = 1) -> list[Finding]:
    found = diagnose(replicas, partitions)
    for finding in found:
        assert (RUNBOOKS / f"{finding.runbook}.md").exists(), finding.runbook
    return found


def test_where_all_is_well_nothing_is_found() -> None:
    assert _found(_replica(_row(0), _row(1)), partitions=2) == []


@pytest.mark.parametrize(
    ("row", "runbook", "command"),
    [
        ({"why": "older_store"}, "older-store", "owlbus ops recover evaluation"),
        ({"why": "torn_store"}, "torn-store", ""),
        (
            {"why": "topic_truncated", "cut": [{"topic": "ideas.events", "end": 0}]},
            "topic-truncated",
            "owlbus ops rewind ideas --to 0 && owlbus ops resume evaluation",
        ),
        (
            {"why": "too_many_parked", "parked": 120},
            "too-many-parked",
            "owlbus ops quarantine redrive evaluation --all --partition 4",
        ),
        ({"why": "repartitioned"}, "repartition", ""),
        ({"why": "not_storable"}, "partition-stopped", "owlbus ops resume evaluation --partition 4"),
    ],
)
def test_a_stopped_partition_is_named_by_its_cause_and_once(row: dict[str, Any], runbook: str, command: str) -> None:
    (finding,) = [one for one in _found(_replica(_row(4, standing="stopped", **row)), partitions=0)]
    assert (finding.runbook, finding.command) == (runbook, command)


def test_a_gap_is_repaired_at_its_source_and_a_fork_by_nobody() -> None:
    gap, fork = _found(_replica(_row(aside=[GAP, FORK])))
    assert (gap.runbook, gap.service, gap.command) == ("channel-gap", "ideas", "owlbus ops rewind ideas/3 --to 1500")
    assert gap.trial == ("/ops/rewind", {"partition": 3, "to": 1_500, "dry_run": True})
    assert (fork.runbook, fork.command, fork.trial) == ("channel-fork", "owlbus log verify", None)


def test_parked_keys_are_named() -> None:
    (finding,) = _found(_replica(_row(parked=2)))
    assert (finding.runbook, finding.command) == (
        "keys-parked",
        "owlbus ops quarantine redrive evaluation --all --partition 0",
    )


def test_what_waits_too_long_is_named() -> None:
    found = _found(_replica(_row(input_age_s=31.0, unpublished_age_s=31.0, unpublished=4)))
    assert [one.runbook for one in found] == ["inputs-late", "log-unpublished"]


@pytest.mark.parametrize(
    ("replica", "runbooks"),
    [
        (_replica(_row(), drift=-2.5), ["clock-drift"]),
        (_replica(_row(), status="failing"), ["replica-not-ready"]),
        (_replica(_row(), status="degraded", degraded=("kafka", "unverified")), ["replica-degraded"]),
        (_replica(_row(), status="degraded", degraded=("unverified",)), ["replica-degraded"]),
        (Replica("evaluation", "http://here", {"status": "down"}), ["replica-down"]),
    ],
)
def test_what_a_replica_says_of_itself_is_named(replica: Replica, runbooks: list[str]) -> None:
    assert [one.runbook for one in _found(replica)] == runbooks


def test_partitions_that_nobody_owns_are_named() -> None:
    (finding,) = _found(_replica(_row(0)), _replica(_row(2)), partitions=4)
    assert finding.runbook == "partition-without-owner" and finding.says.endswith(": 1, 3")


def test_a_coordinator_that_is_stuck_is_named_with_its_broker_and_its_restart() -> None:
    stuck = StuckCoordinator("evaluation", 2, "nothing within 3 s")
    ours, elsewhere = coordinator_stuck(stuck, embedded=True), coordinator_stuck(stuck, embedded=False)
    assert (RUNBOOKS / f"{ours.runbook}.md").exists()
    assert (ours.runbook, ours.service, ours.where) == ("coordinator-stuck", "evaluation", "broker 2")
    assert "evaluation" in ours.says and "nothing within 3 s" in ours.says and "broker 2 is restarted" in ours.says
    assert "브로커 2번" in ours.says_ko and "evaluation 그룹" in ours.says_ko
    assert ours.command == "owlbus down && owlbus up"
    assert elsewhere.command.startswith("restart broker 2")
