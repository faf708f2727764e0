"""What surrounds every request, as pure ASGI: a limit on bodies, headers for browsers."""

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 1_000_000

STREAMED = "/imports"
"""End of the paths whose bodies are read line by line, without a limit on the whole (shared/runtime/bulk.py)."""


class LimitBody:
    """Refuses bodies over `MAX_BODY_BYTES`, declared or streamed, at the moment somebody reads them.

    Bodies that are read line by line are left to whoever reads them.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, up to the limit."""
        if scope["type"] != "http" or scope["path"].endswith(STREAMED):
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        declared = int(length) if length.isdecimal() else 0
        seen = 0

        async def limited() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if max(seen, declared) > MAX_BODY_BYTES:
                # The framework lets no other exception out of the reading of a body.
                raise HTTPException(413)
            return message

        await self._app(scope, limited, send)


class SecurityHeaders:
    """Adds to every answer what keeps a browser from guessing types, framing or leaking addresses."""

    _HEADERS = (
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"no-referrer"),
        (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    )

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, with the headers."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self._HEADERS]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)
