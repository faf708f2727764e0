"""The four services as processes of their own: started, watched, killed, brought back. `up`, `demo` and tests use it.

Every process ends with the one that started it, however that ends. Each service has its own MongoDB database; replicas
of one service share it. A replica keeps instance id and port for life, so that one that comes back finds its place.
"""

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import httpx

from deploy.embedded.process import LOOPBACK, Guarded, free_port, tail
from owlbus.client import Api
from owlbus.errors import OwlbusError
from owlbus.tokens import Issuer
from shared.runtime.clock import MovableClock
from shared.runtime.kafka.access import Access, create_topics
from shared.runtime.settings import Settings

SERVICES = ("ideas", "evaluation", "awards", "learning")
TOPICS = tuple(f"{service}.{kind}" for service in SERVICES for kind in ("events", "journal"))
ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 90.0
GRACE_SECONDS = 15.0
GAUGE_SECONDS = 1.1
"""A little longer than services take to renew their gauges."""

_POLL_SECONDS = 0.05
_WAITING = re.compile(r"^owlbus_(?:input_lag_records|log_unpublished_events)\{[^}]*\} (\S+)$", re.MULTILINE)


class Servers(Protocol):
    """Where Kafka and MongoDB are."""

    @property
    def bootstrap(self) -> str:
        """Kafka's bootstrap servers."""
        ...

    @property
    def mongo_uri(self) -> str:
        """MongoDB's connection string."""
        ...


class Replica:
    """One process of one service; `start` again after it ended keeps instance id, port and log.

    `module` is what runs, unless somebody has put another in its place.
    """

    def __init__(self, service: str, instance: str, port: int, environment: Mapping[str, str], log: Path) -> None:
        self.service = service
        self.instance = instance
        self.port = port
        self.log = log
        self.module = f"services.{service}"
        self._environment = dict(environment)
        self._process: Guarded | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.alive

    @property
    def pid(self) -> int:
        """The process id of the running service; 0 where none runs."""
        return self._process.pid if self._process is not None and self._process.alive else 0

    def start(self, **more: str) -> None:
        """Start the process, with more environment variables for this run alone."""
        if self.alive:
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", self.module]
        self._process = Guarded(command, self.log, self._environment | more, GRACE_SECONDS)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self._process is not None:
            self._process.signal(number)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()

    def stop(self) -> None:
        """End it in order; harmless where it does not run."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    async def health(self, client: httpx.AsyncClient) -> dict[str, Any]:
        """What `/health/ready` says; `{"status": "down"}` where nothing answers."""
        return await health_of(client, self.url)

    async def ready(self, *, seconds: float = READY_SECONDS) -> None:
        """Wait until it answers that all is well. Raises OwlbusError with the end of its log."""
        async with httpx.AsyncClient(trust_env=False) as client:
            until = time.monotonic() + seconds
            while (await self.health(client))["status"] != "ok":
                if not self.alive:
                    raise OwlbusError(f"{self.instance} ended while starting; {self.log} ends:\n{tail(self.log)}")
                if time.monotonic() > until:
                    raise OwlbusError(f"{self.instance} is not ready after {seconds:.0f} s; see {self.log}")
                await asyncio.sleep(_POLL_SECONDS)


class Fleet:
    """All replicas of all services on one pair of servers, with their issuer and clock below `directory`.

    `settings` are environment variables for every replica. Databases are named `prefix` and the service.
    """

    def __init__(
        self,
        directory: Path,
        servers: Servers,
        *,
        settings: Mapping[str, str] | None = None,
        prefix: str = "owlbus_",
        ports: Mapping[str, int] | None = None,
    ) -> None:
        self.directory = directory
        self.servers = servers
        self.issuer = Issuer(directory / "issuer")
        self.clock_file = directory / "clock"
        self.clock = MovableClock(self.clock_file)
        self.replicas: list[Replica] = []
        self._replaced = 0
        self._settings = dict(settings or {})
        self._prefix = prefix
        self._ports = dict(ports or {})

    # --- one by one

    def add(self, service: str, instance: str = "") -> Replica:
        """One more replica of a service, not started yet; instances are `ideas-0`, `ideas-1` unless named."""
        instance = instance or f"{service}-{len(self.of(service))}"
        port = self._ports.get(instance) or free_port()
        environment = self.environment(service, instance, port)
        replica = Replica(service, instance, port, environment, self.directory / "logs" / f"{instance}.log")
        self.replicas.append(replica)
        return replica

    def replace(self, replica: Replica) -> Replica:
        """Another replica in the place of one that ended: the same address, an instance id nobody knows yet."""
        self._replaced += 1
        instance = f"{replica.instance.partition('.')[0]}.{self._replaced}"
        environment = self.environment(replica.service, instance, replica.port)
        fresh = Replica(
            replica.service, instance, replica.port, environment, self.directory / "logs" / f"{instance}.log"
        )
        self.replicas[self.replicas.index(replica)] = fresh
        return fresh

    def of(self, service: str) -> list[Replica]:
        """The replicas of one service."""
        return [replica for replica in self.replicas if replica.service == service]

    def environment(self, service: str, instance: str, port: int) -> dict[str, str]:
        """What one replica is told. Kafka's security settings and the like are handed on from this process."""
        handed_on = {
            name: value
            for name, value in os.environ.items()
            if name in ("PATH", "LANG", "OWLBUS_PARTITIONS", "OWLBUS_LOG_LEVEL") or name.startswith("KAFKA_")
        }
        return {
            **handed_on,
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "OWLBUS_ENVIRONMENT": "development",
            "OWLBUS_INSTANCE": instance,
            "OWLBUS_HTTP_PORT": str(port),
            "OWLBUS_ISSUER_JWKS": str(self.issuer.jwks),
            "OWLBUS_DEVELOPMENT_CLOCK": str(self.clock_file),
            "KAFKA_BOOTSTRAP_SERVERS": self.servers.bootstrap,
            "MONGODB_URI": self.servers.mongo_uri,
            "MONGODB_DATABASE": f"{self._prefix}{service}",
            **self._settings,
        }

    # --- all together

    @property
    def access(self) -> Access:
        """The tools' own way to Kafka."""
        return Access(Settings.read(self.environment("ideas", "owlbus-tools", 1)), "owlbus-tools")

    @property
    def partitions(self) -> int:
        """How many partitions every topic has."""
        return self.access.settings.partitions

    async def prepare(self, topics: Sequence[str] = TOPICS) -> None:
        """Create the topics, or see that they are as they must be. Raises TopicsUnfit, KafkaUnavailable."""
        await create_topics(self.access, topics, self.partitions)

    async def start(self, services: Iterable[str] = SERVICES, *, seconds: float = READY_SECONDS) -> None:
        """Start what is not running, one replica at least of each service, and return once all are ready."""
        for service in services:
            for replica in self.of(service) or [self.add(service)]:
                replica.start()
        await self.ready(seconds=seconds)

    async def ready(self, *, seconds: float = READY_SECONDS) -> None:
        """Wait until every replica is ready and every partition of every service has an owner. Raises OwlbusError."""
        await asyncio.gather(*(replica.ready(seconds=seconds) for replica in self.replicas))
        until = time.monotonic() + seconds
        async with httpx.AsyncClient(trust_env=False) as client:
            while missing := await self._unowned(client):
                if time.monotonic() > until:
                    raise OwlbusError(f"partitions without an owner after {seconds:.0f} s: {', '.join(missing)}")
                await asyncio.sleep(_POLL_SECONDS)

    async def _unowned(self, client: httpx.AsyncClient) -> list[str]:
        reports = await asyncio.gather(*(replica.health(client) for replica in self.replicas))
        owned: dict[str, int] = {}
        for replica, report in zip(self.replicas, reports, strict=True):
            owned[replica.service] = owned.get(replica.service, 0) + len(report.get("details", {}).get("owned", ()))
        return [f"{service} ({count} owned)" for service, count in owned.items() if count < self.partitions]

    async def drained(self, *, seconds: float = 60.0) -> None:
        """Wait until nothing is unread and nothing unpublished anywhere, seen twice in a row. Raises OwlbusError."""
        until, quiet = time.monotonic() + seconds, 0
        async with httpx.AsyncClient(trust_env=False) as client:
            while quiet < 2:
                waiting = await asyncio.gather(*(waiting_at(client, replica.url) for replica in self.replicas))
                quiet = quiet + 1 if not any(waiting) else 0
                if time.monotonic() > until:
                    raise OwlbusError(f"{sum(map(int, waiting))} records still wait after {seconds:.0f} s")
                await asyncio.sleep(GAUGE_SECONDS)

    def stop(self) -> None:
        """End all replicas in order, at once."""
        with ThreadPoolExecutor(max(1, len(self.replicas))) as pool:
            for stopping in [pool.submit(replica.stop) for replica in self.replicas]:
                stopping.result()

    def api(self, **options: Any) -> Api:
        """A client for the services' public APIs, with tokens of the fleet's issuer; `options` are those of `Api`."""
        urls: dict[str, list[str]] = {}
        for replica in self.replicas:
            urls.setdefault(replica.service, []).append(replica.url)
        return Api(urls, self.issuer, **options)


async def health_of(client: httpx.AsyncClient, url: str) -> dict[str, Any]:
    """What `/health/ready` at `url` says; `{"status": "down"}` where nothing answers."""
    try:
        answer = await client.get(f"{url}/health/ready", timeout=3.0)
        return answer.json()
    except (httpx.HTTPError, ValueError):
        return {"status": "down"}


async def waiting_at(client: httpx.AsyncClient, url: str) -> float:
    """How many records a replica has still to read or to publish, by its own figures."""
    text = (await client.get(f"{url}/metrics", timeout=3.0)).text
    return sum(float(value) for value in _WAITING.findall(text))
