"""Everything that can go wrong, a class each."""

from tests.chaos.faults.clocks import ClockOff
from tests.chaos.faults.fault import Fault
from tests.chaos.faults.network import LINKS
from tests.chaos.faults.processes import CRASHES, Killed, Moved, RollingRestart, Storm, Zombie15, Zombie30
from tests.chaos.faults.records import Copies, Poison
from tests.chaos.faults.servers import (
    KafkaDiskFull,
    KafkaKilled,
    KafkaLost,
    KafkaStopped20,
    KafkaStopped45,
    MongoDiskFull,
    MongoKilled,
    OlderStore,
)
from tests.chaos.faults.upgrade import RollingUpgrade

ALL: tuple[type[Fault], ...] = (
    Killed,
    Moved,
    *CRASHES,
    Zombie15,
    Zombie30,
    Storm,
    RollingRestart,
    RollingUpgrade,
    KafkaKilled,
    KafkaStopped20,
    KafkaStopped45,
    MongoKilled,
    *LINKS,
    Poison,
    Copies,
    ClockOff,
    KafkaDiskFull,
    MongoDiskFull,
    OlderStore,
    KafkaLost,
)
BY_NAME = {fault.name: fault for fault in ALL}

MIXED: tuple[type[Fault], ...] = (Zombie15, Storm, KafkaKilled, MongoKilled, *LINKS, Poison, Copies)
"""What a killed service may have to bear besides."""

OUTLIVES: tuple[type[Fault], ...] = (KafkaDiskFull, MongoDiskFull, OlderStore, KafkaLost)
"""What loses or endangers what a server had acknowledged, and so comes after all else."""
