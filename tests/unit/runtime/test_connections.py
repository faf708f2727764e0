"""A Kafka connection that is gone says so, whichever event loop runs."""

import asyncio
from typing import Any

import pytest
import uvloop
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

from shared.runtime.kafka import access

assert access  # whoever has the way to Kafka has mended connections


async def _listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def _send_on_a_lost_connection() -> None:
    server = await asyncio.start_server(_listen, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        connection: Any = AIOKafkaConnection("127.0.0.1", port)
        connection._versions = {3: (0, 5)}
        connection._reader, connection._writer = await asyncio.open_connection("127.0.0.1", port)
        connection._read_task = connection._create_reader_task()
        connection._writer.transport.abort()
        await asyncio.sleep(0)
        with pytest.raises(KafkaConnectionError, match="broken"):
            await connection.send(MetadataRequest([]))
        assert not connection.connected()


def test_a_request_on_a_lost_connection_is_a_lost_connection() -> None:
    uvloop.run(_send_on_a_lost_connection())
