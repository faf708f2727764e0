"""Repartition: from N partitions to more of them, all services at one time.

Pure. Partitions below N go on as they are: sequence, chain, what they sent, offsets and marks stay, for topics that
grow keep every record where it is. Those from N on begin as if the deployment were new. What changes is only which
partition is home to a key, and with it what waits for that key. Invariant (tests/property/test_repartition.py):
whatever had happened, the states are the same afterwards, every log still chains, nothing is read twice or passed over,
and what waited still waits behind the same things.

That holds only between steps, when everything that was said has been heard: `obstacles` names what has not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.engine.channel import START, channel_of
from shared.engine.emit import Cause, Tip, write_entry
from shared.engine.facts import Repartitioned
from shared.engine.inputs import Held
from shared.engine.message import Actor
from shared.engine.outcome import Plan
from shared.engine.partition import Partition, partition_of


@dataclass(frozen=True, slots=True)
class Side:
    """One service as it stands: the topics that it reads, its partitions in order, today's fold numbers."""

    service: str
    topics: Sequence[str]
    partitions: Sequence[Partition]
    folds: Mapping[str, int]


def obstacles(sides: Sequence[Side], ends: Mapping[tuple[str, int], int]) -> Iterator[str]:
    """What has to be done before N can change; nothing where it can.

    `ends` says where each partition of each topic ends.
    """
    logs = {side.service: side.partitions for side in sides}
    for side in sides:
        for partition in side.partitions:
            where = f"{side.service}/{partition.number}"
            yield from _unread(where, side.topics, partition, ends)
            yield from _unheard(where, side.topics, partition, logs)
            outdated = [name for name, fold in side.folds.items() if partition.folds.get(name) != fold]
            if outdated and partition.sequence:
                yield f"{where}: its states of {', '.join(outdated)} are another release's; start the service once"


def _unread(
    where: str, topics: Sequence[str], partition: Partition, ends: Mapping[tuple[str, int], int]
) -> Iterator[str]:
    for topic in topics:
        read, end = partition.offsets.get(topic, 0), ends.get((topic, partition.number), 0)
        if read < end:
            yield f"{where}: {end - read} records of {topic} are unread"
        elif read > end:
            yield f"{where}: {topic} ends at {end}, before what was read of it ({read})"
    if partition.recovering:
        yield f"{where}: a recovery has not come to its end"


def _unheard(
    where: str, topics: Sequence[str], partition: Partition, logs: Mapping[str, Sequence[Partition]]
) -> Iterator[str]:
    """Channels whose reader is not where their source is. A service reads its own topics, so all is published too."""
    for topic in topics:
        for source in logs.get(topic.partition(".")[0], ()):
            name = f"{topic.partition('.')[0]}/{source.number}"
            channel = channel_of(topic, name)
            sent = source.sent.get(f"{topic}|{partition.number}", 0)
            heard = partition.marks.get(channel, START).sequence
            aside = partition.aside.get(channel)
            if sent != heard:
                yield f"{where}: {name} has sent it up to {sent} in {topic}, it has heard up to {heard}"
            elif aside is not None and aside.kind == "gap":
                yield f"{where}: {channel} waits for a missing event"


def repartitioned(side: Side, held: Mapping[int, Sequence[Held]], to: int, actor: Actor, time: datetime) -> list[Plan]:
    """What is to be written for each of the `to` partitions of a service; tokens are the writer's.

    `held` is what each partition has set aside, in order. Every source says in its journal that it goes on, or begins,
    under another N: from there on its events lie elsewhere.
    """
    old, count = side.partitions, len(side.partitions)
    now = max([time, *(partition.time for partition in old)])
    plans = [_continued(side, number, to, now) for number in range(to)]
    for partition in old:
        for key, reason in partition.parked.items():
            plans[partition_of(key, to)].partition.parked[key] = reason
    for number in range(count):
        for one in held.get(number, ()):
            home = partition_of(one.key, to) if one.key else number
            if home != number:
                _carry(one, number, plans[home])
                plans[number].released.append(one.number)
    accepted = sum(partition.tolerated for partition in old)
    for plan in plans:
        plan.partition.tolerated = min(accepted, len(plan.partition.parked))
        _tell(side.service, plan, count, to, actor, now)
    return plans


def _continued(side: Side, number: int, to: int, now: datetime) -> Plan:
    old = side.partitions
    earlier = (*old[0].earlier, len(old))
    begun = old[number].copy() if number < len(old) else Partition(number, to)
    return Plan(replace(begun, count=to, time=now, parked={}, folds=dict(side.folds), earlier=earlier))


def _carry(one: Held, number: int, plan: Plan) -> None:
    """Set aside in its key's new home what was set aside in partition `number`, behind what is there."""
    plan.partition.held += 1
    origin = one.origin or f"{number}/{one.number}"
    plan.held.append(replace(one, number=plan.partition.held, origin=origin))


def _tell(service: str, plan: Plan, count: int, to: int, actor: Actor, now: datetime) -> None:
    partition = plan.partition
    subject = f"partition/{partition.number}"
    fact = Repartitioned(target_id=f"partition-{partition.number}", before=count, after=to)
    cause = Cause(f"repair/{subject}", f"repair/{subject}", actor, now)
    tip = Tip.of(partition)
    plan.entries.append(write_entry(f"{service}/{partition.number}", to, tip, subject, 0, fact, cause, "1/1"))
    partition.sequence, partition.chain, partition.sent = tip.sequence, tip.chain, tip.sent
