"""How tutorials do it: one message, one transaction with an outbox-less send, one commit; for scale only.

python -m benchmarks.tutorial '{"topic": …}'       see `floor.Work`
"""

import asyncio
import sys
from typing import Any

import orjson
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import TypeAdapter

from benchmarks.floor import Work, answer


async def main(work: Work) -> None:
    """Do the work once, message by message."""
    consumer: Any = AIOKafkaConsumer(
        work.topic, bootstrap_servers=work.bootstrap, group_id="tutorial", enable_auto_commit=False
    )
    producer: Any = AIOKafkaProducer(bootstrap_servers=work.bootstrap, acks="all", enable_idempotence=True)
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(work.mongo)
    database = client[work.database]
    await asyncio.gather(consumer.start(), producer.start())
    await consumer.seek_to_beginning()
    for number, start in work.starts.items():
        if TopicPartition(work.topic, number) in consumer.assignment():
            consumer.seek(TopicPartition(work.topic, number), start)
    try:
        for _ in range(work.count):
            record = await consumer.getone()
            event: dict[str, Any] = orjson.loads(record.value)
            async with await client.start_session() as session, session.start_transaction():
                await database["tutorial_seen"].insert_one({"_id": event["id"]}, session=session)
                await database["tutorial"].replace_one(
                    {"_id": event["partitionkey"]}, {"state": event["data"]}, upsert=True, session=session
                )
            for type_ in work.outs:
                value = answer(event, type_, work.service, event["data"])
                await producer.send_and_wait(work.target, value, key=record.key, partition=record.partition)
            await consumer.commit()
    finally:
        await producer.stop()
        await consumer.stop()


if __name__ == "__main__":
    uvloop.run(main(TypeAdapter(Work).validate_json(sys.argv[1])))
