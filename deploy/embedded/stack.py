"""Kafka and MongoDB side by side."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.mongo import MongoServer


class Stack:
    """What the services run on: Kafka and MongoDB, started here unless the environment names one that is there.

    `kafka` and `mongo` are None for a server that is only used; such a server is never stopped from here.
    """

    def __init__(self, directory: Path, *, auth: bool = False) -> None:
        self._bootstrap = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "")
        self._mongo_uri = os.environ.get("MONGODB_URI", "")
        self.kafka = None if self._bootstrap else KafkaServer(directory / "kafka")
        self.mongo = None if self._mongo_uri else MongoServer(directory / "mongod", auth=auth)

    @property
    def bootstrap(self) -> str:
        """Kafka's bootstrap servers."""
        return self.kafka.bootstrap if self.kafka else self._bootstrap

    @property
    def mongo_uri(self) -> str:
        """MongoDB's connection string."""
        return self.mongo.uri if self.mongo else self._mongo_uri

    @property
    def alive(self) -> bool:
        """Whether every server that was started here still runs."""
        return all(server.alive for server in self._servers())

    def start(self) -> None:
        """Start both; if one fails, none is left."""
        with ThreadPoolExecutor(2) as pool:
            starting = [pool.submit(server.start) for server in self._servers()]
        try:
            for start in starting:
                start.result()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop what was started here."""
        with ThreadPoolExecutor(2) as pool:
            for stopping in [pool.submit(server.stop) for server in self._servers()]:
                stopping.result()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _servers(self) -> list[KafkaServer | MongoServer]:
        return [server for server in (self.kafka, self.mongo) if server]
