"""From what the replicas say to what is wrong, why, and the command that repairs it.

Pure. Every finding has a page of its name in docs/runbooks.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from owlbus.repair.replica import Replica
from shared.runtime.kafka.coordinators import StuckCoordinator

DRIFT_SECONDS = 2.0
LATE_SECONDS = 30.0


@dataclass(frozen=True)
class Finding:
    """Something wrong. `runbook` names its page; `command` repairs it, empty where no command can.

    `trial` is the request that says, dry, what the command would do: path and body, sent to `service`. `says_ko` is
    `says` in Korean, for what is repaired outside Owlbus and so by others.
    """

    runbook: str
    service: str
    where: str
    says: str
    command: str = ""
    trial: tuple[str, Mapping[str, Any]] | None = None
    says_ko: str = ""


def diagnose(replicas: Sequence[Replica], partitions: int) -> list[Finding]:
    """Everything that is wrong, causes before consequences."""
    found = [finding for replica in replicas for finding in _of_replica(replica)]
    for service in dict.fromkeys(replica.service for replica in replicas):
        mine = [replica for replica in replicas if replica.service == service]
        found.extend(_unowned(service, mine, partitions))
        for row in sorted((row for one in mine for row in one.partitions), key=lambda row: row["partition"]):
            found.extend(_of_partition(service, row))
    return found


def coordinator_stuck(stuck: StuckCoordinator, *, embedded: bool) -> Finding:
    """What is said of a coordinator that does not coordinate; `embedded` is the broker of `owlbus up`."""
    node, group = stuck.node, stuck.group
    says = (
        f"broker {node} coordinates the group {group} and does not tell its offsets ({stuck.says}): no replica of "
        f"{group} can join or begin until broker {node} is restarted"
    )
    says_ko = (
        f"브로커 {node}번이 {group} 그룹의 코디네이터인데 오프셋을 알려 주지 않습니다. 브로커 {node}번을 다시 시작할 "
        f"때까지 {group} 복제본은 그룹에 들어오거나 일을 시작할 수 없습니다"
    )
    command = "owlbus down && owlbus up" if embedded else f"restart broker {node} (the runbook says how)"
    return Finding("coordinator-stuck", group, f"broker {node}", says, command, says_ko=says_ko)


def _of_replica(replica: Replica) -> Iterator[Finding]:
    service, name = replica.service, replica.name
    degraded: Iterable[str] = replica.health.get("degraded", ())
    drift = float(replica.health.get("details", {}).get("clock_drift_s", 0.0))
    if replica.status == "down":
        yield Finding("replica-down", service, name, "it does not answer")
        return
    if abs(drift) > DRIFT_SECONDS:
        yield Finding("clock-drift", service, name, f"its clock is {drift:+.1f} s from the database's")
    elif replica.status == "failing":
        yield Finding("replica-not-ready", service, name, "MongoDB can't be used, or states are being rebuilt")
    if "kafka" in degraded:
        yield Finding("replica-degraded", service, name, "Kafka can't be reached, or takes nothing")
    elif "unverified" in degraded:
        yield Finding("replica-degraded", service, name, "it has not been able to ask Kafka how far its log had gone")


def _unowned(service: str, replicas: Sequence[Replica], partitions: int) -> Iterator[Finding]:
    owned = {row["partition"] for replica in replicas for row in replica.partitions}
    missing = sorted(set(range(partitions)) - owned)
    if missing and any(replica.status != "down" for replica in replicas):
        says = f"{len(missing)} partitions have no owner among the replicas that were asked: {_short(missing)}"
        yield Finding("partition-without-owner", service, "group", says)


def _of_partition(service: str, row: Mapping[str, Any]) -> Iterator[Finding]:
    number, where = row["partition"], f"p{row['partition']}"
    if row["standing"] == "stopped":
        yield _stopped(service, row)
    elif row["parked"]:
        says = f"{row['parked']} keys are parked; what follows of them waits"
        command = f"owlbus ops quarantine redrive {service} --all --partition {number}"
        yield Finding("keys-parked", service, where, says, command)
    for aside in row["aside"]:
        yield _aside(service, where, aside)
    if row["input_age_s"] > LATE_SECONDS and row["standing"] != "stopped":
        says = f"the oldest input has waited {row['input_age_s']:.0f} s, {row['lag']} records are unread"
        yield Finding("inputs-late", service, where, says)
    if row["unpublished_age_s"] > LATE_SECONDS:
        says = f"{row['unpublished']} events are not published, the oldest for {row['unpublished_age_s']:.0f} s"
        yield Finding("log-unpublished", service, where, says)


def _stopped(service: str, row: Mapping[str, Any]) -> Finding:
    number, where, why = row["partition"], f"p{row['partition']}", row["why"]
    body = {"partition": number, "dry_run": True}
    match why:
        case "older_store":
            says = f"the store is older than Kafka knows: number {row['known']} had been given"
            command = f"owlbus ops recover {service}"
            return Finding("older-store", service, where, says, command, ("/ops/recover", body))
        case "torn_store":
            says = "the log does not end where the partition's document says: the store is a dump of no one moment"
            return Finding("torn-store", service, where, says)
        case "topic_truncated":
            cut = ", ".join(f"{one['topic']} (ends at {one['end']})" for one in row["cut"])
            says = f"a topic ends before what was read of it: {cut}"
            sources = dict.fromkeys(one["topic"].partition(".")[0] for one in row["cut"])
            rewinds = " && ".join(f"owlbus ops rewind {source} --to 0" for source in sources)
            command = f"{rewinds} && owlbus ops resume {service}"
            return Finding("topic-truncated", service, where, says, command, ("/ops/resume", body))
        case "too_many_parked":
            says = f"{row['parked']} keys are parked: a bug of ours, not poison"
            command = f"owlbus ops quarantine redrive {service} --all --partition {number}"
            return Finding("too-many-parked", service, where, says, command)
        case "repartitioned":
            says = "its database has another number of partitions than it was started with; start it anew with that one"
            return Finding("repartition", service, where, says)
        case _:
            command = f"owlbus ops resume {service} --partition {number}"
            return Finding("partition-stopped", service, where, f"stopped: {why}", command, ("/ops/resume", body))


def _aside(service: str, where: str, aside: Mapping[str, Any]) -> Finding:
    topic, _, source = str(aside["channel"]).partition("|")
    owner, _, number = source.partition("/")
    if aside["kind"] == "fork":
        says = f"{source} has two histories in {topic}, told apart at {aside['sequence']}"
        return Finding("channel-fork", service, where, says, "owlbus log verify")
    says = f"{topic} lacks events of {source} between {aside['mark']} and {aside['sequence']}"
    command = f"owlbus ops rewind {source} --to {aside['mark']}"
    body = {"partition": int(number), "to": aside["mark"], "dry_run": True}
    return Finding("channel-gap", owner, f"{service} {where}", says, command, ("/ops/rewind", body))


def _short(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:12])) + (" …" if len(numbers) > 12 else "")
