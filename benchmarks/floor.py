"""The floor: the same work with no promise at all, as fast as raw clients give it.

Reads a batch, parses it, inserts one document for each event in any order, sends one event (or more) for each, and goes
on. Nothing is checked, numbered, chained, committed or repeated; a crash loses or doubles what was under way.

    python -m benchmarks.floor '{"topic": …}'       see `Work`
"""

import asyncio
import sys
from dataclasses import dataclass
from typing import Any

import orjson
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import TypeAdapter
from pymongo.write_concern import WriteConcern

from shared.runtime.memory import keep_freed_memory

MAX_RECORDS = 2_000


@dataclass(frozen=True)
class Work:
    """What to read, from where on, how many, and where to write. `outs` are the types of what is said per event."""

    bootstrap: str
    mongo: str
    database: str
    topic: str
    starts: dict[int, int]
    count: int
    target: str
    outs: tuple[str, ...]
    service: str

    def text(self) -> str:
        """As a process is given it."""
        return TypeAdapter(Work).dump_json(self).decode()


def answer(event: dict[str, Any], type_: str, service: str, data: dict[str, Any]) -> bytes:
    """An event of the size and shape of the service's own, with what the service would have to work out made up."""
    return orjson.dumps(
        {
            **event,
            "id": f"{service}/0/1",
            "source": f"{service}/0",
            "type": type_,
            "dataschema": f"urn:owlbus:{type_}:1",
            "causationid": event["id"],
            "data": data,
        }
    )


async def main(work: Work) -> None:
    """Do the work once."""
    consumer: Any = AIOKafkaConsumer(
        bootstrap_servers=work.bootstrap, enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=100
    )
    producer: Any = AIOKafkaProducer(bootstrap_servers=work.bootstrap, max_batch_size=1_000_000)
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(work.mongo)
    documents: Any = client[work.database].get_collection("floor", write_concern=WriteConcern(1))
    await consumer.start()
    await producer.start()
    places = {TopicPartition(work.topic, number): start for number, start in work.starts.items()}
    consumer.assign(list(places))
    for place, start in places.items():
        consumer.seek(place, start)
    done = 0
    try:
        while done < work.count:
            batches = await consumer.getmany(timeout_ms=200, max_records=MAX_RECORDS)
            inserts: list[dict[str, Any]] = []
            out: dict[int, list[tuple[bytes, bytes]]] = {}
            for place, records in batches.items():
                said = out.setdefault(place.partition, [])
                for record in records:
                    event: dict[str, Any] = orjson.loads(record.value)
                    data: dict[str, Any] = event["data"]
                    inserts.append({"key": event["partitionkey"], "version": 1, "state": data})
                    for type_ in work.outs:
                        said.append((record.key, answer(event, type_, work.service, data)))
            if inserts:
                await asyncio.gather(documents.insert_many(inserts, ordered=False), send(producer, work.target, out))
                done += len(inserts)
    finally:
        await producer.stop()
        await consumer.stop()


async def send(producer: Any, topic: str, out: dict[int, list[tuple[bytes, bytes]]]) -> None:
    """Send what each partition is to say, in batches."""
    sent: list[Any] = []
    for number, said in out.items():
        batch: Any = producer.create_batch()
        for key, value in said:
            if batch.append(key=key, value=value, timestamp=None) is None:
                batch.close()
                sent.append(await producer.send_batch(batch, topic, partition=number))
                batch = producer.create_batch()
                batch.append(key=key, value=value, timestamp=None)
        batch.close()
        sent.append(await producer.send_batch(batch, topic, partition=number))
    await asyncio.gather(*sent)


if __name__ == "__main__":
    keep_freed_memory()
    uvloop.run(main(TypeAdapter(Work).validate_json(sys.argv[1])))
