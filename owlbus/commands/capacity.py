"""`owlbus ops capacity`: how much a year of events takes up."""

import asyncio
import json
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from owlbus.commands.options import AsJson
from owlbus.errors import OwlbusError
from owlbus.fleet import SERVICES, TOPICS
from owlbus.running import HOME, settings_of_tools
from shared.runtime.kafka.access import Access
from shared.runtime.kafka.records import Record, read_topics
from shared.runtime.store.protocol import StoreUnavailable
from shared.runtime.store.sizes import bytes_of

YEAR_SECONDS = 365 * 86_400
SAMPLE = 50_000
OVERHEAD = 20
"""Bytes of a record beside key, value and headers: lengths, offset, time, its part of the batch's own header."""


@dataclass(frozen=True)
class Capacity:
    """What was measured, and what follows at `rate` events a second. Bytes; Kafka's with all replicas."""

    rate: float
    events: int
    kafka_bytes_per_event: float
    mongodb_bytes_per_event: float
    replication: int

    @property
    def kafka_bytes_a_year(self) -> int:
        """Bytes of Kafka."""
        return round(self.rate * YEAR_SECONDS * self.kafka_bytes_per_event * self.replication)

    @property
    def mongodb_bytes_a_year(self) -> int:
        """Bytes of MongoDB, one copy: log, states, answers and indexes."""
        return round(self.rate * YEAR_SECONDS * self.mongodb_bytes_per_event)


def capacity(
    rate: Annotated[float, typer.Option("--rate", min=0.001, help="Events a second, on average over the year.")],
    as_json: AsJson = False,
) -> None:
    """Say how many bytes a year Kafka and MongoDB need at a rate, from averages of what is there now.

    Reads up to 50,000 records of the topics, and asks MongoDB for the sizes of its databases: as good as the events
    there are like those to come. Ends with 1 where there are none yet.
    """
    found = asyncio.run(_measured(rate))
    if as_json:
        years = {"kafka_bytes_a_year": found.kafka_bytes_a_year, "mongodb_bytes_a_year": found.mongodb_bytes_a_year}
        typer.echo(json.dumps(asdict(found) | years, indent=2))
        return
    typer.echo(f"measured on {found.events:,} events")
    for name, each, year in (
        ("Kafka", found.kafka_bytes_per_event, found.kafka_bytes_a_year),
        ("MongoDB", found.mongodb_bytes_per_event, found.mongodb_bytes_a_year),
    ):
        typer.echo(f"{name:<8}{each:7,.0f} bytes an event  {year / 1e9:,.2f} GB a year")


async def _measured(rate: float) -> Capacity:
    settings = settings_of_tools(HOME)
    access = Access(settings, "owlbus-capacity")
    events, size = 0, 0
    async for records in read_topics(access, TOPICS):
        events, size = events + len(records), size + sum(map(_size, records))
        if events >= SAMPLE:
            break
    try:
        databases = [f"owlbus_{name}" for name in SERVICES]
        stored, kept = await bytes_of(settings.mongodb_uri.get_secret_value(), databases)
    except StoreUnavailable as error:
        raise OwlbusError(f"MongoDB can't be asked: {error}") from None
    if not events or not kept:
        raise OwlbusError("there are no events yet to measure")
    return Capacity(rate, events, round(size / events, 1), round(stored / kept, 1), access.replication)


def _size(record: Record) -> int:
    headers = sum(len(name) + len(value) for name, value in record.headers)
    return len(record.key or b"") + len(record.value or b"") + headers + OVERHEAD
