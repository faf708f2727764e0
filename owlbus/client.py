"""A client for the services' public APIs: what any other program would send, with patience.

A command is repeated under its own Idempotency-Key until somebody answers it, so that it takes effect once.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import quote
from uuid import uuid4

import httpx
import orjson

from owlbus.errors import OwlbusError

PATIENCE_SECONDS = 45.0
"""How long a request is repeated while nobody answers it or the answer is 503."""

_LONGEST_PAUSE = 1.0
_UNAVAILABLE = (502, 503, 504)


class ApiError(OwlbusError):
    """A service refused a request. `code` is the stable name of the reason, `facts` what it rests on."""

    def __init__(self, what: str, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(document.get("code", status))
        self.facts: dict[str, Any] = dict(document.get("facts", {}))
        errors = "; ".join(f"{e.get('field')}: {e.get('detail')}" for e in document.get("errors", ()))
        said = (what + ":", status, self.code, document.get("title", ""), self.facts or "", errors)
        super().__init__(" ".join(str(part) for part in said if part != ""))


class Tokens(Protocol):
    """Who makes tokens, such as the stack's own issuer."""

    def mint(self, person_id: str, roles: Sequence[str], dept: str = "") -> str:
        """A token for a person with these roles."""
        ...


class Api:
    """All services behind one client. `retries` counts the requests that had to be sent again.

    `patience` is how long one is repeated, in seconds; with none it is sent once.
    """

    def __init__(
        self,
        urls: Mapping[str, Sequence[str]],
        issuer: Tokens,
        *,
        in_flight: int = 32,
        patience: float = PATIENCE_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._urls = {service: list(places) for service, places in urls.items()}
        self._issuer = issuer
        self._tokens: dict[tuple[str, str, str], str] = {}
        limits = httpx.Limits(max_connections=in_flight * 2, max_keepalive_connections=in_flight)
        self._http = httpx.AsyncClient(timeout=15.0, limits=limits, trust_env=False, transport=transport)
        self._patience = patience
        self._turn = 0
        self.requests = 0
        self.retries = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    def acting(self, person: str, role: str, department: str = "", *, language: str = "ko") -> "Acting":
        """Somebody who calls the services in one role, and hears from them in one language."""
        return Acting(self, person, role, department, language)

    def token(self, person: str, role: str, department: str) -> str:
        """A token for this person and role, the same one for hours."""
        key = (person, role, department)
        if key not in self._tokens:
            self._tokens[key] = self._issuer.mint(person, [role], department)
        return self._tokens[key]

    async def send(
        self, service: str, method: str, path: str, headers: Mapping[str, str], body: Any = None
    ) -> httpx.Response:
        """Send until it is answered. Raises ApiError where it is refused, OwlbusError where nobody answers in time."""
        what, until, attempt = f"{method} {service} {path}", time.monotonic() + self._patience, 0
        while True:
            answer, why = await self._try(service, method, path, headers, body)
            if answer is not None and answer.status_code not in _UNAVAILABLE:
                return _expect_accepted(what, answer)
            if time.monotonic() >= until:
                raise OwlbusError(f"{what}: no answer within {self._patience:.0f} s ({why}); see `owlbus status`")
            attempt += 1
            self.retries += 1
            await asyncio.sleep(min(_LONGEST_PAUSE, 0.05 * 2**attempt) * random.uniform(0.5, 1.0))

    async def send_lines(
        self, service: str, path: str, headers: Mapping[str, str], lines: Sequence[bytes]
    ) -> list[dict[str, Any]]:
        """Send JSON lines, each with its newline, until each is answered; the answers in order.

        What was not answered is sent again, and patience begins anew with every answer. Raises ApiError where the
        request as a whole is refused, OwlbusError where nobody answers in time.
        """
        what, until, attempt = f"POST {service} {path}", time.monotonic() + PATIENCE_SECONDS, 0
        answers: list[dict[str, Any]] = []
        while len(answers) < len(lines):
            before = len(answers)
            why = await self._try_lines(what, service, path, headers, lines[before:], answers)
            if len(answers) == len(lines):
                break
            if len(answers) > before:
                until, attempt = time.monotonic() + PATIENCE_SECONDS, 0
            if time.monotonic() > until:
                raise OwlbusError(f"{what}: no answer within {PATIENCE_SECONDS:.0f} s ({why}); see `owlbus status`")
            attempt += 1
            self.retries += 1
            await asyncio.sleep(min(_LONGEST_PAUSE, 0.05 * 2**attempt) * random.uniform(0.5, 1.0))
        return answers

    async def _try_lines(
        self,
        what: str,
        service: str,
        path: str,
        headers: Mapping[str, str],
        lines: Sequence[bytes],
        answers: list[dict[str, Any]],
    ) -> str:
        """Send lines once and add the answers that come; why no more came."""
        url = self._place(service) + path
        try:
            async with self._http.stream("POST", url, headers=dict(headers), content=b"".join(lines)) as answer:
                if answer.status_code in _UNAVAILABLE:
                    return f"HTTP {answer.status_code}"
                if not answer.is_success:
                    await answer.aread()
                    _expect_accepted(what, answer)
                wanted = len(answers) + len(lines)
                async for line in _lines(answer):
                    if len(answers) < wanted:
                        answers.append(orjson.loads(line))
        except (httpx.TransportError, orjson.JSONDecodeError) as error:
            return type(error).__name__
        return "the answer ended early"

    def _place(self, service: str) -> str:
        """The replica whose turn it is."""
        places = self._urls[service]
        self._turn += 1
        self.requests += 1
        return places[self._turn % len(places)]

    async def _try(
        self, service: str, method: str, path: str, headers: Mapping[str, str], body: Any
    ) -> tuple[httpx.Response | None, str]:
        url = self._place(service) + path
        try:
            answer = await self._http.request(method, url, headers=dict(headers), json=body)
        except httpx.TransportError as error:
            return None, type(error).__name__
        return answer, f"HTTP {answer.status_code}"


class Acting:
    """One person in one role."""

    def __init__(self, api: Api, person: str, role: str, department: str, language: str = "ko") -> None:
        self._api = api
        self._language = language
        self.person = person
        self.role = role
        self.department = department

    async def post(self, service: str, path: str, body: Any = None, *, key: str = "") -> dict[str, Any]:
        """Send a command; what the service answers. Raises ApiError."""
        return (await self._command(service, "POST", path, body, key)).json()

    async def put(self, service: str, path: str, body: Any = None, *, key: str = "") -> dict[str, Any]:
        """Put something in its place; what the service answers. Raises ApiError."""
        return (await self._command(service, "PUT", path, body, key)).json()

    async def post_lines(self, service: str, path: str, lines: Sequence[bytes]) -> list[dict[str, Any]]:
        """Send many commands in one request, a JSON object a line; what is answered to each. Raises ApiError."""
        headers = self._headers() | {"Content-Type": "application/x-ndjson"}
        return await self._api.send_lines(service, path, headers, lines)

    async def get(self, service: str, path: str) -> dict[str, Any]:
        """Ask. Raises ApiError."""
        return (await self._api.send(service, "GET", path, self._headers())).json()

    async def find(self, service: str, path: str) -> dict[str, Any] | None:
        """Ask for something that may not be there, or not be visible, yet."""
        try:
            return await self.get(service, path)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    async def items(self, service: str, path: str) -> list[dict[str, Any]]:
        """All items of a list, page by page; `path` may hold a query but no cursor."""
        found: list[dict[str, Any]] = []
        following = ""
        joint = "&" if "?" in path else "?"
        while True:
            page = await self.get(service, f"{path}{following}")
            found.extend(page["items"])
            if not page.get("next"):
                return found
            name = "cursor" if isinstance(page["next"], str) else "after"
            following = f"{joint}{name}={quote(str(page['next']), safe='')}"

    async def _command(self, service: str, method: str, path: str, body: Any, key: str) -> httpx.Response:
        headers = self._headers() | {"Idempotency-Key": key or str(uuid4())}
        return await self._api.send(service, method, path, headers, body if body is not None else {})

    def _headers(self) -> dict[str, str]:
        token = self._api.token(self.person, self.role, self.department)
        return {"Authorization": f"Bearer {token}", "X-Owlbus-Role": self.role, "Accept-Language": self._language}


async def _lines(answer: httpx.Response) -> AsyncIterator[bytes]:
    """The lines of an answer. Only "\n" ends one: a text in it may hold what Unicode calls a line separator."""
    rest = b""
    async for piece in answer.aiter_bytes():
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line
    if rest:
        yield rest


def _expect_accepted(what: str, answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    try:
        document: dict[str, Any] = answer.json()
    except ValueError:
        document = {}
    raise ApiError(what, answer.status_code, document)


async def until(
    condition: Callable[[], Awaitable[bool]], what: str, *, seconds: float = 60.0, pause: float = 0.05
) -> None:
    """Wait for a condition, asking less often the longer it takes. Raises OwlbusError where it does not come about."""
    give_up = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() > give_up:
            raise OwlbusError(f"{what}: not within {seconds:.0f} s")
        await asyncio.sleep(pause)
        pause = min(0.4, pause * 1.25)
