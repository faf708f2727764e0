"""The same servers from Docker (`STACK=containers`), for machines on which the embedded ones do not run.

Not for tests that kill or pause a server: those need the embedded ones.
"""

import os
from collections.abc import Generator
from contextlib import ExitStack, contextmanager

from pymongo import MongoClient
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from deploy.embedded.kafka import SETTINGS, STARTED
from deploy.embedded.mongo import PARAMETERS, REPLICA_SET
from deploy.embedded.process import LOOPBACK, free_port
from tests.support.cli import wait_until

KAFKA_IMAGE = "apache/kafka:4.1.1"
MONGODB_IMAGE = "mongo:8.0"


@contextmanager
def containers() -> Generator[tuple[str, str]]:
    """Run both; yields Kafka's bootstrap servers and MongoDB's connection string."""
    # They end with this block; a reaper beside them would be one more image.
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    with ExitStack() as running:
        yield running.enter_context(_kafka()), running.enter_context(_mongodb())


def _published(image: str, port: int) -> DockerContainer:
    """A container with one port, the same inside and outside, on the loopback address only."""
    container = DockerContainer(image)
    container.ports[f"{port}/tcp"] = (LOOPBACK, port)  # pyright: ignore[reportArgumentType]
    return container


@contextmanager
def _kafka() -> Generator[str]:
    port = free_port()
    container = _published(KAFKA_IMAGE, port)
    settings = SETTINGS.format(host=LOOPBACK, port=port, advertised=port, controller=9093, data="/tmp/kafka")
    for line in settings.splitlines():
        name, value = line.split("=", 1)
        if name == "listeners":
            value = value.replace(f"PLAINTEXT://{LOOPBACK}", "PLAINTEXT://0.0.0.0", 1)
        container.with_env("KAFKA_" + name.upper().replace(".", "_"), value)
    container.waiting_for(LogMessageWaitStrategy(STARTED))
    with container:
        yield f"{LOOPBACK}:{port}"


@contextmanager
def _mongodb() -> Generator[str]:
    port = free_port()
    container = _published(MONGODB_IMAGE, port)
    command = ["--port", str(port), "--bind_ip_all", "--replSet", REPLICA_SET]
    for parameter in PARAMETERS:
        command += ["--setParameter", parameter]
    container.with_command(command)
    container.waiting_for(LogMessageWaitStrategy("Waiting for connections"))
    with container:
        address = f"mongodb://{LOOPBACK}:{port}/?directConnection=true"
        with MongoClient[dict[str, object]](address) as client:
            member = {"_id": 0, "host": f"{LOOPBACK}:{port}"}
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
            wait_until(lambda: bool(client.admin.command("hello")["isWritablePrimary"]), "MongoDB has a primary")
        yield f"{address}&replicaSet={REPLICA_SET}"
