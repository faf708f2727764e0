"""What a machine says of itself, without Kafka."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from shared.engine.partition import Aside, Partition
from shared.runtime.machine import Machine
from shared.runtime.settings import Settings
from shared.runtime.store.memory import MemoryStore
from tests.support.counter_app import SERVICE

SETTINGS = {
    "OWLBUS_ENVIRONMENT": "development",
    "OWLBUS_INSECURE_NO_ISSUER": "true",
    "OWLBUS_INSTANCE": "test-0",
    "KAFKA_BOOTSTRAP_SERVERS": "localhost:1",
}


@pytest.fixture
async def machine() -> Any:
    """A machine that was never started; its parts are looked at."""
    return cast(Any, Machine(SERVICE, Settings.read(SETTINGS), MemoryStore(), lambda reason: None))


def _figures(machine: Any) -> dict[str, float]:
    """The figures of partition 3 that are not 0."""
    return {
        sample.name.removeprefix("owlbus_"): sample.value
        for family in machine.metrics.registry.collect()
        for sample in family.samples
        if sample.labels.get("partition") == "3" and sample.value
    }


async def test_a_partition_that_moved_away_leaves_no_figures_behind(machine: Any) -> None:
    box = machine._boxes[3]
    box.owned, box.partition = True, Partition(3, 12, parked={"k": "a bug"})
    box.partition.aside["test.events|test/1"] = Aside("gap", 4, datetime.now(UTC))
    machine._relay.own({3: 0})
    machine._relay._runs[3].queued.extend([object()] * 2)
    machine._relay.oldest = dict
    machine._gauge()
    assert _figures(machine) == {"parked_keys": 1, "channels_aside": 1, "log_unpublished_events": 2}
    machine._takeover.let_go([box])
    machine._gauge()
    assert _figures(machine) == {}


async def test_only_its_owner_says_that_a_partition_is_stopped(machine: Any) -> None:
    moved, asked = machine._boxes[3], machine._boxes[4]
    moved.owned = True
    for box in (moved, asked):
        box.stop("older_store")
        machine._on_stopped(box)
    assert machine.ready().details["stopped"] == {3: "older_store"}
    assert (machine.stale(3), machine.stale(4)) == (True, False)
    machine._takeover.let_go([moved])
    assert machine.ready().details["stopped"] == {}
    assert "stopped_partitions" not in machine.ready().degraded
    assert not machine.stale(3)


async def test_a_partition_whose_document_is_read_again_keeps_its_figures(machine: Any) -> None:
    box = machine._boxes[3]
    box.owned, box.partition = True, Partition(3, 12, parked={"k": "a bug"})
    machine._gauge()
    box.reset([])
    machine._gauge()
    assert _figures(machine) == {"parked_keys": 1}
