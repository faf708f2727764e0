"""Logs of a made-up service, written by the real engine, and what somebody may do to them afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import orjson

from shared.engine.aggregate import Deciders
from shared.engine.envelope import decode, encode
from shared.engine.partition import Partition
from tests.support.counter import COUNTER, TALLY, VAULT, Add
from tests.support.world import COUNT, World, call, key_in

Place = tuple[str, int]
Log = dict[Place, list[bytes]]
"""The events of each topic and partition, in order."""

VICTIM = 1
"""The partition whose log is tampered with."""


def topics_of(service: str) -> tuple[str, str]:
    """The two topics of a service."""
    return (f"{service}.events", f"{service}.journal")


def written(service: str, count: int = 12, *, tag: str = "w", sources: int = COUNT) -> Log:
    """What the service published after so many requests at each of its sources; every fourth is refused."""
    log: Log = {(topic, partition): [] for topic in topics_of(service) for partition in range(COUNT)}
    for number in range(sources):
        own = World(Deciders(service, (COUNTER, TALLY, VAULT)), Partition(number, COUNT))
        for i in range(count):
            amount = 5_000 if i % 4 == 3 else i
            own.give(
                call(Add(amount=amount, tag=f"{tag}{i}", tally=f"t{i}"), key_in(number), wish=f"{tag}{number}-{i}")
            )
        for entry in own.log:
            log[entry.topic, entry.destination].append(entry.value)
    return log


def _of(log: Log, service: str) -> list[tuple[int, Place]]:
    """The victim's events by sequence, with where they lie."""
    events = [(decode(value), place) for place, values in log.items() for value in values]
    return sorted((event.sequence, place) for event, place in events if event.source == f"{service}/{VICTIM}")


def _busiest(log: Log) -> list[bytes]:
    """The place with the most events of the victim's own counter."""
    return max((values for (topic, _), values in log.items() if topic.endswith(".events")), key=len)


def _other(value: bytes) -> bytes:
    event = decode(value)
    return encode(replace(event, data={**event.data, "tag": "forged"}))


def whole(log: Log, service: str) -> None:
    """Nothing happens to it."""


def change(log: Log, service: str) -> None:
    """Other bytes in the middle."""
    values = _busiest(log)
    values[2] = _other(values[2])


def delete(log: Log, service: str) -> None:
    """One is taken out of the middle."""
    del _busiest(log)[2]


def swap(log: Log, service: str) -> None:
    """Two events of the victim in one place change places."""
    for values in log.values():
        own = [n for n, value in enumerate(values) if decode(value).source == f"{service}/{VICTIM}"]
        if len(own) > 2:
            one, other = own[0], own[1]
            values[one], values[other] = values[other], values[one]
            return


def double(log: Log, service: str) -> None:
    """The same bytes once more, right away and at the end."""
    values = _busiest(log)
    values.insert(3, values[2])
    values += values[:5]


def fork(log: Log, service: str) -> None:
    """A second event with the number of the last one."""
    values = _busiest(log)
    values.append(_other(values[-1]))


def garbage(log: Log, service: str) -> None:
    """What is no event."""
    _busiest(log).append(orjson.dumps({"id": "x"}))


def cut_off(log: Log, service: str) -> None:
    """The victim's last three events are gone from both topics."""
    last = {sequence for sequence, _ in _of(log, service)[-3:]}
    _drop(log, service, lambda sequence: sequence in last)


def vanish(log: Log, service: str) -> None:
    """Nothing of the victim is left."""
    _drop(log, service, lambda sequence: True)


def rewrite(log: Log, service: str) -> None:
    """The victim's whole chain is another one, longer and whole in itself."""
    vanish(log, service)
    for place, values in written(service, 16, tag="x").items():
        log[place] += [value for value in values if decode(value).source == f"{service}/{VICTIM}"]


def _drop(log: Log, service: str, which: Callable[[int], bool]) -> None:
    for place, values in log.items():
        log[place] = [
            value
            for value in values
            if (event := decode(value)).source != f"{service}/{VICTIM}" or not which(event.sequence)
        ]


TAMPERINGS: Mapping[str, Callable[[Log, str], Any]] = {
    one.__name__.replace("_", "-"): one
    for one in (whole, change, delete, swap, double, fork, garbage, cut_off, vanish, rewrite)
}
