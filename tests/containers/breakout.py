"""Run inside the network of docker-compose.yml, as one of its users: tries what that user must not be able to do.

Given to `python -` in a container of the image, with the names of what is not its own as arguments; prints what came of
each attempt as JSON: the name of the error, or "done".
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pymongo
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest
from pymongo.errors import OperationFailure

from shared.runtime.kafka.access import Access
from shared.runtime.settings import Settings

SETTINGS = Settings.read(os.environ)
ACCESS = Access(SETTINGS, "breakout")
OPTIONS = ACCESS.options()
DONE = "done"


async def outcome(attempt: Callable[[], Awaitable[Any]]) -> str:
    """What came of it."""
    try:
        async with asyncio.timeout(20):
            return str(await attempt() or DONE)
    except Exception as error:
        return type(error).__name__


async def write(topic: str) -> None:
    """Publish a record."""
    producer: Any = AIOKafkaProducer(**OPTIONS)
    await producer.start()
    try:
        await producer.send_and_wait(topic, b"{}", key=b"k")
    finally:
        await producer.stop()


async def read(topic: str) -> None:
    """Read on, outside every group; nothing to read is as good as reading."""
    consumer: Any = AIOKafkaConsumer(topic, **OPTIONS, group_id=None, auto_offset_reset="earliest")
    await consumer.start()
    try:
        await consumer.getmany(timeout_ms=3_000)
        await consumer.end_offsets([TopicPartition(topic, 0)])
    finally:
        await consumer.stop()


async def join(topic: str, group: str) -> None:
    """Become a member of a group."""
    consumer: Any = AIOKafkaConsumer(topic, **OPTIONS, group_id=group)
    await consumer.start()
    try:
        await consumer.getmany(timeout_ms=3_000)
    finally:
        await consumer.stop()


async def create(topic: str) -> str:
    """Create a topic."""
    async with ACCESS.admin() as admin:
        answer: Any = await admin.create_topics([NewTopic(topic, 1, 1)])
        return named(answer.topic_errors[0][1])


async def delete(topic: str) -> str:
    """Delete a topic."""
    async with ACCESS.admin() as admin:
        answer: Any = await admin.delete_topics([topic])
        return named(answer.topic_error_codes[0][1])


async def forget(topic: str) -> str:
    """Let a topic's records expire."""
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": "1"})
    async with ACCESS.admin() as admin:
        answers: list[Any] = await admin.alter_configs([resource])
        return named(answers[0].resources[0][0])


async def grant(user: str) -> str:
    """Give oneself rights on everything."""
    async with ACCESS.admin() as admin:
        request = CreateAclsRequest(2, "*", 3, f"User:{user}", "*", 2, 3)
        untyped: Any = admin
        answer = await untyped._send_to_controller(request)
        return named(answer.creation_responses[0][0])


def named(code: int) -> str:
    """The error of a code."""
    return for_code(code).__name__ if code else DONE


def on_database(client: pymongo.MongoClient[Any], attempt: Callable[[pymongo.MongoClient[Any]], Any]) -> str:
    """What came of it: a count or so, or the name of the server's error code."""
    try:
        return str(attempt(client) or DONE)
    except OperationFailure as error:
        return str((error.details or {}).get("codeName"))


def on_databases(own: str, other: str) -> dict[str, str]:
    """Attempts on the own database and on somebody else's."""
    log = {"_id": {"p": 0, "last": 10**9}}
    attempts: dict[str, Callable[[pymongo.MongoClient[Any]], Any]] = {
        "read own log": lambda client: client[own].log.count_documents({}),
        "read other log": lambda client: client[other].log.find_one(),
        "write other log": lambda client: client[other].log.insert_one(dict(log)),
        "list other": lambda client: client[other].list_collection_names(),
        "change own log": lambda client: client[own].log.update_many({}, {"$set": {"first": 0}}),
        "delete own log": lambda client: client[own].log.delete_many({}),
        "replace own log": lambda client: list(client[own].partitions.aggregate([{"$out": "log"}])),
        "merge into own log": lambda client: list(
            client[own].partitions.aggregate([{"$merge": {"into": "log", "whenMatched": "replace"}}])
        ),
        "drop own log": lambda client: client[own].log.drop(),
        "rename own log": lambda client: client[own].log.rename("gone"),
        "cap own log": lambda client: client[own].command("convertToCapped", "log", size=4096),
        "change own log's rules": lambda client: client[own].command("collMod", "log", validator={"never": 1}),
        "delete own commands": lambda client: client[own].commands.delete_many({}),
        "drop own database": lambda client: client.drop_database(own),
        "make a user": lambda client: client[own].command("createUser", "more", pwd="x", roles=["dbOwner"]),
        "see all sessions": lambda client: list(client.admin.aggregate([{"$currentOp": {"allUsers": True}}])),
        "stop the server": lambda client: client.admin.command("shutdown"),
    }
    uri = Path(os.environ["MONGODB_URI_FILE"]).read_text()
    with pymongo.MongoClient[Any](uri, timeoutMS=10_000) as client:
        return {what: on_database(client, attempt) for what, attempt in attempts.items()}


async def on_kafka(user: str, other: str, declared: str, undeclared: str) -> dict[str, str]:
    """Attempts on topics, groups and rights."""
    attempts: dict[str, Callable[[], Awaitable[Any]]] = {
        "read declared": lambda: read(declared),
        "write other": lambda: write(f"{other}.events"),
        "read undeclared": lambda: read(undeclared),
        "join other group": lambda: join(declared, other),
        "create topic": lambda: create(f"{user}.more"),
        "delete own topic": lambda: delete(f"{user}.events"),
        "let own topic expire": lambda: forget(f"{user}.events"),
        "grant": lambda: grant(user),
    }
    return {what: await outcome(attempt) for what, attempt in attempts.items()}


async def main(user: str, own: str, other: str, declared: str, undeclared: str) -> None:
    """Try everything."""
    found = await on_kafka(user, other, declared, undeclared) | on_databases(own, f"owlbus_{other}")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
