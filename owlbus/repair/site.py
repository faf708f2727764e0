"""Reaching every replica as an operator, and asking for repairs.

The services are those that the environment names (OWLBUS_IDEAS_URL and the like, several replicas separated by commas,
with OWLBUS_TOKEN), else those of `owlbus up`.
"""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from owlbus.client import ApiError, Tokens
from owlbus.errors import OwlbusError
from owlbus.fleet import SERVICES, health_of
from owlbus.imports.run import TOKEN, GivenToken
from owlbus.repair.replica import Replica
from owlbus.running import HOME, required
from owlbus.tokens import Issuer

PATIENCE_SECONDS = 20.0
"""How long a repair is asked for again while its partition moves to another replica."""
REPAIR_SECONDS = 900.0
LOOK_SECONDS = 5.0
PERSON = "operator"


@dataclass
class Site:
    """All services and a way to act in a role."""

    urls: Mapping[str, Sequence[str]]
    tokens: Tokens
    _http: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(trust_env=False, timeout=LOOK_SECONDS))

    async def look(self) -> list[Replica]:
        """Ask every replica how it is."""
        places = [(service, url) for service in self.urls for url in self.urls[service]]
        return list(await asyncio.gather(*(self._replica(service, url) for service, url in places)))

    async def get(self, service: str, path: str, role: str = "operator") -> dict[str, Any]:
        """Ask any replica. Raises ApiError, OwlbusError."""
        return await self._ask(service, "GET", path, None, role)

    async def post(self, service: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Have something done; whoever is asked sends it on to the owner. Raises ApiError, OwlbusError."""
        return await self._ask(service, "POST", path, body, "operator")

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()

    async def _replica(self, service: str, url: str) -> Replica:
        health = await health_of(self._http, url)
        try:
            answer = await self._http.get(f"{url}/ops/partitions", headers=self._headers("operator"))
        except httpx.HTTPError:
            return Replica(service, url, {"status": "down"} if "details" not in health else health)
        return Replica(service, url, health, _accepted(f"{service} /ops/partitions", answer)["items"])

    async def _ask(self, service: str, method: str, path: str, body: Any, role: str) -> dict[str, Any]:
        until, turn = time.monotonic() + PATIENCE_SECONDS, 0
        urls = self.urls.get(service) or self._unknown(service)
        while True:
            url, turn = urls[turn % len(urls)], turn + 1
            try:
                answer = await self._http.request(
                    method, f"{url}{path}", json=body, headers=self._headers(role), timeout=REPAIR_SECONDS
                )
            except httpx.HTTPError as error:
                if time.monotonic() > until:
                    raise OwlbusError(f"{service} does not answer at {url}: {error}") from None
            else:
                if answer.status_code != 503 or time.monotonic() > until or _is_stopped(answer):
                    return _accepted(f"{service} {path}", answer)
            await asyncio.sleep(0.3)

    def _unknown(self, service: str) -> Sequence[str]:
        raise OwlbusError(f"no service {service} here: {', '.join(self.urls)}")

    def _headers(self, role: str) -> dict[str, str]:
        token = self.tokens.mint(PERSON, [role])
        return {"Authorization": f"Bearer {token}", "X-Owlbus-Role": role, "Accept-Language": "en"}


def site(environment: Mapping[str, str] = os.environ) -> Site:
    """The services that are meant. Raises OwlbusError where none run and none are named."""
    named = {service: environment.get(f"OWLBUS_{service.upper()}_URL", "") for service in SERVICES}
    urls = {service: [url.strip().rstrip("/") for url in text.split(",")] for service, text in named.items() if text}
    token = environment.get(TOKEN, "")
    if urls and not token:
        raise OwlbusError(f"{TOKEN} is missing: a token with the role operator")
    return Site(urls, GivenToken(token)) if urls else Site(required(HOME).urls(), Issuer(HOME / "issuer"))


def _is_stopped(answer: httpx.Response) -> bool:
    return "partition_stopped" in answer.text


def _accepted(what: str, answer: httpx.Response) -> dict[str, Any]:
    try:
        document: dict[str, Any] = answer.json()
    except ValueError:
        document = {}
    if not answer.is_success:
        raise ApiError(what, answer.status_code, document)
    return document
