"""Sending a command to the replica that owns its partition, once.

It may fail in any way: the caller then runs the command itself, which is safe, because the command's id goes along and
whichever replica commits it first decides.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx
from fastapi import Request
from fastapi.responses import Response

FORWARDED = "X-Owlbus-Forwarded"
FAILURES_TO_OPEN = 3
OPEN_SECONDS = 5.0
LIMITS = httpx.Limits(max_connections=256, max_keepalive_connections=256)
"""All connections to peers are kept open: as many as there are requests worked on at once (shared/runtime/crowd.py)."""

_GOES = (
    "authorization",
    "content-type",
    "accept-language",
    "if-match",
    "x-owlbus-role",
    "x-owlbus-person",
    "x-owlbus-roles",
    "x-owlbus-department",
    "x-correlation-id",
)
_COMES_BACK = ("content-type", "content-language", "etag", "location", "retry-after", "vary", "www-authenticate")


@dataclass(slots=True)
class Breaker:
    """Closed until several failures in a row; then open for a while, after which one more failure opens it again."""

    failures: int = 0
    open_until: float = 0.0

    def succeeded(self) -> None:
        """The peer answered."""
        self.failures = 0

    def failed(self, now: float) -> None:
        """The peer did not."""
        self.failures += 1
        if self.failures >= FAILURES_TO_OPEN:
            self.open_until = now + OPEN_SECONDS


class Forwarder:
    """Forwards requests to peers, with a time limit and a circuit breaker for each."""

    def __init__(
        self, timeout: float, client: httpx.AsyncClient | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._timeout = timeout
        self._client = client
        self._now = now
        self._breakers = defaultdict[str, Breaker](Breaker)

    async def send(
        self,
        base_url: str,
        request: Request,
        headers: Mapping[str, str],
        *,
        content: bytes | None = None,
        timeout: float | None = None,
    ) -> Response | None:
        """The owner's answer, whatever it says; None where there was none.

        `headers` are sent besides the request's. `content` stands for a body that is not sent on whole, `timeout` is
        in seconds.
        """
        breaker = self._breakers[base_url]
        if self._now() < breaker.open_until:
            return None
        query = f"?{request.url.query}" if request.url.query else ""
        try:
            reply = await self._peers().request(
                request.method,
                f"{base_url}{request.url.path}{query}",
                content=await request.body() if content is None else content,
                headers={**_some(request.headers, _GOES), **headers, FORWARDED: "1"},
                timeout=timeout or httpx.USE_CLIENT_DEFAULT,
            )
        except httpx.HTTPError:
            breaker.failed(self._now())
            return None
        breaker.succeeded()
        return Response(reply.content, reply.status_code, _some(reply.headers, _COMES_BACK))

    async def close(self) -> None:
        """Let go of connections."""
        if self._client is not None:
            await self._client.aclose()

    def _peers(self) -> httpx.AsyncClient:
        """The client, made when there is something to forward: reading what TLS trusts takes a start 20 ms."""
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self._timeout, trust_env=False, limits=LIMITS)
        return self._client


def _some(headers: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {name: headers[name] for name in names if name in headers}
