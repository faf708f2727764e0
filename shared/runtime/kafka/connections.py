"""Mends one thing in aiokafka: a request on a connection that is gone says so, also under uvloop.

asyncio's own transports take writes after their end and report the loss elsewhere; uvloop's raise RuntimeError, which
aiokafka expects nowhere. A consumer's membership, a producer's sender and an admin client would all end of it.
"""

from typing import Any

from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError

_Connection: Any = AIOKafkaConnection
_send = _Connection.send


def mend() -> None:
    """Make every connection raise KafkaConnectionError there; harmless when repeated."""
    _Connection.send = _send_or_close


def _send_or_close(connection: Any, request: Any, expect_response: bool = True) -> Any:
    try:
        return _send(connection, request, expect_response)
    except RuntimeError as error:
        connection.close(reason=CloseReason.CONNECTION_BROKEN)
        raise KafkaConnectionError(f"Connection at {connection.host}:{connection.port} broken: {error}") from error
